r"""STORE: flags, which all copies of a message share, and \Deleted, which belongs to the copy."""

from __future__ import annotations

from array import array

from mailsuite.bridge import in_db
from mailsuite.imapd.commands.expunge import READ_ONLY
from mailsuite.imapd.fetching import FLAGS, MODSEQ, UID, Batch, lines
from mailsuite.imapd.session import Done, Session
from mailsuite.mailstore import placement
from mailsuite.protocol.imap import commands, responses
from mailsuite.protocol.imap.sequence import compact
from mailsuite.protocol.imap.syntax import Parser

AT_ONCE = 2_000  # responses made and sent at a time


async def store(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""
    asked, view = commands.store(parser), session.view
    if view.read_only:
        raise READ_ONLY
    try:
        uids = view.chosen(asked.numbers, by_uid=by_uid)
    except ValueError as error:
        raise parser.problem(str(error)) from error
    if asked.unchanged_since is not None:
        session.enabled.add("CONDSTORE")
    if not uids:
        return Done("Nothing to store")
    stored = await in_db(_store, session, asked, uids)
    view.did(stored.modseq)
    refused = set(stored.refused)
    await _tell(session, asked, array("I", (uid for uid in uids if uid not in refused)))
    if refused:
        numbers = sorted(refused if by_uid else map(view.sequence, refused))
        return Done("Stored, where nobody else had changed it", f"MODIFIED {compact(numbers)}")
    gone = any(uid in view.gone for uid in uids)
    return Done("Stored", "EXPUNGEISSUED" if gone else "")


def _store(session: Session, asked: commands.Store, uids: array[int]) -> placement.Stored:
    return placement.store_flags(
        session.view.mailbox,
        list(uids),
        asked.flags & ~responses.DELETED,
        asked.keywords,
        asked.mode,
        deleted=bool(asked.flags & responses.DELETED),
        unchanged_since=asked.unchanged_since,
    )


async def _tell(session: Session, asked: commands.Store, uids: array[int]) -> None:
    """The flags as they are now; of .SILENT only modseqs, and those only where the client knows them (RFC 7162 §3.1.3)."""
    items = [UID, *([] if asked.silent else [FLAGS]), *([MODSEQ] if session.condstore else [])]
    if asked.silent and not session.condstore:
        return
    view = session.view
    for start in range(0, len(uids), AT_ONCE):
        some = uids[start : start + AT_ONCE]
        told = await in_db(lines, Batch(view.mailbox, items), some, [view.sequence(uid) for uid in some], whole=False)
        await session.send_all(told.octets)
