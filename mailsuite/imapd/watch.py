"""Hear of changes once for the whole process, and wake the sessions whose account changed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

from django.db import Error as DatabaseTrouble

from mailsuite import maillog, wakeup
from mailsuite.bridge import in_db
from mailsuite.mailstore import selected as store

HEARD_SECONDS = 0.1  # until a cancellation is said again
LOOK_SECONDS = 20  # between looks that need no ring: losing one costs so much delay at most
AGAIN_SECONDS = 1  # after it broke

log = logging.getLogger(__name__)


class Watch:
    """Fans the change bus out by account id. Without Redis `listen` says (0, 0) each second, and one query finds out."""

    def __init__(self, listen: Callable[[], AsyncIterator[tuple[int, int]]] = wakeup.listen) -> None:
        self._listen = listen
        self._watchers: dict[int, set[Callable[[], None]]] = defaultdict(set)
        self._modseqs: dict[int, int] = {}
        self.ring = 0  # how many there were, for whomever

    def add(self, account_id: int, wake: Callable[[], None]) -> None:
        """Call `wake` after each change of the account. Add first and look at the store then: so nothing falls between."""
        self._watchers[account_id].add(wake)

    def remove(self, account_id: int, wake: Callable[[], None]) -> None:
        self._watchers[account_id].discard(wake)
        if not self._watchers[account_id]:
            del self._watchers[account_id]
            self._modseqs.pop(account_id, None)

    async def run(self) -> None:
        """For the life of the process: until it is cancelled. What nobody foresaw is logged, and it listens again."""
        while True:
            await self._until_one_ends()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _until_one_ends(self) -> None:
        parts = [asyncio.create_task(part) for part in (self._hear(), self._look_now_and_then())]
        try:
            ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in ended:
                log.error("the watch broke", exc_info=None if part.cancelled() else part.exception())
        finally:
            # A client of Redis that connects can take a cancellation for a timeout, and go on: so it is said until it is heard.
            while not all(part.done() for part in parts):
                for part in parts:
                    part.cancel()
                await asyncio.wait(parts, timeout=HEARD_SECONDS)

    async def _hear(self) -> None:
        async for account_id, modseq in self._listen():
            if account_id:
                self._changed(account_id, modseq)
            else:
                await self._look_again()

    async def _look_again(self) -> None:
        """A store that is busy for a moment must not end the watch."""
        try:
            await self.look()
        except DatabaseTrouble as error:
            maillog.problem("watch-interrupted", reason=error)

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look_again()

    async def look(self) -> None:
        """Ask the store for the modseqs of all watched accounts, with one query."""
        if self._watchers:
            for account_id, modseq in (await in_db(store.account_modseqs, list(self._watchers))).items():
                self._changed(account_id, modseq)

    def _changed(self, account_id: int, modseq: int) -> None:
        if account_id in self._watchers and self._modseqs.get(account_id) != modseq:
            self._modseqs[account_id] = modseq
            self.ring += 1
            for wake in self._watchers[account_id]:
                wake()
