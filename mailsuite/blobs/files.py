"""Blobs in files: written whole or not at all, on disk before they have their name, and swept when nobody knows them.

A file lives at `aa/bb/<hash>` under `settings.BLOB_DIR`. It gets there by a rename from `tmp/` after an fsync, and the rename is
itself made durable by an fsync of the folder. The sweep removes only files older than its grace period, and holds the folder's
lock from its last look to the removal: a writer that renames the same content into place in between cannot lose it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from mailsuite.blobs import packing

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NoRoom(Exception):
    """The disk, or our share of it, is full. Nothing was kept; later there may be room again."""

    temporary = True


@contextmanager
def room() -> Iterator[None]:
    """Turn the system's ways to say that the disk is full into `NoRoom`."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(str(error)) from error
        raise


def path_of(name: str) -> Path:
    """Where the blob of this hash lives."""
    return settings.BLOB_DIR / name[:2] / name[2:4] / name


class Spool:
    """A blob on its way to disk: packed into `tmp/` as it comes, under its name once it is whole."""

    def __init__(self) -> None:
        self._path = settings.BLOB_DIR / "tmp" / uuid.uuid4().hex
        with room():
            _make_folder(self._path.parent)
            self._file = self._path.open("xb")
        self._packer = packing.packer(self._file)

    def write(self, chunk: bytes | bytearray) -> None:
        """Pack a piece; raises NoRoom."""
        with room():
            self._packer.write(chunk)

    def keep(self, name: str) -> None:
        """Make it durable under its hash. The same content may be there already: it is replaced by itself, and is young again."""
        target = path_of(name)
        with room():
            self._packer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _make_folder(target.parent)
            with _lock(fcntl.LOCK_SH):
                self._path.rename(target)
            _fsync_folder(target.parent)

    def discard(self) -> None:
        """Leave nothing behind. Harmless after `keep`, and after an error; never raises, what it cannot do the sweep does."""
        with suppress(OSError):
            self._file.close()  # writes what it held back, which fails again where the disk is full
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def remove(path: Path, before: float) -> bool:
    """Remove a file last written before this POSIX time; a younger one may be part of a transaction under way. True: removed."""
    with _lock(fcntl.LOCK_EX):
        try:
            if path.stat().st_mtime >= before:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
    return True


def folders() -> Iterator[list[Path]]:
    """The files of each folder of blobs in turn, then what lies in `tmp/`."""
    for outer in sorted(settings.BLOB_DIR.glob("??")):
        for inner in sorted(outer.iterdir()):
            yield list(inner.iterdir())
    tmp = settings.BLOB_DIR / "tmp"
    yield list(tmp.iterdir()) if tmp.is_dir() else []


_durable: set[Path] = set()  # folders whose entries this process knows to be on disk


def _make_folder(folder: Path) -> None:
    """Make a folder durably: the entry of a new folder is on disk before anything is put into it."""
    if folder in _durable and folder.is_dir():
        return
    if not folder.parent.is_dir():
        _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _fsync_folder(folder.parent)  # also of one that another process made: it may not have come to this yet
    _durable.add(folder)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _lock(kind: int) -> Iterator[None]:
    settings.BLOB_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(settings.BLOB_DIR / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
