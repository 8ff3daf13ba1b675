"""How many connections a client address and an account may hold, and how much nonsense they may send."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mailsuite.accounts.authenticate import network_of

IDLE_SECONDS = 30 * 60  # RFC 9051 §5.4 asks for at least this, once somebody is logged in
LOGIN_SECONDS = 180  # from the connection to the login, however busily the client talks
BAD_COMMANDS = 20  # in a row
BAD_BEFORE_LOGIN = 10  # failed logins among them


@dataclass
class Limits:
    """Counts of one process. Generous: a household behind one address has many phones, each with several connections.

    Whoever has IPv6 has as many addresses as he likes: a /48 counts as one.
    """

    in_all: int = 10_000
    by_address: int = 1_000
    by_account: int = 200
    strangers: int = 200  # connections of one address that are not logged in
    _addresses: Counter[str] = field(default_factory=Counter)
    _strangers: Counter[str] = field(default_factory=Counter)
    _accounts: Counter[int] = field(default_factory=Counter)

    def connect(self, address: str) -> bool:
        """Count a new connection; False, and not counted, where it is too many."""
        address = _counted(address)
        if (
            self._addresses.total() >= self.in_all
            or self._addresses[address] >= self.by_address
            or self._strangers[address] >= self.strangers
        ):
            return False
        self._addresses[address] += 1
        self._strangers[address] += 1
        return True

    def log_in(self, address: str, account_id: int) -> bool:
        """Count a login; False, and not counted, where the account has too many connections."""
        if self._accounts[account_id] >= self.by_account:
            return False
        self._accounts[account_id] += 1
        self._forget(self._strangers, _counted(address))
        return True

    def disconnect(self, address: str, account_id: int | None) -> None:
        address = _counted(address)
        self._forget(self._addresses, address)
        if account_id is None:
            self._forget(self._strangers, address)
        else:
            self._forget(self._accounts, account_id)

    @staticmethod
    def _forget(counter: Counter, key: str | int) -> None:
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]


def _counted(address: str) -> str:
    return network_of(address) if ":" in address else address
