"""What each source did lately: counted by this process and, where Valkey is there, by all of them together.

A source is a network or an authenticated domain. Nothing is lost that matters when Valkey is gone: each process goes on with what
it saw itself. Rows in the database would outlive a restart, and would let strangers write to it with every connection.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

HOUR, MONTH = 3_600, 30 * 86_400  # seconds
MOST_KEPT = 50_000  # counters in memory; the source that was quiet for longest makes way
PATIENCE = 0.2  # seconds for Valkey
SILENCE = 5.0  # seconds for which a Valkey that did not answer is not asked again


class Deed(StrEnum):
    GOOD = "good"  # a message that was accepted, and not into Junk
    JUNKED = "junked"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # a recipient that does not exist


class Deeds(NamedTuple):
    """How many of each."""

    good: float = 0
    junked: float = 0
    refused: float = 0
    unknown: float = 0

    @property
    def bad(self) -> float:
        return self.junked + self.refused + self.unknown

    @property
    def messages(self) -> float:
        return self.good + self.junked + self.refused


class Seen(NamedTuple):
    """Within the last hour, and the last 30 days."""

    lately: Deeds = Deeds()
    long: Deeds = Deeds()


class Tally:
    """The counters. Each window is two buckets, of which the older one counts for the part of it that is not over yet."""

    def __init__(self, url: str = "", *, clock: Callable[[], float] = time.time) -> None:
        """clock: seconds since the epoch, the same for all processes."""
        self._clock = clock
        self._own: OrderedDict[str, Counter[str]] = OrderedDict()
        self._silent_until = 0.0  # by the monotonic clock
        self._valkey = redis.asyncio.Redis.from_url(
            url or settings.REDIS_URL,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )

    async def count(self, source: str, deed: Deed) -> None:
        """One more. Never raises."""
        pipe = self._valkey.pipeline(transaction=False)
        # Who never got a message in is forgotten within the day: a thousand robots must not fill the memory for months.
        for window in (HOUR, MONTH) if deed in (Deed.GOOD, Deed.JUNKED) else (HOUR,):
            key = self._keys(source, window)[0]
            self._counter(key)[deed] += 1
            pipe.hincrby(key, deed, 1)
            pipe.expire(key, 2 * window)
        await self._answers(pipe)

    async def seen(self, source: str) -> Seen:
        """What a source did. Never raises."""
        keys = [key for window in (HOUR, MONTH) for key in self._keys(source, window)]
        pipe = self._valkey.pipeline(transaction=False)
        for key in keys:
            pipe.hgetall(key)
        shared = await self._answers(pipe) or [{}] * len(keys)
        found = [self._deeds(key, answer) for key, answer in zip(keys, shared, strict=True)]
        return Seen(self._sum(HOUR, found[0], found[1]), self._sum(MONTH, found[2], found[3]))

    async def close(self) -> None:
        """Hang up."""
        await self._valkey.aclose()

    def _keys(self, source: str, window: int) -> tuple[str, str]:
        """Of this bucket, and of the one before."""
        number = int(self._clock() // window)
        return f"mailsuite:deeds:{window}:{number}:{source}", f"mailsuite:deeds:{window}:{number - 1}:{source}"

    def _counter(self, key: str) -> Counter[str]:
        counter = self._own.setdefault(key, Counter())
        self._own.move_to_end(key)
        if len(self._own) > MOST_KEPT:
            self._own.popitem(last=False)
        return counter

    def _deeds(self, key: str, shared: dict[str, str]) -> Deeds:
        """What all processes saw together; or we alone, while the others could not hear us."""
        own = self._own.get(key, Counter())
        return Deeds(*(max(own[deed], int(shared.get(deed, 0))) for deed in Deeds._fields))

    def _sum(self, window: int, now: Deeds, before: Deeds) -> Deeds:
        left = 1 - self._clock() % window / window
        return Deeds(*(one + left * other for one, other in zip(now, before, strict=True)))

    async def _answers(self, pipe: Any) -> list[Any]:
        if time.monotonic() < self._silent_until:
            return []
        try:
            return await pipe.execute()
        except (redis.RedisError, OSError):
            self._silent_until = time.monotonic() + SILENCE
            return []


_tallies: WeakKeyDictionary[asyncio.AbstractEventLoop, Tally] = WeakKeyDictionary()


def get_tally() -> Tally:
    """That of the running event loop."""
    loop = asyncio.get_running_loop()
    if (tally := _tallies.get(loop)) is None:
        tally = _tallies[loop] = Tally()
    return tally
