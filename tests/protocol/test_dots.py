"""The end of DATA and its dots, however the bytes are cut."""

from __future__ import annotations

import itertools
import random

import pytest

from mailsuite.protocol.dots import DotStream, Stuffer

CASES = [
    (b".\r\n", b""),
    (b"\r\n.\r\n", b"\r\n"),
    (b"a\r\n.\r\n", b"a\r\n"),
    (b"..\r\n.\r\n", b".\r\n"),
    (b"..a\r\n....\r\n.b\r\n.\r\n", b".a\r\n...\r\nb\r\n"),
    (b"\r\n\r\n..\r\n\r\n.\r\n", b"\r\n\r\n.\r\n\r\n"),
    (b"x" * 70_000 + b"\r\n..\r\n.\r\n", b"x" * 70_000 + b"\r\n.\r\n"),
    (b"a\0\xff\r\n.\r\n", b"a\0\xff\r\n"),
    # Only CR LF . CR LF ends it: every other spelling is content (SEC Consult, SMTP smuggling).
    (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),
    (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n"),
    (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n"),
    (b"a\r\n.\nb\r\n.\r\n", b"a\r\n\nb\r\n"),
    (b"a\r\n.\rb\r\n.\r\n", b"a\r\n\rb\r\n"),
    (b"a\r\r\n.\r\r\nb\r\n.\r\n", b"a\r\r\n\r\r\nb\r\n"),
    (b"a\r\n\0.\r\nb\r\n.\r\n", b"a\r\n\0.\r\nb\r\n"),
]


def _fed(wire: bytes, cuts: list[int]) -> tuple[bytes, bytes, bool]:
    stream, found = DotStream(), b""
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        if stream.finished:
            return found, stream.rest + wire[start:], True
        found += stream.feed(wire[start:end])
    return found, stream.rest, stream.finished


@pytest.mark.parametrize(("wire", "content"), CASES)
def test_the_end_is_found_and_dots_are_unstuffed_in_one_piece_or_byte_by_byte(wire: bytes, content: bytes) -> None:
    assert _fed(wire + b"QUIT\r\n", []) == (content, b"QUIT\r\n", True)
    if len(wire) < 1000:
        assert _fed(wire + b"QUIT\r\n", list(range(1, len(wire) + 6))) == (content, b"QUIT\r\n", True)


def _by_the_book(wire: bytes) -> tuple[bytes, bytes] | None:
    """Content and rest, slowly: RFC 5321 §4.5.2 line by line, on the whole at once."""
    lines = wire.split(b"\r\n")
    end = next((n for n, line in enumerate(lines[:-1]) if line == b"."), None)
    if end is None:
        return None
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end]), b"\r\n".join(lines[end + 1 :])


def test_everything_short_is_read_by_the_book_in_one_piece_and_byte_by_byte() -> None:
    for length in range(7):
        for letters in itertools.product(b"\r\n.a", repeat=length):
            for wire in (bytes(letters), bytes(letters) + b"\r\n.\r\nRSET\r\n"):
                for cuts in ([], list(range(1, len(wire)))):
                    found, rest, finished = _fed(wire, cuts)
                    assert _by_the_book(wire) == ((found, rest) if finished else None), (wire, cuts)


def test_any_cut_gives_the_same_content() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        content = b"".join(
            chance.choice((b"\r\n", b".", b"\r", b"\n", b"a", b"..", b"\r\n.")) for _ in range(chance.randrange(30))
        )
        content = (content + b"\r\n").replace(b"\r\n.\r\n", b"\r\n,\r\n")
        content = b"x" + content if content.startswith(b".") else content
        wire = content.replace(b"\r\n.", b"\r\n..") + b".\r\nRSET\r\n"
        cuts = sorted(chance.sample(range(1, len(wire)), k=min(4, len(wire) - 1)))
        assert _fed(wire, cuts) == (content, b"RSET\r\n", True)


def _stuffed(*chunks: bytes) -> bytes:
    stuffer = Stuffer()
    return b"".join([*(stuffer.feed(chunk) for chunk in chunks), stuffer.finish()])


@pytest.mark.parametrize(
    ("content", "wire"),
    [
        (b"", b".\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"\r\n.\r\n", b"\r\n..\r\n.\r\n"),
        (b"a\n.\nMAIL FROM:<mallory@elsewhere.example>\n", b"a\r\n..\r\nMAIL FROM:<mallory@elsewhere.example>\r\n.\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r\n.\n", b"a\r\n..\r\n.\r\n"),
        (b"a\r", b"a\r\n.\r\n"),
        (b"a\r\n\0.\r\nb\0\r\n", b"a\r\n..\r\nb\0\r\n.\r\n"),
        (b"\0\0.\r\n.\0\r\n\0\0", b"..\r\n..\0\r\n.\r\n"),
        (b"a\r\0\n.\r\n\0\r\n.", b"a\r\n\r\n..\r\n\r\n..\r\n.\r\n"),
    ],
)
def test_content_is_stuffed_and_never_smuggles(content: bytes, wire: bytes) -> None:
    assert _stuffed(content) == wire
    assert _stuffed(*(content[i : i + 1] for i in range(len(content)))) == wire


def test_what_is_stuffed_comes_out_again_whatever_the_cuts() -> None:
    chance = random.Random(11)
    for _ in range(2_000):
        lines = (b"", b".", b"..", b"a", b".a", b".\0", b"a\0")
        content = b"".join(chance.choice(lines) + b"\r\n" for _ in range(chance.randrange(12)))
        cuts = sorted(chance.sample(range(len(content) + 1), k=min(3, len(content) + 1)))
        wire = _stuffed(*(content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)))
        assert wire == _stuffed(content)
        assert _fed(wire, []) == (content, b"", True)
