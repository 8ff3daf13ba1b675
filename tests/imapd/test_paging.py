"""Pages of a FETCH (RFC 9394 §3.3)."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from mailsuite.imapd.paging import _inside, page
from mailsuite.protocol.imap.returning import Partial
from mailsuite.protocol.imap.sequence import runs

CHOSEN = st.sets(st.integers(1, 40)).map(sorted)
NUMBERS = st.integers(1, 50)


def ranges(numbers: list[int]) -> list[range]:
    return [range(first - 1, last) for first, last in runs(numbers)]


@given(CHOSEN, NUMBERS, NUMBERS, st.booleans())
def test_a_page_is_a_slice_of_all_that_is_asked(chosen: list[int], one: int, other: int, from_end: bool) -> None:
    first, last = sorted((one, other))
    expected = list(reversed(list(reversed(chosen))[first - 1 : last])) if from_end else chosen[first - 1 : last]
    found = page(ranges(chosen), Partial(first, last, from_end, ""))
    assert [index + 1 for index in chain(*found)] == expected
    assert all(found)


@given(CHOSEN, CHOSEN)
def test_what_changed_counts_where_it_is_asked_for(changed: list[int], chosen: list[int]) -> None:
    assert list(_inside(changed, ranges(chosen))) == sorted(set(changed) & set(chosen))
