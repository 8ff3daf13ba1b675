"""When is the next attempt? A pure function: quickly at first, every four hours later, and at some time never again."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = 60.0  # seconds after the first attempt
LONGEST = 4 * 3600.0  # seconds between later ones
SPREAD = 0.2  # part of the delay that differs from row to row, so that a thousand deferred at once do not return at once


def delay(attempts: int, seed: int = 0) -> timedelta:
    """How long to wait after this many attempts: 1, 2, 4 … minutes up to 4 hours, plus or minus a tenth given by the seed."""
    seconds = min(FIRST * 2.0 ** min(max(attempts - 1, 0), 30), LONGEST)
    # Knuth's multiplicative hash: neighbouring ids land far apart, and the same id always gets the same place.
    place = (seed * 2654435761 % 2**32) / 2**32
    return timedelta(seconds=seconds * (1 + SPREAD * (place - 0.5)))


def next_attempt(
    attempts: int, accepted_at: datetime, now: datetime, *, lifetime: timedelta = timedelta(days=5), seed: int = 0
) -> datetime | None:
    """When to try again what was tried `attempts` times; None when it is too old and has failed.

    The last attempt falls on the end of the lifetime, so that five days means five days and not the last step before them.
    """
    end = accepted_at + lifetime
    if now >= end:
        return None
    return min(now + delay(attempts, seed), end)
