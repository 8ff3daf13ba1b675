"""Run a command against a PostgreSQL server of its own: `python tests/with_postgres.py -- pytest tests/mailstore`.

The server lives in a temporary folder on a unix socket, is named to the command by DATABASE_URL, and is gone afterwards.
Exit status: the command's; 77 where no PostgreSQL is installed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and postgres, the newest first; None where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: arguments for subprocess that become its user."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    """A PostgreSQL of its own in a folder. Without `durable` it skips fsync: quicker, and only for tests of logic."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder, self.durable = folder, durable
        found = programs()
        assert found, "PostgreSQL is not installed"
        self.programs, become = found, unprivileged()
        if become:
            os.chown(folder, become["user"], become["group"])
        self.quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, **become}
        # On the machine's own disk, since a socket's name is short and a test's disk may lose its power.
        self.sockets = Path(tempfile.mkdtemp(prefix="mailsuite-pg-", dir="/tmp"))
        self.sockets.chmod(0o777)
        self.url = f"postgresql://mailsuite@/postgres?host={self.sockets}"

    def create(self) -> None:
        words = ["-D", self.folder / "data", "-A", "trust", "-U", "mailsuite", "-E", "UTF8", "--no-sync"]
        subprocess.run([self.programs / "initdb", *words], check=True, **self.quiet)

    def start(self) -> None:
        options = f"-k {self.sockets} -c listen_addresses= -c fsync={'on' if self.durable else 'off'} -c max_connections=100"
        self._control("-l", self.sockets / "log", "-o", options, "start")
        self.pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start_after_a_power_cut(self) -> None:
        """After a real one no process has the number in the lock files; here the dead one may still have it."""
        for lock in (self.folder / "data" / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)
        self.start()

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def _control(self, *words: str | Path) -> None:
        subprocess.run(
            [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *words], check=words[-1] == "start", **self.quiet
        )

    def kill(self) -> None:
        """kill -9 all of it, as a power cut does."""
        subprocess.run(["pkill", "-9", "-P", str(self.pid)], check=False)
        os.kill(self.pid, 9)

    def remove(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """A running server in a temporary folder; yields its DATABASE_URL."""
    folder = Path(tempfile.mkdtemp(prefix="mailsuite-pg-data-", dir="/tmp"))
    postgres = Server(folder, durable=durable)
    postgres.create()
    postgres.start()
    try:
        yield postgres.url
    finally:
        postgres.stop()
        postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] != "--":
        print(__doc__)
        return 2
    if programs() is None:
        print("SKIPPED: PostgreSQL is not installed (apt install postgresql)", file=sys.stderr)
        return 77
    with server() as url:
        return subprocess.run(sys.argv[2:], env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
