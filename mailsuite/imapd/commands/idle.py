"""IDLE: tell at once what changes, until the client says DONE."""

from __future__ import annotations

import asyncio

from mailsuite.imapd.limits import IDLE_SECONDS
from mailsuite.imapd.session import Done, Session
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser

SIGN_OF_LIFE = 120  # seconds: routers forget silent connections, and clients like to know that theirs still stands


async def idle(session: Session, parser: Parser) -> Done:
    """IDLE (RFC 9051 §6.3.13)."""
    parser.end()
    session.send(b"+ idling\r\n")
    waiting = _Waiting(session)
    session.door.watch.add(session.account_id, waiting.changed)
    try:
        await waiting.until_done(parser)
    finally:
        session.door.watch.remove(session.account_id, waiting.changed)
    return Done("Done idling")


class _Waiting:
    """One IDLE. It looks at the store first and whenever it is woken: what happened before it listened is not missed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = True
        self._ring = 0

    def changed(self) -> None:
        self._changed, self._ring = True, self._session.door.watch.ring
        self._session.wire.stir()

    async def until_done(self, parser: Parser) -> None:
        session, clock = self._session, asyncio.get_running_loop().time
        session.connection.expect_line()
        ends = clock() + IDLE_SECONDS
        while (event := session.connection.next_event()) is imap.NEED_DATA:
            if self._changed:
                self._changed = False
                if session.news:
                    await session.news.tell()
                await session.look(ring=self._ring)
                continue
            try:
                await session.pause(min(SIGN_OF_LIFE, max(ends - clock(), 0)))
            except TimeoutError:
                if clock() >= ends:
                    raise
                session.send(b"* OK Still here\r\n")
        if not isinstance(event, imap.RawLine) or event.text.upper() != b"DONE":
            raise parser.problem("IDLE ends with DONE")
