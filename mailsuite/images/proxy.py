"""An image of the web for a reader: from the cache, or fetched, decoded and written anew; its host learns nothing of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings

from mailsuite import maillog
from mailsuite.images import cache
from mailsuite.images.decoder import Decoder
from mailsuite.net.http import Ask, Limits, Unfetchable, fetch

AT_ONCE = 8  # fetches of a process: each may hold 10 MB
AT_ONCE_EACH = 4  # of one account, so that one slow host does not make others wait
MOST_WAITING = 300  # of one account; a mail of a thousand images gets the first ones
LIMITS = Limits(seconds=10.0, most_bytes=10_000_000, redirects=3)
ACCEPT = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"


class Busy(Exception):
    """So many images are asked for that this one is not waited for."""


class Proxy:
    """Fetches images for readers. Belongs to one event loop."""

    def __init__(self, decoder: Decoder | None = None) -> None:
        self._decoder = decoder or Decoder()
        self._all = asyncio.Semaphore(AT_ONCE)
        self._each: dict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_EACH))
        self._waiting: dict[int, int] = defaultdict(int)
        self._asked: dict[tuple[int, str], asyncio.Task[tuple[str, bytes] | None]] = {}

    async def image(self, account_id: int, url: str) -> tuple[str, bytes] | None:
        """(media type, image); None where there is none to be had. Raises Busy. The same one asked twice is fetched once."""
        if not settings.IMAGE_PROXY:
            return None
        key = (account_id, url)
        task = self._asked.get(key)
        if task is None:
            if self._waiting[account_id] >= MOST_WAITING:
                raise Busy
            task = self._asked[key] = asyncio.create_task(self._image(account_id, url))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop what is under way, and the decoder."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._decoder.close()

    async def _image(self, account_id: int, url: str) -> tuple[str, bytes] | None:
        if kept := await asyncio.to_thread(cache.get, account_id, url):
            return kept
        async with self._turn(account_id):
            try:
                answer = await fetch(Ask(url, ACCEPT), LIMITS)
            except Unfetchable as error:
                maillog.event("image-not-fetched", account=account_id, reason=error)
                return None
            found = await self._decoder.reencode(answer.content) if answer.status == 200 and answer.content else None
        if found:
            await asyncio.to_thread(cache.put, account_id, url, *found)
        return found

    @asynccontextmanager
    async def _turn(self, account_id: int) -> AsyncIterator[None]:
        self._waiting[account_id] += 1
        try:
            async with self._each[account_id], self._all:
                yield
        finally:
            self._waiting[account_id] -= 1
            if not self._waiting[account_id]:
                del self._waiting[account_id], self._each[account_id]
