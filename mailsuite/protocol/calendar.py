"""Invitations: what a calendar file says of its event, and the answer to it (RFC 5545, 5546, 6047).

icalendar takes the lines apart; its components are not made of them, for it would reckon out whatever recurrence a time zone of a
stranger asks for. Times are read as written, in zones that this machine knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.parser import Contentlines
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mailsuite.protocol.address import parse_path

MOST_CHARACTERS = 500_000
MOST_LINES = 20_000
MOST_EVENTS = 100
MOST_ATTENDEES = 500
LONGEST = 5_000  # characters of a text
LONGEST_UID = 500

PRODUCT = "-//Mailsuite//EN"
TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
DURATION = re.compile(r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?", re.I)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
EVENTS = (("VCALENDAR", "VEVENT"), ("VEVENT",))
Answer = Literal["ACCEPTED", "TENTATIVE", "DECLINED"]


class Person(NamedTuple):
    """An organiser or attendee. status: PARTSTAT, in capitals; role: ROLE."""

    name: str
    address: str
    status: str = ""
    role: str = ""


class Moment(NamedTuple):
    """A time as it was written. local: without a zone; zone: its name, "" for none; is_day: a whole day."""

    local: datetime
    zone: str
    is_day: bool

    @property
    def utc(self) -> datetime | None:
        """The time as everybody has it; None for a day, and for a time that is the same on every clock."""
        known = _zone(self.zone) if not self.is_day else None
        try:
            return self.local.replace(tzinfo=known).astimezone(UTC) if known else None
        except OverflowError:
            return None


@dataclass(slots=True)
class Invitation:
    """An event as one message speaks of it."""

    method: str = ""
    uid: str = ""
    sequence: int = 0
    recurrence: str = ""  # RECURRENCE-ID as written: it speaks of one of many
    recurrence_zone: str = ""
    title: str = ""
    where: str = ""
    description: str = ""
    url: str = ""
    status: str = ""
    rule: str = ""  # RRULE as written
    stamp: str = ""
    start: Moment | None = None
    end: Moment | None = None
    organiser: Person | None = None
    attendees: list[Person] = field(default_factory=list)


def parse(text: str) -> Invitation | None:
    """The event that a file is about: of several the one that is not an exception. None for what holds none. Never raises."""
    found: list[dict[str, Any]] = []
    method = ""
    for path, name, parameters, value in _lines(text):
        if path == ("VCALENDAR",) and name == "METHOD":
            method = value.strip().upper()[:30]
        elif path in EVENTS:
            if name == "BEGIN" and len(found) < MOST_EVENTS:
                found.append({"people": []})
            elif name == "ATTENDEE" and len(found[-1]["people"]) < MOST_ATTENDEES:
                found[-1]["people"].append((value, parameters))
            else:
                found[-1].setdefault(name, (value, parameters))
    if not found:
        return None
    chosen = next((one for one in found if "RECURRENCE-ID" not in one), found[0])
    return _invitation(method, chosen)


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any], str]]:
    """(components around it, name, parameters, value) of each line that can be read."""
    path: list[str] = []
    for number, line in enumerate(Contentlines.from_ical(text[:MOST_CHARACTERS])):
        if number > MOST_LINES or not line:
            break
        try:
            name, parameters, value = line.parts()
        except (ValueError, IndexError, KeyError):
            continue
        name, value = name.upper(), CONTROLS.sub("", str(value))
        if name == "BEGIN" and len(path) < 10:
            path.append(value.strip().upper())
        yield tuple(path), name, parameters, value
        if name == "END" and path and path[-1] == value.strip().upper():
            path.pop()


def _invitation(method: str, found: dict[str, Any]) -> Invitation:
    def text(name: str, most: int = LONGEST) -> str:
        return found[name][0].strip()[:most] if name in found else ""

    start = _moment(*found["DTSTART"]) if "DTSTART" in found else None
    recurrence = found.get("RECURRENCE-ID", ("", {}))
    return Invitation(
        method=method,
        uid=text("UID", LONGEST_UID),
        sequence=int(text("SEQUENCE")) if re.fullmatch(r"\d{1,9}", text("SEQUENCE"), re.A) else 0,
        recurrence=recurrence[0].strip() if TIME.fullmatch(recurrence[0].strip()) else "",
        recurrence_zone=str(recurrence[1].get("TZID", ""))[:100],
        title=text("SUMMARY", 500),
        where=text("LOCATION", 500),
        description=text("DESCRIPTION"),
        url=text("URL", 1_000),
        status=text("STATUS", 30).upper(),
        rule=text("RRULE", 500),
        stamp=text("DTSTAMP", 20),
        start=start,
        end=_end(found, start),
        organiser=_person(*found["ORGANIZER"]) if "ORGANIZER" in found else None,
        attendees=[person for value, parameters in found["people"] if (person := _person(value, parameters))],
    )


def _moment(value: str, parameters: Mapping[str, Any]) -> Moment | None:
    found = TIME.fullmatch(value.strip())
    if not found:
        return None
    try:
        local = datetime(*(int(part or 0) for part in found.groups()[:6]))
    except ValueError:
        return None
    return Moment(local, "UTC" if found[7] else str(parameters.get("TZID", ""))[:100], found[4] is None)


def _end(found: dict[str, Any], start: Moment | None) -> Moment | None:
    """DTEND, or DTSTART and DURATION; a day alone lasts a day."""
    if "DTEND" in found:
        return _moment(*found["DTEND"])
    lasts = DURATION.fullmatch(found["DURATION"][0].strip()) if "DURATION" in found else None
    if start is None:
        return None
    try:
        if lasts and not lasts[1].startswith("-"):
            weeks, days, hours, minutes, seconds = (int(part or 0) for part in lasts.groups()[1:])
            length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
            return start._replace(local=start.local + length)
        return start._replace(local=start.local + timedelta(days=1)) if start.is_day else start
    except OverflowError:
        return None


def _person(value: str, parameters: Mapping[str, Any]) -> Person | None:
    address = value.strip()
    address = address[7:] if address[:7].lower() == "mailto:" else address
    read = parse_path(address)
    if read is None:
        return None
    name, status, role = (str(parameters.get(key, "")).strip()[:200] for key in ("CN", "PARTSTAT", "ROLE"))
    return Person(name, str(read), status.upper() or "NEEDS-ACTION", role.upper())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> ZoneInfo | None:
    """The zone of this name, Microsoft's names and prefixes of makers ("/mozilla.org/20050126_1/Europe/Paris") known too."""
    name = WINDOWS_TO_OLSON.get(name, name)
    if name not in _zones():
        name = "/".join(name.rsplit("/", 3)[-2:])
    return ZoneInfo(name) if name in _zones() else None


def reply(invitation: Invitation, me: Person, answer: Answer, at: datetime, note: str = "") -> bytes:
    """The answer of one who was invited: a REPLY that names nobody else (RFC 5546 §3.2.3)."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    event["uid"] = vText(invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    if invitation.organiser:
        event["organizer"] = _named(invitation.organiser)
    attendee = _named(me)
    attendee.params["PARTSTAT"] = vText(answer)
    event["attendee"] = attendee
    if invitation.title:
        event.add("summary", invitation.title)
    if note:
        event.add("comment", note)
    if invitation.recurrence and (which := _moment(invitation.recurrence, {"TZID": invitation.recurrence_zone})):
        event.add("recurrence-id", _written(which))
    if invitation.start:
        event.add("dtstart", _written(invitation.start))
    calendar.add_component(event)
    return calendar.to_ical()


def _named(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address}")
    if name := "".join(char for char in person.name if char.isprintable() and char != '"'):
        address.params["CN"] = vText(name)
    return address


def _written(moment: Moment) -> date | datetime:
    """A time in UTC, so that the answer needs no zones of its own."""
    return moment.local.date() if moment.is_day else moment.utc or moment.local
