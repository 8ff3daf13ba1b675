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


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """A running server; yields its DATABASE_URL. Without `durable` it skips fsync: quicker, and only for tests of logic."""
    folder = Path(tempfile.mkdtemp(prefix="mailsuite-pg-", dir="/tmp"))
    become = unprivileged()
    if become:
        os.chown(folder, become["user"], become["group"])
    bin_folder, data = programs(), folder / "data"
    assert bin_folder, "PostgreSQL is not installed"
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, **become}
    subprocess.run(
        [bin_folder / "initdb", "-D", data, "-A", "trust", "-U", "mailsuite", "-E", "UTF8", "--no-sync"], check=True, **quiet
    )
    options = f"-k {folder} -c listen_addresses= -c fsync={'on' if durable else 'off'} -c max_connections=100"
    control = [bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, **quiet)
    try:
        yield f"postgresql://mailsuite@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
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
