"""SMTP replies: a code, an enhanced status code and words, to send and to read (RFC 5321 §4.2, RFC 3463)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

LONGEST_TEXT = 4_000  # characters kept of a remote's words
MOST_BYTES = 65_536  # of one reply, whatever number of lines; more is no mail server
_LINE = re.compile(r"([2-5][0-9][0-9])(?:([ -])(.*))?\Z", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s+|\Z)")


class BadReply(ValueError):
    """What the other side said is no SMTP reply; the text shows how it began."""


class Reply(NamedTuple):
    """One reply. `enhanced` is "" where there is none; `text` may hold several lines, parted by newlines."""

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        """2yz, and 3yz: go on."""
        return 200 <= self.code < 400

    @property
    def temporary(self) -> bool:
        """4yz: the same may succeed later."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """5yz: do not try again."""
        return self.code >= 500

    def __str__(self) -> str:
        words = " ".join(self.text.split("\n"))
        return " ".join(part for part in (str(self.code), self.enhanced, words) if part)

    def wire(self) -> bytes:
        """As sent, CRLF-ended. The enhanced code stands on every line (RFC 2034 §4)."""
        lead = f"{self.enhanced} " if self.enhanced else ""
        lines = self.text.split("\n")
        marked = [f"{self.code}{'-' if more else ' '}{lead}{line}\r\n" for more, line in _with_more(lines)]
        return "".join(marked).encode("utf-8", "replace")


def _with_more(lines: list[str]) -> Iterable[tuple[bool, str]]:
    last = len(lines) - 1
    return ((index < last, line) for index, line in enumerate(lines))


def parse(content: bytes | str) -> Reply:
    """A whole reply, one line or several. Raises BadReply."""
    reader = ReplyReader()
    lines = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    for line in lines.splitlines(keepends=True) or [b""]:
        if (reply := reader.feed(line)) is not None:
            return reply
    raise BadReply("the reply has no last line")


class ReplyReader:
    """Reads one reply line by line, in bounded memory; it says nothing about where the lines come from."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._code = 0
        self._size = 0
        self._kept = 0

    def feed(self, line: bytes) -> Reply | None:
        """The reply, once `line` was its last line. Raises BadReply for what is none, and for one without end."""
        self._size += len(line)
        if self._size > MOST_BYTES:
            raise BadReply(f"the reply is longer than {MOST_BYTES} bytes")
        text = line.rstrip(b"\r\n").decode("utf-8", "replace")
        match = _LINE.match(text)
        if match is None:
            raise BadReply(f"no SMTP reply: {_printable(text)[:200]!r}")
        self._code = self._code or int(match[1])
        if self._kept < LONGEST_TEXT:
            self._lines.append(_printable(match[3] or "")[:LONGEST_TEXT])
            self._kept += len(self._lines[-1])
        # RFC 5321 §4.2.1: the last line ends the reply. Where the codes of its lines differ the first one counts: be lenient.
        return None if match[2] == "-" else self._finished()

    def _finished(self) -> Reply:
        first = _ENHANCED.match(self._lines[0])
        enhanced = first[1] if first and int(first[1][0]) == self._code // 100 else ""
        if enhanced:
            self._lines = [_without(line, enhanced) for line in self._lines]
        return Reply(self._code, enhanced, "\n".join(self._lines)[:LONGEST_TEXT])


def _without(line: str, enhanced: str) -> str:
    match = _ENHANCED.match(line)
    return line[match.end() :] if match and match[1] == enhanced else line


def _printable(text: str) -> str:
    """Control characters are shown, not obeyed: a remote's words end up on terminals and in logs."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c == "\t" else c.encode("unicode_escape").decode() for c in text)
