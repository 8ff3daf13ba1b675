"""Does a worker of this data folder run? It holds a lock, which the kernel drops with the last of its processes."""

from __future__ import annotations

import fcntl
import os

from django.conf import settings


def announce() -> int:
    """From now on this process, and what it forks, is a worker. The descriptor that says so; keep it open."""
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = _open(os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_SH)  # many workers may run beside each other
    return descriptor


def works() -> bool:
    """Is there a worker?"""
    try:
        descriptor = _open()
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def _open(flags: int = 0) -> int:
    return os.open(settings.RUN_DIR / "worker", os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
