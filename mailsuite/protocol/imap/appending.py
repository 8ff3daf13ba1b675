"""The arguments of APPEND and REPLACE around their messages (RFC 9051 §6.3.12, RFC 3502, RFC 4469, RFC 6855 §4, RFC 8508)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mailsuite.protocol.imap.responses import split_flags
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import Parser


class Form(Enum):
    """How a message's octets come."""

    LITERAL = ""
    UTF8 = "UTF8"  # a literal in parentheses, of a client that has said it knows UTF-8 (RFC 6855 §4)
    CATENATE = "CATENATE"  # parts in parentheses (RFC 4469)


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a message. flags: bits of `responses.SYSTEM_FLAGS`; `received_at` is None for now."""

    flags: int = 0
    keywords: tuple[str, ...] = ()
    received_at: datetime | None = None
    form: Form = Form.LITERAL


def mailbox(parser: Parser) -> str:
    """The mailbox, and the space after it."""
    parser.space()
    name = parser.mailbox()
    parser.space()
    return name


def replaced(parser: Parser, *, by_uid: bool) -> SequenceSet:
    """The one message that REPLACE is about (RFC 8508 §4)."""
    parser.space()
    numbers = parser.sequence_set()
    low, high = numbers.ranges[0] if len(numbers.ranges) == 1 else (0, 1)
    if low != high or (by_uid and not low):
        raise parser.problem("REPLACE takes one message")
    return numbers


def before(parser: Parser) -> Before:
    """Flags, time and form of the next message, up to its octets."""
    flags, keywords, received_at = 0, [], None
    if parser.peek() == b"(":
        flags, keywords = split_flags(parser.flag_list())
        parser.space()
    if parser.peek() == b'"':
        received_at = parser.date_time()
        parser.space()
    return Before(flags, tuple(keywords), received_at, _form(parser))


def _form(parser: Parser) -> Form:
    if not parser.peek():
        return Form.LITERAL
    word = parser.word() if parser.peek().isalpha() else ""
    if word not in ("UTF8", "CATENATE"):
        raise parser.problem("Expected a message as a literal")
    parser.space()
    parser.expect(b"(")
    return Form(word)


def part(parser: Parser) -> bool:
    """The word before a part of CATENATE: is it TEXT, and no URL?"""
    word = parser.word()
    if word not in ("TEXT", "URL"):
        raise parser.problem("CATENATE takes TEXT and URL")
    parser.space()
    return word == "TEXT"
