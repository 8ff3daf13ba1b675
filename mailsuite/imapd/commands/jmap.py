"""GETJMAPACCESS: where the same mail can be had by JMAP, under the same ids (RFC 9698)."""

from __future__ import annotations

from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap.syntax import Parser


async def access(session: Session, parser: Parser) -> Done:
    """GETJMAPACCESS (RFC 9698 §4). Only where the secret that was used here opens the other door, too (§3)."""
    parser.end()
    if not session.jmap:
        raise parser.problem("No JMAP by this login; an app password has it, where the web door has a URL")
    session.send(f'* JMAPACCESS "{session.jmap}"\r\n'.encode())
    return Done("The same mail, under the same ids")
