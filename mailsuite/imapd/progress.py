"""INPROGRESS: a client whose command takes long is told how far it has come, so that it does not give up (RFC 9585)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mailsuite.imapd.session import Session
from mailsuite.imapd.wire import Gone

EVERY = 10.0  # seconds between two responses
LOOK = 1.0  # seconds between two looks whether the client is still there


class Abandoned(Gone):
    """The client is gone: nobody waits for the rest."""


class Progress:
    """How far a command has come. Whoever does the work, in whatever thread, says so with `tell`."""

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None
        self.abandoned = False

    def tell(self, done: int, total: int | None = None) -> None:
        """So much is done, of so much (in whatever unit). Raises Abandoned where nobody waits for it any more."""
        self.done, self.total = done, total
        if self.abandoned:
            raise Abandoned("the client is gone")

    def response(self, tag: str) -> bytes:
        """RFC 9585 §4.1."""
        total = "NIL" if self.total is None else str(max(self.total, self.done))
        return f'* OK [INPROGRESS ("{tag}" {self.done} {total})] Still at it\r\n'.encode()


@asynccontextmanager
async def in_progress(session: Session) -> AsyncIterator[Progress]:
    """Tell the client every EVERY seconds while the body runs. The body sends nothing itself, unless it is whole responses."""
    progress = Progress()
    telling = asyncio.create_task(_tell(session, progress))
    try:
        yield progress
    finally:
        progress.abandoned = True
        telling.cancel()
        with suppress(asyncio.CancelledError, Gone):
            await telling


async def _tell(session: Session, progress: Progress) -> None:
    clock, tag = asyncio.get_running_loop().time, session.tag
    told = clock()
    while not session.wire.closed:
        await asyncio.sleep(min(LOOK, EVERY))
        if clock() - told >= EVERY:
            told = clock()
            await session.send_all(progress.response(tag))
    progress.abandoned = True
