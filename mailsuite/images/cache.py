"""Images that were fetched for an account, kept in its own folder for a month: who reads again asks nobody again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

KEEP_SECONDS = 30 * 86_400
MOST_BYTES = 200_000_000  # of one account; the oldest go first
TYPES = {"image/png", "image/jpeg", "image/webp", "image/gif"}


def get(account_id: int, url: str) -> tuple[str, bytes] | None:
    """(media type, image) as it was kept; None where it was not, or for too long."""
    path = _path(account_id, url)
    try:
        if path.stat().st_mtime < time.time() - KEEP_SECONDS:
            return None
        kind, _, image = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return (kind.decode(), image) if kind.decode("ascii", "replace") in TYPES else None


def put(account_id: int, url: str, kind: str, image: bytes) -> None:
    """Keep it. A full disk keeps nothing, and is no trouble of the reader's."""
    path = _path(account_id, url)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, draft = tempfile.mkstemp(dir=path.parent, prefix="draft-")
        try:
            with open(number, "wb") as file:
                file.write(kind.encode() + b"\n" + image)
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)


def sweep() -> int:
    """Remove what is too old, and of accounts that keep too much the oldest; returns how many images."""
    return sum(_swept(folder) for folder in _folders())


def forget(account_id: int) -> None:
    """Remove all that was kept for an account."""
    shutil.rmtree(_folder(account_id), ignore_errors=True)


def _swept(folder: Path) -> int:
    found, removed, kept = [], 0, 0
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    for at, size, path in sorted(found, reverse=True):
        kept += size
        if at < time.time() - KEEP_SECONDS or kept > MOST_BYTES:
            path.unlink(missing_ok=True)
            removed += 1
    with contextlib.suppress(OSError):
        folder.rmdir()  # where nothing is left
    return removed


def _folders() -> Iterator[Path]:
    if settings.IMAGE_DIR.is_dir():
        yield from (folder for folder in settings.IMAGE_DIR.iterdir() if folder.is_dir())


def _folder(account_id: int) -> Path:
    return settings.IMAGE_DIR / str(int(account_id))


def _path(account_id: int, url: str) -> Path:
    return _folder(account_id) / hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
