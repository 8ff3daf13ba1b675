"""The arguments of each command, read into values (RFC 9051 §6); FETCH and SEARCH have files of their own."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol.imap.responses import split_flags
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import MAX_FLAGS, Parser
from mailsuite.protocol.sasl import Credentials

STATUS_ITEMS = frozenset(
    {"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "SIZE", "HIGHESTMODSEQ", "MAILBOXID"}
    | {"APPENDLIMIT", "DELETED-STORAGE"}  # RFC 7889, RFC 9208
)


def login(parser: Parser) -> Credentials:
    """LOGIN (RFC 9051 §6.2.3). Names and secrets are taken as UTF-8."""
    parser.space()
    name = _text(parser)
    parser.space()
    secret = _text(parser)
    parser.end()
    return Credentials(name, secret)


def _text(parser: Parser) -> str:
    try:
        return parser.astring().decode("utf-8")
    except UnicodeDecodeError as error:
        raise parser.problem("Names and secrets are UTF-8") from error


def mailbox(parser: Parser) -> str:
    """One mailbox and nothing else: DELETE, SUBSCRIBE and the like."""
    parser.space()
    name = parser.mailbox()
    parser.end()
    return name


def create(parser: Parser) -> tuple[str, list[str]]:
    """CREATE (RFC 9051 §6.3.4): the name, and what the mailbox is to be used for (RFC 6154 §3)."""
    parser.space()
    name, uses = parser.mailbox(), []
    if parser.spaced():
        parser.expect(b"(")
        if parser.word() != "USE":
            raise parser.problem("The only parameter here is USE")
        parser.space()
        uses = parser.flag_list()
        parser.expect(b")")
    parser.end()
    return name, uses


def rename(parser: Parser) -> tuple[str, str]:
    """RENAME (RFC 9051 §6.3.6): the old name and the new."""
    parser.space()
    old = parser.mailbox()
    return old, mailbox(parser)


def status_items(parser: Parser) -> list[str]:
    """(MESSAGES UNSEEN …) (RFC 9051 §6.3.11)."""
    items = parser.words()
    if not items or not STATUS_ITEMS.issuperset(items):
        raise parser.problem("STATUS takes " + " ".join(sorted(STATUS_ITEMS)))
    return list(dict.fromkeys(items))


def status(parser: Parser) -> tuple[str, list[str]]:
    parser.space()
    name = parser.mailbox()
    parser.space()
    items = status_items(parser)
    parser.end()
    return name, items


@dataclass(frozen=True, slots=True)
class Store:
    """STORE. mode: "+" adds, "-" removes, "=" replaces. flags: bits of `responses.SYSTEM_FLAGS`."""

    numbers: SequenceSet
    mode: str
    silent: bool
    flags: int
    keywords: tuple[str, ...]
    unchanged_since: int | None


def store(parser: Parser) -> Store:
    """STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""
    parser.space()
    numbers = parser.sequence_set()
    parser.space()
    unchanged_since = None
    if parser.take(b"("):
        if parser.word() != "UNCHANGEDSINCE":
            raise parser.problem("The only modifier here is UNCHANGEDSINCE")
        parser.space()
        unchanged_since = parser.number(2**63 - 1)
        parser.expect(b")")
        parser.space()
    mode = next((sign for sign in "+-" if parser.take(sign.encode())), "=")
    item = parser.word()
    if item not in ("FLAGS", "FLAGS.SILENT"):
        raise parser.problem("STORE takes FLAGS")
    parser.space()
    flags, keywords = split_flags(_flags(parser))
    parser.end()
    return Store(numbers, mode, item == "FLAGS.SILENT", flags, tuple(keywords), unchanged_since)


def _flags(parser: Parser) -> list[str]:
    if parser.peek() == b"(":
        return parser.flag_list()
    flags = [parser.flag()]
    while parser.spaced() and len(flags) < MAX_FLAGS:
        flags.append(parser.flag())
    return flags


def copy(parser: Parser) -> tuple[SequenceSet, str]:
    """COPY and MOVE (RFC 9051 §6.4.7, §6.4.8)."""
    parser.space()
    numbers = parser.sequence_set()
    return numbers, mailbox(parser)


def identity(parser: Parser) -> dict[str, str]:
    """ID (RFC 2971): at most 30 fields of the client; NIL is none."""
    parser.space()
    fields: dict[str, str] = {}
    if not parser.take(b"("):
        if parser.nstring() is not None:
            raise parser.problem("Expected NIL or a list")
        parser.end()
        return fields
    while not parser.take(b")"):
        parser.spaced()
        key = parser.string().decode("latin-1").lower()[:30]
        parser.space()
        fields[key] = (parser.nstring() or b"").decode("latin-1")[:1024]
        if len(fields) > 30:
            raise parser.problem("Too many fields")
    parser.end()
    return fields


def uid_expunge(parser: Parser) -> SequenceSet:
    """UID EXPUNGE (RFC 4315 §2.1)."""
    parser.space()
    numbers = parser.sequence_set()
    parser.end()
    return numbers
