"""The mailbox a session has selected, as its client knows it: sequence numbers that never lie."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.selected import Delta, split_marks
from mailsuite.mailstore.snapshots import Snapshot
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.sequence import STAR, SequenceSet, runs
from mailsuite.protocol.imap.syntax import SyntaxProblem

AT_ONCE = 500  # responses in one write; and so many messages may go one by one


@dataclass(frozen=True, slots=True)
class Manner:
    """How a client is told of messages: with modseqs (CONDSTORE), what is gone by UID (QRESYNC), everything by UID (UIDONLY)."""

    modseqs: bool = False
    vanished: bool = False
    uids_only: bool = False

    @property
    def word(self) -> bytes:
        """What a response about a message is called: by its sequence number, or by its UID (RFC 9586 §3.3)."""
        return b"UIDFETCH" if self.uids_only else b"FETCH"


class Selected:
    """The client's view. What messages there are only `announce` and `expunge_responses` change, and what they change they tell.

    Messages that others expunged stay in the view, and keep their sequence number, until the client may be told
    (RFC 9051 §7.5.1). `modseq` is up to where the store was looked at, `told` up to where the client knows everything.
    """

    def __init__(self, snapshot: Snapshot, *, read_only: bool) -> None:
        self.mailbox: Mailbox = snapshot.mailbox
        self.read_only = read_only
        self.uids = snapshot.uids
        self.modseq = snapshot.modseq
        self.gone: set[int] = set()
        self.saved: array[int] = array("I")  # $, the UIDs of the last SEARCH RETURN (SAVE) (RFC 5182)
        self.copied: set[int] = set()  # UIDs that the client has put elsewhere by COPY: what it expunges of these it moves
        self.newest = snapshot.uidnext - 1  # the highest UID that there was
        self.shrank = False  # what is gone was told since the client last heard how far it is
        self._own: set[int] = set()
        self._before_gone = 0

    @property
    def last_uid(self) -> int:
        return self.uids[-1] if self.uids else self.mailbox.uidnext - 1

    @property
    def told(self) -> int:
        """RFC 7162 §3.2: the HIGHESTMODSEQ of a client that must not miss what could not be told yet."""
        return self._before_gone if self.gone else self.modseq

    def sequence(self, uid: int) -> int:
        """The sequence number of a UID in the view; 0 where it is not in it."""
        index = bisect_left(self.uids, uid)
        return index + 1 if index < len(self.uids) and self.uids[index] == uid else 0

    def ranges(self, numbers: SequenceSet, *, by_uid: bool) -> list[range]:
        """The messages meant, as ascending ranges of indices into `uids`.

        Raises SyntaxProblem for a sequence number that does not exist; RFC 9051 §6.4.9: a UID that does not exist is ignored.
        """
        if numbers.saved:
            return list(_ranges(self.sequence(uid) - 1 for uid in self.saved))
        if by_uid:
            return [found for found in numbers.uid_indices(self.uids) if found]
        if not self.uids and numbers.ranges in (((STAR, STAR),), ((1, STAR),)):
            return []  # "everything" of an empty mailbox is what clients ask without looking
        if not numbers.fits(len(self.uids)):
            raise SyntaxProblem("There is no such message")
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

    def number(self, uid: int, manner: Manner) -> int:
        """What stands before FETCH, or UIDFETCH."""
        return uid if manner.uids_only else self.sequence(uid)

    def announce(self, delta: Delta, manner: Manner, *, expunges: bool) -> Iterator[bytes]:
        """Take in what happened, and give the responses that tell it, some at a time.

        expunges: may EXPUNGE be sent now?
        """
        self._note_gone(delta)
        if expunges:
            yield self.expunge_responses(manner)
        if fresh := [uid for uid in delta.arrived if uid > self.last_uid]:
            self.uids = self.uids + array("I", fresh)  # a new one: others read the one that SELECT was given
            self.newest = max(self.newest, fresh[-1])
            yield b"* %d EXISTS\r\n" % len(self.uids)
        told = bytearray()
        for count, (uid, marks, modseq) in enumerate(self.unheard(delta.updated), 1):
            told += fetch_flags(self.number(uid, manner), uid, marks, modseq, manner)
            if not count % AT_ONCE:
                yield bytes(told)
                told.clear()
        yield bytes(told)
        self.modseq = delta.modseq
        self._own = {modseq for modseq in self._own if modseq > delta.modseq}

    def _note_gone(self, delta: Delta) -> None:
        if not self.gone:
            self._before_gone = self.modseq
        if delta.expunged is not None:
            self.gone.update(uid for uid in delta.expunged if self.sequence(uid))
        elif delta.present is not None:
            self.gone.update(_missing(self.uids, delta.present))

    def expunge_responses(self, manner: Manner) -> bytes:
        """Tell of all that is gone, the highest number first: then no number shifts before its turn."""
        if not self.gone:
            return b""
        gone, self.gone, self.shrank = self.gone, set(), True
        numbers = sorted(map(self.sequence, gone), reverse=True)
        told = responses.vanished(runs(sorted(gone))) if manner.vanished else responses.expunges(numbers)
        self.saved = array("I", (uid for uid in self.saved if uid not in gone))
        if len(numbers) > AT_ONCE:
            self.uids = array("I", (uid for uid in self.uids if uid not in gone))
        else:
            self.uids = self.uids[:]  # a new one again; and then cheaper than to look at a hundred thousand
            for number in numbers:
                del self.uids[number - 1]
        return told


def fetch_flags(number: int, uid: int, marks: str, modseq: int, manner: Manner) -> bytes:
    """An unsolicited FETCH: it always says the UID, so that clients that think in UIDs need no second question."""
    name = b"" if manner.uids_only else b"UID %d " % uid
    tail = b" MODSEQ (%d)" % modseq if manner.modseqs else b""
    return b"* %d %b (%bFLAGS %b%b)\r\n" % (number, manner.word, name, responses.flags(*split_marks(marks)), tail)


def _missing(known: array[int], present: array[int]) -> Iterator[int]:
    """What is in the first and not in the second; both ascend."""
    there = iter(present)
    next_one = next(there, None)
    for uid in known:
        while next_one is not None and next_one < uid:
            next_one = next(there, None)
        if next_one != uid:
            yield uid


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
