"""Values with parameters, as in Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from mailsuite.protocol import encoded_word
from mailsuite.protocol.charset import to_text

MOST_PARAMETERS = 100
MOST_BYTES = 64 * 1024  # of one field that are looked at

# A fold followed by `name=` divides too: some writers forget the semicolon.
UNQUOTED = rb"""[^;\n]*+(?:\n(?![ \t]*+[^\s=;"()]++[ \t]*+=)[^;\n]*+)*"""
VALUE = re.compile(UNQUOTED)
PIECE = re.compile(
    rb"""([^\s=;"()]++)\s*+             # the name; what divides, ";" doubled or forgotten, is passed over
    (?:=\s*+(?:"((?:[^"\\]|\\.)*+)(?:"|\Z)   # quoted, or cut off before the closing quote
      |(%b)))?+"""
    % UNQUOTED,
    re.X | re.S,
)
# Or a quoted string; either to its end, or to the value's where it has none: so no part is read twice.
COMMENT = re.compile(rb'"(?:[^"\\]|\\.)*+"?|\((?:[^()\\]|\\.)*+(\)?)', re.S)
ESCAPE = re.compile(rb"\\(.)", re.S)
SECTION = re.compile(r"(.+?)(?:\*(\d{1,4}))?(\*)?", re.S)

Raw = tuple[bytes, list[tuple[str, bytes]]]


def parse(raw: bytes) -> Raw:
    """The value (lower case) and its parameters as they stand: name in lower case, value without quotes, nothing decoded."""
    line = raw[:MOST_BYTES].replace(b"\r\n", b"\n")
    if b"(" in line:
        line = COMMENT.sub(lambda found: b"" if found[1] else found[0], line)
    first = VALUE.match(line)
    end = first.end() if first else 0
    found: list[tuple[str, bytes]] = []
    for piece in PIECE.finditer(line, end) if end < len(line) else ():
        name, quoted, plain = piece.groups()
        if quoted is not None:
            found.append((name.decode("latin-1").lower(), ESCAPE.sub(rb"\1", quoted.replace(b"\n", b""))))
        elif plain is not None:
            found.append((name.decode("latin-1").lower(), plain.replace(b"\n", b"").strip()))
        if len(found) == MOST_PARAMETERS:
            break
    return line[:end].replace(b"\n", b"").strip().lower(), found


def decoded(pairs: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Parameters by name as text: continuations joined, percent and encoded words decoded. The first of a name counts."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for name, value in pairs:
        if "*" not in name:
            plain.setdefault(name, _plain(value))
            continue
        section = SECTION.fullmatch(name)
        if section:
            pieces.setdefault(section[1], {}).setdefault(int(section[2] or 0), (value, bool(section[3])))
    # RFC 2231 wins over a plain value beside it, which is there for old readers (RFC 6266 §4.3).
    return plain | {name: _joined(parts) for name, parts in pieces.items()}


def _plain(value: bytes) -> str:
    text = to_text(value)
    return encoded_word.decode(text) if "=?" in text else text


def _joined(parts: dict[int, tuple[bytes, bool]]) -> str:
    """RFC 2231 §4.1: sections in order of their numbers; the charset stands in the first one."""
    charset, out = "", b""
    for index, (_, (value, extended)) in enumerate(sorted(parts.items())):
        if extended:
            if index == 0 and value.count(b"'") >= 2:
                label, _language, value = value.split(b"'", 2)
                charset = label.decode("latin-1")
            value = unquote_to_bytes(value)
        out += value
    text = to_text(out, charset)
    return encoded_word.decode(text) if not charset and "=?" in text else text
