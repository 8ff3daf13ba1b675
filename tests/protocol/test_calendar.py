"""Invitations read from whatever calls itself a calendar, and answers that calendars take."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest

from mailsuite.protocol import calendar
from mailsuite.protocol.calendar import Person
from tests.corpora import corpus

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BOB = Person("Bob Roe", "bob@example.org")


def invitation(*lines: str, method: str = "REQUEST") -> str:
    event = ["UID:roof-1@elsewhere.example", "DTSTAMP:20260301T090000Z", *lines]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(whole)


FULL = invitation(
    "SEQUENCE:3",
    "SUMMARY:Look at the roof\\, all",
    "  of it",
    "LOCATION:Oak Street 4",
    'DTSTART;TZID="Europe/Berlin":20260310T100000',
    "DURATION:PT1H30M",
    "ORGANIZER;CN=Carol:mailto:carol@elsewhere.example",
    'ATTENDEE;CN="Roe, Bob";PARTSTAT=NEEDS-ACTION;RSVP=TRUE:MAILTO:bob@example.org',
    "ATTENDEE:tel:+15550100",
    "BEGIN:VALARM",
    "SUMMARY:Not this",
    "END:VALARM",
)


def test_an_invitation_says_what_when_where_and_who() -> None:
    said = calendar.parse(FULL)
    assert said is not None
    assert (said.method, said.uid, said.sequence) == ("REQUEST", "roof-1@elsewhere.example", 3)
    assert (said.title, said.where) == ("Look at the roof, all of it", "Oak Street 4")
    assert said.start is not None
    assert said.end is not None
    assert (said.start.utc, said.end.utc) == (datetime(2026, 3, 10, 9, tzinfo=UTC), datetime(2026, 3, 10, 10, 30, tzinfo=UTC))
    assert said.organiser == Person("Carol", "carol@elsewhere.example", "NEEDS-ACTION")
    assert said.attendees == [Person("Roe, Bob", "bob@example.org", "NEEDS-ACTION")]


@pytest.mark.parametrize(
    ("written", "utc", "is_day"),
    [
        ("DTSTART:20260310T100000Z", datetime(2026, 3, 10, 10, tzinfo=UTC), False),
        ("DTSTART:20260310T100000", None, False),
        ("DTSTART;VALUE=DATE:20260310", None, True),
        ("DTSTART;TZID=W. Europe Standard Time:20260310T100000", datetime(2026, 3, 10, 9, tzinfo=UTC), False),
        ("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260310T100000", datetime(2026, 3, 10, 9, tzinfo=UTC), False),
        ("DTSTART;TZID=Nowhere:20260310T100000", None, False),
        ("DTSTART;TZID=../../etc/passwd:20260310T100000", None, False),
    ],
)
def test_times_are_read_in_zones_that_this_machine_knows(written: str, utc: datetime | None, is_day: bool) -> None:
    said = calendar.parse(invitation(written))
    assert said is not None
    assert said.start is not None
    assert (said.start.utc, said.start.is_day) == (utc, is_day)


@pytest.mark.parametrize(
    "written", ["DTSTART:soon", "DTSTART:20261399T990000", "DTSTART:" + "9" * 5_000, "DTSTART:99991231T235959Z"]
)
def test_a_time_that_is_none_is_no_time(written: str) -> None:
    said = calendar.parse(invitation(written, "DURATION:P9999W"))
    assert said is not None
    assert said.start is None or said.end is None


@pytest.mark.parametrize("answer", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_is_a_reply_that_names_nobody_else(answer: calendar.Answer) -> None:
    said = calendar.parse(FULL.replace("SEQUENCE:3", "SEQUENCE:3\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260310T100000"))
    assert said is not None
    written = calendar.reply(said, BOB, answer, AT, "Is Carla\ncoming?")
    read = icalendar.Calendar.from_ical(written)
    [event] = read.events
    assert read["method"] == "REPLY"
    assert (event["uid"], event["sequence"], event["summary"]) == (said.uid, 3, said.title)
    assert (str(event["organizer"]), str(event["attendee"])) == ("mailto:carol@elsewhere.example", "mailto:bob@example.org")
    assert event["attendee"].params["PARTSTAT"] == answer
    assert event["recurrence-id"].dt == datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert event["comment"] == "Is Carla\ncoming?"
    assert b"roe" not in written.lower().replace(b"cn=bob roe", b"").replace(b'cn="bob roe"', b"")


def test_what_a_stranger_wrote_writes_no_lines_of_its_own_into_an_answer() -> None:
    said = calendar.parse(FULL.replace("Look at the roof", "x\\nATTENDEE:mailto:mallory@elsewhere.example\x0b\x00"))
    assert said is not None
    written = calendar.reply(said, Person('B"\r\nX-EVIL:1', "bob@example.org"), "ACCEPTED", AT)
    assert [line for line in written.split(b"\r\n") if line.startswith((b"X-EVIL", b"ATTENDEE:"))] == []
    assert written.count(b"\nATTENDEE") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(" * 1_000_000,
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" * 50_000,
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + "ATTENDEE;CN=x:mailto:a@elsewhere.example\n" * 30_000,
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:" + "\\" * 400_000,
        'BEGIN:VCALENDAR\nBEGIN:VEVENT\nX;A="' + 'b";C="' * 80_000,
        "\n " * 250_000,
        "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nRRULE:FREQ=SECONDLY\nDTSTART:19700101T000000\nEND:STANDARD\n"
        "END:VTIMEZONE\nBEGIN:VEVENT\nRRULE:FREQ=SECONDLY;COUNT=999999999\nDTSTART;TZID=x:20260101T000000\nEND:VEVENT",
        "END:VEVENT\nEND:VEVENT\nBEGIN:VEVENT\nSEQUENCE:" + "9" * 5_000,
    ],
)
def test_a_hostile_calendar_is_read_and_has_an_end(text: str) -> None:
    said = calendar.parse(text)
    assert said is None or len(said.attendees) <= calendar.MOST_ATTENDEES


def test_every_published_calendar_is_read_and_can_be_answered() -> None:
    seen = 0
    for path in sorted(path for path in corpus("ics").rglob("*") if path.suffix in (".ics", ".eml")):
        if said := calendar.parse(path.read_bytes().decode("utf-8", "replace")):
            icalendar.Calendar.from_ical(calendar.reply(said, BOB, "ACCEPTED", AT))
            seen += 1
    assert seen > 100
