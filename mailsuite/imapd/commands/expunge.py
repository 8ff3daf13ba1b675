"""EXPUNGE and UID EXPUNGE."""

from __future__ import annotations

from collections.abc import Sequence

from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import placement
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.syntax import Parser

READ_ONLY = Refusal("The mailbox is open for reading only", "CANNOT")


async def expunge(session: Session, parser: Parser) -> Done:
    """EXPUNGE (RFC 9051 §6.4.3). The EXPUNGE responses come from the look at the mailbox that ends every command."""
    parser.end()
    return await _expunge(session, None)


async def uid_expunge(session: Session, parser: Parser) -> Done:
    r"""UID EXPUNGE (RFC 9051 §6.4.9): of these UIDs, those marked \Deleted."""
    return await _expunge(session, session.view.chosen(commands.uid_expunge(parser), by_uid=True))


async def _expunge(session: Session, uids: Sequence[int] | None) -> Done:
    view = session.view
    if view.read_only:
        raise READ_ONLY
    # product.md 3.9: what becomes of them depends on the mailbox.
    if await in_db(placement.expunge, view.mailbox, uids, view.copied):
        view.shrank = True  # RFC 7162 §3.2.7: the client hears how far it is, be it that it never knew of them
    return Done("Expunged")
