"""Ring, and be rung: tell workers that there is work, and watchers that an account changed. Losing a ring loses nothing."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import AsyncIterator

import redis
import redis.asyncio
from celery import current_app
from django.conf import settings
from django.db import transaction

CHANNEL = "mailsuite:changed"
PENDING_MS = 2_000  # a ring not answered within this time may be repeated
SILENCE = 2.0  # seconds for which a broker that let us wait is not asked again: who waits for a 250 must not wait for it
_ringing = threading.local()


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)


_silent_until = 0.0  # by the monotonic clock


def _away() -> bool:
    return time.monotonic() < _silent_until


def _unheard(error: Exception) -> None:
    global _silent_until
    if isinstance(error, TimeoutError | redis.TimeoutError):
        _silent_until = time.monotonic() + SILENCE


def ring(task: str) -> None:
    """On commit, ask for the Celery task of this name; many rings before a worker answers are one."""
    waiting: set[str] = _ringing.__dict__.setdefault("tasks", set())
    waiting.add(task)
    transaction.on_commit(_ring_all, robust=True)


def _ring_all() -> None:
    waiting: set[str] = _ringing.__dict__.setdefault("tasks", set())
    tasks, _ringing.tasks = waiting, set()
    for task in tasks:
        if _away():
            return
        try:
            if _client().set(f"mailsuite:ringing:{task}", 1, nx=True, px=PENDING_MS):
                current_app.send_task(task)
        except Exception as error:  # kombu and redis raise many kinds; the sweep finds the work anyway
            _unheard(error)


def reachable() -> bool:
    """Is there a broker that would pass on a ring?"""
    try:
        return bool(_client().ping())
    except redis.RedisError:
        return False


def answered(task: str) -> None:
    """A worker looks now: the next ring must be heard. Call before looking for work."""
    try:
        _client().delete(f"mailsuite:ringing:{task}")
    except redis.RedisError:
        pass


def publish(changed: dict[int, int]) -> None:
    """Tell every watcher that these accounts (id to modseq) changed. Call it after the commit."""
    if _away():
        return
    try:
        pipe = _client().pipeline(transaction=False)
        for account_id, modseq in changed.items():
            pipe.publish(CHANNEL, f"{account_id} {modseq}")
        pipe.execute()
    except redis.RedisError as error:
        _unheard(error)


async def listen() -> AsyncIterator[tuple[int, int]]:
    """Yield (account id, modseq) for each change, for ever; (0, 0) means some may have been missed: look for yourself."""
    while True:
        client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.subscribe(CHANNEL)
                yield 0, 0
                async for message in heard.listen():
                    account_id, modseq = message["data"].split()
                    yield int(account_id), int(modseq)
        except (redis.RedisError, OSError):
            yield 0, 0
            await asyncio.sleep(1)
        finally:
            await client.aclose()
