"""Who holds a lease, and is he still alive? A name for each process, and a lock that the kernel drops when it ends."""

from __future__ import annotations

import atexit
import fcntl
import functools
import hashlib
import os
import socket
import threading
import uuid
from pathlib import Path

from django.conf import settings

_mine: dict[int, str] = {}  # by process id: a forked child must not pass for its parent
_guard = threading.Lock()


def name(role: str = "") -> str:
    """The name under which this process leases, one for each role where it does several things at once."""
    with _guard:
        if os.getpid() not in _mine:
            _mine[os.getpid()] = _register()
        return f"{_mine[os.getpid()]}/{role}" if role else _mine[os.getpid()]


def alive(owner: str) -> bool:
    """May this owner still be at work? False is certain: it was a process on this machine, and it has ended."""
    place, _, token = owner.partition("/")[0].rpartition(":")
    if place != _place() or owner.partition("/")[0] == _mine.get(os.getpid()):
        return True
    return _is_locked(_path(token))


def sweep() -> None:
    """Remove the files of processes that have ended."""
    for path in _folder().glob("lease-*"):
        if path != _path(_mine.get(os.getpid(), ":").rpartition(":")[2]):
            _is_locked(path)


def _register() -> str:
    token = uuid.uuid4().hex[:12]
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    # A POSIX lock belongs to the process: a child does not inherit it, and it is gone after kill -9. The descriptor stays open.
    descriptor = os.open(_path(token), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    atexit.register(_path(token).unlink, missing_ok=True)
    return f"{_place()}:{token}"


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)


def _place() -> str:
    """This machine and data folder: only what was leased here can be judged here."""
    return _name_of_place(str(settings.DATA_DIR))


@functools.cache
def _name_of_place(folder: str) -> str:
    return f"{socket.gethostname()[:50].replace('/', '-')}:{hashlib.sha256(folder.encode()).hexdigest()[:8]}"


def _folder() -> Path:
    return settings.DATA_DIR / "run"


def _path(token: str) -> Path:
    return _folder() / f"lease-{token}"
