"""The real door on a port of its own, and a browser to knock with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@contextmanager
def door(folder: Path, redis_url: str = "") -> Iterator[str]:
    """`manage.py web` over the tests' database; yields its address."""
    [port] = free_ports(1)
    environment = os.environ | {
        "MAILSUITE_DATA_DIR": str(folder),
        "DATABASE_URL": _database_url(),
        "MAILSUITE_WEB_PORT": str(port),
        "MAILSUITE_SECRET_KEY": settings.SECRET_KEY,
        "REDIS_URL": redis_url or f"unix://{folder}/none.sock",
        "MAILSUITE_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "web"], cwd=ROOT, env=environment)
    try:
        _wait_for(port)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _database_url() -> str:
    """The database of this test run, as the door's process reaches it."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the web door did not open")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
