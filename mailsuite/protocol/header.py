"""The header of a message: fields with their offsets, and what stands in them.

Nothing here raises on received bytes, and nothing takes more than linear time. Values are kept as bytes until somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mailsuite.protocol import dates, encoded_word
from mailsuite.protocol import parameters as _parameters
from mailsuite.protocol.charset import to_text

HEADER_CAP = 256 * 1024  # bytes of a header that are looked at
ID_CAP = 250  # bytes of a Message-ID (product.md 3.2 R1)
MOST_IDS = 1000

# Name, colon, value with its folded lines. Possessive, so that no input makes the matcher go back.
FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?+", re.M)
FIRST_FIELD = re.compile(rb"(?:>?From [^\n]*+\n|(?!>?From [^\n]*+\n))[!-9;-~]++[ \t]*+:")
EMPTY_LINE = re.compile(rb"\n\r?\n")
FOLDS = re.compile(rb"[ \t]*+\r?\n[ \t\r\n]*+")
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
MESSAGE_ID = re.compile(rb"<([^<>\x00-\x20\x7f]{1,%d})>" % ID_CAP)


class Field(NamedTuple):
    """One header field."""

    name: str  # lower case
    raw_value: bytes  # after the colon, folds included, without the last line end
    start: int  # offsets in the header block: block[start:end] is the field with its line end
    end: int


def split_message(content: bytes) -> tuple[bytes, int]:
    """The header block (with its closing empty line) and the offset where the body begins.

    Bytes that do not begin with a field (or an mbox From_ line) have no header: they are all body.
    """
    end = header_end(content, 0, len(content))
    return content[:end], end


def header_end(content: bytes, start: int, end: int) -> int:
    """Where the body begins in content[start:end]: after the first empty line, or at `end` where there is none."""
    if not begins_with_field(content, start, end):
        return after_empty_line(content, start)
    found = EMPTY_LINE.search(content, start, end)
    return found.end() if found else end


def begins_with_field(content: bytes, start: int, end: int) -> bool:
    """Whether a field stands at `start`, perhaps behind an mbox From_ line."""
    return FIRST_FIELD.match(content, start, end) is not None


def after_empty_line(content: bytes, start: int) -> int:
    """`start`, or the offset behind the empty line that stands there."""
    if content.startswith(b"\r\n", start):
        return start + 2
    return start + 1 if content.startswith(b"\n", start) else start


def trace_before(trace: bytes, content: bytes) -> bytes:
    """`trace` as it goes before `content`: where the content has no header, an empty line must keep its text out of ours."""
    if not trace or content[:1] in (b"\r", b"\n") or begins_with_field(content, 0, len(content)):
        return trace
    return trace + b"\r\n"


def fields(header_block: bytes, cap: int = HEADER_CAP) -> list[Field]:
    """The fields in the first `cap` bytes, in order. Lines that are no fields are skipped."""
    block = header_block if len(header_block) <= cap else header_block[:cap]
    return [
        Field(found[1].decode("ascii").lower(), found[2].rstrip(b"\r"), found.start(), found.end())
        for found in FIELD.finditer(block)
    ]


def get(found: Iterable[Field], name: str) -> bytes | None:
    """The raw value of the first field with that name, or None."""
    name = name.lower()
    return next((field.raw_value for field in found if field.name == name), None)


def get_all(found: Iterable[Field], name: str) -> list[bytes]:
    """The raw values of all fields with that name, in order."""
    name = name.lower()
    return [field.raw_value for field in found if field.name == name]


def first_values(found: Iterable[Field]) -> dict[str, bytes]:
    """The first value of every field name: one pass, for readers of many fields."""
    values: dict[str, bytes] = {}
    for name, raw, _, _ in found:
        if name not in values:
            values[name] = raw
    return values


def unfold(raw: bytes) -> bytes:
    """A value on one line (RFC 5322 §2.2.3), without blanks around it."""
    if b"\n" in raw:
        raw = raw.replace(b"\r\n", b"").replace(b"\n", b"")
    return raw.strip(b" \t\r")


def decode(raw: bytes | str) -> str:
    """An unstructured value as text: each fold one blank, encoded words decoded, 8-bit bytes as UTF-8 or Windows-1252.

    Bidi control characters stay (they are removed where text is shown); line breaks and other controls become blanks.
    """
    if isinstance(raw, bytes):
        raw = FOLDS.sub(b" ", raw).strip() if b"\n" in raw else raw.strip(b" \t\r")
        text = encoded_word.decode_bytes(raw) if b"=?" in raw else to_text(raw)
    else:
        text = encoded_word.decode(raw.strip())
    return text if text.isprintable() else CONTROLS.sub(" ", text)


def parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """Value in lower case and decoded parameters of a field like Content-Type (RFC 2045 §5.1, RFC 2231)."""
    value, pairs = _parameters.parse(raw)
    return value.decode("latin-1"), _parameters.decoded(pairs)


def parse_date(raw: bytes | str) -> datetime | None:
    """A Date field as an aware datetime in UTC, or None."""
    return dates.parse(raw[:1000].decode("latin-1") if isinstance(raw, bytes) else raw)


def message_ids(raw: bytes) -> list[str]:
    """The ids in a Message-ID, In-Reply-To or References field, without < >: `<...>` without blanks, at most 250 bytes."""
    found: list[str] = []
    for match in MESSAGE_ID.finditer(unfold(raw)):
        found.append(to_text(match[1]))
        if len(found) == MOST_IDS:
            break
    return found
