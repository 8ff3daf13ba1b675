"""The query tree: what the search box, IMAP SEARCH and JMAP all say their question in.

A leaf is a `Term`: an operator's name and a value, both plain data. The search box's operators and their kinds of values are
in `operators`. Further ones, which only IMAP and JMAP ask with:

| operator | value | true of a message |
|---|---|---|
| `flag` | a bit of `Message.flags` | that has it |
| `deleted` | True | whose copy in the mailbox asked about carries `\\Deleted` |
| `uids` | ((first, last), …), both ends inclusive | whose UID in the mailbox asked about is in one of the ranges |
| `uid_in` | (UID, …) | whose UID in the mailbox asked about is one of them |
| `email` | (message id, incarnation) | that is this one |
| `ids` | (message id, …) | that is one of them |
| `modseq` | number | changed at it or later |
| `sent_after`, `sent_before` | a day as ISO date | by the day its Date field names; after includes it, before excludes it |
| `saved_after`, `saved_before` | a day as ISO date | by when its copy came into the mailbox asked about |
| `sent_between` | (moment, moment) | sent at the first or later, before the second |
| `contains` | (field, text) | with that substring: subject from to cc bcc body text header:<name> |
| `mailboxes` | (mailbox id, …) | that is in one of them |
| `author`, `recipient`, `copied`, `blind_copied` | words | with them in From, To, Cc or Bcc, and nothing else; `me` is a word |
| `in_thread` | a tree | in whose conversation, in whatever place, a message fulfils it |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]  # where in the typed text a node stands, for chips


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked. `prefix`: the last word may go on; `exact`: without folding and prefix."""

    operator: str
    value: Any
    prefix: bool = False
    exact: bool = False
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Around:
    """Two text terms at most `within` words apart."""

    left: Term
    right: Term
    within: int
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none: everything."""

    children: tuple[Node, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    child: Node
    span: Span = field(default=(0, 0), compare=False)


Node: TypeAlias = Term | Around | And | Or | Not
EVERYTHING = And(())


def terms(node: Node, *, negated: bool = False) -> Iterator[tuple[Term, bool]]:
    """Every leaf, with whether an odd number of `Not` stands above it."""
    match node:
        case Term():
            yield node, negated
        case Around(left, right):
            yield left, negated
            yield right, negated
        case Not(child):
            yield from terms(child, negated=not negated)
        case And(children) | Or(children):
            for child in children:
                yield from terms(child, negated=negated)


def conjuncts(node: Node) -> tuple[Node, ...]:
    """What must hold together, at the top of the tree: the chips under the search box."""
    return node.children if isinstance(node, And) else (node,)


def as_data(node: Node) -> Any:
    """The tree as JSON, the form that tests and the browser's evaluator share."""
    match node:
        case Term(operator, value, prefix, exact):
            marks = {name: True for name, set_ in (("prefix", prefix), ("exact", exact)) if set_}
            return {operator: value, **marks}
        case Around(left, right, within):
            return {"around": [as_data(left), as_data(right)], "within": within}
        case Not(child):
            return {"not": as_data(child)}
        case And(children):
            return {"and": [as_data(child) for child in children]}
        case Or(children):
            return {"or": [as_data(child) for child in children]}
