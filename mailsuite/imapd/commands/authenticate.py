"""AUTHENTICATE: SASL PLAIN and SCRAM-SHA-256, with and without channel binding (RFC 9051 §6.2.2)."""

from __future__ import annotations

import base64
import binascii

from mailsuite.accounts import scram
from mailsuite.accounts.authenticate import Refused
from mailsuite.bridge import in_db
from mailsuite.imapd.commands.login import FAILED, IN_THE_CLEAR, let_in, let_in_by, refused
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.session import Done, Session
from mailsuite.protocol import sasl
from mailsuite.protocol.imap.syntax import Parser
from mailsuite.protocol.scram import PLUS, Exchange, Unacceptable


async def authenticate(session: Session, parser: Parser) -> Done:
    """AUTHENTICATE, with or without an initial response (RFC 4959)."""
    parser.space()
    mechanism = parser.word()
    initial = parser.atom().encode() if parser.spaced() else None
    parser.end()
    if not session.may_log_in:
        raise IN_THE_CLEAR
    if mechanism not in session.mechanisms:
        raise Refusal(f"The mechanisms here are {', '.join(session.mechanisms)}", "CANNOT")
    if initial is None:
        message = await _ask(session, parser, b"")
    else:
        message = b"" if initial == b"=" else _decoded(initial)  # RFC 4959 §3: = is an empty one
    if mechanism == "PLAIN":
        return await _plain(session, message)
    return await _scram(session, parser, message, plus=mechanism == PLUS)


async def _ask(session: Session, parser: Parser, challenge: bytes) -> bytes | None:
    """What the client answers; None where it is no base64."""
    session.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
    answer = await session.next_line()
    if answer == b"*":
        raise parser.problem("Cancelled")  # RFC 9051 §6.2.2: BAD
    return _decoded(answer)


def _decoded(answer: bytes) -> bytes | None:
    try:
        return base64.b64decode(answer, validate=True)
    except (binascii.Error, ValueError):
        return None


async def _plain(session: Session, message: bytes | None) -> Done:
    """RFC 4616."""
    try:
        asked = sasl.plain((message or b"").decode())
    except UnicodeDecodeError:
        asked = None
    if asked is None:
        session.strike()
        raise FAILED
    return await let_in(session, asked)


async def _scram(session: Session, parser: Parser, message: bytes | None, *, plus: bool) -> Done:
    """RFC 5802 §5; what the server proves comes in a challenge of its own, which is answered with nothing."""
    try:
        exchange = Exchange(message or b"", plus=plus, bindings=session.wire.bindings)
        first = scram.challenge(exchange)
    except (Unacceptable, Refused) as problem:
        raise refused(session, "", Refused(f"SCRAM: {problem}")) from None
    final = await _ask(session, parser, first)
    try:
        account, proof = await in_db(scram.authenticate, exchange, final or b"", client=session.client)
    except Refused as problem:
        raise refused(session, exchange.login, problem) from None
    if await _ask(session, parser, proof):
        raise parser.problem("Nothing was to be answered")
    return let_in_by(session, account)
