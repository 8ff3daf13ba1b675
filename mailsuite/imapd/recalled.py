"""FETCH (UID FLAGS) of a whole mailbox from memory: what clients ask that know no modseqs, each time they look."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import repeat

from mailsuite.imapd.fetching import FLAGS, UID, Batch
from mailsuite.mailstore import selected, snapshots
from mailsuite.mailstore.snapshots import Marked
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.fetch import Item

MANY = 1_000  # messages; fewer are read from the store
AT_ONCE = 5_000  # messages whose responses are made and sent together
_FORMS = {
    (UID, FLAGS): b"* %d FETCH (UID %d FLAGS %b)\r\n",
    (FLAGS, UID): b"* %d FETCH (FLAGS %b UID %d)\r\n",
    (FLAGS,): b"* %d FETCH (FLAGS %b)\r\n",
}


class Recalled:
    """Makes the responses. `items` are those of a batch that `is_worth_it`."""

    def __init__(self, items: Sequence[Item], marked: Marked) -> None:
        self._items, self._marked = tuple(items), marked
        self._flags = [responses.flags(*selected.split_marks(marks)) for marks in marked.legend]

    def lines(self, uids: array[int], start: int) -> bytes | None:
        """Responses for these UIDs that lie side by side in the view from index `start`; None where some are gone."""
        at = bisect_left(self._marked.uids, uids[0])
        end = at + len(uids)
        if self._marked.uids[at:end] != uids:
            return None
        flags = map(self._flags.__getitem__, self._marked.codes[at:end])
        values = {UID: uids, FLAGS: flags}
        numbers = range(start + 1, start + 1 + len(uids))
        told = zip(numbers, *(values[item] for item in self._items), strict=True)
        return b"".join(map(bytes.__mod__, repeat(_FORMS[self._items]), told))


def is_worth_it(batch: Batch, ranges: Sequence[range]) -> bool:
    """Whether all these messages may be asked of memory."""
    return batch.changed_since < 0 and tuple(batch.items) in _FORMS and sum(map(len, ranges)) >= MANY


def recall(batch: Batch) -> Recalled | None:
    """What answers from memory; None where it cannot. Raises Mailbox.DoesNotExist."""
    marked = snapshots.marked(batch.mailbox)
    return Recalled(batch.items, marked) if marked else None
