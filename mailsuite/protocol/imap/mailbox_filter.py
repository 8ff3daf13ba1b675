"""Which mailboxes are meant: the filters that ESEARCH and NOTIFY name them by (RFC 7377 §2.2, RFC 5465 §6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mailsuite.protocol.imap.syntax import Parser

NAMED = frozenset({"MAILBOXES", "SUBTREE", "SUBTREE-ONE"})
UNNAMED = frozenset({"INBOXES", "PERSONAL", "SELECTED", "SUBSCRIBED"})
KINDS = NAMED | UNNAMED
MOST_NAMES = 1_000  # in one command
MOST_FILTERS = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, and the mailboxes it names where it is one that does."""

    kind: str  # of KINDS; for NOTIFY also SELECTED-DELAYED
    names: tuple[str, ...] = ()

    def folded(self, fold: Callable[[str], str]) -> Filter:
        """The same, with its names in the form by which the store compares names."""
        return replace(self, names=tuple(map(fold, self.names)))

    def takes(self, name: str, *, receives: bool = False, subscribed: bool = False) -> bool:
        """Is this mailbox meant? SELECTED takes none: which it is only the session knows.

        name: in the form of `names`; receives: may delivery put mail into it (RFC 5465 §6.3)?
        """
        match self.kind:
            case "PERSONAL":
                return True
            case "SUBSCRIBED":
                return subscribed
            case "INBOXES":
                return receives
            case "MAILBOXES":
                return name in self.names
            case "SUBTREE":
                return any(name == top or name.startswith(f"{top}/") for top in self.names)
            case "SUBTREE-ONE":
                return name in self.names or name.rpartition("/")[0] in self.names
        return False


def source(parser: Parser) -> tuple[Filter, ...]:
    """What follows IN: filters in parentheses (RFC 7377 §2.1). There are no scope options yet."""
    found = parser.listed(read, MOST_FILTERS)
    if sum(len(one.names) for one in found) > MOST_NAMES:
        raise parser.problem("Too many mailboxes")
    return tuple(found)


def read(parser: Parser, kinds: frozenset[str] = KINDS) -> Filter:
    """One filter of these kinds."""
    kind = parser.word()
    if kind not in kinds:
        raise parser.problem(f"Mailboxes are named by {' '.join(sorted(kinds)).lower()}")
    if kind not in NAMED:
        return Filter(kind)
    parser.space()
    return Filter(kind, tuple(parser.some(Parser.mailbox, MOST_NAMES)))
