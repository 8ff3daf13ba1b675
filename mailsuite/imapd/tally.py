"""Counts that the processes of a door keep together, without a lock and without asking anybody."""

from __future__ import annotations

import hashlib
import mmap
import secrets
from collections import Counter

SLOTS = 16_384  # of two octets, a process; two keys that share a slot are counted together, which strangers cannot bring about


class Shared:
    """Memory that is made before the processes are: a row for each of them, in which nobody else writes."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._counts = memoryview(mmap.mmap(-1, rows * SLOTS * 2)).cast("H")
        self._secret = secrets.token_bytes(16)

    def slot(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode("utf-8", "replace"), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest, "big") % SLOTS

    def change(self, row: int, slot: int, by: int) -> None:
        place = row * SLOTS + slot
        self._counts[place] = min(max(self._counts[place] + by, 0), 65_535)

    def elsewhere(self, row: int, slot: int) -> int:
        """The sum of the other rows."""
        return sum(self._counts[other * SLOTS + slot] for other in range(self._rows) if other != row)

    def clear(self, row: int) -> None:
        """Its process has ended, and holds nothing any more."""
        start = row * SLOTS
        self._counts[start : start + SLOTS] = memoryview(bytes(SLOTS * 2)).cast("H")


class Tally(Counter[str]):
    """What this process counts by a name; `everywhere` adds what the others do."""

    def __init__(self, kind: str = "", shared: Shared | None = None, row: int = 0) -> None:
        super().__init__()
        self._kind, self._shared, self._row = kind, shared, row

    def everywhere(self, key: str) -> int:
        if not self._shared:
            return self[key]
        return self[key] + self._shared.elsewhere(self._row, self._shared.slot(self._kind + key))

    def add(self, key: str, by: int = 1) -> None:
        """What comes to nothing takes no room."""
        self[key] += by
        if self[key] <= 0:
            del self[key]
        if self._shared:
            self._shared.change(self._row, self._shared.slot(self._kind + key), by)
