"""CAPABILITY, NOOP, CHECK, ID, NAMESPACE and LOGOUT."""

from __future__ import annotations

from mailsuite import maillog
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.responses import identity
from mailsuite.protocol.imap.syntax import Parser


async def capability(session: Session, parser: Parser) -> Done:
    parser.end()
    session.send(f"* CAPABILITY {session.capabilities()}\r\n".encode())
    return Done("That is what I can do")


async def noop(session: Session, parser: Parser) -> Done:
    """NOOP, and CHECK, which has nothing to do here: what was answered OK is on disk."""
    parser.end()
    return Done("Done nothing")


async def identify(session: Session, parser: Parser) -> Done:
    """ID (RFC 2971). What the client says helps whoever reads the log."""
    fields = commands.identity(parser)
    if fields:
        named = {key: fields.get(key) for key in ("name", "version")}
        maillog.event("introduced", door="imap", client=session.client, **named)
    session.send(identity({"name": "Mailsuite"}))
    return Done("Pleased to meet you")


async def namespace(session: Session, parser: Parser) -> Done:
    """NAMESPACE (RFC 9051 §6.3.10): one personal namespace, levels divided by /."""
    parser.end()
    session.send(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
    return Done("That is all there is")


async def logout(session: Session, parser: Parser) -> Done:
    parser.end()
    session.send(b"* BYE Until next time\r\n")
    session.over = True
    return Done("Logged out")
