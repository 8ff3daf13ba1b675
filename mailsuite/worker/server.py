"""The worker's processes, all forked from one, so that they share memory; one that dies is started again.

    manage.py worker ─┬─ deliver-local    Celery: parse, judge, index; LOCAL_WORKERS of them
                      └─ deliver-remote   Celery: one event loop with many conversations; and the clock, in threads of its own

SIGTERM lets each finish what it is at.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module

from celery import current_app, signals
from celery.platforms import SecurityWarning
from django.conf import settings
from django.db import connections

from mailsuite import maillog
from mailsuite.worker import clock, presence

STOP_SECONDS = 13.0  # then what is left is killed; its leases come back
CELERY = (
    "mailsuite.worker.tasks",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "celery.worker.consumer",
    "kombu.transport.redis",
)
LONGEST_PAUSE = 30.0  # seconds before a process that keeps dying is started again


def programs() -> dict[str, Callable[[], None]]:
    """What runs, each in a process of its own."""
    local = {f"deliver-local-{number}": deliver_local for number in range(1, settings.LOCAL_WORKERS + 1)}
    return local | {"deliver-remote": deliver_remote}


def deliver_local() -> None:
    """A Celery worker for mailboxes. Our parent process is the pool: it forks, and forks again what a message killed."""
    celery("deliver-local")


def deliver_remote() -> None:
    """A Celery worker for other hosts, and the clock, which goes on when there is no broker for Celery to talk to."""
    time_keeper = clock.Clock()
    signals.worker_shutting_down.connect(lambda **_: time_keeper.stop(), weak=False)
    time_keeper.start()
    try:
        celery("deliver-remote")
    finally:
        time_keeper.stop()
        time_keeper.join()


def celery(queue: str) -> None:
    """Run a Celery worker for one of Celery's queues in this process, until it is told to stop."""
    warnings.simplefilter("ignore", SecurityWarning)  # that root may unpickle: nothing here is pickled
    signals.setup_logging.connect(_our_logging)
    worker = current_app.Worker(
        hostname=f"{queue}-{os.getpid()}@{socket.gethostname()}",
        queues=[queue],
        pool_cls="solo",
        concurrency=1,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode or 0)


def _our_logging(**_: object) -> None:
    """Where somebody listens to `setup_logging`, Celery leaves logging alone: what is delivered is told as elsewhere."""


def load() -> None:
    """Import what every Celery worker needs before the first fork, so that it is in memory once."""
    for name in CELERY:
        import_module(name)
    current_app.finalize()
    gc.collect()
    gc.freeze()  # what is loaded stays shared: the collector does not write to it in the children


def serve() -> None:
    """Run all processes until SIGTERM or SIGINT."""
    load()
    presence.announce()
    Parent(programs()).run()


class Parent:
    """Forks, and forks again what died. It has no threads and no connections, so that a fork copies nothing half done."""

    def __init__(self, wanted: dict[str, Callable[[], None]]) -> None:
        self._programs = wanted
        self._children: dict[int, str] = {}
        self._pauses = dict.fromkeys(wanted, 0.0)
        self._due = dict.fromkeys(wanted, 0.0)  # when to start it, by the monotonic clock
        self._started: dict[str, float] = {}
        self._stopping = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT; then stop the children and wait for them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            for name, at in list(self._due.items()):
                if at <= time.monotonic():
                    self._start(name)
            self._reap()
            time.sleep(0.2)
        self._stop_children()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self, name: str) -> None:
        del self._due[name]
        self._started[name] = time.monotonic()
        connections.close_all()
        sys.stdout.flush()
        parent = os.getpid()
        if pid := os.fork():
            self._children[pid] = name
            return
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            _end_with(parent)
            self._programs[name]()
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except Exception:
            traceback.print_exc()  # nobody above would: the child leaves from here
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            name = self._children.pop(pid)
            lived = time.monotonic() - self._started[name]
            self._pauses[name] = 0.0 if lived > LONGEST_PAUSE else min(self._pauses[name] * 2 + 0.5, LONGEST_PAUSE)
            self._due[name] = time.monotonic() + self._pauses[name]
            if not self._stopping:
                maillog.problem("worker-ended", process=name, status=os.waitstatus_to_exitcode(status), again=self._pauses[name])

    def _stop_children(self) -> None:
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 2.0)):
            for pid in self._children:
                os.kill(pid, number)
            end = time.monotonic() + seconds
            while self._children and time.monotonic() < end:
                self._reap()
                time.sleep(0.05)


def _end_with(parent: int) -> None:
    """Be told to stop when the parent dies without a word (prctl(2), PR_SET_PDEATHSIG), or end now if it just did."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
