"""A real Valkey on a private unix socket, and processes of ours that use it: for tests of the worker and of whole stories."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import kombu.pools
import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from mailsuite import wakeup
from mailsuite.management.broker import binary

ROOT = Path(__file__).resolve().parent.parent


class Valkey:
    """A server that can be killed and started again with what it had on disk."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mailsuite-vk-"))
        self.url = f"unix://{self.folder}/vk.sock"
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["--port", "0", "--unixsocket", self.folder / "vk.sock", "--unixsocketperm", "700", "--dir", self.folder]
        words += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        self._child = subprocess.Popen([binary(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        wait_until(lambda: _answers(client))
        client.close()

    def kill(self) -> None:
        """As kill -9 does."""
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A Valkey that this process rings, too."""
    server = Valkey()
    monkeypatch.setattr(settings, "REDIS_URL", server.url)
    monkeypatch.setattr(current_app.conf, "broker_url", server.url.replace("unix://", "redis+socket://"))
    _hang_up()
    yield server
    _hang_up()
    server.remove()


def _hang_up() -> None:
    """Forget the connections to an earlier broker."""
    wakeup._client.cache_clear()
    kombu.pools.reset()
    current_app._pool = current_app.amqp._producer_pool = None


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Look until it holds; fail the test after these seconds. Only the failure is slow, never the success."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)


def environment(**more: str) -> dict[str, str]:
    """Environment variables for a process of ours that shares this test's database, data folder and broker."""
    base = {
        "MAILSUITE_DATA_DIR": str(settings.DATA_DIR),
        "REDIS_URL": settings.REDIS_URL,
        "DATABASE_URL": database_url(),
        "PYTHONPATH": str(ROOT),
        "MAILSUITE_SWEEP_INTERVAL": "1",
    }
    return os.environ | base | more


def database_url() -> str:
    """The test's own database."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{found['NAME']}"
    return f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}"


class Process(subprocess.Popen[bytes]):
    """A process of ours beside the test, in a process group of its own; what it prints is in the file `log`."""

    def __init__(self, *words: str | Path, **more: str) -> None:
        self.log = Path(tempfile.mkstemp(prefix="log-", dir=settings.DATA_DIR)[1])
        with self.log.open("wb") as file:
            super().__init__(
                [sys.executable, *words],
                env=environment(**more),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def remove(self) -> None:
        """Kill it with its children, whatever it is at."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.wait()


def manage(*words: str, **more: str) -> Process:
    """Start `manage.py WORDS` beside the test; more: environment variables."""
    return Process(ROOT / "manage.py", *words, **more)
