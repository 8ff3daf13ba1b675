"""Node and the application's packages, installed from the lock once for all test processes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[3] / "webmail" / "app"
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def run(*arguments: str, **environment: str) -> str:
    """Run a program in the application's folder; what it prints, or the test fails with it."""
    done = subprocess.run(arguments, cwd=APP, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def packages() -> None:
    """`npm ci` where the lock changed since. Skips where npm's registry can't be reached."""
    stamp = APP / "node_modules" / ".installed"
    wanted = hashlib.sha256((APP / "package-lock.json").read_bytes()).hexdigest()
    with (APP / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(command, cwd=APP, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        if done.returncode and "network" in done.stderr.lower():
            pytest.skip("npm's registry can't be reached: the application is not rebuilt and compared")
        assert done.returncode == 0, done.stderr
        stamp.write_text(wanted)
