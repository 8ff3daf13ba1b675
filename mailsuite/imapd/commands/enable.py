"""ENABLE: what changes how a session speaks is switched on by its client."""

from __future__ import annotations

from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap.syntax import Parser

# In upper case, as `Session.enabled` holds them, and as they are written in CAPABILITY.
SPELLINGS = {
    "CONDSTORE": "CONDSTORE",  # RFC 7162
    "QRESYNC": "QRESYNC",  # RFC 7162 §3.2
    "UIDONLY": "UIDONLY",  # RFC 9586
    "IMAP4REV2": "IMAP4rev2",  # RFC 9051
    "UTF8=ACCEPT": "UTF8=ACCEPT",  # RFC 6855
}
MOST = 50  # words in one ENABLE


async def enable(session: Session, parser: Parser) -> Done:
    """ENABLE (RFC 9051 §6.3.1): unknown words are ignored, and what is on already is not told again."""
    words: list[str] = []
    parser.space()
    while not words or parser.spaced():
        words.append(parser.atom().upper())
        if len(words) > MOST:
            raise parser.problem("Too many words")
    parser.end()
    fresh = [word for word in dict.fromkeys(words) if word in SPELLINGS.keys() - session.enabled - session.hidden]
    session.send(" ".join(["* ENABLED", *(SPELLINGS[word] for word in fresh)]).encode() + b"\r\n")
    if not {"CONDSTORE", "QRESYNC"}.isdisjoint(fresh):
        session.use_modseqs()
    session.enabled.update(fresh)
    return Done("Enabled")
