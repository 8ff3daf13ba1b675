"""LOGIN and STARTTLS, and what every way to log in ends with."""

from __future__ import annotations

from mailsuite import maillog
from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import commands
from mailsuite.protocol.imap.syntax import Parser
from mailsuite.protocol.sasl import Credentials

FAILED = Refusal("Wrong login or secret", "AUTHENTICATIONFAILED")
LATER = Refusal("Too many wrong secrets; try again in a quarter of an hour", "UNAVAILABLE")
IN_THE_CLEAR = Refusal("Not without TLS", "PRIVACYREQUIRED")


async def login(session: Session, parser: Parser) -> Done:
    """LOGIN (RFC 9051 §6.2.3)."""
    return await let_in(session, commands.login(parser))


async def let_in(session: Session, asked: Credentials) -> Done:
    """Log in whoever has the right secret."""
    if not session.may_log_in:
        raise IN_THE_CLEAR
    try:
        async with session.door.logins:
            account = await in_db(authenticate, asked.login, asked.secret, door="imap", client=session.client)
    except Refused as problem:
        raise refused(session, asked.login, problem) from None
    return let_in_by(session, account)


def let_in_by(session: Session, account: Account) -> Done:
    """From now on the session is this account's."""
    session.log_in(account)
    maillog.event("logged-in", door="imap", login=account.login, client=session.client, tls=session.wire.encrypted)
    return Done("Logged in", f"CAPABILITY {session.capabilities()}")


def refused(session: Session, login: str, problem: Refused) -> Refusal:
    """Count and log a failed login; what to tell the client, which never hears the reason."""
    maillog.event("login-refused", door="imap", login=login, client=session.client, reason=problem.reason)
    session.strike()
    return LATER if problem.temporary else FAILED


async def start_tls(session: Session, parser: Parser) -> Done:
    """STARTTLS (RFC 9051 §6.2.1). What the client sent after it in the clear is thrown away."""
    parser.end()
    if session.wire.encrypted:
        raise parser.problem("TLS is on already")
    session.starting_tls = True
    return Done("Begin TLS now")
