"""AUTH PLAIN and LOGIN (RFC 4954, RFC 4616): from a client's words to an account, or a reply that says why not."""

from __future__ import annotations

import base64
from typing import Protocol

from mailsuite import maillog
from mailsuite.accounts.authenticate import Refused
from mailsuite.accounts.authenticate import authenticate as look_up
from mailsuite.bridge import in_db
from mailsuite.protocol import sasl
from mailsuite.protocol.reply import Reply
from mailsuite.smtpd.errors import reply_for
from mailsuite.smtpd.transaction import Door, Session

WELCOME = Reply(235, "2.7.0", "Welcome")
CANCELLED = Reply(501, "5.7.0", "Cancelled")
UNREADABLE = Reply(501, "5.5.2", "That is no base64, or not what the mechanism wants")
LONGEST = 12_288  # RFC 4954 §4


class Broken(Exception):
    """The exchange ended before there was a login and a password; `reply` says how."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Asks(Protocol):
    """A conversation, as far as it matters here."""

    session: Session
    door: Door

    async def push(self, status: bytes) -> None: ...

    async def read_line(self) -> bytes: ...


async def authenticate(conversation: Asks, argument: str) -> Reply:
    """Carry out AUTH; on success the session has its account. Mechanisms are matched without regard to case."""
    name, _, initial = argument.partition(" ")
    mechanism = {"PLAIN": _plain, "LOGIN": _login}.get(name.upper())
    if mechanism is None:
        return Reply(504, "5.5.4", "PLAIN and LOGIN are the mechanisms offered")
    try:
        login, secret = await mechanism(conversation, initial.strip())
    except Broken as broken:
        return broken.reply
    return await _admit(conversation, login, secret)


async def _admit(conversation: Asks, login: str, secret: str) -> Reply:
    session = conversation.session
    try:
        async with conversation.door.logins:
            session.account = await in_db(look_up, login, secret, door="smtp", client=session.client)
    except Refused as refused:
        session.failed_logins += 1
        maillog.event("login-refused", door=conversation.door.name, login=login, client=session.client, reason=refused.reason)
        return reply_for(refused)
    except Exception as error:
        reply = reply_for(error)
        return reply if reply.code in (454, 535) else Reply(454, "4.7.0", "Logging in does not work now; try again later")
    maillog.event("logged-in", door=conversation.door.name, login=session.account.login, client=session.client)
    return WELCOME


async def _plain(conversation: Asks, initial: str) -> tuple[str, str]:
    """RFC 4616, with or without an initial response."""
    found = sasl.plain(_decoded(initial) if initial else await _ask(conversation, b""))
    if found is None:
        raise Broken(UNREADABLE)
    return found


async def _login(conversation: Asks, initial: str) -> tuple[str, str]:
    """No RFC, and every client speaks it: `Username:`, then `Password:`."""
    login = _decoded(initial) if initial else await _ask(conversation, b"Username:")
    return login, await _ask(conversation, b"Password:")


async def _ask(conversation: Asks, question: bytes) -> str:
    await conversation.push(b"334 " + base64.b64encode(question) + b"\r\n")
    line = (await conversation.read_line()).strip()
    if line == b"*":
        raise Broken(CANCELLED)
    return _decoded(line.decode("ascii", "replace"))


def _decoded(text: str) -> str:
    """RFC 4954 §4: `=` is an empty initial response."""
    if len(text) > LONGEST:
        raise Broken(Reply(500, "5.5.6", "Too long"))
    found = "" if text == "=" else sasl.text(text)
    if found is None:
        raise Broken(UNREADABLE)
    return found
