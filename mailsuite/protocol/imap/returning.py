"""What SEARCH and SORT give back: the RETURN options, and the ESEARCH response that answers them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.sequence import LARGEST, compact
from mailsuite.protocol.imap.syntax import Parser

OPTIONS = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE"})  # RFC 4731 §3.1, RFC 5182 §2.1
_RETURN = re.compile(rb"RETURN +(?=\()", re.I)
_PARTIAL = re.compile(rb"(-?)([1-9][0-9]{0,9}):(-?)([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class Partial:
    """A page of the results: from the first to the last, both included and counted from 1, from the front or the end."""

    first: int
    last: int
    from_end: bool
    text: str  # as it was asked: the answer repeats it

    def of(self, count: int) -> slice:
        """Which of `count` results these are; those that do not exist are left out."""
        if self.from_end:
            return slice(max(count - self.last, 0), max(count - self.first + 1, 0))
        return slice(self.first - 1, self.last)


def partial(parser: Parser) -> Partial:
    """partial-range (RFC 9394 §4): 1:500, or -1:-100 from the end; either end may come first."""
    match = parser.match(_PARTIAL)
    if not match or match[1] != match[3]:
        raise parser.problem("Expected a range such as 1:500 or -1:-100")
    first, last = sorted((int(match[2]), int(match[4])))
    if last > LARGEST:
        raise parser.problem("The number is too large")
    return Partial(first, last, bool(match[1]), match[0].decode())


@dataclass(frozen=True, slots=True)
class Returns:
    """The RETURN options of a command."""

    options: frozenset[str] = frozenset({"ALL"})
    partial: Partial | None = None

    @property
    def saves(self) -> bool:
        return "SAVE" in self.options

    @property
    def answers(self) -> bool:
        """RFC 5182 §2.1: who asks for SAVE alone is told nothing."""
        return bool(self.partial or self.options - {"SAVE"})

    def indices(self, count: int) -> Sequence[int]:
        """Which of `count` results are meant: SAVE keeps them, and MODSEQ is theirs.

        RFC 5182 §2.4, RFC 9394 §3.2, RFC 7162 §3.1.10
        """
        ends = self.options & {"MIN", "MAX"}
        if self.options & {"ALL", "COUNT"} or not (ends or self.partial):
            return range(count)
        some = set(range(count)[self.partial.of(count)]) if self.partial else set()
        some.update([0] if count and "MIN" in ends else [], [count - 1] if count and "MAX" in ends else [])
        return sorted(some)


def returns(parser: Parser) -> Returns | None:
    """RETURN (…) where it stands next, and the space behind it; None where it does not."""
    if not parser.match(_RETURN):
        return None
    parser.expect(b"(")
    options: set[str] = set()
    page: Partial | None = None
    while not parser.take(b")"):
        if options or page:
            parser.space()
        if (word := parser.word()) == "PARTIAL" and page is None:
            parser.space()
            page = partial(parser)
        elif word in OPTIONS:
            options.add(word)
        else:
            raise parser.problem("RETURN takes MIN, MAX, ALL, COUNT, SAVE and one PARTIAL")
    if page and "ALL" in options:  # RFC 9394 §3.1
        raise parser.problem("PARTIAL and ALL exclude one another")
    parser.space()
    return Returns(frozenset(options), page) if options or page else Returns()


@dataclass(frozen=True, slots=True)
class Source:
    """A mailbox that a search of several looked into (RFC 7377 §2.1)."""

    name: str
    uidvalidity: int
    utf8: bool = False  # does the client take mailbox names in UTF-8?

    @property
    def words(self) -> bytes:
        return b" MAILBOX %b UIDVALIDITY %d" % (responses.mailbox(self.name, utf8=self.utf8), self.uidvalidity)


def esearch(
    tag: str, asked: Returns, numbers: Sequence[int], *, uids: bool, modseq: int = 0, source: Source | None = None
) -> bytes:
    """An ESEARCH response (RFC 9051 §7.3.4). numbers: in the order asked for; modseq: 0 where none was asked."""
    where = source.words if source else b""
    parts = ["UID"] if uids else []
    if numbers and "MIN" in asked.options:
        parts.append(f"MIN {numbers[0]}")
    if numbers and "MAX" in asked.options:
        parts.append(f"MAX {numbers[-1]}")
    if "COUNT" in asked.options:
        parts.append(f"COUNT {len(numbers)}")
    if numbers and "ALL" in asked.options:
        parts.append(f"ALL {compact(numbers)}")
    if asked.partial:  # RFC 9394 §3.1: NIL where the range holds nothing
        parts.append(f"PARTIAL ({asked.partial.text} {compact(numbers[asked.partial.of(len(numbers))]) or 'NIL'})")
    if modseq:
        parts.append(f"MODSEQ {modseq}")
    said = "".join(f" {part}" for part in parts)
    return b'* ESEARCH (TAG "%b"%b)%b\r\n' % (tag.encode(), where, said.encode())
