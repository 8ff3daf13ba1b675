"""Values of operators read from text: days, spans of days, ages, sizes. Pure: `now` is given where it matters."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = frozenset({"today", "yesterday", *WEEKDAYS})
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_AGE = re.compile(r"(\d{1,5})([hdwmy])", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,15})([kmg]?)b?", re.IGNORECASE)
_FACTOR = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def read_day(text: str, *, day_first: bool = False) -> str | None:
    """A day in ISO form, "today" and its like, or "@" and Unix seconds; a month or year is its first day. None: not a date."""
    text = text.strip().lower()
    if text in WORDS:
        return text
    if re.fullmatch(r"\d{9,11}", text):
        return f"@{text}"
    span = read_span(text, day_first=day_first)
    return span[0] if span else None


def read_span(text: str, *, day_first: bool = False) -> tuple[str, str] | None:
    """First and last day of a day, month, year, or `a..b`."""
    text = text.strip().lower()
    if ".." in text:
        first, last = (read_span(part, day_first=day_first) for part in text.split("..", 1))
        return (first[0], last[1]) if first and last else None
    if text in WORDS:
        return text, text
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) if part else 0 for part in found.groups())
        return _whole(year, month, day)
    if found := _YEAR_LAST.fullmatch(text):
        one, mark, other, year = int(found[1]), found[2], int(found[3]), int(found[4])
        dotted = mark == "." or one > 12  # 16.4.2026 is written by no one who puts the month first
        day, month = (one, other) if (dotted or day_first) and other <= 12 else (other, one)
        return _whole(year, month, day)
    return None


def _whole(year: int, month: int, day: int) -> tuple[str, str] | None:
    try:
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, month or 12, monthrange(year, month or 12)[1])
    except ValueError:
        return None
    return first.isoformat(), last.isoformat()


def nearest_date(text: str) -> str:
    """A date in the form we read, as near as can be to what was meant: 16/13/2026 becomes 2026-12-16."""
    if found := _YEAR_LAST.fullmatch(text.strip()):
        numbers, year = sorted((int(found[1]), int(found[3]))), int(found[4])
        day, month = (numbers[1], numbers[0]) if numbers[0] <= 12 else (int(found[1]), 12)
        return f"{year:04d}-{max(month, 1):02d}-{min(max(day, 1), 28 if month == 2 else 30):02d}"
    return "2026-12-16"


def read_age(text: str) -> str | None:
    """`7d`, in lower case; h, d, w, m (months) or y. None: not an age."""
    found = _AGE.fullmatch(text)
    return text.lower() if found else None


def read_size(text: str) -> int | None:
    """Bytes; k, M and G are powers of 1,024. None: not a size."""
    found = _SIZE.fullmatch(text)
    return int(found[1]) * _FACTOR[found[2].lower()] if found else None


def start_of(day: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment at which a day that `read_day` gave begins in the member's time zone."""
    if day.startswith("@"):
        return datetime.fromtimestamp(int(day[1:]), UTC)
    return datetime.combine(_date(day, now.astimezone(zone).date()), time(), zone).astimezone(UTC)


def end_of(day: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment at which the next day begins."""
    following = _date(day, now.astimezone(zone).date())
    if following < date.max:
        following += timedelta(days=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)


def _date(day: str, today: date) -> date:
    if day == "today":
        return today
    if day == "yesterday":
        return today - timedelta(days=1)
    if day in WEEKDAYS:  # the last one that was; today's own name is today
        return today - timedelta(days=(today.weekday() - WEEKDAYS.index(day)) % 7)
    # A day beside either end of the calendar has no moment in every zone.
    return min(max(date.fromisoformat(day), date(2, 1, 1)), date(9998, 12, 31))


def ago(age: str, now: datetime) -> datetime:
    """The moment that lies so long before now; months and years by the calendar. Also takes seconds, as `90s` (RFC 5032)."""
    number, unit = int(age[:-1]), age[-1]
    if unit in "my":
        return _months_before(now, number * (12 if unit == "y" else 1))
    try:
        return now - number * {"s": timedelta(seconds=1), "h": timedelta(hours=1), "d": timedelta(1), "w": timedelta(7)}[unit]
    except OverflowError:
        return datetime(2, 1, 1, tzinfo=UTC)


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    if year < 2:
        return datetime(2, 1, 1, tzinfo=UTC)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))
