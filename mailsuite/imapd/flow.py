"""Octets that are too many to stand in memory, for who takes them from front to back."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class Flow:
    """May be sliced like bytes. What lies before the last slice is read anew, from the beginning."""

    def __init__(self, begin: Callable[[], Iterator[bytes]], size: int) -> None:
        """begin: the octets in pieces, anew each time. Slices raise what it raises, and OSError where the octets end early."""
        self._begin, self._size = begin, size
        self._pieces: Iterator[bytes] | None = None
        self._start, self._window = 0, b""  # where the window begins

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, where: slice) -> bytes:
        start, stop, _ = where.indices(self._size)
        if self._pieces is None or start < self._start:
            self._pieces, self._start, self._window = filter(None, self._begin()), 0, b""
        self._reach(start, stop, self._pieces)
        found = self._window[start - self._start : max(stop, start) - self._start]
        if len(found) < stop - start:
            raise OSError("the content ends before its size")
        return found

    def _reach(self, start: int, stop: int, pieces: Iterator[bytes]) -> None:
        """Let go of what lies wholly before, and have the window reach from start to stop."""
        while start >= self._start + len(self._window) and (piece := next(pieces, b"")):
            self._start, self._window = self._start + len(self._window), piece
        missing = stop - self._start - len(self._window)
        if missing > 0:
            gathered = [self._window[start - self._start :]]
            while missing > 0 and (piece := next(pieces, b"")):
                gathered.append(piece)
                missing -= len(piece)
            self._start, self._window = start, b"".join(gathered)
