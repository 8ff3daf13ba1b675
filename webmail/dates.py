"""Dates as a list and a conversation write them, in the member's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR


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
    return f"{at.day} {_month(at)}" + ("" if at.year == now.year else f" {at.year}")


def middle(at: datetime, now: datetime | None = None) -> str:
    """For a message: as `short`, and the time of day too unless the year is another."""
    at_here, now_here = timezone.localtime(at), timezone.localtime(now or timezone.now())
    if at_here.date() == now_here.date() or at_here.year != now_here.year:
        return short(at, now)
    return f"{short(at, now)}, {at_here:%H:%M}"


def long(at: datetime) -> str:
    """In full: Saturday 3 October 2026, 14:02."""
    at = timezone.localtime(at)
    return f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS[at.month]} {at.year}, {at:%H:%M}"


def _month(at: datetime) -> str:
    return str(MONTHS[at.month])[:3]
