"""The account of 100,000 messages that benchmarks and long tests read: made once, and again when what makes it has changed.

`python -m bench.seed 100000` makes it, for the tests and for you to look at, and prints where it is. The folder is a data folder
of Mailsuite (MAILSUITE_DATA_DIR); with --maildir the same messages lie in its Maildir too, in Dovecot's manner, byte for byte.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "demo-alice"
LOGIN = "alice@example.org"
GENERATOR = ["bench/maildir.py", "mailsuite/management/demo/*", "mailsuite/**/migrations/*.py"]
STORE = [*GENERATOR, "mailsuite/bulk.py", "mailsuite/accounts/*.py", "mailsuite/*/models.py", "mailsuite/*/models/*.py"]
STORE += [f"mailsuite/{package}/**/*.py" for package in ("protocol", "blobs", "mailstore")]
PROBE = 600  # messages that show what the store makes of them
# What differs from one making to the next, in the tables that hold mail.
OTHERWISE = {"created_at", "trashed_at", "saved_at", "at", "uidvalidity"}


def digest() -> str:
    """Of the generator, and of what the store makes of its first messages.

    Most changes of the store's code change nothing of what it keeps, so a few messages are made to see it: once for each
    state of the code.
    """
    known = cache() / "probes" / _of_files(STORE)
    if not known.exists():
        known.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mailsuite-seed-") as folder:
            _fill(Path(folder), PROBE)
            kept = _of_store(Path(folder))
        known.write_text(hashlib.sha256(f"{_of_files(GENERATOR)} {kept}".encode()).hexdigest()[:16])
    return known.read_text()


def _of_files(patterns: list[str]) -> str:
    found = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        if "__pycache__" not in path.parts:
            found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _of_store(folder: Path) -> str:
    """Of all rows that hold mail."""
    found = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(folder / "mailsuite.sqlite3")) as database:
        tables = database.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY name").fetchall()
        found.update(repr(tables).encode())
        # The full-text index cannot be read as rows; what it was given lies in a table of its own.
        for table in (name for name, sql in tables if re.match(r"CREATE TABLE .(mailstore|blobs)_(?!fts)", sql or "")):
            rows = database.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
            kept = [n for n, column in enumerate(rows.description) if column[0] not in OTHERWISE]
            for row in rows:
                found.update(repr((table, [row[n] for n in kept])).encode())
    return found.hexdigest()[:16]


def cache() -> Path:
    """Where seeds are kept between runs: MAILSUITE_SEEDS, or the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MAILSUITE_SEEDS") or Path(home) / "mailsuite" / "seeds")


def seed(messages: int = 100_000, *, maildir: bool = False) -> Path:
    """The folder of a seed of so many messages. Nobody writes to it: `copy` it."""
    with _alone(cache()):
        folder = cache() / f"{messages}-{digest()}"
        if not (folder / "mailsuite.sqlite3").exists():
            _forget_older(messages)
            _build(folder, lambda made: _fill(made, messages))
        if maildir and not (folder / "Maildir").exists():
            _build(folder / "Maildir", lambda made: _manage_maildir(made, messages))
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_older(messages: int) -> None:
    for old in cache().glob(f"{messages}-*"):
        shutil.rmtree(old, ignore_errors=True)


def _build(folder: Path, make) -> None:  # type: ignore[no-untyped-def]
    """Made beside its place and then moved there, so that it is whole or absent."""
    made = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    make(made)
    made.rename(folder)


def environment(folder: Path, **further: str) -> dict[str, str]:
    """For a process of Mailsuite over this data folder, with nothing of the caller's own instance in it."""
    ours = ("MAILSUITE_", "DATABASE_", "REDIS_", "DJANGO_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return clean | {"MAILSUITE_DATA_DIR": str(folder), "MAILSUITE_DEMO": "yes"} | further


def _fill(folder: Path, messages: int) -> None:
    if messages > PROBE:
        print(f"Making a seed of {messages:,} messages, once: about {messages // 700 + 5} seconds", file=sys.stderr)
    for words in (["migrate", "--verbosity", "0"], ["demo", "--messages", str(messages)]):
        words = [sys.executable, "manage.py", *words]
        subprocess.run(words, cwd=ROOT, env=environment(folder), stdout=subprocess.DEVNULL, check=True)


def _manage_maildir(folder: Path, messages: int) -> None:
    print("Making the same messages as a Maildir, once", file=sys.stderr)
    words = [sys.executable, "-m", "bench.maildir", str(folder), str(messages)]
    subprocess.run(words, cwd=ROOT, env=environment(folder.parent), check=True)


def copy(source: Path, target: Path) -> Path:
    """A data folder of one's own with a seed's messages, without the Maildir."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("Maildir", "Maildir.new"), dirs_exist_ok=True)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.seed", description=__doc__, epilog="example: python -m bench.seed 100000 --maildir"
    )
    parser.add_argument("messages", nargs="?", type=int, default=100_000)
    parser.add_argument("--maildir", action="store_true", help="as a Maildir too")
    given = parser.parse_args()
    print(seed(given.messages, maildir=given.maildir))


if __name__ == "__main__":
    main()
