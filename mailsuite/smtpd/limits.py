"""How much one client may ask of us: connections at once for a network, and mistakes in one connection."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mailsuite.accounts.authenticate import network_of
from mailsuite.protocol.reply import Reply

MOST_ERRORS = 50  # replies 4yz and 5yz in one connection; a list with a few dead members stays far below
FREE_ERRORS = 10  # after so many, each costs settings.TARPIT_SECONDS
MOST_FAILED_LOGINS = 3
MOST_RECIPIENTS = 1_000  # RFC 5321 §4.5.3.1.8 asks for at least 100
MOST_HELD = 100  # replies that gather while a client pipelines; then it has to read some
LINE_LIMIT = 12_288  # bytes of a command: RFC 4954 §4 wants as much for AUTH
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "Too many connections at once from your network; try again later")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors; goodbye")
TOO_SLOW = Reply(421, "4.4.2", "Nothing came for too long; goodbye")
SHUTTING_DOWN = Reply(421, "4.3.2", "The server is shutting down; try again soon")


@dataclass
class Crowd:
    """Counts the open connections of a door, for each network (/24 or /48) and together."""

    most_for_network: int = 50
    most: int = 2_000
    _by_network: Counter[str] = field(default_factory=Counter)

    def enter(self, client: str) -> bool:
        """Count one more; False where that would be too many. This machine itself is always let in."""
        network = network_of(client)
        crowded = self._by_network[network] >= self.most_for_network or self._by_network.total() >= self.most
        if crowded and not network.startswith("127."):
            return False
        self._by_network[network] += 1
        return True

    def leave(self, client: str) -> None:
        """One that entered is gone."""
        network = network_of(client)
        self._by_network[network] -= 1
        if self._by_network[network] <= 0:
            del self._by_network[network]
