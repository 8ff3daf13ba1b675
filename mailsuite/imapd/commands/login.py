"""LOGIN, AUTHENTICATE and STARTTLS."""

from __future__ import annotations

from mailsuite import maillog
from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.session import Done, Session
from mailsuite.protocol import sasl
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.syntax import Parser
from mailsuite.protocol.sasl import Credentials

FAILED = Refusal("Wrong login or secret", "AUTHENTICATIONFAILED")
LATER = Refusal("Too many wrong secrets; try again in a quarter of an hour", "UNAVAILABLE")
IN_THE_CLEAR = Refusal("Not without TLS", "PRIVACYREQUIRED")


async def login(session: Session, parser: Parser) -> Done:
    """LOGIN (RFC 9051 §6.2.3)."""
    return await _let_in(session, commands.login(parser))


async def authenticate_plain(session: Session, parser: Parser) -> Done:
    """AUTHENTICATE PLAIN (RFC 9051 §6.2.2, RFC 4616), with or without an initial response (SASL-IR)."""
    parser.space()
    mechanism = parser.word()
    initial = parser.atom().encode() if parser.spaced() else None
    parser.end()
    if mechanism != "PLAIN":
        raise Refusal("PLAIN is the only mechanism here", "CANNOT")
    if not session.may_log_in:
        raise IN_THE_CLEAR
    if initial is None:
        session.send(b"+ \r\n")
        initial = await session.next_line()
    if initial == b"*":
        raise parser.problem("Cancelled")  # RFC 9051 §6.2.2: BAD
    asked = sasl.plain(sasl.text(initial))
    if asked is None:
        session.strike()
        raise FAILED
    return await _let_in(session, asked)


async def _let_in(session: Session, asked: Credentials) -> Done:
    if not session.may_log_in:
        raise IN_THE_CLEAR
    try:
        async with session.door.logins:
            account = await in_db(authenticate, asked.login, asked.secret, door="imap", client=session.client)
    except Refused as refused:
        maillog.event("login-refused", door="imap", login=asked.login, client=session.client, reason=refused.reason)
        session.strike()
        raise LATER if refused.temporary else FAILED from None
    session.log_in(account)
    maillog.event("logged-in", door="imap", login=account.login, client=session.client, tls=session.wire.encrypted)
    return Done("Logged in", f"CAPABILITY {session.capabilities()}")


async def start_tls(session: Session, parser: Parser) -> Done:
    """STARTTLS (RFC 9051 §6.2.1). What the client sent after it in the clear is thrown away."""
    parser.end()
    if session.wire.encrypted:
        raise parser.problem("TLS is on already")
    session.starting_tls = True
    return Done("Begin TLS now")
