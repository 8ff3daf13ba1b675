"""A page of what a FETCH would answer, counted from either end (RFC 9394 §3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mailsuite.bridge import in_db
from mailsuite.imapd.selected import Selected
from mailsuite.mailstore import selected as store
from mailsuite.protocol.imap.returning import Partial
from mailsuite.protocol.imap.sequence import runs


def page(ranges: Sequence[range], asked: Partial) -> list[range]:
    """The messages of ascending ranges of indices that are on this page."""
    wanted = asked.of(sum(map(len, ranges)))
    found, passed = [], 0
    for one in ranges:
        if part := one[max(wanted.start - passed, 0) : max(wanted.stop - passed, 0)]:
            found.append(part)
        passed += len(one)
    return found


async def changed(view: Selected, ranges: Sequence[range], since: int) -> list[range]:
    """Of these messages those with a higher modseq: what CHANGEDSINCE leaves is what is divided into pages (RFC 9394 §3.4)."""
    if not ranges:
        return []
    low, high = view.uids[ranges[0].start], view.uids[ranges[-1].stop - 1]
    rows = await in_db(store.rows_between, view.mailbox.pk, low, high, ["uid"], since)
    numbers = _inside((view.sequence(uid) for (uid,) in rows), ranges)
    return [range(first - 1, last) for first, last in runs(numbers)]


def _inside(numbers: Iterable[int], ranges: Sequence[range]) -> Iterator[int]:
    """Ascending sequence numbers, those alone whose index is in one of the ranges."""
    at = 0
    for number in numbers:
        while at < len(ranges) and ranges[at].stop < number:
            at += 1
        if at < len(ranges) and number - 1 in ranges[at]:
            yield number
