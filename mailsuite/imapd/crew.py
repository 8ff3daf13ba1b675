"""Several processes that do the same: started as copies of this one, replaced when they die, stopped together."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable

from django.db import connections

from mailsuite import maillog

SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
SHORT_LIFE = 5.0  # seconds; who dies sooner may die again
PAUSE = 1.0  # seconds before the next try then
TRIES = 5  # short lives in a row, then nobody can live here


class Crew:
    """work: called in each process with its number and the end of a pipe that closes when we are gone; its end is the process's.

    ended: called here with the number of a process that is gone, before the next takes its place.
    """

    def __init__(self, count: int, work: Callable[[int, int], None], ended: Callable[[int], None]) -> None:
        self._count, self._work, self._ended = count, work, ended
        self._alive: dict[int, tuple[int, float]] = {}  # number and time of birth, by process id
        self._stopping = False
        self._short_lives = 0
        self._lifeline = os.pipe()

    def run(self) -> int:
        """Until all have ended after SIGTERM or SIGINT, or none can live; the exit status."""
        connections.close_all()  # a copy must not talk on our connection
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        for number in range(self._count):
            self._start(number)
        while self._alive:
            received = signal.sigwait(SIGNALS)
            if received == signal.SIGCHLD:
                self._reap()
            else:
                self._stopping = self._stopping or received != signal.SIGHUP
                self._pass_on(received)
        return int(self._short_lives >= TRIES)

    def _start(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        if process := os.fork():
            self._alive[process] = number, time.monotonic()
            return
        status = 1
        try:
            os.close(self._lifeline[1])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            self._work(number, self._lifeline[0])
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._alive:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            if process in self._alive:
                self._gone(process, os.waitstatus_to_exitcode(status))

    def _gone(self, process: int, code: int) -> None:
        number, born = self._alive.pop(process)
        self._ended(number)
        if self._stopping:
            return
        maillog.problem("process-died", door="imapd", process=number, pid=process, status=code)
        self._short_lives = self._short_lives + 1 if time.monotonic() - born < SHORT_LIFE else 0
        if self._short_lives >= TRIES:
            self._stopping = True
            self._pass_on(signal.SIGTERM)
            return
        if self._short_lives:
            time.sleep(PAUSE)
        self._start(number)

    def _pass_on(self, received: int) -> None:
        for process in self._alive:
            os.kill(process, received)
