"""What a client that comes back has missed: flags that changed, and which UIDs are gone (RFC 7162 §3.2)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from mailsuite.bridge import in_db
from mailsuite.imapd.selected import AT_ONCE, Manner, Selected, fetch_flags
from mailsuite.imapd.session import Session
from mailsuite.mailstore import selected as store
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.selection import Resync
from mailsuite.protocol.imap.sequence import SequenceSet, runs

Ranges = Sequence[tuple[int, int]]  # ascending, apart from each other, both ends belong to them


async def tell_vanished(session: Session, uids: SequenceSet, since: int) -> None:
    """UID FETCH with VANISHED (RFC 7162 §3.2.6): which of these UIDs left the mailbox since a modseq.

    What the client counts among its messages is told first, as of now, and never as gone before.
    """
    await session.look()
    view = session.view
    expunged = await in_db(store.expunged_since, view.mailbox.pk, view.mailbox.account_id, since)
    asked = [(uid, uid) for uid in view.saved] if uids.saved else uids.merged(view.newest)
    session.send(responses.vanished(_gone(view, expunged, asked), earlier=True))


def missed(view: Selected, asked: Resync, manner: Manner) -> list[bytes]:
    """What SELECT tells a client that comes back; nothing where its UIDs are of another mailbox (RFC 7162 §3.2.5).

    Runs in a database thread.
    """
    mailbox = view.mailbox
    if asked.uidvalidity != mailbox.uidvalidity:
        return []
    # A modseq of the future is of a store that was lost since: what the client knows is not known here.
    since = asked.modseq if asked.modseq <= view.modseq else 0
    known = asked.known.merged(0) if asked.known else [(1, view.newest)]
    # The changes first: what was expunged before any of them is in the second answer (RFC 7162 §3.2).
    changed = list(_changes(view, since, known, manner))
    expunged = store.expunged_since(mailbox.pk, mailbox.account_id, since) if since == asked.modseq else None
    above = 0 if expunged is not None else _agreed(view, asked)
    return [responses.vanished(_gone(view, expunged, known, above), earlier=True), *changed]


def _changes(view: Selected, since: int, known: Ranges, manner: Manner) -> Iterator[bytes]:
    told = bytearray()
    rows = store.updated(view.mailbox.pk, view.mailbox.account_id, since, view.last_uid)
    for count, (uid, marks, modseq) in enumerate(_within(rows, known), 1):
        if view.sequence(uid):
            told += fetch_flags(view.number(uid, manner), uid, marks, modseq, manner)
        if not count % AT_ONCE:
            yield bytes(told)
            told.clear()
    yield bytes(told)


def _within(rows: Iterable[tuple[int, str, int]], known: Ranges) -> Iterator[tuple[int, str, int]]:
    """Of rows with ascending UIDs those whose UID is in the ranges."""
    ranges = iter(known)
    low, high = next(ranges, (0, 0))
    for row in rows:
        while high and row[0] > high:
            low, high = next(ranges, (0, 0))
        if low <= row[0] <= high:
            yield row


def _agreed(view: Selected, asked: Resync) -> int:
    """The highest UID up to which the client knows what is gone, for it stands where the client says (RFC 7162 §3.2.5.2)."""
    agreed = 0
    for number, uid in asked.matches():
        if number > len(view.uids):
            break
        if view.uids[number - 1] == uid:
            agreed = uid
    return agreed


def _gone(view: Selected, expunged: Sequence[int] | None, asked: Ranges, above: int = 0) -> Iterator[tuple[int, int]]:
    """Ranges of UIDs among those asked for that are gone, and not in the view.

    expunged: what the log knows; None where it is too short: then all that is not there, above the UID `above`.
    """
    if expunged is None:
        for low, high in asked:
            yield from _holes(view, max(low, above + 1), min(high, view.newest))
        return
    for low, high in asked:
        some = expunged[bisect_left(expunged, low) : bisect_right(expunged, high)]
        yield from runs(uid for uid in some if not view.sequence(uid))


def _holes(view: Selected, low: int, high: int) -> Iterator[tuple[int, int]]:
    """The ranges between two UIDs, both included, that no message has."""
    if low <= high:
        there = view.uids[bisect_left(view.uids, low) : bisect_right(view.uids, high)]
        for before, after in pairwise((low - 1, *there, high + 1)):
            if before + 1 < after:
                yield before + 1, after - 1
