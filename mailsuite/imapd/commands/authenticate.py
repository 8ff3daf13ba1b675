"""AUTHENTICATE: SASL PLAIN and SCRAM-SHA-256, with and without channel binding (RFC 9051 §6.2.2)."""

from __future__ import annotations

import base64
import binascii

from mailsuite.accounts import scram
from mailsuite.accounts.authenticate import Refused
from mailsuite.bridge import in_db
from mailsuite.imapd.commands.login import FAILED, IN_THE_CLEAR, let_in, let_in_by, refused
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
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
        message = b"" if initial == b"=" else _decoded(parser, initial)  # RFC 4959 §3: = is an empty one
    if mechanism == "PLAIN":
        return await _plain(session, message)
    return await _scram(session, parser, message, plus=mechanism == PLUS)


async def _ask(session: Session, parser: Parser, challenge: bytes) -> bytes:
    """What the client answers."""
    session.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
    answer = await session.next_line()
    if answer == b"*":
        raise parser.problem("Cancelled")  # RFC 9051 §6.2.2: BAD
    return _decoded(parser, answer)


def _decoded(parser: Parser, answer: bytes) -> bytes:
    """RFC 9051 §6.2.2: what is no base64 is BAD."""
    try:
        return base64.b64decode(answer, validate=True)
    except (binascii.Error, ValueError) as error:
        raise parser.problem("That is no base64") from error


async def _plain(session: Session, message: bytes) -> Done:
    """RFC 4616."""
    try:
        asked = sasl.plain(message.decode())
    except UnicodeDecodeError:
        asked = None
    if asked is None:
        session.strike()
        raise FAILED
    return await let_in(session, asked)


async def _scram(session: Session, parser: Parser, message: bytes, *, plus: bool) -> Done:
    """RFC 5802 §5; what the server proves comes in a challenge of its own, which is answered with nothing."""
    # Who hears of no PLUS here says that he thinks so, and is right: that is no downgrade (RFC 5802 §6).
    bindings = session.wire.bindings if PLUS in session.mechanisms else {}
    try:
        exchange = Exchange(message, plus=plus, bindings=bindings)
        first = scram.challenge(exchange)
    except (Unacceptable, Refused) as problem:
        raise refused(session, "", Refused(f"SCRAM: {problem}")) from None
    final = await _ask(session, parser, first)
    try:
        account, proof = await in_db(scram.authenticate, exchange, final, client=session.client)
    except Refused as problem:
        raise refused(session, exchange.login, problem) from None
    if await _ask(session, parser, proof):
        raise parser.problem("Nothing was to be answered")
    return let_in_by(session, account)
