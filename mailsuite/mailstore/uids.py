"""Sets of UIDs as conditions of a query: mail programs name ranges, and a range is one comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q

RANGES = 100  # ranges a statement


def within(uids: Iterable[int] | None) -> Iterator[Q]:
    """Conditions that together hold for these UIDs; few, for they are mostly ranges."""
    if uids is None:
        yield Q()
        return
    ranges = list(_ranges(sorted(set(uids))))
    for start in range(0, len(ranges), RANGES):
        condition = Q()
        for first, last in ranges[start : start + RANGES]:
            condition |= Q(uid=first) if first == last else Q(uid__range=(first, last))
        yield condition


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
