"""NOTIFY at work: what a session is told of all its member's mailboxes, between commands and in IDLE (RFC 5465)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import DatabaseError

from mailsuite import maillog
from mailsuite.bridge import in_db
from mailsuite.imapd.commands.fetch import send_items
from mailsuite.imapd.commands.listing import Entry, tree
from mailsuite.imapd.commands.status import describe
from mailsuite.imapd.filters import RECEIVING, folded
from mailsuite.imapd.session import Session
from mailsuite.mailstore import changes, mailboxes
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.notify import Notify

AT_ONCE = 500  # mailboxes that changed, read at a time
COUNTS = ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"]


@dataclass(frozen=True, slots=True)
class _Known:
    """A mailbox as the client heard of it last."""

    name: str
    folded: str
    subscribed: bool
    receives: bool
    uidnext: int
    total: int
    modseq: int

    @classmethod
    def of(cls, mailbox: Mailbox) -> _Known:
        receives = mailbox.role in RECEIVING
        counts = mailbox.uidnext, mailbox.total, mailbox.modseq
        return cls(mailbox.name, mailbox.folded, mailbox.subscribed, receives, *counts)


@dataclass(frozen=True, slots=True)
class _News:
    """What happened to mailboxes up to and with `modseq`; those that are hidden from mail programs are as good as gone.

    entries: the whole tree by id, where a name or subscription changed.
    """

    modseq: int
    more: bool
    changed: list[Mailbox]
    gone: list[int]
    entries: dict[int, Entry]


class Notifying:
    """What one NOTIFY SET asked for. It lives until the next NOTIFY, or the session's end: then it must be stopped."""

    def __init__(self, session: Session, asked: Notify) -> None:
        self._session = session
        self._selected = asked.selected
        self._items = [replace(item, peek=True) for item in self._selected.items] if self._selected else []
        elsewhere = [group for group in asked.groups if group is not self._selected]
        self._groups = [replace(group, mailboxes=folded(group.mailboxes)) for group in elsewhere]
        self._known: dict[int, _Known] = {}
        self._modseq = 0
        self._changed = True

    async def start(self, *, status: bool) -> None:
        """Listen; and then learn, and with `status` tell, how the mailboxes stand: so that nothing falls between."""
        session = self._session
        session.door.watch.add(session.account_id, self._wake)
        self._modseq, there = await in_db(_survey, session.account_id)
        self._known = {mailbox.pk: _Known.of(mailbox) for mailbox in there}
        if status:
            await session.send_all(await in_db(self._statuses, there, {mailbox.pk for mailbox in there}))

    def stop(self) -> None:
        self._session.door.watch.remove(self._session.account_id, self._wake)

    def _wake(self) -> None:
        self._changed = True
        self._session.wire.stir()

    async def tell(self) -> bool:
        """Tell what happened since the last time; False where nothing can have happened. Never fails for the store's sake."""
        if not self._changed:
            return False
        self._changed = False
        try:
            if (group := self._selected) and group.events:  # NONE is as if there were no group (RFC 5465 §8)
                await self._session.look(expunges=group.mailboxes.kind == "SELECTED", flags="FlagChange" in group.events)
            await self._tell_elsewhere()
        except DatabaseError as error:
            maillog.problem("notify-interrupted", client=self._session.client, reason=error)
            self._overflow()
        return True

    async def arrived(self, after: int) -> None:
        """New messages came into the selected mailbox, with UIDs above `after`: what the client wants to know of each."""
        view = self._session.view
        if self._items:
            await send_items(self._session, self._items, [range(bisect_right(view.uids, after), len(view.uids))])

    async def _tell_elsewhere(self) -> None:
        more = bool(self._groups)
        while more:
            news = await in_db(_read, self._session.account_id, self._modseq)
            if news is None:
                return self._overflow()
            self._modseq, more = news.modseq, news.more
            counted = [mailbox for mailbox in news.changed if self._counts(mailbox)]
            await self._session.send_all(b"".join(self._listings(news)))
            await self._session.send_all(await in_db(self._statuses, counted, {mailbox.pk for mailbox in counted}))
        return None

    def _overflow(self) -> None:
        """RFC 5465 §5.8: from now on the client is told nothing, and knows that."""
        self._session.send(b"* OK [NOTIFICATIONOVERFLOW] Ask again, I lost count\r\n")
        self.stop()
        self._session.news = None

    # -- which events of which mailbox --

    def _events(self, known: _Known) -> frozenset[str]:
        """RFC 5465 §6: a mailbox has the events of all groups it is in."""
        name, receives, subscribed = known.folded, known.receives, known.subscribed
        groups = (one for one in self._groups if one.mailboxes.takes(name, receives=receives, subscribed=subscribed))
        return frozenset().union(*(group.events for group in groups))

    def _counts(self, mailbox: Mailbox) -> bool:
        """Did something happen in it that its client wants to hear as numbers?"""
        before, events = self._known.get(mailbox.pk), self._events(_Known.of(mailbox))
        was = (before.uidnext, before.total) if before else (1, 0)
        if "MessageNew" in events and was != (mailbox.uidnext, mailbox.total):
            return True
        return "FlagChange" in events and (before is None or before.modseq < mailbox.modseq)

    def _statuses(self, there: Iterable[Mailbox], wanted: set[int]) -> bytes:
        """RFC 5465 §5.1 to §5.3, for all but the selected mailbox, which has responses of its own."""
        view, out = self._session.selected, b""
        for mailbox in there:
            events = self._events(_Known.of(mailbox))
            if mailbox.pk in wanted and "MessageNew" in events and not (view and view.mailbox.pk == mailbox.pk):
                items = [*COUNTS, "HIGHESTMODSEQ"] if "FlagChange" in events else COUNTS
                out += describe([mailbox], items, self._session.door.size_limit, utf8=self._session.utf8)[mailbox.pk]
        return out

    def _listings(self, news: _News) -> Iterator[bytes]:
        """LIST responses of what came, went or is called otherwise; and with them the new state becomes the known one."""
        for pk in news.gone:
            yield self._gone(pk)
        for mailbox in news.changed:
            before, now = self._known.get(mailbox.pk), _Known.of(mailbox)
            self._known[mailbox.pk] = now
            events = self._events(now) | (self._events(before) if before else frozenset())
            renamed = before is None or before.name != now.name
            subscribed = before is None or before.subscribed != now.subscribed
            entry = news.entries.get(mailbox.pk)  # none where it was deleted while we read: that is the next news
            if entry and ((renamed and "MailboxName" in events) or (subscribed and before and "SubscriptionChange" in events)):
                yield self._listing(entry, before.name if before and renamed else "")

    def _gone(self, pk: int) -> bytes:
        before = self._known.pop(pk, None)
        if before is None or "MailboxName" not in self._events(before):
            return b""
        return responses.listing("LIST", [r"\NonExistent"], before.name, utf8=self._session.utf8)

    def _listing(self, entry: Entry, old: str) -> bytes:
        utf8 = self._session.utf8
        extended = b' ("OLDNAME" (%b))' % responses.mailbox(old, utf8=utf8) if old else b""
        attributes = [*([r"\Subscribed"] if entry.subscribed else []), *entry.attributes()]
        return responses.listing("LIST", attributes, entry.name, extended, utf8=utf8)


def _survey(account_id: int) -> tuple[int, list[Mailbox]]:
    modseq = changes.state(account_id)
    return modseq, [mailbox for mailbox in mailboxes.list_all(account_id) if mailbox.in_imap]


def _read(account_id: int, modseq: int) -> _News | None:
    """What happened to mailboxes after `modseq`; None where that cannot be told any more."""
    some = changes.some_since(account_id, modseq, "mailboxes", AT_ONCE)
    if some is None:
        return None
    changed = list(Mailbox.objects.filter(pk__in=[*some.difference.created, *some.difference.updated]).order_by("modseq", "pk"))
    shown = [mailbox for mailbox in changed if mailbox.in_imap]
    gone = [*some.difference.destroyed, *(mailbox.pk for mailbox in changed if not mailbox.in_imap)]
    described = some.difference.destroyed or any(mailbox.described_modseq > modseq for mailbox in shown)
    entries = tree([one for one in mailboxes.list_all(account_id) if one.in_imap]) if described else []
    by_id = {entry.mailbox.pk: entry for entry in entries if entry.mailbox}
    return _News(some.modseq, some.more, shown, gone, by_id)
