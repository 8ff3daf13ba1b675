"""LIST and LSUB, with the options of RFC 5258 and STATUS of RFC 5819."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailsuite.bridge import in_db
from mailsuite.imapd.commands.status import Status, check, describe
from mailsuite.imapd.session import Done, Session
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import commands, responses
from mailsuite.protocol.imap.commands import Listing
from mailsuite.protocol.imap.pattern import MAX_PATTERN, Pattern
from mailsuite.protocol.imap.syntax import Parser

SPECIAL_USE = {
    Mailbox.Role.STARRED: r"\Flagged",
    Mailbox.Role.SNOOZED: r"\Snoozed",
    Mailbox.Role.SCHEDULED: r"\Scheduled",
    Mailbox.Role.SENT: r"\Sent",
    Mailbox.Role.DRAFTS: r"\Drafts",
    Mailbox.Role.ARCHIVE: r"\Archive",
    Mailbox.Role.ALL: r"\All",
    Mailbox.Role.JUNK: r"\Junk",
    Mailbox.Role.TRASH: r"\Trash",
}  # RFC 6154 §2, RFC 9979


@dataclass
class Entry:
    """A name in the tree: a mailbox, or a level that only has mailboxes below it."""

    name: str
    mailbox: Mailbox | None = None
    below: list[Entry] = field(default_factory=list)

    @property
    def subscribed(self) -> bool:
        return bool(self.mailbox and self.mailbox.subscribed)

    @property
    def special(self) -> str:
        return SPECIAL_USE.get(self.mailbox.role, "") if self.mailbox else ""  # type: ignore[call-overload]

    def attributes(self) -> list[str]:
        exists = [] if self.mailbox else [r"\NonExistent", r"\Noselect"]
        return [*exists, r"\HasChildren" if self.below else r"\HasNoChildren", *([self.special] if self.special else [])]


def tree(mailboxes: list[Mailbox]) -> list[Entry]:
    """All names, those without a mailbox of their own included, in the order of the mailboxes."""
    entries: dict[str, Entry] = {}
    for mailbox in mailboxes:
        parts = mailbox.name.split("/")
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            if name not in entries:
                entries[name] = Entry(name)
                if depth > 1:
                    entries["/".join(parts[: depth - 1])].below.append(entries[name])
        entries[mailbox.name].mailbox = mailbox
    return list(entries.values())


async def listing(session: Session, parser: Parser) -> Done:
    """LIST (RFC 9051 §6.3.9)."""
    asked = commands.listing(parser)
    check(session, parser, asked.status)
    if asked.patterns == ("",):  # RFC 9051 §6.3.9: what divides levels?
        session.send(b'* LIST (\\Noselect) "/" ""\r\n')
        return Done("Levels are divided by /")
    mailboxes, statuses = await in_db(_load, session.account_id, asked, session.utf8)
    for entry, attributes, extended in _matching(asked, tree(mailboxes)):
        session.send(responses.listing("LIST", attributes, entry.name, extended, utf8=session.utf8))
        if entry.mailbox and entry.mailbox.pk in statuses:
            session.send(statuses[entry.mailbox.pk])
    return Done("Listed")


def _visible(account_id: int) -> list[Mailbox]:
    """What the member does not want to see in mail programs is not told; who knows its name may still select it."""
    return [mailbox for mailbox in store.list_all(account_id) if mailbox.in_imap]


def _load(account_id: int, asked: Listing, utf8: bool) -> tuple[list[Mailbox], Status]:
    mailboxes = _visible(account_id)
    return mailboxes, describe(mailboxes, asked.status, utf8=utf8) if asked.status else {}


def _matching(asked: Listing, entries: list[Entry]) -> Iterator[tuple[Entry, list[str], bytes]]:
    for entry in entries:
        if not _fits(asked.reference, asked.patterns, entry.name):
            continue
        chosen, extended = _chosen(asked.selection, entry), b""
        if not chosen and "RECURSIVEMATCH" in asked.selection and any(_selected_below(asked.selection, entry)):
            extended = b' ("CHILDINFO" ("SUBSCRIBED"))' if "SUBSCRIBED" in asked.selection else b""
            chosen = True
        if chosen and (entry.mailbox or entry.below):
            wants = (asked.returns or frozenset()) | asked.selection
            yield (
                entry,
                [*([r"\Subscribed"] if "SUBSCRIBED" in wants and entry.subscribed else []), *entry.attributes()],
                extended,
            )


def _fits(reference: str, patterns: tuple[str, ...], name: str) -> bool:
    return any(len(pattern) <= MAX_PATTERN and Pattern(reference + pattern).matches(name) for pattern in patterns)


def _chosen(selection: frozenset[str], entry: Entry) -> bool:
    return ("SUBSCRIBED" not in selection or entry.subscribed) and ("SPECIAL-USE" not in selection or bool(entry.special))


def _selected_below(selection: frozenset[str], entry: Entry) -> Iterator[bool]:
    for child in entry.below:
        yield _chosen(selection, child)
        yield from _selected_below(selection, child)


async def lsub(session: Session, parser: Parser) -> Done:
    """LSUB (RFC 3501 §6.3.9): subscribed mailboxes; with % also levels above subscribed ones, as \\Noselect."""
    asked = commands.listing(parser)
    entries = tree(await in_db(_visible, session.account_id))
    for entry in entries:
        if not _fits(asked.reference, asked.patterns, entry.name):
            continue
        if entry.subscribed:
            session.send(responses.listing("LSUB", [], entry.name, utf8=session.utf8))
        elif "%" in asked.patterns[0] and any(_selected_below(frozenset({"SUBSCRIBED"}), entry)):
            session.send(responses.listing("LSUB", [r"\Noselect"], entry.name, utf8=session.utf8))
    return Done("Listed")
