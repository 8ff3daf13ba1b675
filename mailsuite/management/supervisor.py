"""Start a set of programs, keep them running, prefix what they print, and stop them stage by stage."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO

STOP_SECONDS = 15  # how long a program may take to finish its work before it is killed
QUICK_DEATH_SECONDS = 10  # a program that lived less than this is restarted ever more slowly
LONGEST_PAUSE_SECONDS = 30
DEATHS_BEFORE_READY = 3  # of one program, then the start is given up
LAST_WORDS = 10  # lines of a quiet program that are shown when it ends unasked
LONGEST_LINE = 65_536  # bytes
COLOURS = (36, 33, 32, 35, 34, 31)


@dataclass
class Program:
    """One child: a name for the log, its words, and a test that says whether it is ready."""

    name: str
    words: list[str]
    ready: Callable[[], bool] = lambda: True
    environment: dict[str, str] = field(default_factory=dict)
    quiet: bool = False  # what it prints is shown only when it ends unasked
    stage: int = 0  # the highest stage stops first; what shares a stage stops together


class Supervisor:
    """Runs programs until told to stop."""

    def __init__(self, programs: list[Program], *, ready_seconds: float = 60) -> None:
        self.programs = programs
        self.ready_seconds = ready_seconds
        self._stopping = asyncio.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._threads = ThreadPoolExecutor(3 * len(programs), thread_name_prefix="child")
        self._keepers: list[asyncio.Task[None]] = []
        self._deaths: Counter[str] = Counter()
        self._width = max(len(program.name) for program in programs)

    def stop(self) -> None:
        """Ask for the end; `run` returns when all have stopped."""
        self._stopping.set()

    async def run(self, on_ready: Callable[[], None]) -> int:
        """Start everything, call `on_ready`, restart what dies. Exit status: 0, or 1 where something never became ready."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        self._keepers = [asyncio.create_task(self._keep(program)) for program in self.programs]
        unready = await self._wait_until_ready()
        if unready:
            self._say("up", f"did not become ready: {', '.join(unready)}; the lines above say why")
            self.stop()
        elif not self._stopping.is_set():
            on_ready()
        await self._stopping.wait()
        await self._stop_all()
        return 1 if unready else 0

    async def _wait_until_ready(self) -> list[str]:
        """The names of the programs that are not ready in time, or that died again and again before they were."""
        deadline, waiting = time.monotonic() + self.ready_seconds, list(self.programs)
        while waiting and not self._stopping.is_set() and time.monotonic() < deadline:
            waiting = [program for program in waiting if not (self._running(program) and program.ready())]
            if hopeless := [program.name for program in waiting if self._deaths[program.name] >= DEATHS_BEFORE_READY]:
                return hopeless
            await asyncio.sleep(0.05)
        return [] if self._stopping.is_set() else [program.name for program in waiting]

    def _running(self, program: Program) -> subprocess.Popen[bytes] | None:
        child = self._children.get(program.name)
        return child if child and child.poll() is None else None

    async def _keep(self, program: Program) -> None:
        """Run one program again and again."""
        pause = 0.5
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once(program)
            if self._stopping.is_set():
                return
            self._deaths[program.name] += 1
            lived = time.monotonic() - began
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if lived < QUICK_DEATH_SECONDS else 0.5
            self._say(program.name, f"ended with status {status}; starting it again in {pause:g} s")
            await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            pass

    async def _run_once(self, program: Program) -> int:
        """Start a program and see it through to its end; its exit status, as subprocess gives it."""
        # Popen, since asyncio's own wait() also waits for every heir of the pipe, and a killed program may leave some.
        child = subprocess.Popen(
            program.words,
            env=os.environ | program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A session of its own: Ctrl-C in the terminal must reach us alone, so that we stop the programs in order.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        self._children[program.name] = child
        relay = self._threads.submit(self._relay, program, child.stdout)
        status = await self._ended(child)
        # What it left behind would hold its port and its pipe: it goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await asyncio.wrap_future(relay)
        return status

    async def _ended(self, child: subprocess.Popen[bytes]) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._threads, child.wait)

    def _relay(self, program: Program, lines: IO[bytes]) -> None:
        """Print each line behind the program's name, in a thread of its own; a line that never ends is cut."""
        kept: deque[str] = deque(maxlen=LAST_WORDS)
        while line := lines.readline(LONGEST_LINE):
            text = line.decode("utf-8", "replace").rstrip()
            if program.quiet:
                kept.append(text)
            elif text:
                self._say(program.name, text)
        for text in kept if not self._stopping.is_set() else ():
            self._say(program.name, text)

    def _say(self, name: str, text: str) -> None:
        label = name.ljust(self._width)
        if sys.stdout.isatty():
            label = f"\033[{COLOURS[hash_of(name) % len(COLOURS)]}m{label}\033[0m"
        print(f"{label} | {text}", flush=True)

    async def _stop_all(self) -> None:
        """Doors first, so that nothing new comes in; then the workers; the broker last."""
        for stage in sorted({program.stage for program in self.programs}, reverse=True):
            await asyncio.gather(*(self._stop_one(program) for program in self.programs if program.stage == stage))
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _stop_one(self, program: Program) -> None:
        if not (child := self._running(program)):
            return
        child.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(self._ended(child)), STOP_SECONDS)
        except TimeoutError:
            self._say(program.name, f"did not stop within {STOP_SECONDS} s and is killed; its leases will run out")
            os.killpg(child.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """In the child: be told to stop when the supervisor dies without a word (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def hash_of(name: str) -> int:
    return sum(name.encode())
