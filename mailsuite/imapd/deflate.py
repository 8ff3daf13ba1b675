"""Raw deflate both ways on one connection, in little memory and a piece at a time (RFC 4978)."""

from __future__ import annotations

import zlib

# What we send: a window of 4 KiB makes answers larger by 1 to 6 in 100 than the usual 32, and its state has 38 kB, not 268.
LEVEL, WINDOW_BITS, MEMORY_LEVEL = 3, -12, 5
# What we get: the client chooses its window, so ours must be the largest. zlib fills it only as far as the client writes.
LARGEST_WINDOW_BITS = -15
PIECE = 65_536  # octets inflated at a time
SLICE = 1_024  # octets taken in at a time: at most a thousand times as many come out


class Deflate:
    """The state of both directions. Raises zlib.error for what is no deflate stream."""

    __slots__ = ("_at", "_deflater", "_full", "_held", "_inflater")

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(LARGEST_WINDOW_BITS)
        self._deflater: zlib._Compress | None = None
        self._held = b""  # received, and inflated up to `_at`
        self._at = 0
        self._full = False  # was the last piece as large as it may be? Then more of it may be inside

    # -- out --

    def squeeze(self, octets: bytes) -> bytes:
        """What to send for these octets, complete: the client can read all of them when it has arrived."""
        if self._deflater is None:
            self._deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
        return self._deflater.compress(octets) + self._deflater.flush(zlib.Z_SYNC_FLUSH)

    @property
    def warm(self) -> bool:
        """Does it hold memory that `rest` would free?"""
        return self._deflater is not None

    def rest(self) -> None:
        """Forget what was sent. Each flush ends a block, and a block may do without the ones before it (RFC 1951 §3.2)."""
        self._deflater = None

    # -- in --

    def take(self, octets: bytes) -> None:
        """Octets have arrived; call `piece` while there is `more`."""
        if self._inflater.eof:
            raise zlib.error("octets after the end of the stream")
        self._held, self._at = self._held[self._at :] + octets, 0

    @property
    def more(self) -> bool:
        return not self._inflater.eof and (self._full or self._at < len(self._held) or bool(self._inflater.unconsumed_tail))

    def piece(self) -> bytes:
        """The next octets, at most `PIECE` of them; none where the stream needs more of what is to come."""
        source = self._inflater.unconsumed_tail
        if not source and not self._full:
            source = self._held[self._at : self._at + SLICE]
            self._at += len(source)
            if self._at == len(self._held):
                self._held, self._at = b"", 0
        found = self._inflater.decompress(source, PIECE)
        self._full = len(found) == PIECE
        return found
