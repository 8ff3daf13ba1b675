"""The arguments of LIST and LSUB (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 9590)."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol.imap.commands import status_items
from mailsuite.protocol.imap.metadata import entries
from mailsuite.protocol.imap.syntax import Parser

MAX_PATTERNS = 20  # in one LIST
BASE = ("SUBSCRIBED", "SPECIAL-USE")  # RFC 5258 §3.1, RFC 6154 §6: what RECURSIVEMATCH can look for below a name
_SELECTION = frozenset({*BASE, "REMOTE", "RECURSIVEMATCH"})
_RETURN = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS", "METADATA"})


@dataclass(frozen=True, slots=True)
class Listing:
    """LIST and LSUB. status and metadata: items and entries to tell of each mailbox."""

    reference: str
    patterns: tuple[str, ...]
    selection: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    status: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()

    @property
    def wanted(self) -> frozenset[str]:
        """Options of which the answer tells: what is selected for is told too (RFC 5258 §3.1)."""
        return self.selection | self.returns


def listing(parser: Parser) -> Listing:
    """LIST with selection and return options."""
    parser.space()
    selection: frozenset[str] = frozenset()
    if parser.peek() == b"(":
        selection = frozenset(parser.words())
        # RFC 5258 §3.1: RECURSIVEMATCH modifies another option, and REMOTE is none that it could.
        if not selection <= _SELECTION or ("RECURSIVEMATCH" in selection and selection.isdisjoint(BASE)):
            raise parser.problem("There is no such selection option")
        parser.space()
    reference = parser.mailbox()
    parser.space()
    patterns = tuple(parser.some(Parser.mailbox, MAX_PATTERNS))
    returns, status, metadata = _returns(parser) if parser.spaced() else (frozenset(), (), ())
    parser.end()
    return Listing(reference, patterns, selection, returns, status, metadata)


def lsub(parser: Parser) -> Listing:
    """LSUB (RFC 3501 §6.3.9)."""
    parser.space()
    reference = parser.mailbox()
    parser.space()
    pattern = parser.mailbox()
    parser.end()
    return Listing(reference, (pattern,))


def _returns(parser: Parser) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    if parser.word() != "RETURN":
        raise parser.problem("Expected RETURN")
    parser.space()
    parser.expect(b"(")
    words: set[str] = set()
    status: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    while not parser.take(b")"):
        if words:
            parser.space()
        words.add(word := parser.word())
        if word not in _RETURN:
            raise parser.problem("There is no such return option")
        if word in ("STATUS", "METADATA"):
            parser.space()
        if word == "STATUS":
            status = tuple(status_items(parser))
        elif word == "METADATA":
            metadata = entries(parser)
    return frozenset(words), status, metadata
