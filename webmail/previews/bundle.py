"""All files of a message as one .zip, written while it is sent: one file in memory at a time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.I)
PACKED = {"zip", "gz", "7z", "xz", "bz2", "jpg", "jpeg", "png", "gif", "webp", "mp3", "mp4", "m4a", "ogg", "pdf", "docx", "xlsx"}
STEP = 65_536


def names(wanted: Sequence[str]) -> list[str]:
    """Names under which all can be saved side by side, on Windows too, which tells no `A` from an `a` and knows no file `con`."""
    found: list[str] = []
    taken: set[str] = set()
    for name in wanted:
        name = re.sub(r"[\\/<>:\"|?*\x00-\x1f]", "_", name).rstrip(". ") or "file"
        name = f"_{name}" if RESERVED.fullmatch(name) else name
        stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{stem} ({number}){dot}{ending}"
        taken.add(free.casefold())
        found.append(free)
    return found


class _Pipe:
    """A file that is only written to; what was written is taken out as it comes."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces


def stream(files: Iterable[tuple[str, Callable[[], bytes]]], at: tuple[int, int, int, int, int, int]) -> Iterator[bytes]:
    """A .zip of these (name, what reads it), all dated so, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:  # type: ignore[arg-type] - it asks no more of a file that it cannot seek in
        for name, read in files:
            entry = zipfile.ZipInfo(name, at)
            ending = name.rpartition(".")[2].lower()
            entry.compress_type = zipfile.ZIP_STORED if ending in PACKED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            content = read()
            with archive.open(entry, "w") as written:
                for start in range(0, len(content), STEP):
                    written.write(content[start : start + STEP])
                    if piece := pipe.taken():
                        yield piece
    yield pipe.taken()
