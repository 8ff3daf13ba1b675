"""Strings as IMAP data: quoted, literal or NIL (RFC 9051 §4.3, §9)."""

from __future__ import annotations

import re

# RFC 9051 allows UTF-8 in quoted strings, RFC 3501 does not: 8-bit bytes go as literals, which both understand.
UNQUOTABLE = re.compile(rb"[^\x20-\x7e\t]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def string(value: bytes) -> bytes:
    """A quoted string, or a literal where bytes beyond ASCII or controls stand in it. Line breaks become blanks, NUL goes."""
    if UNQUOTABLE.search(value):
        value = value.replace(b"\0", b"").replace(b"\r\n", b" ").replace(b"\r", b" ").replace(b"\n", b" ")
        if UNQUOTABLE.search(value):
            return b"{%d}\r\n%b" % (len(value), value)
    if b"\\" in value or b'"' in value:
        value = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + value + b'"'


def quoted(text: str) -> bytes:
    """A quoted string in UTF-8, for a client that has said that it takes them (RFC 9051 §4.3, RFC 6855 §3)."""
    value = _CONTROLS.sub("", text).replace("\\", "\\\\").replace('"', '\\"')
    return b'"%b"' % value.encode("utf-8", "replace")


def nstring(value: bytes | None) -> bytes:
    """A string, or NIL."""
    return b"NIL" if value is None else string(value)
