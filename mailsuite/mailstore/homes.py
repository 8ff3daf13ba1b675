"""In which mailboxes a message is, given its state: the table of product.md 3.9, as one pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mailsuite.mailstore import stars
from mailsuite.mailstore.models import Mailbox, Message

Place, Role = Message.Place, Mailbox.Role

KNOWN = ("$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "$Phishing", "$Important", "$muted", "$notify", "$followed", "$memo")
KNOWN += stars.BITS
MOST_KEYWORDS = 100  # of a message; what is more is not kept
UNTOLD = timedelta(days=1)  # for so long a message sleeps that a mail program put into Snoozed: it cannot say until when
_WRITTEN = {keyword.casefold(): keyword for keyword in KNOWN}


def written(keyword: str) -> str:
    """A keyword as it is kept: they are compared without case (RFC 9051 §2.3.2), so those we know are written in one way."""
    return _WRITTEN.get(keyword.casefold(), keyword)


@dataclass(frozen=True, slots=True)
class State:
    """All that a member can change about a message, and from which its mailboxes follow."""

    place: int = Place.MAIL
    flags: int = 0
    keywords: tuple[str, ...] = ()
    own: bool = False
    inbox: bool = False
    labels: frozenset[int] = frozenset()
    remembered: tuple[int, ...] = ()
    trashed_at: datetime | None = None
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    woke_at: datetime | None = None
    sends_at: datetime | None = None  # this and the next are set by `waiting` alone: no act changes them, nor does undo
    went_at: datetime | None = None

    def __post_init__(self) -> None:
        """What is in Inbox sleeps no more; what left it again is no longer marked as woken."""
        awake = self.inbox or self.snoozed_until is None
        object.__setattr__(self, "snoozed_until", None if awake else self.snoozed_until)
        object.__setattr__(self, "woke_at", self.woke_at if self.inbox else None)
        object.__setattr__(self, "snoozed_at", self.snoozed_at if self.snoozed_until or self.woke_at else None)

    @property
    def snooze(self) -> tuple[datetime | None, datetime | None, datetime | None]:
        """Put off when, until when, and woken when."""
        return self.snoozed_at, self.snoozed_until, self.woke_at

    def snoozed(self, until: datetime, at: datetime) -> State:
        """Out of Inbox until then."""
        return replace(self, inbox=False, snoozed_at=at, snoozed_until=until)

    def woken(self, at: datetime) -> State:
        """In Inbox again, marked."""
        return replace(self, inbox=True, woke_at=at)

    def out_of_inbox(self) -> State:
        """Neither in Inbox nor to come back."""
        return replace(self, inbox=False, snoozed_until=None)

    def as_json(self) -> list[Any]:
        """As kept in an `Action`."""
        times = [at.isoformat() if at else None for at in (self.trashed_at, *self.snooze)]
        had = [sorted(self.labels), list(self.remembered)]
        return [self.place, self.flags, list(self.keywords), self.own, self.inbox, *had, *times]

    @classmethod
    def from_json(cls, kept: list[Any]) -> State:
        """The inverse of `as_json`."""
        place, flags, keywords, own, inbox, labels, remembered, *times = kept
        when = [datetime.fromisoformat(at) if at else None for at in times]
        return cls(place, flags, tuple(keywords), own, inbox, frozenset(labels), tuple(remembered), *when)

    def with_flag(self, flag: int, on: bool = True) -> State:
        return replace(self, flags=self.flags | flag if on else self.flags & ~flag)

    def with_keyword(self, keyword: str, on: bool = True) -> State:
        kept = [word for word in self.keywords if word.casefold() != keyword.casefold()]
        return replace(self, keywords=tuple(sorted([*kept, keyword] if on else kept)))

    def has_keyword(self, keyword: str) -> bool:
        return any(word.casefold() == keyword.casefold() for word in self.keywords)

    def put_away(self, place: int, inbox_id: int, now: datetime) -> State:
        """In Spam or Trash since now; what it had in Mail is remembered and hidden."""
        if self.place == place:
            return self
        had = (*([inbox_id] if self.inbox else []), *sorted(self.labels)) if self.place == Place.MAIL else self.remembered
        return replace(self, place=place, inbox=False, labels=frozenset(), remembered=had, trashed_at=now)

    def bring_back(self, inbox_id: int, labels: Iterable[int]) -> State:
        """In Mail again, with what it had there, as far as that still exists. `labels`: the ids of the account's labels."""
        if self.place == Place.MAIL:
            return self
        had = frozenset(self.remembered)
        inbox, kept = inbox_id in had, had & frozenset(labels)
        return replace(self, place=Place.MAIL, inbox=inbox, labels=kept, remembered=(), trashed_at=None)


def homes(state: State, roles: Mapping[str, int]) -> set[int]:
    """Ids of the mailboxes that a message in this state is in. `roles`: the account's mailbox id of each role.

    product.md 3.9: Archive holds what was received, is in Mail, and neither in Inbox nor to come back there; Sent, Drafts and
    Scheduled hold what is one's own.
    """
    if state.place != Place.MAIL:
        return {roles[Role.JUNK if state.place == Place.SPAM else Role.TRASH]}
    found = {roles[Role.ALL], *state.labels}
    if state.inbox:
        found.add(roles[Role.INBOX])
    if state.snoozed_until:
        found.add(roles[Role.SNOOZED])
    if state.flags & Message.DRAFT:
        found.add(roles[Role.DRAFTS])
    elif state.own:
        found.add(roles[Role.SCHEDULED if state.sends_at else Role.SENT])
    elif not state.inbox and not state.snoozed_until:
        found.add(roles[Role.ARCHIVE])
    if state.flags & Message.FLAGGED:
        found.add(roles[Role.STARRED])
    return found


def destined(state: State, target: Mailbox, labels: Iterable[int], inbox_id: int, now: datetime) -> State:
    """The state of a message in Mail that is put into a mailbox."""
    state = replace(state, labels=state.labels | frozenset(labels))
    match target.role:
        case Role.INBOX:
            return replace(state, inbox=True)
        case Role.SENT:
            return replace(state.with_flag(Message.DRAFT, False), own=True)
        case Role.DRAFTS:
            return replace(state.with_flag(Message.DRAFT), own=True, sends_at=None)
        case Role.STARRED:
            return state.with_flag(Message.FLAGGED)
        case Role.SNOOZED:
            return state.snoozed(now + UNTOLD, now)
        case Role.JUNK:
            return state.put_away(Place.SPAM, inbox_id, now)
        case Role.TRASH:
            return state.put_away(Place.TRASH, inbox_id, now)
        case Role.ARCHIVE | Role.ALL | Role.SCHEDULED:
            return state
    return replace(state, labels=state.labels | {target.pk})
