"""The clock: runs the timetable, and delivers by itself what no bell brings to a worker.

It needs neither Celery nor a broker. Without them mail is delivered within a sweep, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from mailsuite import maillog
from mailsuite.delivery import attempt, remote
from mailsuite.queue import owner
from mailsuite.worker import timetable


class Clock:
    """One thread for each line of the timetable and each kind of delivery; a fault in one stops no other."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin, beside whatever else this process does."""
        for entry in timetable.entries():
            self._begin(entry.name, entry.every, entry.work)
        self._begin("deliver_local", settings.SWEEP_INTERVAL, self._deliver_local)
        self._begin("deliver_remote", settings.SWEEP_INTERVAL, self._deliver_remote)

    def stop(self) -> None:
        """Ask for the end; what is under way is finished."""
        self._stopped.set()

    def join(self) -> None:
        """Wait until all is finished."""
        for thread in self._threads:
            thread.join()

    def _begin(self, name: str, every: float, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._repeat, args=(name, every, work), name=name)
        self._threads.append(thread)
        thread.start()

    def _repeat(self, name: str, every: float, work: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                work()
            except Exception as error:
                maillog.problem("clock", work=name, reason=f"{type(error).__name__}: {error}")
            finally:
                connection.close()
            self._stopped.wait(max(0.1, began + every - time.monotonic()))

    def _goes_on(self) -> bool:
        return not self._stopped.is_set()

    def _deliver_local(self) -> None:
        if timetable.unheard(local=True):
            attempt.local(owner.name("clock"), keep_going=self._goes_on)

    def _deliver_remote(self) -> None:
        if timetable.unheard(local=False):
            asyncio.run(attempt.remote(owner.name("clock"), remote.deliver, keep_going=self._goes_on))
