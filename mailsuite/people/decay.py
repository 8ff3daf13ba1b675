"""How much a mail counts by its age: half as much every sixty days (product.md 5.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=60)
REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)  # sums are as of this moment, whenever the mail was; floats have room for a century


def weight(at: datetime, now: datetime) -> float:
    """What one mail adds to a sum as of REFERENCE; a clock that runs ahead of ours adds no more than ours."""
    return float(2.0 ** ((min(at, now) - REFERENCE) / HALF_LIFE))
