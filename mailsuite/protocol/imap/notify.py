"""What NOTIFY asks for: which events of which mailboxes (RFC 5465 §8)."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.protocol.imap import fetch, mailbox_filter
from mailsuite.protocol.imap.fetch import Item
from mailsuite.protocol.imap.mailbox_filter import KINDS, MOST_NAMES, Filter
from mailsuite.protocol.imap.syntax import Parser

MAX_GROUPS = 50
SELECTED = frozenset({"SELECTED", "SELECTED-DELAYED"})

# What can be told here, in the RFC's spelling; nobody keeps annotations, so that none ever changes.
KNOWN = ("MessageNew", "MessageExpunge", "FlagChange", "AnnotationChange", "MailboxName", "SubscriptionChange")
_OTHERS = frozenset({"MAILBOXMETADATACHANGE", "SERVERMETADATACHANGE"})
_BY_WORD = {event.upper(): event for event in KNOWN}
_OF_MESSAGES = frozenset(KNOWN[:4])
_BOTH = frozenset({"MessageNew", "MessageExpunge"})


class BadEvent(ValueError):
    """NO [BADEVENT]: an event of the standard that cannot be told here (RFC 5465 §3.1)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Events (of `KNOWN`) of mailboxes. items: what to tell of new messages."""

    mailboxes: Filter
    events: frozenset[str]
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Notify:
    """NOTIFY SET. status: say first how all those mailboxes stand."""

    groups: tuple[Group, ...]
    status: bool = False

    @property
    def selected(self) -> Group | None:
        """The group for the selected mailbox."""
        return next((group for group in self.groups if group.mailboxes.kind in SELECTED), None)


def parse(parser: Parser) -> Notify | None:
    """The arguments of NOTIFY; None for NOTIFY NONE. Raises SyntaxProblem and BadEvent."""
    parser.space()
    word = parser.word()
    if word == "NONE":
        parser.end()
        return None
    if word != "SET":
        raise parser.problem("NOTIFY takes SET or NONE")
    parser.space()
    status = parser.peek() != b"("
    if status:
        if parser.word() != "STATUS":
            raise parser.problem("Expected STATUS or a group of events")
        parser.space()
    groups = [_group(parser)]
    while parser.spaced():
        groups.append(_group(parser))
        if len(groups) > MAX_GROUPS or sum(len(group.mailboxes.names) for group in groups) > MOST_NAMES:
            raise parser.problem("Too many groups of events")
    parser.end()
    if sum(group.mailboxes.kind in SELECTED for group in groups) > 1:
        raise parser.problem("The selected mailbox has one group of events")
    return Notify(tuple(groups), status)


def _group(parser: Parser) -> Group:
    parser.expect(b"(")
    mailboxes = mailbox_filter.read(parser, KINDS | SELECTED)
    parser.space()
    events, items = _events(parser) if parser.peek() == b"(" else (_none(parser), ())
    parser.expect(b")")
    _check(parser, mailboxes.kind, events, items)
    return Group(mailboxes, events, items)


def _none(parser: Parser) -> frozenset[str]:
    if parser.word() != "NONE":
        raise parser.problem("Expected events or NONE")
    return frozenset()


def _events(parser: Parser) -> tuple[frozenset[str], tuple[Item, ...]]:
    parser.expect(b"(")
    events: set[str] = set()
    items: tuple[Item, ...] = ()
    while True:
        event = _event(parser)
        events.add(event)
        if parser.take(b")"):
            break
        parser.space()
        if event == "MessageNew" and parser.peek() == b"(":
            items = tuple(fetch.parse(parser))
            if parser.take(b")"):
                break
            parser.space()
    return frozenset(events), items


def _event(parser: Parser) -> str:
    word = parser.word()
    if word in _OTHERS:
        raise BadEvent(word)
    if word not in _BY_WORD:
        raise parser.problem("There is no such event")
    return _BY_WORD[word]


def _check(parser: Parser, kind: str, events: frozenset[str], items: tuple[Item, ...]) -> None:
    """RFC 5465 §5: what goes together, and what the selected mailbox alone can have or not have."""
    if events & _OF_MESSAGES and not events >= _BOTH:
        raise parser.problem("MessageNew and MessageExpunge go together, and with all other events of messages")
    if kind in SELECTED and events - _OF_MESSAGES:
        raise parser.problem("The selected mailbox has only events of messages")
    if items and kind not in SELECTED:
        raise parser.problem("Only new messages of the selected mailbox are fetched")
