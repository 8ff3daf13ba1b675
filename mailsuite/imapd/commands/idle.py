"""IDLE: tell at once what changes, until the client says DONE."""

from __future__ import annotations

import asyncio

from django.db import Error as DatabaseTrouble

from mailsuite import maillog
from mailsuite.imapd.limits import IDLE_SECONDS
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.imapd.wire import Silent
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser

SIGN_OF_LIFE = 120  # seconds: routers forget silent connections, and clients like to know that theirs still stands
AGAIN_SECONDS = 2  # after a look at the store that failed


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
        waiting.end()
    return Done("Done idling")


class _Waiting:
    """One IDLE. It looks at the store once it listens, and whenever it is woken: nothing falls between."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = True
        self._ring = 0
        self._again: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        self._changed, self._ring = True, self._session.door.watch.ring
        self._session.wire.stir()

    async def until_done(self, parser: Parser) -> None:
        session, clock = self._session, asyncio.get_running_loop().time
        session.connection.expect_line()
        ends = clock() + IDLE_SECONDS
        while (event := session.connection.next_event()) is imap.NEED_DATA:
            if self._changed:
                await self._tell()
                continue
            try:
                await session.pause(min(SIGN_OF_LIFE, max(ends - clock(), 0)))
            except Silent:
                if clock() >= ends:
                    raise
                session.send(b"* OK Still here\r\n")
        if not isinstance(event, imap.RawLine) or event.text.upper() != b"DONE":
            raise parser.problem("IDLE ends with DONE")

    async def _tell(self) -> None:
        """What happened since the last time. A store that is busy for a moment must not end the IDLE."""
        self._changed = False
        try:
            if self._session.news:
                await self._session.news.tell()
            await self._session.look(ring=self._ring)
        except DatabaseTrouble as error:
            maillog.problem("idle-interrupted", client=self._session.client, reason=error)
            self.end()
            self._again = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self.changed)

    def end(self) -> None:
        """Look no more for what an earlier look could not tell."""
        if self._again:
            self._again.cancel()
