"""A large message, sliced like bytes without standing in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.imapd.flow import Flow

OCTETS = bytes(range(256)) * 20


@given(cuts=st.lists(st.integers(0, len(OCTETS))), slices=st.lists(st.tuples(*[st.integers(0, len(OCTETS) + 10)] * 2)))
def test_any_slices_are_those_of_the_octets(cuts: list[int], slices: list[tuple[int, int]]) -> None:
    places = [0, *sorted(cuts), len(OCTETS)]

    def pieces() -> Iterator[bytes]:
        return (OCTETS[start:stop] for start, stop in pairwise(places))

    flow = Flow(pieces, len(OCTETS))
    assert len(flow) == len(OCTETS)
    for start, stop in slices:
        assert flow[start:stop] == OCTETS[start:stop]


def test_from_front_to_back_all_is_read_once_and_little_is_held() -> None:
    begun = 0

    def pieces() -> Iterator[bytes]:
        nonlocal begun
        begun += 1
        return (OCTETS[at : at + 100] for at in range(0, len(OCTETS), 100))

    flow = Flow(pieces, len(OCTETS))
    for at in range(0, len(OCTETS), 64):
        assert flow[at : at + 64] == OCTETS[at : at + 64]
        assert len(flow._window) <= 64 + 100
    assert begun == 1
    assert flow[len(OCTETS) :] == b""
    assert flow[:3] == OCTETS[:3]
    assert begun == 2


def test_octets_that_end_too_early_are_an_error_and_no_short_answer() -> None:
    flow = Flow(lambda: iter([b"abc"]), 5)
    assert flow[0:3] == b"abc"
    with pytest.raises(OSError, match="ends before"):
        flow[2:5]
