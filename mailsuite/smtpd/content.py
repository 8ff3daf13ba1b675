"""Content on its way in: line endings and size checked, passed on piece by piece."""

from __future__ import annotations

from typing import Protocol

from mailsuite.blobs.store import NoRoom
from mailsuite.protocol import dots
from mailsuite.protocol.header import HEADER_CAP
from mailsuite.protocol.reply import Reply
from mailsuite.smtpd.errors import reply_for

SMALL = 262_144  # bytes: content that is taken even where much is under way
DRAIN_CAP = 8_388_608  # bytes that a client may go on sending after its message was refused
TOO_LARGE = Reply(552, "5.3.4", "The message is larger than is accepted here")
BARE_LINE_ENDING = Reply(550, "5.6.11", "A line ends in a bare CR or LF; lines end in CR LF (RFC 5321, 2.3.8)")


class Sink(Protocol):
    """Where content goes: a blob's writer, or memory."""

    def write(self, chunk: bytes) -> None: ...

    def discard(self) -> None: ...


class Memory:
    """A sink for content that is going to be changed and signed, and so is needed whole.

    All of them together hold so much and no more: beyond that only small content is taken, until others are done.
    """

    most_held = 209_715_200  # bytes
    held = 0  # bytes, by all of them

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Raises NoRoom."""
        if self._size + len(chunk) > SMALL and Memory.held + len(chunk) > self.most_held:
            raise NoRoom(f"{Memory.held} bytes of submissions are under way")
        self._pieces.append(chunk)
        self._size += len(chunk)
        Memory.held += len(chunk)

    def discard(self) -> None:
        self._pieces.clear()
        Memory.held -= self._size
        self._size = 0

    def content(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class PairKeeper:
    """For BDAT, whose chunks may end anywhere: holds back a final CR until the next chunk shows what follows it."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        chunk, self._kept = self._kept + chunk, b""
        if not last and chunk.endswith(b"\r"):
            chunk, self._kept = chunk[:-1], b"\r"
        return chunk


class Content:
    """Content on its way in. Once `refusal` is set nothing is kept any more, and the rest is only counted."""

    def __init__(self, sink: Sink, *, size_limit: int, normalise: bool) -> None:
        """normalise: mend bare CR and LF (our own members' clients) instead of refusing them (strangers: smuggling)."""
        self.sink = sink
        self.size = 0
        self.is_8bit = False
        self.refusal: Reply | None = None
        self._size_limit = size_limit
        self._normalise = normalise
        self._head = b""
        self._in_head = True

    @property
    def header_block(self) -> bytes:
        """The header as far as it came, its last CR LF included, at most HEADER_CAP bytes."""
        return self._head

    @property
    def hopeless(self) -> bool:
        """The client was refused long ago and sends on."""
        return self.refusal is not None and self.size > self._size_limit + DRAIN_CAP

    def write(self, piece: bytes) -> None:
        """Take the next piece. Never raises: trouble becomes the refusal, for the client has to be heard to the end."""
        self.size += len(piece)
        if self.refusal is None and self.size > self._size_limit:
            self.refuse(TOO_LARGE)
        if self.refusal is not None or not piece:
            return
        if not dots.well_ended(piece):
            if not self._normalise:
                return self.refuse(BARE_LINE_ENDING)
            piece = dots.mended(piece)
        self.is_8bit = self.is_8bit or not piece.isascii()
        if self._in_head:
            self._gather_head(piece)
        try:
            self.sink.write(piece)
        except Exception as error:
            self.refuse(reply_for(error))

    def refuse(self, reply: Reply) -> None:
        """Keep nothing of it, and answer this at the end."""
        self.refusal = reply
        self.sink.discard()

    def _gather_head(self, piece: bytes) -> None:
        start = max(0, len(self._head) - 3)
        self._head += piece[:HEADER_CAP]
        end = 0 if self._head.startswith(b"\r\n") else self._head.find(b"\r\n\r\n", start)
        if end >= 0:
            self._head, self._in_head = self._head[: end + 2 if end else 0], False
        elif len(self._head) >= HEADER_CAP:
            self._head, self._in_head = self._head[:HEADER_CAP], False
