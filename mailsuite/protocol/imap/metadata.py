"""The arguments of GETMETADATA and SETMETADATA, and METADATA responses (RFC 5464)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.strings import nstring
from mailsuite.protocol.imap.syntax import Parser

MOST_ENTRIES = 100  # in one command
LONGEST_NAME = 255  # characters
INFINITY = 1_000
_DEPTHS = {b"0": 0, b"1": 1, b"infinity": INFINITY}
_OPTIONS = re.compile(rb"(?=\((?:MAXSIZE|DEPTH) )", re.I)
_QUOTABLE = re.compile(rb"[\x20-\x7e]{0,1000}")
# RFC 5464 §3.2: ASCII without controls, * and %, no // and no / at the end.
_NAME = re.compile(r"/(?:private|shared)(?:/[^\x00-\x20\x7f-\U0010ffff*%/]+)*")


@dataclass(frozen=True, slots=True)
class Asked:
    """GETMETADATA. The mailbox "" is the server. max_size: leave out values with more octets; depth: levels below an entry."""

    mailbox: str
    entries: tuple[str, ...]
    max_size: int | None = None
    depth: int = 0


def get_metadata(parser: Parser) -> Asked:
    """GETMETADATA (RFC 5464 §4.2). Options stand before the mailbox, or after it, as the RFC's own examples have them."""
    parser.space()
    max_size, depth, given = _options(parser)
    mailbox = parser.mailbox()
    parser.space()
    if not given and parser.match(_OPTIONS):
        max_size, depth, _ = _options(parser)
    wanted = entries(parser)
    parser.end()
    return Asked(mailbox, wanted, max_size, depth)


def _options(parser: Parser) -> tuple[int | None, int, bool]:
    max_size, depth, given = None, 0, False
    if not parser.take(b"("):
        return max_size, depth, given
    while not parser.take(b")"):
        if given:
            parser.space()
        given, word = True, parser.word()
        parser.space()
        if word == "MAXSIZE":
            max_size = parser.number()
        elif word == "DEPTH" and (value := parser.atom().lower().encode()) in _DEPTHS:
            depth = _DEPTHS[value]
        else:
            raise parser.problem("GETMETADATA takes MAXSIZE and DEPTH 0, 1 or infinity")
    parser.space()
    return max_size, depth, given


def entries(parser: Parser) -> tuple[str, ...]:
    """Names of entries, one or several in parentheses, in lower case: they are compared without case (RFC 5464 §3.2)."""
    return tuple(dict.fromkeys(parser.some(entry, MOST_ENTRIES)))


def entry(parser: Parser) -> str:
    name = parser.astring().decode("latin-1").lower()
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise parser.problem("An entry is /private or /shared and names after it")
    return name


def set_metadata(parser: Parser) -> tuple[str, dict[str, bytes | None]]:
    """SETMETADATA (RFC 5464 §4.3): the mailbox, "" is the server, and values by entry; None takes an entry away."""
    parser.space()
    mailbox = parser.mailbox()
    parser.space()
    parser.expect(b"(")
    values: dict[str, bytes | None] = {}
    while not values or not parser.take(b")"):
        if values:
            parser.space()
        name = entry(parser)
        parser.space()
        values[name] = parser.nstring()
        if len(values) > MOST_ENTRIES:
            raise parser.problem("Too many entries")
    parser.end()
    return mailbox, values


def metadata(mailbox: str, values: Mapping[str, bytes | None], *, utf8: bool = False) -> bytes:
    """A METADATA response with values (RFC 5464 §4.4.1)."""
    shown = b" ".join(b"%b %b" % (responses.astring(name.encode()), _value(value)) for name, value in values.items())
    name = responses.mailbox(mailbox, utf8=utf8) if mailbox else b'""'
    return b"* METADATA %b (%b)\r\n" % (name, shown)


def _value(value: bytes | None) -> bytes:
    """As it is: unlike a header field, a value may have line ends, and NUL in a literal8."""
    if value is None or _QUOTABLE.fullmatch(value):
        return nstring(value)
    return (b"~" if b"\0" in value else b"") + responses.literal(value)
