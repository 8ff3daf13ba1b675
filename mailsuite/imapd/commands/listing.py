"""LIST and LSUB, with the options of RFC 5258, and with what RFC 5819 and RFC 9590 let it tell of each mailbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mailsuite.bridge import in_db
from mailsuite.imapd.commands.metadata import annotated
from mailsuite.imapd.commands.status import check, describe
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.session import Session
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import listing as grammar
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.listing import BASE, Listing
from mailsuite.protocol.imap.pattern import MAX_PATTERN, Pattern
from mailsuite.protocol.imap.special_use import ATTRIBUTES
from mailsuite.protocol.imap.syntax import Parser


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
        return ATTRIBUTES.get(self.mailbox.role, "") if self.mailbox else ""

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


@dataclass(frozen=True, slots=True)
class _Line:
    """What is told of a name: attributes, extended data, and the responses that come after it."""

    entry: Entry
    attributes: list[str]
    extended: bytes
    after: bytes = b""


async def listing(session: Session, parser: Parser) -> Done:
    """LIST (RFC 9051 §6.3.9)."""
    asked = grammar.listing(parser)
    check(session, parser, asked.status)
    if asked.patterns == ("",):  # RFC 9051 §6.3.9: what divides levels?
        session.send(b'* LIST (\\Noselect) "/" ""\r\n')
        return Done("Levels are divided by /")
    told = await in_db(_told, session.account_id, asked, session.door.size_limit, session.utf8)
    for line in told:
        session.send(responses.listing("LIST", line.attributes, line.entry.name, line.extended, utf8=session.utf8))
        session.send(line.after)
    return Done("Listed")


def _visible(account_id: int) -> list[Mailbox]:
    """What the member does not want to see in mail programs is not told; who knows its name may still select it."""
    return [mailbox for mailbox in store.list_all(account_id) if mailbox.in_imap]


def _told(account_id: int, asked: Listing, size_limit: int, utf8: bool) -> list[_Line]:
    """A handful of queries, however many mailboxes there are."""
    lines = list(matching(asked, tree(_visible(account_id))))
    mailboxes = [line.entry.mailbox for line in lines if line.entry.mailbox]
    after: dict[int, bytes] = {}
    if asked.status:  # RFC 5819 §2: none of what cannot be selected
        after |= describe(mailboxes, asked.status, size_limit, utf8=utf8)
    if asked.metadata:
        for pk, response in annotated(mailboxes, asked.metadata, utf8=utf8):
            after[pk] = after.get(pk, b"") + response
    return [replace(line, after=after.get(line.entry.mailbox.pk, b"")) if line.entry.mailbox else line for line in lines]


def matching(asked: Listing, entries: list[Entry]) -> Iterator[_Line]:
    """The names that fit, and with RECURSIVEMATCH those above what would fit but for the pattern."""
    patterns = [Pattern(asked.reference + pattern) for pattern in asked.patterns if len(pattern) <= MAX_PATTERN]
    fitting = {entry.name: any(pattern.matches(entry.name) for pattern in patterns) for entry in entries}
    unseen = _unseen_below(asked, entries, fitting) if "RECURSIVEMATCH" in asked.selection else {}
    for entry in entries:
        below = unseen.get(entry.name, set())
        if fitting[entry.name] and (entry.mailbox or entry.below) and (below or _chosen(asked.selection, entry)):
            subscribed = [r"\Subscribed"] if "SUBSCRIBED" in asked.wanted and entry.subscribed else []
            yield _Line(entry, [*subscribed, *entry.attributes()], _child_info(below))


def _unseen_below(asked: Listing, entries: list[Entry], fitting: dict[str, bool]) -> dict[str, set[str]]:
    """By name: the options for which something below it is chosen that the patterns leave out.

    RFC 5258 §3.5: what is listed itself need not be told of a second time.
    """
    unseen: dict[str, set[str]] = {}
    for entry in entries:
        if not fitting[entry.name] and _chosen(asked.selection, entry):
            above = entry.name.rpartition("/")[0]
            while above:
                unseen.setdefault(above, set()).update(asked.selection.intersection(BASE))
                above = above.rpartition("/")[0]
    return unseen


def _child_info(options: Iterable[str]) -> bytes:
    words = " ".join(f'"{option}"' for option in sorted(options, reverse=True))
    return b' ("CHILDINFO" (%b))' % words.encode() if words else b""


def _chosen(selection: frozenset[str], entry: Entry) -> bool:
    return ("SUBSCRIBED" not in selection or entry.subscribed) and ("SPECIAL-USE" not in selection or bool(entry.special))


async def lsub(session: Session, parser: Parser) -> Done:
    """LSUB (RFC 3501 §6.3.9): subscribed mailboxes; with % also levels above subscribed ones, as \\Noselect."""
    asked = grammar.lsub(parser)
    pattern = asked.patterns[0]
    above = {"RECURSIVEMATCH"} if "%" in pattern else set()
    asked = replace(asked, selection=frozenset({"SUBSCRIBED", *above}))
    for line in await in_db(_told, session.account_id, asked, session.door.size_limit, session.utf8):
        attributes = [] if line.entry.subscribed else [r"\Noselect"]
        session.send(responses.listing("LSUB", attributes, line.entry.name, utf8=session.utf8))
    return Done("Listed")
