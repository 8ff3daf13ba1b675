"""SELECT, EXAMINE, CLOSE and UNSELECT."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.bridge import in_db
from mailsuite.imapd import resync
from mailsuite.imapd.commands.naming import named
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.selected import Selected
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes, placement, snapshots
from mailsuite.mailstore import selected as store
from mailsuite.protocol.imap import selection
from mailsuite.protocol.imap.syntax import Parser

LOOK_FOR_UNSEEN = 5_000  # messages
FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft"


@dataclass(frozen=True, slots=True)
class _Opened:
    view: Selected
    uidnext: int
    first_unseen: int | None
    has_children: bool
    missed: list[bytes]  # what a client that comes back is told


async def select(session: Session, parser: Parser, *, read_only: bool = False) -> Done:
    """SELECT and EXAMINE (RFC 9051 §6.3.2)."""
    asked = selection.select(parser)
    if asked.resync and not session.qresync:
        raise parser.problem("QRESYNC comes after ENABLE QRESYNC")
    if session.selected:
        session.selected = None
        session.send(b"* OK [CLOSED] The mailbox before is closed\r\n")  # RFC 9051 §7.1
    if asked.condstore:
        session.use_modseqs()
    opened = await in_db(_open, session, asked, read_only)
    session.send(_described(session, asked.mailbox, opened))
    for told in opened.missed:
        await session.send_all(told)
    session.selected = opened.view
    return Done("Here it is", "READ-ONLY" if read_only else "READ-WRITE")


def _open(session: Session, asked: selection.Select, read_only: bool) -> _Opened:
    snapshot = snapshots.snapshot(mailboxes.find(session.account_id, asked.mailbox))
    view = Selected(snapshot, read_only=read_only)
    # An old client jumps to the first unread message with it; looking through a large mailbox for that is not worth it, and
    # RFC 3501 §6.3.1 lets it be missing.
    look = snapshot.mailbox.unread and len(view.uids) <= LOOK_FOR_UNSEEN and not (session.rev2 or session.uids_only)
    return _Opened(
        view,
        snapshot.uidnext,
        store.first_unseen(snapshot.mailbox.pk) if look else None,
        session.rev2 and mailboxes.has_children(snapshot.mailbox),
        resync.missed(view, asked.resync, session.manner) if asked.resync else [],
    )


def _described(session: Session, name: str, opened: _Opened) -> bytes:
    view = opened.view
    unseen = view.sequence(opened.first_unseen) if opened.first_unseen else 0
    permanent = "" if view.read_only else rf"{FLAGS} \*"
    lines = [
        f"FLAGS ({FLAGS})",
        f"{len(view.uids)} EXISTS",
        "" if session.rev2 else "0 RECENT",  # no session has a claim on \Recent: RFC 9051 did away with it
        f"OK [UNSEEN {unseen}] The first unread" if unseen else "",
        f"OK [PERMANENTFLAGS ({permanent})] Kept",
        f"OK [UIDVALIDITY {view.mailbox.uidvalidity}] UIDs are good",
        f"OK [UIDNEXT {opened.uidnext}] The next UID, or a higher one",
        f"OK [HIGHESTMODSEQ {view.modseq}] The last change",
        f"OK [MAILBOXID (F{view.mailbox.pk})] Its lasting name",  # RFC 8474 §4.1
    ]
    told = "".join(f"* {line}\r\n" for line in lines if line).encode()
    return told + named(view.mailbox, name, has_children=opened.has_children) if session.rev2 else told


async def examine(session: Session, parser: Parser) -> Done:
    return await select(session, parser, read_only=True)


async def close(session: Session, parser: Parser) -> Done:
    r"""CLOSE (RFC 9051 §6.4.1): what is marked \Deleted goes, untold, if the mailbox may be written."""
    parser.end()
    view, session.selected = session.view, None
    if not view.read_only:
        await in_db(placement.expunge, view.mailbox, copied=view.copied)
    return Done("Closed")


async def unselect(session: Session, parser: Parser) -> Done:
    """UNSELECT (RFC 9051 §6.4.2): as CLOSE, and nothing goes."""
    parser.end()
    session.selected = None
    return Done("Closed; nothing is gone")
