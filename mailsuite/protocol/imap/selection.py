"""SELECT and EXAMINE with their parameters: CONDSTORE, and what a client that comes back says it knows (RFC 9051 §6.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from mailsuite.protocol.imap.sequence import STAR, SequenceSet
from mailsuite.protocol.imap.syntax import Parser


@dataclass(frozen=True, slots=True)
class Resync:
    """QRESYNC (RFC 7162 §3.2.5). known: UIDs that the client has; None for all that there ever were.

    numbers, uids: some sequence numbers as the client knows them, and the UIDs they had.
    """

    uidvalidity: int
    modseq: int
    known: SequenceSet | None = None
    numbers: SequenceSet | None = None
    uids: SequenceSet | None = None

    def matches(self) -> Iterator[tuple[int, int]]:
        """(sequence number, UID), both ascending. It may be long: stop where the mailbox ends."""
        if self.numbers and self.uids:
            yield from zip(_members(self.numbers), _members(self.uids), strict=True)


@dataclass(frozen=True, slots=True)
class Select:
    mailbox: str
    condstore: bool = False
    resync: Resync | None = None


def select(parser: Parser) -> Select:
    """The arguments of SELECT and EXAMINE. Raises SyntaxProblem."""
    parser.space()
    name, condstore, resync = parser.mailbox(), False, None
    if parser.spaced():
        parser.expect(b"(")
        while not parser.take(b")"):
            if condstore or resync:
                parser.space()
            match parser.word():
                case "CONDSTORE" if not condstore:
                    condstore = True
                case "QRESYNC" if not resync:
                    resync = _resync(parser)
                case word:
                    raise parser.problem(f"Once CONDSTORE and once QRESYNC may stand here, not {word[:40]}")
    parser.end()
    return Select(name, condstore, resync)


def _resync(parser: Parser) -> Resync:
    parser.space()
    parser.expect(b"(")
    uidvalidity = parser.number()
    parser.space()
    modseq = parser.number(2**63 - 1)
    known = numbers = uids = None
    if parser.spaced() and parser.peek() != b"(":
        known = _set(parser)
        parser.spaced()
    if parser.peek() == b"(":
        numbers, uids = _matches(parser)
    parser.expect(b")")
    return Resync(uidvalidity, modseq, known, numbers, uids)


def _matches(parser: Parser) -> tuple[SequenceSet, SequenceSet]:
    """RFC 7162 §3.2.5.2: two sets of the same length, both ascending."""
    parser.numbered()
    parser.expect(b"(")
    numbers = _set(parser)
    parser.space()
    uids = _set(parser)
    parser.expect(b")")
    if not (_ascends(numbers) and _ascends(uids) and _count(numbers) == _count(uids)):
        raise parser.problem("Message numbers and their UIDs are two ascending sets of the same length")
    return numbers, uids


def _set(parser: Parser) -> SequenceSet:
    found = parser.sequence_set()
    if found.saved or any(STAR in ends for ends in found.ranges):
        raise parser.problem("Here only numbers stand, neither * nor $")
    return found


def _ascends(numbers: SequenceSet) -> bool:
    forward = all(low <= high for low, high in numbers.ranges)
    return forward and all(high < low for (_, high), (low, _) in pairwise(numbers.ranges))


def _count(numbers: SequenceSet) -> int:
    return sum(high - low + 1 for low, high in numbers.ranges)


def _members(numbers: SequenceSet) -> Iterator[int]:
    return chain.from_iterable(range(low, high + 1) for low, high in numbers.ranges)
