"""How many commands a client may give: whoever is faster waits a moment before each, and nobody is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field

ACCOUNT_FACTOR = 4  # so much faster may all connections of an account be together


class Bucket:
    """Holds a minute's worth of commands, and fills again as fast."""

    __slots__ = ("_at", "_level")

    def __init__(self, per_minute: int, now: float) -> None:
        self._level, self._at = float(per_minute), now

    def take(self, per_minute: int, now: float) -> float:
        """Take a command out; seconds to wait before it may run."""
        rate = per_minute / 60
        self._level = min(per_minute, self._level + (now - self._at) * rate) - 1
        self._at = now
        return max(0.0, -self._level / rate)


@dataclass
class Pace:
    """The buckets of a process. per_minute: commands of one connection; 0 is no limit."""

    per_minute: int
    _accounts: dict[int, Bucket] = field(default_factory=dict)

    def wait(self, own: Bucket, account_id: int | None, now: float) -> float:
        """Seconds for which the next command of this connection has to wait."""
        if not self.per_minute:
            return 0.0
        seconds = own.take(self.per_minute, now)
        if account_id is None:
            return seconds
        together = self.per_minute * ACCOUNT_FACTOR
        bucket = self._accounts.get(account_id) or self._accounts.setdefault(account_id, Bucket(together, now))
        return max(seconds, bucket.take(together, now))
