"""SORT: its arguments, and the order that they mean (RFC 5256 §3, RFC 5957)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailsuite.protocol.imap.base_subject import base_subject, collated
from mailsuite.protocol.imap.returning import Returns, returns
from mailsuite.protocol.imap.search import And, program
from mailsuite.protocol.imap.syntax import Parser

KEYS = frozenset({"ARRIVAL", "CC", "DATE", "DISPLAYFROM", "DISPLAYTO", "FROM", "SIZE", "SUBJECT", "TO"})
MAX_KEYS = 20  # more than there are different ones, each both ways


@dataclass(frozen=True, slots=True)
class Criterion:
    key: str  # one of KEYS
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """A SORT command. `returns` is None for the old form."""

    criteria: tuple[Criterion, ...]
    tree: And
    returns: Returns | None


def parse(parser: Parser) -> Sort:
    """The arguments of SORT. Raises SyntaxProblem and BadCharset."""
    asked = returns(parser)
    chosen = criteria(parser)
    parser.space()
    charset = parser.astring() or b"?"
    parser.space()
    return Sort(chosen, program(parser, charset, asked), asked)


def criteria(parser: Parser) -> tuple[Criterion, ...]:
    """(REVERSE DATE SUBJECT)."""
    return tuple(parser.listed(_criterion, MAX_KEYS))


def _criterion(parser: Parser) -> Criterion:
    word = parser.word()
    if reverse := word == "REVERSE":
        parser.space()
        word = parser.word()
    if word not in KEYS:
        raise parser.problem(f"SORT takes {' '.join(sorted(KEYS))}, each perhaps after REVERSE")
    return Criterion(word, reverse)


def order(count: int, criteria: Sequence[Criterion], values: Mapping[str, Sequence[Any]]) -> list[int]:
    """The indices of `count` messages, in order. values: by key, as `comparable` makes them.

    RFC 5256 §3: what is equal stays in the order of its sequence numbers, also under REVERSE.
    """
    found = list(range(count))
    for criterion in reversed(criteria):
        found.sort(key=values[criterion.key].__getitem__, reverse=criterion.reverse)
    return found


def comparable(key: str, values: Iterable[Any]) -> Sequence[Any]:
    """What messages are compared by under this key, from subjects, addresses, names, moments or sizes."""
    how = _COMPARED.get(key)
    if how is None:
        return list(values)
    known: dict[str, str] = {}  # the mail of a conversation, or of a person, has the same again and again
    return [known[value] if value in known else known.setdefault(value, how(value)) for value in (text or "" for text in values)]


def _local_part(address: str) -> str:
    """RFC 5256 §3: FROM, TO and CC compare the addr-mailbox of the first address."""
    local, at, domain = address.rpartition("@")
    return collated(local if at else domain)


_COMPARED: dict[str, Callable[[str], str]] = {
    "CC": _local_part,
    "FROM": _local_part,
    "TO": _local_part,
    "DISPLAYFROM": collated,
    "DISPLAYTO": collated,
    "SUBJECT": lambda subject: collated(base_subject(subject)[0]),
}
