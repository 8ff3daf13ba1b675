"""Dates of header fields, as RFC 5322 §3.3 has them and as they are really written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), 1)}
ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "bst": 1}
MOST_BYTES = 200
MOST_NESTED = 3

COMMENT = re.compile(r"\([^()]*+\)")
USUAL = re.compile(
    r"""(?:[^\W\d]{2,12}\.?\s*,?\s*)?             # day of the week, never believed
    (\d{1,2})[\s.-]+([^\W\d]{3})[^\W\d]{0,6}[\s.,-]+(\d{2,4}),?\s+
    (\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d+)?\s*([ap]m\b)?\s*
    (?:(?:gmt|utc?)?(?P<offset>[+-]\d{1,2}:?\d{2})|([a-z]{1,5}))?""",
    re.X | re.I,
)
ASCTIME = re.compile(
    r"[^\W\d]{2,12}\s+([^\W\d]{3})[^\W\d]{0,6}\s+(\d{1,2}),?\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s+"
    r"(?:(?P<offset>[+-]\d{4})|([a-z]{1,5}))?\s*(\d{4})",
    re.I,
)
ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(?:(?P<offset>[+-]\d{2}:?\d{2})|(z))?", re.I
)


def parse(text: str) -> datetime | None:
    """An aware datetime in UTC, or None where no date can be read. Years below 100 as in RFC 5322 §4.3."""
    found = _read(text)
    return found[0] if found else None


def zoned(text: str) -> datetime | None:
    """As `parse`, but told at the offset from UTC that is written there, where it is one."""
    if not (found := _read(text)):
        return None
    try:
        return found[0].astimezone(timezone(_east(found[1]))) if found[1] else found[0]
    except (ValueError, OverflowError):  # a day and more from Greenwich
        return found[0]


def _read(text: str) -> tuple[datetime, str | None] | None:
    """The moment in UTC, and the offset as written."""
    line = text[:MOST_BYTES]
    for _ in range(MOST_NESTED if "(" in line else 0):
        line = COMMENT.sub(" ", line)
    line = " ".join(line.split())
    for pattern, order in ((USUAL, _usual), (ASCTIME, _asctime), (ISO, _iso)):
        found = pattern.match(line)
        if found:
            try:
                return order(found), found["offset"]
            except (ValueError, OverflowError, KeyError):
                return None
    return None


def _usual(found: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, half, offset, zone = found.groups()
    hours = int(hour) % 12 + 12 * (half.lower() == "pm") if half else int(hour)
    return _moment(_year(year), MONTHS[month.lower()], int(day), (hours, int(minute), int(second or 0)), offset, zone)


def _asctime(found: re.Match[str]) -> datetime:
    month, day, hour, minute, second, offset, zone, year = found.groups()
    return _moment(int(year), MONTHS[month.lower()], int(day), (int(hour), int(minute), int(second or 0)), offset, zone)


def _iso(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, offset, zone = found.groups()
    return _moment(int(year), int(month), int(day), (int(hour), int(minute), int(second or 0)), offset, zone)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) < 4:  # RFC 5322 §4.3: 00 to 49 are 20xx; everything else of two or three digits counts from 1900
        year += 2000 if year < 50 and len(digits) == 2 else 1900
    return year


def _moment(year: int, month: int, day: int, clock: tuple[int, int, int], offset: str | None, zone: str | None) -> datetime:
    hour, minute, second = clock
    if year < 1900:
        raise ValueError("before mail")
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
    if offset:
        return moment - _east(offset)
    return moment - timedelta(hours=ZONES.get((zone or "").lower(), 0))


def _east(offset: str) -> timedelta:
    digits = offset[1:].replace(":", "").rjust(4, "0")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return east if offset[0] == "+" else -east
