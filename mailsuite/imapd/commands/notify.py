"""NOTIFY: say of which changes to hear, in which mailboxes, without asking."""

from __future__ import annotations

from mailsuite.imapd.commands.notifying import Notifying
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import notify as imap
from mailsuite.protocol.imap.syntax import Parser

BAD_EVENT = Refusal("Of other events nothing is known here", f"BADEVENT ({' '.join(imap.KNOWN)})")


async def notify(session: Session, parser: Parser) -> Done:
    """NOTIFY (RFC 5465 §3.1). After NONE the session is as it was at first: told of its mailbox when it says something."""
    try:
        asked = imap.parse(parser)
    except imap.BadEvent:
        raise BAD_EVENT from None
    if session.news:
        session.news.stop()
        session.news = None
    if asked is None:
        return Done("You hear nothing more unasked")
    session.news = notifying = Notifying(session, asked)
    await notifying.start(status=asked.status)
    return Done("You will hear of it")
