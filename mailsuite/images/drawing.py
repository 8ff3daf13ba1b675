"""Has pictures of attachments drawn, each in a process of its own that is bounded in memory and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple

from mailsuite import maillog

SCRIPT = Path(__file__).with_name("draw.py")
SECONDS = 8.0
MOST_BYTES = 50_000_000  # of a file that is drawn
AT_ONCE = BoundedSemaphore(2)  # of one door: each may take a gigabyte
WAIT_SECONDS = 3.0  # in a thread that others need: who comes too many at once sees no picture for now
# Without `site`, so that no .pth file of the environment runs; the paths are this process's own, wherever Pillow lies.
START = """
import runpy, sys
words, sys.path[:] = sys.argv[1].split(), sys.argv[2:]
sys.argv[:] = words
runpy.run_path(words[0], run_name="__main__")
"""


class Picture(NamedTuple):
    """A picture and what it is of. pages: of the whole file; text: of this page."""

    content: bytes
    type: str
    width: int
    height: int
    pages: int
    text: str


def draw(content: bytes, kind: str, side: int, number: int = 0) -> Picture | None:
    """A picture of an "image" or of a "page" of a PDF file, at most so many pixels long; None where there is none to be had."""
    if len(content) > MOST_BYTES or not AT_ONCE.acquire(timeout=WAIT_SECONDS):
        return None
    try:
        drawn = _drawn(content, f"{SCRIPT} {kind} {side} {number}")
        head, _, picture = drawn.partition(b"\n")
        return Picture(picture, **json.loads(head)) if picture else None
    except (subprocess.SubprocessError, OSError, ValueError, TypeError) as error:
        maillog.event("attachment-not-drawn", kind=kind, size=len(content), reason=type(error).__name__)
        return None
    finally:
        AT_ONCE.release()


def _drawn(content: bytes, words: str) -> bytes:
    # -I: nothing from the environment or the working folder; no variables either, for some hold secrets.
    command = [sys.executable, "-I", "-S", "-c", START, words, *sys.path]
    known = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    run = subprocess.run(
        command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, env=known, check=False
    )
    return run.stdout
