"""Dates as a list and a conversation write them, in the member's time zone and language."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR

from webmail import i18n

SHORT_MONTH = 4  # characters, of an abbreviation


def zone_of(name: str) -> tzinfo:
    """The named time zone; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return ZoneInfo("UTC")


def zone_names() -> list[str]:
    """What a member may choose from, in order."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/")))


def short(at: datetime, now: datetime | None = None) -> str:
    """For a list: 14:02 today, Fri within the last six days, 3 Oct this year, else 3 Oct 2025."""
    at, now = timezone.localtime(at), timezone.localtime(now or timezone.now())
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if timedelta(0) <= now.date() - at.date() < timedelta(days=7):
        return str(WEEKDAYS_ABBR[at.weekday()])
    return _date(at, _short_month(at), with_year=at.year != now.year)


def middle(at: datetime, now: datetime | None = None) -> str:
    """For a message: as `short`, and the time of day too unless the year is another."""
    at_here, now_here = timezone.localtime(at), timezone.localtime(now or timezone.now())
    if at_here.date() == now_here.date() or at_here.year != now_here.year:
        return short(at, now)
    return f"{short(at, now)}, {at_here:%H:%M}"


def long(at: datetime) -> str:
    """In full: Saturday 3 October 2026, 14:02."""
    at = timezone.localtime(at)
    return f"{day(at)}, {at:%H:%M}"


def day(at: datetime) -> str:
    """Saturday 3 October 2026; the day and month that it holds, in no other zone."""
    comma = "" if i18n.current() == "en" else ","
    return f"{WEEKDAYS[at.weekday()]}{comma} {_date(at, str(MONTHS[at.month]), with_year=True)}"


def _date(at: datetime, month: str, *, with_year: bool) -> str:
    """As each of our languages writes a day: 3 Oct 2025, 3. Okt 2025, 3 de octubre de 2025."""
    number = f"{at.day}." if i18n.current() == "de" else str(at.day)
    joint = " de " if i18n.current() == "es" and len(month) > SHORT_MONTH else " "
    return joint.join([number, month, str(at.year)] if with_year else [number, month])


def _short_month(at: datetime) -> str:
    return str(MONTHS[at.month])[:3] if i18n.current() == "en" else str(MONTHS_3[at.month])
