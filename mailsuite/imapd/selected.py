"""The mailbox a session has selected, as its client knows it: sequence numbers that never lie."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.selected import Delta, split_marks
from mailsuite.mailstore.snapshots import Snapshot
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.sequence import STAR, SequenceSet


class Selected:
    """The client's view. Only `announce` changes it, and everything `announce` changes it tells.

    Messages that others expunged stay in the view, and keep their sequence number, until the client may be told
    (RFC 9051 §7.5.1).
    """

    def __init__(self, snapshot: Snapshot, *, read_only: bool) -> None:
        self.mailbox: Mailbox = snapshot.mailbox
        self.read_only = read_only
        self.uids = snapshot.uids
        self.modseq = snapshot.modseq
        self.gone: set[int] = set()
        self.saved: array[int] = array("I")  # $, the UIDs of the last SEARCH RETURN (SAVE) (RFC 5182)
        self._own: set[int] = set()

    @property
    def last_uid(self) -> int:
        return self.uids[-1] if self.uids else self.mailbox.uidnext - 1

    def sequence(self, uid: int) -> int:
        """The sequence number of a UID in the view; 0 where it is not in it."""
        index = bisect_left(self.uids, uid)
        return index + 1 if index < len(self.uids) and self.uids[index] == uid else 0

    def ranges(self, numbers: SequenceSet, *, by_uid: bool) -> list[range]:
        """The messages meant, as ascending ranges of indices into `uids`.

        Raises ValueError for a sequence number that does not exist; RFC 9051 §6.4.9: a UID that does not exist is ignored.
        """
        if numbers.saved:
            return list(_ranges(self.sequence(uid) - 1 for uid in self.saved))
        if by_uid:
            return [found for found in numbers.uid_indices(self.uids) if found]
        if not self.uids and numbers.ranges in (((STAR, STAR),), ((1, STAR),)):
            return []  # "everything" of an empty mailbox is what clients ask without looking
        if not numbers.fits(len(self.uids)):
            raise ValueError("There is no such message")
        return list(numbers.indices(len(self.uids)))

    def chosen(self, numbers: SequenceSet, *, by_uid: bool) -> array[int]:
        """As `ranges`, the UIDs themselves."""
        chosen: array[int] = array("I")
        for found in self.ranges(numbers, by_uid=by_uid):
            chosen.extend(self.uids[found.start : found.stop])
        return chosen

    def did(self, modseq: int) -> None:
        """This session made the change with this modseq, and its client knows the flags of all it changed: tell only others.

        A message has one modseq: the change covers what others did to the message before. `own` says how to tell that first.
        """
        self._own.add(modseq)

    def unheard(self, updated: Iterable[tuple[int, str, int]]) -> Iterator[tuple[int, str, int]]:
        """What its client has to be told of a `Delta.updated`."""
        for uid, marks, modseq in updated:
            if modseq not in self._own and uid not in self.gone and self.sequence(uid):
                yield uid, marks, modseq

    def announce(self, delta: Delta, *, expunges: bool, modseqs: bool) -> bytes:
        """Take in what happened, and return the responses that tell it.

        expunges: may EXPUNGE be sent now? modseqs: does the client want them (CONDSTORE)?
        """
        out = bytearray()
        self._note_gone(delta)
        if expunges:
            out += self.expunge_responses()
        if fresh := [uid for uid in delta.arrived if uid > self.last_uid]:
            self.uids = self.uids + array("I", fresh)  # a new one: others read the one that SELECT was given
            out += b"* %d EXISTS\r\n" % len(self.uids)
        for uid, marks, modseq in self.unheard(delta.updated):
            out += fetch_flags(self.sequence(uid), uid, marks, modseq if modseqs else None)
        self.modseq = delta.modseq
        self._own = {modseq for modseq in self._own if modseq > delta.modseq}
        return bytes(out)

    def _note_gone(self, delta: Delta) -> None:
        if delta.expunged is not None:
            self.gone.update(uid for uid in delta.expunged if self.sequence(uid))
        elif delta.present is not None:
            self.gone.update(set(self.uids) - set(delta.present))

    def expunge_responses(self) -> bytes:
        """Tell of all that is gone, the highest number first: then no number shifts before its turn."""
        if not self.gone:
            return b""
        numbers = sorted((self.sequence(uid) for uid in self.gone), reverse=True)
        gone, self.gone = self.gone, set()
        self.saved = array("I", (uid for uid in self.saved if uid not in gone))
        self.uids = array("I", (uid for uid in self.uids if uid not in gone))
        return b"".join(b"* %d EXPUNGE\r\n" % number for number in numbers)


def fetch_flags(number: int, uid: int, marks: str, modseq: int | None) -> bytes:
    """An unsolicited FETCH: it always says the UID, so that clients that think in UIDs need no second question."""
    tail = b" MODSEQ (%d)" % modseq if modseq is not None else b""
    return b"* %d FETCH (UID %d FLAGS %b%b)\r\n" % (number, uid, responses.flags(*split_marks(marks)), tail)


def _ranges(indices: Iterable[int]) -> Iterator[range]:
    """Ascending indices as ranges; those below zero (no longer in the view) are left out."""
    start = stop = -1
    for index in indices:
        if index < 0:
            continue
        if index != stop:
            if stop > start:
                yield range(start, stop)
            start = index
        stop = index + 1
    if stop > start:
        yield range(start, stop)
