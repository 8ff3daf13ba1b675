"""The end of DATA, dots, line endings and size, however the bytes are cut."""

from __future__ import annotations

import random

import pytest

from mailsuite.blobs.store import NoRoom
from mailsuite.smtpd.content import DRAIN_CAP, Content, DotStream, Memory, PairKeeper
from mailsuite.smtpd.errors import NO_ROOM

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


def _content(normalise: bool = False, limit: int = 1_000_000) -> tuple[Content, Memory]:
    sink = Memory()
    return Content(sink, size_limit=limit, normalise=normalise), sink


@pytest.mark.parametrize("bare", [b"a\nb\r\n", b"a\rb\r\n", b"\n", b"a\r\r\n", b"a\n\r\n"])
def test_a_bare_line_ending_is_refused_from_strangers_and_mended_for_members(bare: bytes) -> None:
    strict, kept = _content()
    strict.write(bare)
    assert str(strict.refusal).startswith("550 5.6.11")
    assert kept.content() == b""
    mild, kept = _content(normalise=True)
    mild.write(bare)
    assert mild.refusal is None
    assert kept.content().replace(b"\r\n", b"").isalpha() or kept.content() in (b"\r\n", b"\r\n\r\n")


def test_a_pair_that_is_cut_in_two_is_no_bare_line_ending() -> None:
    content, kept = _content()
    pairs = PairKeeper()
    for chunk, last in ((b"a\r", False), (b"\nb\r", False), (b"", False), (b"\n", True)):
        content.write(pairs.feed(chunk, last=last))
    assert content.refusal is None
    assert kept.content() == b"a\r\nb\r\n"


def test_what_is_too_large_is_dropped_counted_and_given_up_after_a_while() -> None:
    content, kept = _content(limit=1000)
    content.write(b"x" * 998 + b"\r\n")
    assert content.refusal is None
    content.write(b"y\r\n")
    assert str(content.refusal).startswith("552 5.3.4")
    assert kept.content() == b""
    assert not content.hopeless
    content.write(b"z" * (DRAIN_CAP + 1))
    assert content.hopeless


@pytest.mark.parametrize(
    ("pieces", "head"),
    [
        ([b"A: b\r\n\r\nbody\r\n"], b"A: b\r\n"),
        ([b"A: b\r", b"\nC: d\r\n", b"\r", b"\nbody"], b"A: b\r\nC: d\r\n"),
        ([b"\r\nbody\r\n\r\n"], b""),
        ([b"A: b\r\n"], b"A: b\r\n"),
    ],
)
def test_the_header_is_at_hand(pieces: list[bytes], head: bytes) -> None:
    content, _ = _content()
    pairs = PairKeeper()
    for number, piece in enumerate(pieces):
        content.write(pairs.feed(piece, last=number == len(pieces) - 1))
    assert content.header_block == head


def test_a_full_disk_is_an_answer_for_the_end_and_no_exception() -> None:
    class Full(Memory):
        def write(self, chunk: bytes) -> None:
            raise NoRoom("No space left on device")

    content = Content(Full(), size_limit=1000, normalise=False)
    content.write(b"a\r\n")
    content.write(b"b\r\n")
    assert content.refusal == NO_ROOM
