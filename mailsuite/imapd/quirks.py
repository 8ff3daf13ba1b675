"""What is not offered, and to whom: to nobody where the operator says so, and not to those whose client breaks with it.

By what a client does, and not by what it calls itself: RFC 2971 §3 has a server do nothing by the name in ID, and a program
that was mended would stay shut out under its old name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from mailsuite import maillog

FORGOTTEN_AFTER = 86_400.0  # seconds: then it may have been mended


@dataclass(frozen=True, slots=True)
class Quirk:
    """A client that does this is better off without the capability."""

    hides: str
    reason: str
    source: str


NUMBERS_AFTER_UIDONLY = Quirk(
    hides="UIDONLY",
    reason="It promises to use UIDs alone (ENABLE UIDONLY), then sends FETCH with numbers, and shows an empty mailbox.",
    source="Microsoft 365; github.com/mjl-/mox commit 3d28c89 and issue 388",
)

# Looked into, and not here, for it needs nothing:
# - COMPRESS and iOS Mail (mox commit f6132bd): what timed out was mox, which could not read streams that are flushed halfway
#   through an octet (Z_PARTIAL_FLUSH). Ours can; tests/imapd/test_compress.py holds it to that.
# - A slash after a mailbox's name (Dovecot's tb-extra-mailbox-sep, for Thunderbird): such a name is taken for the one without.


@dataclass
class Quirks:
    """What the clients of this process were seen to do. nobody: capabilities that the operator wants offered to none."""

    nobody: frozenset[str] = frozenset()
    clock: Callable[[], float] = monotonic
    _first: dict[tuple[int, str], int] = field(default_factory=dict)  # the connection that did it
    _until: dict[tuple[int, str], float] = field(default_factory=dict)

    def seen(self, account_id: int, quirk: Quirk, connection: object) -> None:
        """A client of this account did it. On a second connection it is a habit: all that come after do without."""
        key = account_id, quirk.hides
        if self._first.setdefault(key, id(connection)) == id(connection):
            return
        del self._first[key]
        maillog.event("quirk-seen", door="imap", account=account_id, hides=quirk.hides)
        self._until[key] = self.clock() + FORGOTTEN_AFTER

    def hidden(self, account_id: int | None) -> frozenset[str]:
        """In upper case, as in CAPABILITY."""
        if not self._until:
            return self.nobody
        now = self.clock()
        self._until = {key: until for key, until in self._until.items() if until > now}
        return self.nobody | {hides for whose, hides in self._until if whose == account_id}
