"""What SEARCH asks for: a tree of keys (RFC 9051 §6.4.4), as the client wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import Parser

MAX_KEYS = 400  # in one SEARCH: a database takes expressions only so deep
MAX_TEXTS = 50  # of them that look into messages
CHARSETS = {"US-ASCII": "ascii", "UTF-8": "utf-8"}
RESULTS = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE"})  # RFC 4731, RFC 5182


@dataclass(frozen=True, slots=True)
class Key:
    """A single key. The value is what its kind has: text, (field, text), a number, a date, a `SequenceSet`, or None."""

    name: str
    value: str | tuple[str, str] | int | date | SequenceSet | None = None


@dataclass(frozen=True, slots=True)
class And:
    keys: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    key: Node


Node = Key | And | Or | Not


@dataclass(frozen=True, slots=True)
class Search:
    """A SEARCH command. `results` is None for the old form, else the RETURN options."""

    tree: And
    results: frozenset[str] | None


class BadCharset(ValueError):
    """NO [BADCHARSET]: the strings are in a charset that we do not take."""


_FLAGS = {
    "ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SAVEDATESUPPORTED", "SEEN",
    "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN",
}  # fmt: skip
_TEXTS = {"BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"}
_DATES = {"BEFORE", "ON", "SAVEDBEFORE", "SAVEDON", "SAVEDSINCE", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE"}


def parse(parser: Parser) -> Search:
    """Read the arguments of SEARCH. Raises SyntaxProblem and BadCharset."""
    return _Reader(parser).command()


class _Reader:
    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._charset = "utf-8"
        self._count = self._texts = 0

    def command(self) -> Search:
        parser, results = self._parser, None
        first = None if parser.peek() in b"(*0123456789$" else parser.word()
        if first == "RETURN":
            parser.space()
            results = frozenset(parser.words()) or frozenset({"ALL"})
            if not results <= RESULTS:
                raise parser.problem("RETURN takes MIN, MAX, ALL, COUNT and SAVE")
            parser.space()
            first = None if parser.peek() in b"(*0123456789$" else parser.word()
        if first == "CHARSET":
            parser.space()
            self._choose(parser.astring())
            parser.space()
            first = None
        keys = [self._named(first) if first else self._key()]
        while parser.spaced():
            keys.append(self._key())
        parser.end()
        return Search(And(tuple(keys)), results)

    def _choose(self, name: bytes) -> None:
        charset = CHARSETS.get(name.decode("latin-1").upper())
        if charset is None:
            raise BadCharset
        self._charset = charset

    def _key(self) -> Node:
        parser = self._parser
        if parser.peek() == b"(":
            return self._group()
        if parser.peek() in (b"*", b"$") or parser.peek().isdigit():
            if parser.peek() != b"$":
                parser.numbered()
            return self._counted(Key("SEQUENCE", parser.sequence_set()))
        return self._named(parser.word())

    def _group(self) -> And:
        parser = self._parser
        parser.nest()
        parser.expect(b"(")
        keys = [self._key()]
        while not parser.take(b")"):
            parser.space()
            keys.append(self._key())
        parser.unnest()
        return And(tuple(keys))

    def _named(self, name: str) -> Node:
        if name in _FLAGS:
            return self._counted(Key(name))
        self._parser.space()
        if name in ("NOT", "OR"):
            return self._negated_or_either(name)
        return self._counted(Key(name, self._value(name)))

    def _negated_or_either(self, name: str) -> Node:
        self._parser.nest()
        node: Node = self._counted(self._key())
        if name == "OR":
            self._parser.space()
            node = Or(node, self._key())
        else:
            node = Not(node)
        self._parser.unnest()
        return node

    def _value(self, name: str) -> str | tuple[str, str] | int | date | SequenceSet:
        parser = self._parser
        if name in _TEXTS or name == "HEADER":
            self._texts += 1
            if self._texts > MAX_TEXTS:
                raise parser.problem("Too many search keys")
        if name in _TEXTS:
            return self._string()
        if name in _DATES:
            return parser.date()
        if name == "HEADER":
            field = self._string()
            parser.space()
            return field, self._string()
        readers: dict[str, Callable[[], str | int | SequenceSet]] = {
            "KEYWORD": parser.flag, "UNKEYWORD": parser.flag, "LARGER": parser.number, "SMALLER": parser.number,
            "OLDER": parser.number, "YOUNGER": parser.number, "UID": parser.sequence_set, "MODSEQ": self._modseq,
            "EMAILID": parser.atom, "THREADID": parser.atom,
        }  # fmt: skip
        if name not in readers:
            raise parser.problem(f"There is no search key {name[:40]}")
        return readers[name]()

    def _modseq(self) -> int:
        """RFC 7162 §3.1.5: a metadata item's name and type may stand before the number; we keep one counter for all."""
        if self._parser.peek() == b'"':
            self._parser.string()
            self._parser.space()
            self._parser.word()
            self._parser.space()
        return self._parser.number(2**63 - 1)

    def _string(self) -> str:
        try:
            return self._parser.astring().decode(self._charset)
        except UnicodeDecodeError as error:
            raise self._parser.problem("The string is not in the charset it claims") from error

    def _counted(self, node: Node) -> Node:
        self._count += 1
        if self._count > MAX_KEYS:
            raise self._parser.problem("Too many search keys")
        return node
