"""Frames: cut what a client sends into lines and literals, without understanding either (RFC 9051 §2.2.1, RFC 7888)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# RFC 9051 §4.3: {n} waits for our go-ahead, {n+} does not; ~{n} is a literal8 (RFC 3516).
_MARKER = re.compile(rb"(~?)\{(\d+)(\+?)\}\Z")
_MARKER_SIZE = 64  # octets at a line's end in which it is looked for
_START = 128  # octets of an overlong line that are kept: its tag is among them


@dataclass(frozen=True, slots=True)
class Announcement:
    """A literal that the client is about to send (`synchronising`: only after our continuation request).

    binary: a literal8, in which NUL may stand (RFC 3516 §4.4).
    """

    size: int
    synchronising: bool
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end. With an announcement, the marker is cut off too, and the command goes on after the literal."""

    text: bytes
    literal: Announcement | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some octets of a literal; `last` closes it. An empty literal is one empty last chunk."""

    octets: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Overlong:
    """A line longer than the limit, thrown away up to its end. `start`: its first octets; `literal`: what its end announced."""

    start: bytes = b""
    literal: Announcement | None = None


Frame = Line | Chunk | Overlong


class Framer:
    """Turns received octets into frames. Each octet is looked at once, whatever the sizes they arrive in.

    After a `Line` with an announcement the owner says what becomes of the literal: `take` or `skip`; doing neither means that
    a synchronising literal was refused and will not come.
    """

    def __init__(self, line_limit: int) -> None:
        self.line_limit = line_limit
        self._buffer = bytearray()
        self._searched = 0
        self._coming: int | None = None  # octets of the literal still to come; None outside a literal
        self._skipping = 0
        self._overlong: bytes | None = None  # the first octets of the line that is being thrown away

    def receive(self, octets: bytes) -> None:
        """Octets have arrived."""
        self._buffer += octets

    @property
    def waiting(self) -> int:
        """Octets received and not framed yet."""
        return len(self._buffer)

    def take(self, size: int) -> None:
        """The next `size` octets are a literal: frame them as chunks."""
        self._coming = size

    def skip(self, size: int) -> None:
        """Throw the next `size` octets away as they come."""
        self._skipping = size

    def clear(self) -> None:
        """Forget everything received: nothing sent before TLS may act after it (RFC 9051 §11.1)."""
        self._buffer.clear()
        self._searched, self._coming, self._skipping, self._overlong = 0, None, 0, None

    def next(self) -> Frame | None:
        """The next frame, or None until more octets arrive."""
        if self._skipping and not self._skipped():
            return None
        if self._coming is not None:
            return self._next_chunk(self._coming)
        return self._next_line()

    def _skipped(self) -> bool:
        gone = min(self._skipping, len(self._buffer))
        del self._buffer[:gone]
        self._skipping -= gone
        return not self._skipping

    def _next_chunk(self, coming: int) -> Chunk | None:
        if coming and not self._buffer:
            return None
        octets = bytes(self._buffer[:coming])
        del self._buffer[:coming]
        last = len(octets) == coming
        self._coming = None if last else coming - len(octets)
        return Chunk(octets, last)

    def _next_line(self) -> Line | Overlong | None:
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched > self.line_limit + 1:  # the CR does not count
                self._throw_away()
            return None
        # A bare LF ends a line too: a person with netcat is no danger here, an IMAP stream is never relayed.
        text = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._searched = 0
        rest, literal = _announced(text)
        if self._overlong is not None or len(text) > self.line_limit:
            start, self._overlong = self._overlong or self._start(text), None
            return Overlong(start, literal)
        return Line(rest, literal)

    def _throw_away(self) -> None:
        """All but the beginning, and as much as a marker may have: what an overlong line announces is no command."""
        if self._overlong is None:
            self._overlong = self._start(self._buffer)
        del self._buffer[: -_MARKER_SIZE - 1]
        self._searched = len(self._buffer)

    def _start(self, line: bytes | bytearray) -> bytes:
        """The same however much of the line has arrived when it turns out to be too long."""
        return bytes(line[: min(_START, self.line_limit)])


def _announced(text: bytes) -> tuple[bytes, Announcement | None]:
    """A line without the marker at its end, and what that announces."""
    if not text.endswith(b"}") or not (marker := _MARKER.search(text, max(0, len(text) - _MARKER_SIZE))):
        return text, None
    return text[: marker.start()], Announcement(int(marker[2]), not marker[3], bool(marker[1]))
