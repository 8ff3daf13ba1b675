"""The Celery tasks: doorbells that carry nothing. Each looks for what is owed, until nothing is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from celery.worker import state

from mailsuite import bridge, maillog, wakeup
from mailsuite.delivery import attempt, remote, trouble
from mailsuite.queue import owner

TURN = 5.0  # seconds after which a task makes way, so that a worker that is told to stop need not wait for a long queue


def stopping() -> bool:
    """Has this Celery worker been told to stop?"""
    return state.should_stop is not None or state.should_terminate is not None


@contextmanager
def machine_trouble() -> Iterator[None]:
    """One line instead of a traceback where disk or database are away; the next sweep rings again."""
    bridge.look_to_connections()
    try:
        yield
    except Exception as error:
        if not trouble.is_machines(error):
            raise
        maillog.problem("interrupted", reason=f"{type(error).__name__}: {error}")


@shared_task(name="deliver_local")
def deliver_local() -> None:
    """Deliver into mailboxes, batch by batch."""
    wakeup.answered("deliver_local")
    end = time.monotonic() + TURN
    with machine_trouble():
        if attempt.local(owner.name(), keep_going=lambda: not stopping() and time.monotonic() < end):
            wakeup.ring("deliver_local")


@shared_task(name="deliver_remote")
def deliver_remote() -> None:
    """Deliver to other hosts, many at once, for as long as there is anything to deliver."""
    wakeup.answered("deliver_remote")
    with machine_trouble():
        asyncio.run(attempt.remote(owner.name(), remote.deliver, keep_going=lambda: not stopping()))
