"""COMPRESS: deflate both ways, for lines on which octets are dear (RFC 4978)."""

from __future__ import annotations

from functools import partial

from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.outcome import Done, Goodbye
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap.syntax import Parser

ACTIVE = Refusal("This connection is compressed already", "COMPRESSIONACTIVE")


async def compress(session: Session, parser: Parser) -> Done:
    """COMPRESS DEFLATE (RFC 4978 §3). It begins with the octet after our tagged OK."""
    parser.space()
    algorithm = parser.word()
    parser.end()
    if algorithm != "DEFLATE":
        raise parser.problem("DEFLATE is the only algorithm here")
    if session.wire.compressed:
        raise ACTIVE
    if not session.may_compress:
        raise Refusal("Not on this server", "CANNOT")
    return Done("Compressed from here", after=partial(_begin, session))


def _begin(session: Session) -> None:
    # What comes before our answer may be plain, or not: RFC 4978 §3 has the client wait.
    if session.connection.waiting:
        raise Goodbye("Nothing may follow COMPRESS before its answer")
    session.wire.compress()
