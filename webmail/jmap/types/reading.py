"""What this suite adds to an Email for whoever reads it: its event, and the answer to it."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from webmail.jmap.types.core import Id, UnsignedInt, UTCDate

EventAnswer = Literal["yes", "maybe", "no"]
GuestStatus = Literal["needs-action", "accepted", "tentative", "declined", "delegated"]


class EventTimes(TypedDict):
    """start, end: as written, without a zone (YYYY-MM-DDTHH:MM:SS), the end not included; startAt, endAt: as everybody has them,
    null for whole days and for times that are the same on every clock.
    """

    start: str | None
    end: str | None
    startAt: UTCDate | None
    endAt: UTCDate | None
    zone: str | None
    isAllDay: bool


class EventReplaced(EventTimes):
    """When the event was to be, by the email that this one replaces."""

    emailId: Id


class EventPerson(TypedDict):
    """Who invites or is invited."""

    name: str | None
    email: str
    status: GuestStatus


class EventGuest(TypedDict):
    """The guest that the member is."""

    email: str
    status: GuestStatus


class Event(EventTimes):
    """The event that an email speaks of. method: of iTIP, in lower case; repeats: its rule as written.

    isReplaced: a newer email moves it; isCancelled: by this email or a newer one; answer: what the member has said.
    """

    method: str
    uid: str
    sequence: UnsignedInt
    title: str
    where: str
    description: str
    repeats: str | None
    organiser: EventPerson | None
    attendees: list[EventPerson]
    mine: EventGuest | None
    answer: EventAnswer | None
    canAnswer: bool
    isCancelled: bool
    isReplaced: bool
    replaces: EventReplaced | None


class EventAnswerArguments(TypedDict):
    """note: for the organiser."""

    accountId: Id
    emailId: Id
    answer: EventAnswer
    note: NotRequired[str | None]


class EventAnswerResponse(TypedDict):
    """isSent: the organiser was told; not where the same was said before."""

    accountId: Id
    oldState: str
    newState: str
    isSent: bool
