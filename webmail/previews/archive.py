"""What lies in a zip or tar file: names and sizes, nothing unpacked."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from webmail import display

MOST = 1_000  # names
MOST_DIRECTORY = 2_000_000  # bytes of a zip file's list of names
MOST_HEADERS = 5_000  # of a tar file that are read on the way
END = b"PK\x05\x06"
LONGEST_COMMENT = 65_535 + 22


class Entry(NamedTuple):
    """A file in the archive; the name is not safe to save anything under, only to show."""

    name: str
    size: int
    is_locked: bool


def entries(content: bytes) -> tuple[list[Entry], bool]:
    """At most a thousand, and whether that is all of them. Never raises; what cannot be read has none."""
    found: list[Entry] = []
    try:
        for entry in _tar(content) if content[257:262] == b"ustar" else _zip(content):
            if len(found) == MOST:
                return found, False
            found.append(entry)
    except Exception:  # zipfile and tarfile raise whatever hostile bytes lead them to
        return found, False
    return found, True


def _zip(content: bytes) -> Iterator[Entry]:
    at = content.rfind(END, max(len(content) - LONGEST_COMMENT, 0))
    if at < 0 or struct.unpack_from("<I", content, at + 12)[0] > MOST_DIRECTORY:  # it would all be read at once
        raise ValueError("no list of names, or too long a one")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for one in archive.infolist():
            if not one.is_dir():
                yield Entry(display.clean(one.filename)[:500], one.file_size, bool(one.flag_bits & 1))


def _tar(content: bytes) -> Iterator[Entry]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for _ in range(MOST_HEADERS):
            one = archive.next()
            if one is None:
                return
            if not one.isdir():
                yield Entry(display.clean(one.name)[:500], one.size, False)
            archive.members.clear()
