"""Which mailboxes are meant: the filters that ESEARCH names them by (RFC 7377 §2.2, RFC 5465 §6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailsuite.protocol.imap.syntax import Parser

NAMED = frozenset({"MAILBOXES", "SUBTREE", "SUBTREE-ONE"})
UNNAMED = frozenset({"INBOXES", "PERSONAL", "SELECTED", "SUBSCRIBED"})
MOST_NAMES = 1_000  # in one command


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, and the mailboxes it names where it is one that does."""

    kind: str  # of NAMED or UNNAMED
    names: tuple[str, ...] = ()

    def takes(self, name: str, *, subscribed: bool = False) -> bool:
        """Is a mailbox of this name meant? SELECTED takes none: which it is only the session knows."""
        match self.kind:
            case "PERSONAL":
                return True
            case "SUBSCRIBED":
                return subscribed
            case "INBOXES":
                return name == "INBOX"
            case "MAILBOXES":
                return name in self.names
            case "SUBTREE":
                return any(name == top or name.startswith(f"{top}/") for top in self.names)
            case "SUBTREE-ONE":
                return name in self.names or name.rpartition("/")[0] in self.names
        return False


def source(parser: Parser) -> tuple[Filter, ...]:
    """What follows IN: filters in parentheses (RFC 7377 §2.1). There are no scope options yet."""
    parser.expect(b"(")
    found: list[Filter] = []
    room = MOST_NAMES
    while not found or not parser.take(b")"):
        if found:
            parser.space()
        found.append(one := _filter(parser))
        room -= 1 + len(one.names)
        if room < 0:
            raise parser.problem("Too many mailboxes")
    return tuple(found)


def _filter(parser: Parser) -> Filter:
    kind = parser.word()
    if kind in UNNAMED:
        return Filter(kind)
    if kind not in NAMED:
        raise parser.problem(f"IN takes {' '.join(sorted(NAMED | UNNAMED)).lower()}")
    parser.space()
    return Filter(kind, tuple(_names(parser)))


def _names(parser: Parser) -> Iterable[str]:
    """One mailbox, or some in parentheses."""
    if not parser.take(b"("):
        yield parser.mailbox()
        return
    yield parser.mailbox()
    while not parser.take(b")"):
        parser.space()
        yield parser.mailbox()
