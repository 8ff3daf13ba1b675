"""A whole Mailsuite for a story: `manage.py up` in a folder of its own, on ports of its own, as an operator starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "WEB")
PASSWORD = "correct horse battery"


class Suite:
    """A running suite of example.org with accounts for the cast; `log` holds every line that it printed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.log: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        clean = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("MAILSUITE_", "DATABASE_", "REDIS_", "DJANGO_"))
        }
        self.environment = (
            clean
            | {"MAILSUITE_DATA_DIR": str(folder), "MAILSUITE_HOSTNAME": "mail.example.org", "MAILSUITE_SWEEP_INTERVAL": "1"}
            | {f"MAILSUITE_{name}_PORT": str(port) for name, port in self.ports.items()}
            | environment
        )

    def manage(self, *words: str, stdin: str = "") -> str:
        """Run a command of manage.py; its output. Raises with what it said when it fails."""
        run = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise AssertionError(f"manage.py {' '.join(words)}: {run.stdout}{run.stderr}")
        return run.stdout

    def found(self, *names: str) -> None:
        """Make example.org and an account for each of these names."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("adddomain", "example.org")
        for name in names:
            self.manage("addaccount", f"{name}@example.org", "--name", name.title(), "--password-stdin", stdin=PASSWORD + "\n")

    def start(self, seconds: float = 90) -> None:
        words = [sys.executable, "-u", "manage.py", "up"]
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        self.wait_for(lambda: any("Mailsuite is up" in line for line in self.log), "the suite to be up", seconds)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            self.log.append(line.rstrip("\n"))

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait_for(self, done, what: str, seconds: float = 30):
        """What `done` returns as soon as it is true; fails with the log's end when it does not become so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if result := done():
                return result
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for {what}:\n" + "\n".join([*self.troubles()[-40:], "", "Last:", *self.log[-20:]]))

    def pids(self, program: str) -> list[int]:
        """Processes of one door or worker, or of `valkey`, that descend from this suite."""
        assert self.process
        mark = "valkey.sock" if program == "valkey" else f"manage.py {program}"
        return [pid for pid in descendants(self.process.pid) if mark in command_line(pid)]

    def kill(self, program: str) -> int:
        """kill -9 every process of a program; how many there were."""
        pids = self.pids(program)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)

    def troubles(self) -> list[str]:
        """The lines that are more than news."""
        return [line for line in self.log if "| INFO" not in line]

    def tracebacks(self) -> list[str]:
        return [line for line in self.log if "Traceback" in line]


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def descendants(pid: int) -> list[int]:
    """The children of a process, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        following = children.get(waiting.pop(), [])
        found += following
        waiting += following
    return found


@contextlib.contextmanager
def suite(*names: str, folder: Path | None = None, **environment: str) -> Iterator[Suite]:
    """A suite with these accounts, started, and stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="mailsuite-story-", ignore_cleanup_errors=True) as made:
        house = Suite(folder or Path(made), **environment)
        house.found(*names)
        try:
            house.start()
            yield house
        finally:
            house.stop()
