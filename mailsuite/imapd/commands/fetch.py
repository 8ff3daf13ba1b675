"""FETCH: stored columns as they are, bodies in batches, large messages as a stream; never one great buffer."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from zstandard import ZstdError

from mailsuite import maillog
from mailsuite.bridge import in_db
from mailsuite.imapd import resync
from mailsuite.imapd.content import Piece
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.fetching import FLAGS, MODSEQ, UID, Batch, bodies, lines
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.paging import changed, page
from mailsuite.imapd.recalled import AT_ONCE, is_worth_it, recall
from mailsuite.imapd.session import Session
from mailsuite.imapd.wire import Gone
from mailsuite.protocol.imap import fetch as imap
from mailsuite.protocol.imap.fetch import Item
from mailsuite.protocol.imap.modifiers import modifiers
from mailsuite.protocol.imap.syntax import Parser

LINES = 2_000  # messages whose columns are read and written at a time
BODIES = 100  # messages whose bodies may be read at a time, if they are small


@dataclass(slots=True)
class _Outcome:
    missing: bool = False
    broken: bool = False
    unknown: bool = False


async def fetch(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """FETCH (RFC 9051 §6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162 §3.1.4.1, §3.2.6), and PARTIAL (RFC 9394 §3.3)."""
    parser.space()
    numbers = parser.sequence_set()
    parser.space()
    items = imap.parse(parser)
    asked = modifiers(parser)
    if asked.vanished and not (by_uid and session.qresync):
        raise parser.problem("VANISHED goes with UID FETCH, after ENABLE QRESYNC")
    since = asked.changed_since
    items = _completed(session, items, by_uid=by_uid, since=since)
    ranges = session.view.ranges(numbers, by_uid=by_uid)
    if asked.vanished and since is not None:
        await resync.tell_vanished(session, numbers, since)
        ranges = session.view.ranges(numbers, by_uid=by_uid)
    if asked.partial:
        ranges = page(ranges if since is None else await changed(session.view, ranges, since), asked.partial)
    outcome = await _send(session, _batch(session, items, since), ranges)
    if outcome.broken:
        raise Refusal("Some messages could not be read", "SERVERBUG")
    if outcome.unknown:
        raise Refusal("Some parts are encoded in a way that nobody here knows", "UNKNOWN-CTE")
    # RFC 5530 §3: the client learns which they are when EXPUNGE may be told.
    return Done("Fetched", "EXPUNGEISSUED" if outcome.missing and since is None else "")


def _completed(session: Session, items: list[Item], *, by_uid: bool, since: int | None) -> list[Item]:
    """With what the client did not name and gets all the same."""
    if by_uid and UID not in items and not session.uids_only:
        items = [UID, *items]  # RFC 9051 §6.4.9
    if since is not None or MODSEQ in items:
        session.use_modseqs()
    if since is not None and MODSEQ not in items:
        items = [*items, MODSEQ]
    if session.view.read_only:  # RFC 9051 §6.3.3: EXAMINE changes nothing, \Seen included
        items = [replace(item, peek=True) for item in items]
    return items


def _batch(session: Session, items: list[Item], since: int | None) -> Batch:
    manner = session.manner
    also = [FLAGS, *([MODSEQ] if manner.modseqs else []), *([UID] if manner.modseqs and not manner.uids_only else [])]
    return Batch(session.view.mailbox, items, -1 if since is None else since, manner.word, also)


async def send_items(session: Session, items: list[Item], ranges: Sequence[range]) -> None:
    """FETCH responses without a FETCH (RFC 5465 §5.2). What cannot be read is left out."""
    await _send(session, _batch(session, items, None), ranges)


async def _send(session: Session, batch: Batch, ranges: Sequence[range]) -> _Outcome:
    view, outcome = session.view, _Outcome()
    by_uid = session.uids_only
    if not by_uid and is_worth_it(batch, ranges):
        ranges = await _send_recalled(session, batch, ranges)
    with_bodies = any(item.needs_content for item in batch.items)
    for some in _batches(ranges, BODIES if with_bodies else LINES):
        uids: array[int] = array("I")
        numbers: list[int] = []
        for one in some:
            uids.extend(view.uids[one.start : one.stop])
            numbers.extend(view.uids[one.start : one.stop] if by_uid else range(one.start + 1, one.stop + 1))
        if with_bodies:
            await _send_bodies(session, batch, uids, numbers, outcome)
        else:
            told = await in_db(lines, batch, uids, numbers, whole=len(some) == 1)
            outcome.missing |= told.count < len(uids)
            await session.send_all(told.octets)
    return outcome


async def _send_recalled(session: Session, batch: Batch, ranges: Sequence[range]) -> Sequence[range]:
    """Send what memory answers; the ranges in which it does not know all messages are left for the store."""
    if not (recalled := await in_db(recall, batch)):
        return ranges
    left = []
    for (some,) in (pieces for one in ranges for pieces in _batches([one], AT_ONCE)):
        octets = await in_db(recalled.lines, session.view.uids[some.start : some.stop], some.start)
        if octets is None:
            left.append(some)
        else:
            await session.send_all(octets)
    return left


async def _send_bodies(session: Session, batch: Batch, uids: array[int], numbers: list[int], outcome: _Outcome) -> None:
    while uids:
        told = await in_db(bodies, batch, uids, numbers)
        outcome.missing |= told.missing
        outcome.broken |= told.broken
        outcome.unknown |= told.unknown
        if told.modseq:
            session.view.did(told.modseq)
        for piece in told.pieces:
            await _send_piece(session, piece)
        uids, numbers = uids[told.taken :], numbers[told.taken :]


async def _send_piece(session: Session, piece: Piece) -> None:
    if isinstance(piece, bytes):
        await session.send_all(piece)
        return
    try:
        while (chunk := await in_db(next, piece, None)) is not None:
            await session.send_all(chunk)
    except Gone:
        raise
    except (OSError, ZstdError) as error:
        # Its size is announced already: only the end of the connection tells the client that it has not got everything.
        maillog.problem("cut-short", door="imap", client=session.client, reason=error)
        session.wire.abort()
        raise ConnectionAbortedError from error


def _batches(ranges: Sequence[range], most: int) -> Iterator[list[range]]:
    """The ranges, cut and gathered so that each batch has at most so many messages."""
    batch: list[range] = []
    room = most
    for whole in ranges:
        start = whole.start
        while start < whole.stop:
            stop = min(whole.stop, start + room)
            batch.append(range(start, stop))
            room -= stop - start
            start = stop
            if not room:
                yield batch
                batch, room = [], most
    if batch:
        yield batch
