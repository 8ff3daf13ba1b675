"""Responses: values as IMAP writes them (RFC 9051 §7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from mailsuite.protocol.imap import utf7
from mailsuite.protocol.imap.sequence import written
from mailsuite.protocol.imap.strings import quoted, string

# Bits as the store keeps them (`Message.flags`), and \Deleted, which belongs to the copy.
SEEN, ANSWERED, FLAGGED, DRAFT, DELETED = 1, 2, 4, 8, 16
SYSTEM_FLAGS = {"\\Seen": SEEN, "\\Answered": ANSWERED, "\\Flagged": FLAGGED, "\\Draft": DRAFT, "\\Deleted": DELETED}
_BY_LOWER = {name.lower(): bit for name, bit in SYSTEM_FLAGS.items()}
_FLAG_TEXT = [" ".join(name for name, bit in SYSTEM_FLAGS.items() if bits & bit).encode() for bits in range(32)]

RANGES = 1_000  # in one line

_ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def astring(octets: bytes) -> bytes:
    """An atom where it can be one, else a string."""
    return octets if _ATOM.fullmatch(octets) and octets.upper() != b"NIL" else string(octets)


def literal(octets: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(octets), octets)


def mailbox(name: str, *, utf8: bool = False) -> bytes:
    """A mailbox's name, in modified UTF-7, or in UTF-8 (RFC 9051 §5.1, RFC 6855 §3)."""
    if utf8 and not name.isascii():
        return quoted(name)
    return astring(name.encode() if utf8 else utf7.encode(name))


def flags(bits: int, keywords: Iterable[str] = ()) -> bytes:
    """A flag list in parentheses. bits: system flags, `DELETED` among them."""
    words = " ".join(keywords).encode()
    system = _FLAG_TEXT[bits & 31]
    return b"(" + system + (b" " if system and words else b"") + words + b")"


def split_flags(names: Iterable[str]) -> tuple[int, list[str]]:
    """Flags as a client wrote them, as bits and sorted keywords. Unknown system flags (\\Recent) are dropped."""
    bits, keywords = 0, set()
    for name in names:
        if name.startswith("\\"):
            bits |= _BY_LOWER.get(name.lower(), 0)
        else:
            keywords.add(name)
    return bits, sorted(keywords)


def expunges(numbers: Iterable[int]) -> bytes:
    """EXPUNGE responses (RFC 9051 §7.5.1), in this order."""
    return b"".join([b"* %d EXPUNGE\r\n" % number for number in numbers])


def vanished(ranges: Iterable[tuple[int, int]], *, earlier: bool = False) -> bytes:
    """VANISHED responses with these ranges of UIDs (RFC 7162 §3.2.10), as many as keep their lines of a bearable length."""
    word, out, left = b"VANISHED (EARLIER)" if earlier else b"VANISHED", bytearray(), iter(ranges)
    while some := list(islice(left, RANGES)):
        out += b"* %b %b\r\n" % (word, written(some).encode())
    return bytes(out)


def date_time(moment: datetime) -> bytes:
    """INTERNALDATE of a moment in UTC (RFC 9051 §9 date-time)."""
    return b'"%2d-%b-%04d %02d:%02d:%02d +0000"' % (
        moment.day, _MONTHS[moment.month - 1].encode(), moment.year, moment.hour, moment.minute, moment.second,
    )  # fmt: skip


def listing(command: str, attributes: Sequence[str], name: str, extended: bytes = b"", *, utf8: bool = False) -> bytes:
    """A LIST or LSUB response. / divides levels."""
    shown = mailbox(name, utf8=utf8)
    return b'* %b (%b) "/" %b%b\r\n' % (command.encode(), " ".join(attributes).encode(), shown, extended)


def identity(fields: dict[str, str]) -> bytes:
    """An ID response (RFC 2971)."""
    pairs = " ".join(f'"{key}" "{value}"' for key, value in fields.items())
    return f"* ID ({pairs})\r\n".encode()
