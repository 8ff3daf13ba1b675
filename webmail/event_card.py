"""An event as a page shows it: when in the member's zone and in the organiser's, where, who comes, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from mailsuite.protocol.calendar import Invitation, Moment, Person
from webmail import dates, display
from webmail.i18n import mark, t
from webmail.invitations import ANSWERS, Event

SHOWN_GUESTS = 50
STATUSES = {
    "ACCEPTED": mark("comes"),
    "DECLINED": mark("does not come"),
    "TENTATIVE": mark("comes perhaps"),
    "DELEGATED": mark("sends somebody else"),
}
REPEATS = {
    "DAILY": mark("Repeats every day"),
    "WEEKLY": mark("Repeats every week"),
    "MONTHLY": mark("Repeats every month"),
    "YEARLY": mark("Repeats every year"),
}


@dataclass(slots=True)
class Card:
    """What stands on the card. answer: yes, maybe, no, or "" for none yet."""

    title: str
    when: str
    when_there: str = ""
    where: str = ""
    organiser: str = ""
    guests: list[tuple[str, str]] = field(default_factory=list)
    more_guests: int = 0
    repeats: str = ""
    description: str = ""
    line: str = ""
    moved_from: str = ""
    is_gone: bool = False
    can_answer: bool = False
    answer: str = ""


def card(event: Event) -> Card:
    """The card of a message's event."""
    made = plain(event.said)
    made.is_gone = event.is_cancelled or event.is_replaced
    made.line = _line(event)
    made.can_answer = event.can_answer
    made.answer = next((word for word, given in ANSWERS.items() if given == event.answer), "")
    if event.before and event.before[1].start != event.said.start:
        made.moved_from = _when(event.before[1])
    return made


def plain(said: Invitation) -> Card:
    """The card of an event in a file, which nobody asked about."""
    people = [(_name(person), _status(person)) for person in said.attendees[:SHOWN_GUESTS]]
    return Card(
        title=display.clean(said.title) or t("Event"),
        when=_when(said),
        when_there=_there(said),
        where=display.clean(said.where),
        organiser=_name(said.organiser) if said.organiser else "",
        guests=people,
        more_guests=max(len(said.attendees) - SHOWN_GUESTS, 0),
        repeats=_repeats(said),
        description=display.clean_lines(said.description)[:2_000].strip(),
    )


def _line(event: Event) -> str:
    """What this message says of the event, in a sentence."""
    said = event.said
    if event.is_cancelled:
        return t("This event was cancelled.")
    if event.is_replaced:
        return t("A newer invitation to this event has come.")
    if said.method == "REPLY" and said.attendees:
        guest = said.attendees[0]
        return t("{name} {status}.", name=_name(guest), status=_status(guest))
    if said.method == "COUNTER":
        return t("A guest proposes another time.")
    return ""


def _status(person: Person) -> str:
    return t(STATUSES[person.status]) if person.status in STATUSES else t("has not answered")


def _name(person: Person) -> str:
    return display.clean(person.name) or display.clean(person.address)


def _repeats(said: Invitation) -> str:
    if not said.rule:
        return ""
    parts = dict(part.split("=", 1) for part in said.rule.upper().split(";") if "=" in part)
    often = REPEATS.get(parts.get("FREQ", ""), "")
    return t(often) if often and parts.get("INTERVAL", "1") == "1" else t("Repeats")


def _when(said: Invitation) -> str:
    if said.start is None:
        return t("No time is given")
    return _span(_here(said.start), _here(said.end) if said.end else None, is_day=said.start.is_day)


def _here(moment: Moment) -> datetime:
    """In the member's zone; a time that is the same on every clock stays as it is."""
    at = moment.utc
    return timezone.localtime(at).replace(tzinfo=None) if at else moment.local


def _there(said: Invitation) -> str:
    """The same in the organiser's zone, where that is another."""
    start, end = said.start, said.end
    if start is None or start.is_day or start.utc is None or start.zone == "UTC" or _here(start) == start.local:
        return ""
    return f"{_span(start.local, end.local if end else None, is_day=False)} ({display.clean(start.zone)})"


def _span(start: datetime, end: datetime | None, *, is_day: bool) -> str:
    if is_day:
        last = end - timedelta(days=1) if end and end - start > timedelta(days=1) else None
        return _until(_day(start), _day(last)) if last else _day(start)
    if end is None or end == start:
        return f"{_day(start)}, {start:%H:%M}"
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{_day(end)}, {end:%H:%M}"
    return _until(f"{_day(start)}, {start:%H:%M}", until)


def _until(start: str, end: str) -> str:
    return t("{start} to {end}", start=start, end=end)


def _day(at: datetime) -> str:
    return dates.day(at)
