"""What SEARCH asks for: a tree of keys (RFC 9051 §6.4.4), as the client wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from mailsuite.protocol.charset import codec
from mailsuite.protocol.imap.returning import Returns, returns
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import MAX_NESTING, Parser

MAX_KEYS = 400  # in one SEARCH: a database takes expressions only so deep
MAX_TEXTS = 50  # of them that cost more than a look at a number
MOST_OCTETS = 2**63 - 1  # RFC 9051 §9 number64
CHARSET = re.compile(rb"CHARSET +", re.I)


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
    keys: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    key: Node


Node = Key | And | Or | Not


@dataclass(frozen=True, slots=True)
class Search:
    """A SEARCH command. `returns` is None for the old form; `charset` as the client named it, "" where it named none."""

    tree: And
    returns: Returns | None
    charset: str = ""


class BadCharset(ValueError):
    """NO [BADCHARSET]: the strings are in a charset that we do not take."""

    saves = False  # was the result to be saved?


_FLAGS = {
    "ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SAVEDATESUPPORTED", "SEEN",
    "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN",
}  # fmt: skip
_TEXTS = {"BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"}
_COSTLY = _TEXTS | {"HEADER", "KEYWORD", "SENTBEFORE", "SENTON", "SENTSINCE", "UNKEYWORD"}
_DATES = {"BEFORE", "ON", "SAVEDBEFORE", "SAVEDON", "SAVEDSINCE", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE"}


def parse(parser: Parser) -> Search:
    """Read the arguments of SEARCH. Raises SyntaxProblem and BadCharset."""
    asked = returns(parser)
    charset = b""
    if parser.match(CHARSET):
        charset = parser.astring() or b"?"
        parser.space()
    return Search(program(parser, charset, asked), asked, charset.decode("latin-1"))


def program(parser: Parser, charset: bytes = b"", asked: Returns | None = None) -> And:
    """The keys up to the end of the command, their strings in this charset. Raises SyntaxProblem and BadCharset."""
    try:
        tree = _Reader(parser, charset).keys()
    except BadCharset as problem:
        problem.saves = bool(asked and asked.saves)
        raise
    parser.end()
    return tree


def size(node: Node) -> int:
    """How many keys the tree has."""
    match node:
        case And(keys) | Or(keys):
            return sum(map(size, keys))
        case Not(key):
            return size(key)
    return 1


def mentions(node: Node, name: str) -> bool:
    """Does a key of this name stand anywhere in the tree?"""
    match node:
        case Key():
            return node.name == name
        case Not(key):
            return mentions(key, name)
        case And(keys) | Or(keys):
            return any(mentions(key, name) for key in keys)


@dataclass(slots=True)
class _Open:
    """An operator, or a group, whose keys are not all read yet. depth: of the deepest of them."""

    kind: str
    nodes: list[Node] = field(default_factory=list)
    depth: int = 0
    taken: int = 0  # operands, however many keys they became

    def add(self, node: Node, depth: int) -> None:
        """Put a key in; what is of the same kind as its surroundings becomes one with them, so that long chains stay flat."""
        inner = node.keys if (self.kind, type(node)) in (("OR", Or), ("(", And)) else (node,)  # type: ignore[union-attr]
        self.nodes += inner
        self.taken += 1
        self.depth = max(self.depth, depth - (len(inner) > 1))

    def close(self) -> tuple[Node, int]:
        if self.kind == "NOT" and isinstance(self.nodes[0], Not):
            return self.nodes[0].key, self.depth - 1
        if len(self.nodes) == 1 and self.kind != "NOT":
            return self.nodes[0], self.depth
        node = Not(self.nodes[0]) if self.kind == "NOT" else (Or if self.kind == "OR" else And)(tuple(self.nodes))
        return node, self.depth + 1


class _Reader:
    def __init__(self, parser: Parser, charset: bytes) -> None:
        self._parser = parser
        found = codec(charset.decode("latin-1")) if charset else "utf-8"
        if found is None:
            raise BadCharset
        self._charset = found
        self._count = self._texts = 0

    def keys(self) -> And:
        """Without recursion: clients write OR OR OR … as deep as they have words."""
        stack = [_Open("(")]
        while True:
            self._read(stack)
            while len(stack) > 1 and self._complete(stack[-1]):
                node, depth = stack.pop().close()
                if depth > MAX_NESTING:
                    raise self._parser.problem(f"Nested deeper than {MAX_NESTING} levels")
                stack[-1].add(node, depth)
            if len(stack) > 1:
                self._parser.space()
            elif not self._parser.spaced():
                return And(tuple(stack[0].nodes))

    def _read(self, stack: list[_Open]) -> None:
        """The next key, and what opens before it."""
        parser = self._parser
        while True:
            name = ""
            if parser.take(b"("):
                parser.nest()
                stack.append(_Open("("))
                continue
            if parser.peek() == b"*" or parser.peek().isdigit():
                parser.numbered()
            elif parser.peek() != b"$":
                name = parser.word()
            self._count_one()
            if name not in ("NOT", "OR"):
                stack[-1].add(self._named(name) if name else Key("SEQUENCE", parser.sequence_set()), 0)
                return
            parser.space()
            stack.append(_Open(name))

    def _complete(self, frame: _Open) -> bool:
        if frame.kind != "(":
            return frame.taken == (2 if frame.kind == "OR" else 1)
        if not self._parser.take(b")"):
            return False
        self._parser.unnest()
        return True

    def _named(self, name: str) -> Key:
        if name in _FLAGS:
            return Key(name)
        self._parser.space()
        return Key(name, self._value(name))

    def _value(self, name: str) -> str | tuple[str, str] | int | date | SequenceSet:
        parser = self._parser
        if name in _COSTLY:
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
            "KEYWORD": parser.flag, "UNKEYWORD": parser.flag, "LARGER": self._octets, "SMALLER": self._octets,
            "OLDER": self._seconds, "YOUNGER": self._seconds, "UID": parser.sequence_set, "MODSEQ": self._modseq,
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
        return self._octets()

    def _octets(self) -> int:
        return self._parser.number(MOST_OCTETS)

    def _seconds(self) -> int:
        """RFC 5032 §3: an interval is at least one second."""
        if not (seconds := self._parser.number()):
            raise self._parser.problem("An interval is at least one second")
        return seconds

    def _string(self) -> str:
        try:
            text = self._parser.astring().decode(self._charset)
            text.encode()  # no halves of characters, which UTF-7 and UTF-16 can smuggle in
            return text
        except UnicodeError as error:
            raise self._parser.problem("The string is not in the charset it claims") from error

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_KEYS:
            raise self._parser.problem("Too many search keys")
