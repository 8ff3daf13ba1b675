"""Sets of message numbers: 1:4,7,9:* (RFC 9051 §9 sequence-set)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

STAR = 0  # stands for *: the largest number in use
LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges as they were written; both ends belong to a range, and either may be `STAR`."""

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False  # $, the result of the last SEARCH (RFC 5182)

    @classmethod
    def parse(cls, token: bytes) -> SequenceSet:
        """Raises ValueError where the token is no sequence set."""
        if token == b"$":
            return cls((), saved=True)
        return cls(tuple(_range(part) for part in token.split(b",")))

    def merged(self, largest: int) -> list[tuple[int, int]]:
        """Sorted ranges that do not overlap, with * standing for `largest`. 9:7 means 7:9, and 5:* is *:5."""
        ordered = sorted(
            (min(low, high), max(low, high)) for low, high in ((low or largest, high or largest) for low, high in self.ranges)
        )
        merged: list[tuple[int, int]] = []
        for low, high in ordered:
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return merged

    def fits(self, count: int) -> bool:
        """Do all numbers exist as sequence numbers in a mailbox of `count` messages?"""
        return bool(count) and all(low <= count and high <= count for low, high in self.ranges)

    def indices(self, count: int) -> Iterator[range]:
        """Sequence numbers as ranges of indices into a mailbox of `count` messages."""
        for low, high in self.merged(count):
            yield range(low - 1, min(high, count))

    def uid_indices(self, uids: Sequence[int]) -> Iterator[range]:
        """UIDs as ranges of indices into these sorted UIDs. RFC 9051 §6.4.9: a UID that does not exist is ignored."""
        for low, high in self.merged(uids[-1] if uids else 0):
            yield range(bisect_left(uids, low), bisect_right(uids, high))


def _range(part: bytes) -> tuple[int, int]:
    low, colon, high = part.partition(b":")
    first = _number(low)
    return first, _number(high) if colon else first


def _number(token: bytes) -> int:
    if token == b"*":
        return STAR
    if not token.isdigit() or len(token) > 10 or not 0 < int(token) <= LARGEST:
        raise ValueError("not a message number")
    return int(token)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers that ascend by one: 1,2,3,7 is 1 to 3, 7 to 7."""
    first = last = 0
    for number in numbers:
        if number == last + 1 and last:
            last = number
            continue
        if last:
            yield first, last
        first = last = number
    if last:
        yield first, last


def compact(numbers: Iterable[int]) -> str:
    """Ascending numbers as a sequence set: 1,2,3,7 is 1:3,7. Order is kept where numbers do not ascend by one."""
    return written(runs(numbers))


def written(ranges: Iterable[tuple[int, int]]) -> str:
    """Ranges as a sequence set."""
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in ranges)
