"""What the mailboxes in use hold, kept in memory between two looks: whoever selects one again reads only what changed since.

Mail programs open the same few mailboxes again and again, each with several connections. What is kept of one is four octets a
message (its UID), and once somebody asked for all flags two more, with the text of each set of flags and keywords: the legend.
It is never trusted by age: each look asks the mailbox's modseq, and what happened since is read from the change log. What is
given out is shared, so nobody may change it.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection

from mailsuite.mailstore import selected
from mailsuite.mailstore.models import Mailbox

MOST = 16 * 1024 * 1024  # octets of all that is kept in a process
MOST_SETS = 2**16  # of flags and keywords
OLD_SETS = 50  # in a legend, which is made anew when it has so many more of them than there can be in use
FEW = 200  # expunged messages that are taken out one by one; more are left out of a copy
Key = tuple[int, datetime]  # no mailbox gets the id of one that is gone, except in a database that was made anew


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A mailbox as SELECT sees it. `uids` ascend, four bytes each; others read the same array."""

    mailbox: Mailbox
    modseq: int
    uids: array[int]

    @property
    def uidnext(self) -> int:
        """RFC 9051 §2.3.1.1; a message may have come since the mailbox's row was read."""
        return max(self.mailbox.uidnext, self.uids[-1] + 1 if self.uids else 1)


@dataclass(frozen=True, slots=True)
class Marked:
    """All flags of a mailbox: `codes` says of each UID which of the `legend` (marks as in `selected.COLUMNS`) it has."""

    uids: array[int]
    codes: array[int]
    legend: list[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    modseq: int
    uids: array[int]
    codes: array[int] | None = None
    legend: dict[str, int] = field(default_factory=dict)
    octets: int = field(init=False)

    def __post_init__(self) -> None:
        texts = sum(map(len, self.legend)) + 150 * len(self.legend)  # an entry and its object cost more than most texts
        object.__setattr__(self, "octets", 500 + 4 * len(self.uids) + 2 * len(self.codes or ()) + texts)


class Snapshots:
    """At most so many octets of mailboxes, those used last. What alone is larger is kept without its flags."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._octets = 0
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def octets(self) -> int:
        """What all that is kept takes, near enough."""
        return self._octets

    def uids(self, mailbox: Mailbox) -> array[int]:
        """All UIDs of a mailbox. `mailbox`: its row, read just now."""
        return self._look(mailbox).uids

    def marked(self, mailbox: Mailbox) -> Marked | None:
        """All UIDs and flags of a mailbox; None where it holds so many sets of keywords that no two octets can tell them."""
        kept = self._look(mailbox)
        if kept.codes is None:
            kept = _with_codes(mailbox, kept)
            self._keep(mailbox, kept)
        return Marked(kept.uids, kept.codes, list(kept.legend)) if kept.codes is not None else None

    def _look(self, mailbox: Mailbox) -> _Kept:
        if connection.in_atomic_block:  # what a transaction sees, others may never see
            return _read(mailbox)
        with self._lock:
            kept = self._kept.get(_key(mailbox))
        if kept is None or kept.modseq != mailbox.modseq:
            kept = (kept and _brought_up(mailbox, kept)) or _read(mailbox)
        self._keep(mailbox, kept)
        return kept

    def _keep(self, mailbox: Mailbox, kept: _Kept) -> None:
        if connection.in_atomic_block:
            return
        if kept.octets > self._most:
            kept = _Kept(kept.modseq, kept.uids)
        with self._lock:
            before = self._kept.pop(_key(mailbox), None)
            self._kept[_key(mailbox)] = kept
            self._octets += kept.octets - (before.octets if before else 0)
            while self._octets > self._most and len(self._kept) > 1:
                self._octets -= self._kept.popitem(last=False)[1].octets


_process = Snapshots()


def snapshot(mailbox: Mailbox) -> Snapshot:
    """All UIDs of a mailbox, as of now. Raises Mailbox.DoesNotExist."""
    fresh = Mailbox.objects.get(pk=mailbox.pk)
    return Snapshot(fresh, fresh.modseq, _process.uids(fresh))


def marked(mailbox: Mailbox) -> Marked | None:
    """All UIDs and flags of a mailbox, as of now; None as in `Snapshots`. Raises Mailbox.DoesNotExist."""
    return _process.marked(Mailbox.objects.get(pk=mailbox.pk))


def _key(mailbox: Mailbox) -> Key:
    return mailbox.pk, mailbox.created_at


def _read(mailbox: Mailbox) -> _Kept:
    return _Kept(mailbox.modseq, selected.uids(mailbox.pk))


def _brought_up(mailbox: Mailbox, kept: _Kept) -> _Kept | None:
    """What is kept with what happened since; None where the log does not say it, or it is not worth the trouble."""
    last = kept.uids[-1] if kept.uids else 0
    updated = selected.updated_since(mailbox.pk, kept.modseq, last) if kept.codes is not None else []
    gone = selected.expunged_since(mailbox.pk, mailbox.account_id, kept.modseq)
    if gone is None:
        return None
    uids, codes, legend = kept.uids[:], kept.codes, dict(kept.legend)
    came = selected.uids(mailbox.pk, last)
    if codes is not None:
        fresh = selected.rows(mailbox.pk, came, ("uid", "marks"))
        came = array("I", [uid for uid, _ in fresh])
        codes = _coded(uids + came, codes[:], legend, [*((uid, marks) for uid, marks, _ in updated), *fresh])
    uids.extend(came)
    uids, codes = _without(uids, codes, gone)
    if codes is None or len(legend) > len(uids) + OLD_SETS:
        return _Kept(mailbox.modseq, uids)
    return _Kept(mailbox.modseq, uids, codes, legend)


def _coded(uids: array[int], codes: array[int], legend: dict[str, int], rows: Iterable[tuple[int, str]]) -> array[int] | None:
    """The codes with those of these rows, and some at the end for the UIDs that came; None where too many differ."""
    codes.extend([0] * (len(uids) - len(codes)))
    for uid, marks in rows:
        code, at = legend.setdefault(marks, len(legend)), bisect_left(uids, uid)
        if code >= MOST_SETS:
            return None
        if at < len(uids) and uids[at] == uid:
            codes[at] = code
    return codes


def _without(uids: array[int], codes: array[int] | None, gone: Sequence[int]) -> tuple[array[int], array[int] | None]:
    if len(gone) > FEW:
        lost = set(gone)
        stay = [at for at, uid in enumerate(uids) if uid not in lost]
        return array("I", [uids[at] for at in stay]), codes and array("H", [codes[at] for at in stay])
    for uid in gone:
        at = bisect_left(uids, uid)
        if at < len(uids) and uids[at] == uid:
            del uids[at]
            if codes is not None:
                del codes[at]
    return uids, codes


def _with_codes(mailbox: Mailbox, kept: _Kept) -> _Kept:
    legend: dict[str, int] = {}
    ends = (kept.uids[0], kept.uids[-1]) if kept.uids else (0, 0)
    rows = selected.rows_between(mailbox.pk, *ends, ("uid", "marks"))
    codes = [legend.setdefault(marks, len(legend)) for _, marks in rows]
    if len(legend) > MOST_SETS:
        return kept
    return replace(kept, uids=array("I", [uid for uid, _ in rows]), codes=array("H", codes), legend=legend)
