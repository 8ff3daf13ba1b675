"""APPEND: messages from the client, all of them or none."""

from __future__ import annotations

from mailsuite.bridge import in_db
from mailsuite.imapd.intake import Intake
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.received import keep
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import appending
from mailsuite.protocol.imap.syntax import Parser


async def append(session: Session, parser: Parser) -> Done:
    """APPEND (RFC 9051 §6.3.12) of one message or many (RFC 3502), whole or from parts (RFC 4469)."""
    name = appending.mailbox(parser)
    received = await Intake(session, name).read(parser)
    kept = await in_db(keep, session.account_id, name, received)
    return Done("Kept", kept.code)
