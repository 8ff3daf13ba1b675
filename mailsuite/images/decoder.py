"""The process that decodes images: started when the first one comes, watched, ended when none has come for a while."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from mailsuite import maillog

SCRIPT = Path(__file__).with_name("reencode.py")
SECONDS = 15.0  # for one image
IDLE_SECONDS = 60.0
MOST_ANSWER = 40_000_000  # bytes
# Without `site`, so that no .pth file of the environment runs; the paths are this process's own, wherever Pillow lies.
START = """
import runpy, sys
script, sys.path[:] = sys.argv[1], sys.argv[2:]
runpy.run_path(script, run_name="__main__")
"""


class Decoder:
    """Makes strangers' images harmless, one after the other, in a process that knows nothing. Belongs to one event loop."""

    def __init__(self, *, seconds: float = SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._seconds, self._idle = seconds, idle_seconds
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

    async def reencode(self, content: bytes) -> tuple[str, bytes] | None:
        """As `reencode.reencode`; None also for what the process broke down over."""
        async with self._turn:
            self._stay()
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._asked(content)
            except (TimeoutError, OSError, EOFError) as error:
                maillog.event("image-not-decoded", size=len(content), reason=type(error).__name__)
                await self._end()
                return None
            except asyncio.CancelledError:
                await self._end()  # half an answer must not be taken for the next one's
                raise
            finally:
                self._ending = asyncio.get_running_loop().call_later(self._idle, self._leave)

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            self._stay()
            await self._end()

    async def _asked(self, content: bytes) -> tuple[str, bytes] | None:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack("!I", len(content)) + content)
        await process.stdin.drain()
        kind = await process.stdout.readexactly((await process.stdout.readexactly(1))[0])
        size = struct.unpack("!I", await process.stdout.readexactly(4))[0]
        if size > MOST_ANSWER:
            raise EOFError("the decoder talks nonsense")
        image = await process.stdout.readexactly(size)
        return (kind.decode("ascii", "replace"), image) if kind else None

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # -I: nothing from the environment or the working folder; no variables either, for some hold secrets.
            words = [sys.executable, "-I", "-S", "-c", START, str(SCRIPT)]
            path = {"PYTHONPATH": ""} | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
            self._process = await asyncio.create_subprocess_exec(*words, *sys.path, stdin=PIPE, stdout=PIPE, env=path)
        return self._process

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _leave(self) -> None:
        if self._process is not None and not self._turn.locked() and self._process.stdin is not None:
            self._process.stdin.close()  # it ends by itself
            self._process = None

    async def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None
