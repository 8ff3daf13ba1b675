"""The arguments of each command, read into values (RFC 9051 §6); FETCH and SEARCH have files of their own."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol.imap.responses import split_flags
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import MAX_FLAGS, Parser
from mailsuite.protocol.sasl import Credentials

STATUS_ITEMS = frozenset(
    {"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "SIZE", "HIGHESTMODSEQ", "MAILBOXID"}
)
MAX_PATTERNS = 20  # in one LIST
_SELECTION = frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"})
_RETURN = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS"})


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
class Listing:
    """LIST and LSUB. `returns` is None for the plain form (RFC 5258 §3)."""

    reference: str
    patterns: tuple[str, ...]
    selection: frozenset[str] = frozenset()
    returns: frozenset[str] | None = None
    status: tuple[str, ...] = ()


def listing(parser: Parser) -> Listing:
    """LIST with selection and return options (RFC 9051 §6.3.9, RFC 5819)."""
    parser.space()
    selection: frozenset[str] = frozenset()
    if parser.peek() == b"(":
        selection = frozenset(parser.words())
        if not selection <= _SELECTION or selection == {"RECURSIVEMATCH"}:
            raise parser.problem("There is no such selection option")
        parser.space()
    reference = parser.mailbox()
    parser.space()
    patterns = _patterns(parser)
    returns, items = _returns(parser) if parser.spaced() else (frozenset() if selection else None, ())
    parser.end()
    return Listing(reference, patterns, selection, returns, items)


def _patterns(parser: Parser) -> tuple[str, ...]:
    if not parser.take(b"("):
        return (parser.mailbox(),)
    patterns = [parser.mailbox()]
    while not parser.take(b")"):
        parser.space()
        patterns.append(parser.mailbox())
        if len(patterns) > MAX_PATTERNS:
            raise parser.problem("Too many patterns")
    return tuple(patterns)


def _returns(parser: Parser) -> tuple[frozenset[str], tuple[str, ...]]:
    if parser.word() != "RETURN":
        raise parser.problem("Expected RETURN")
    parser.space()
    parser.expect(b"(")
    words: set[str] = set()
    items: tuple[str, ...] = ()
    while not parser.take(b")"):
        if words:
            parser.space()
        words.add(word := parser.word())
        if word not in _RETURN:
            raise parser.problem("There is no such return option")
        if word == "STATUS":
            parser.space()
            items = tuple(status_items(parser))
    return frozenset(words), items


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
