"""How many connections a client address and an account may hold, and how much nonsense they may send."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailsuite.accounts.authenticate import network_of
from mailsuite.imapd.tally import Shared, Tally

IDLE_SECONDS = 30 * 60  # RFC 9051 §5.4 asks for at least this, once somebody is logged in
LOGIN_SECONDS = 180  # from the connection to the login, however busily the client talks
BAD_COMMANDS = 20  # in a row
BAD_BEFORE_LOGIN = 10  # failed logins among them


@dataclass
class Limits:
    """What all processes of a door let in together. Generous: a household behind one address has many phones, each with
    several connections.

    Whoever has IPv6 has as many addresses as he likes: a /48 counts as one. shared, row: see `tally`.
    """

    in_all: int = 10_000  # of one process: it has only so many files
    by_address: int = 1_000
    by_account: int = 200
    strangers: int = 200  # connections of one address that are not logged in
    shared: Shared | None = None
    row: int = 0
    _addresses: Tally = field(init=False)
    _strangers: Tally = field(init=False)
    _accounts: Tally = field(init=False)

    def __post_init__(self) -> None:
        self._addresses = Tally("address ", self.shared, self.row)
        self._strangers = Tally("stranger ", self.shared, self.row)
        self._accounts = Tally("account ", self.shared, self.row)

    def connect(self, address: str) -> bool:
        """Count a new connection; False, and not counted, where it is too many."""
        address = _counted(address)
        if (
            self._addresses.total() >= self.in_all
            or self._addresses.everywhere(address) >= self.by_address
            or self._strangers.everywhere(address) >= self.strangers
        ):
            return False
        self._addresses.add(address)
        self._strangers.add(address)
        return True

    def log_in(self, address: str, account_id: int) -> bool:
        """Count a login; False, and not counted, where the account has too many connections."""
        if self._accounts.everywhere(str(account_id)) >= self.by_account:
            return False
        self._accounts.add(str(account_id))
        self._strangers.add(_counted(address), -1)
        return True

    def disconnect(self, address: str, account_id: int | None) -> None:
        address = _counted(address)
        self._addresses.add(address, -1)
        if account_id is None:
            self._strangers.add(address, -1)
        else:
            self._accounts.add(str(account_id), -1)


def _counted(address: str) -> str:
    return network_of(address) if ":" in address else address
