"""Request bodies as they come in: spooled, capped, and of strangers only what a form needs, and soon."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Knows = Callable[[Scope], Awaitable[bool]]

IN_MEMORY = 1_048_576  # bytes of a member's body kept in memory; a longer one goes to a temporary file
PATIENCE = 60.0  # seconds a member may pause inside a body
# Nobody is asked who he is before he has sent so much, or taken so long: most forms are shorter and come at once.
SMALL = 32_768  # bytes
SOON = 10.0  # seconds
LATE = 30.0  # seconds for a stranger to hear that it was too much: to see our answer, a browser must be done with its request


class ClientGone(Exception):
    """The client closed the connection, or stalled, before its request was complete."""


class Body:
    """One request's body. Thousands of strangers at once may each hold SMALL bytes of memory for LATE seconds, and no disk."""

    def __init__(self, scope: Scope, receive: Receive, knows: Knows, most: int) -> None:
        """knows: does this request come from somebody signed in? most: bytes that a member may send."""
        self._scope, self._receive, self._knows, self._most = scope, receive, knows, most
        self._began = time.monotonic()
        self._member: bool | None = None  # not asked yet
        self._size = 0

    @property
    def _cap(self) -> int:
        return self._most if self._member else min(SMALL, self._most)

    async def spooled(self) -> tuple[IO[bytes], bool]:
        """The whole body in a file, and whether it was too large (then the file is empty). Raises ClientGone."""
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            more = True
            while more:
                more = await self._next(file)
        except BaseException:
            file.close()
            raise
        if self._size > self._cap:
            file.truncate(0)
        file.seek(0)
        return file, self._size > self._cap

    async def _next(self, file: IO[bytes]) -> bool:
        """Take the next piece; True where more follows."""
        try:
            event = await asyncio.wait_for(self._receive(), PATIENCE if self._member else SOON)
        except TimeoutError as error:
            raise ClientGone from error
        piece, more = event.get("body", b""), event.get("more_body", False)
        self._size += len(piece)
        if event["type"] == "http.disconnect" or self._size > 8 * self._most:
            raise ClientGone
        await self._judge(more=more)
        if self._size <= self._cap:
            file.write(piece)  # at worst into the page cache: too short a time to leave the loop for
        return more

    async def _judge(self, *, more: bool) -> None:
        """Find out who it is once it matters, and hang up on strangers who do not come to an end."""
        slow = more and time.monotonic() - self._began > SOON
        if self._member is None and (self._size > min(SMALL, self._most) or slow):
            self._member = await self._knows(self._scope)
        if slow and not self._member and (self._size <= SMALL or time.monotonic() - self._began > LATE):
            raise ClientGone
