"""Replies: read from anybody, written for everybody."""

from __future__ import annotations

import pytest

from mailsuite.protocol.reply import LONGEST_TEXT, MOST_BYTES, BadReply, Reply, ReplyReader, parse


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        (b"250 OK\r\n", Reply(250, "", "OK")),
        (b"250\r\n", Reply(250, "", "")),
        (b"250 2.0.0 OK\r\n", Reply(250, "2.0.0", "OK")),
        (b"550 5.1.1\r\n", Reply(550, "5.1.1", "")),
        (b"550-5.7.1 One\r\n550-5.7.1 Two\r\n550 5.7.1 Three\r\n", Reply(550, "5.7.1", "One\nTwo\nThree")),
        (b"550 2.1.1 Liar\r\n", Reply(550, "", "2.1.1 Liar")),
        (b"250-One\n250 Two\n", Reply(250, "", "One\nTwo")),
        (b"421 4.3.2 Gr\xc3\xbc\xc3\x9fe \xff\r\n", Reply(421, "4.3.2", "Grüße \ufffd")),
        (b"550 \x1b[2Jhello\ttab\r\n", Reply(550, "", "\\x1b[2Jhello tab")),
    ],
)
def test_a_reply_is_read(wire: bytes, reply: Reply) -> None:
    assert parse(wire) == reply


@pytest.mark.parametrize(
    "wire", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"25\r\n", b"250_x\r\n", b"199 x\r\n", b"650 x\r\n", b"250-x\r\n"]
)
def test_what_is_no_reply_is_called_so(wire: bytes) -> None:
    with pytest.raises(BadReply):
        parse(wire)


def test_a_long_reply_is_cut_and_an_endless_one_is_given_up() -> None:
    reader = ReplyReader()
    for _ in range(60):
        assert reader.feed(b"250-" + b"x" * 900 + b"\r\n") is None
    reply = reader.feed(b"250 end\r\n")
    assert reply is not None
    assert len(reply.text) <= LONGEST_TEXT
    with pytest.raises(BadReply, match="longer than"):
        parse((b"250-" + b"x" * 900 + b"\r\n") * (MOST_BYTES // 900 + 2))


def test_kinds_of_replies() -> None:
    assert Reply(250, "", "").positive
    assert Reply(354, "", "").positive
    assert Reply(451, "", "").temporary
    assert Reply(550, "", "").permanent


def test_parse_reads_what_wire_wrote() -> None:
    reply = Reply(550, "5.7.1", "One\nTwo")
    assert reply.wire() == b"550-5.7.1 One\r\n550 5.7.1 Two\r\n"
    assert parse(reply.wire()) == reply
    assert str(reply) == "550 5.7.1 One Two"
    assert Reply(250, "", "OK").wire() == b"250 OK\r\n"
