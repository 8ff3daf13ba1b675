"""Line endings, size and header of content on its way in, however the bytes are cut."""

from __future__ import annotations

import pytest

from mailsuite.blobs.store import NoRoom
from mailsuite.smtpd.content import DRAIN_CAP, Content, Memory, PairKeeper
from mailsuite.smtpd.errors import NO_ROOM


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
