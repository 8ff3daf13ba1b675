"""Where does it go next? Into a mailbox, to the hosts of a domain, or all to one smart host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from mailsuite.accounts import addresses
from mailsuite.protocol.reply import Reply
from mailsuite.queue.models import Envelope, Recipient


@dataclass(frozen=True, slots=True)
class Local:
    """Into the store of an account."""

    account_id: int


@dataclass(frozen=True, slots=True)
class Remote:
    """To another host: the one named by `smarthost` (name, port), else the MX hosts of `domain` on REMOTE_PORT.

    `domain` is "" for a smart host: messages for all domains then share its connections.
    """

    domain: str
    smarthost: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """It cannot go anywhere; the reply says why."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Letter:
    """One envelope with those of its recipients that share a next hop. `prefix` and then the blob is what goes over the wire."""

    envelope: Envelope
    recipients: tuple[Recipient, ...]
    prefix: bytes  # trace lines, CRLF-ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient: the reply decides between delivered, deferred and failed.

    host: name and address of the host that said it, "" where it was ourselves (no MX, no connection). tls: version and cipher,
    "" for plain text. dsn: the host announced DSN, so a report of success is its duty now (RFC 3461 §5.2).
    """

    recipient: Recipient
    reply: Reply
    host: str = ""
    tls: str = ""
    dsn: bool = False


def next_hop(recipient: Recipient) -> Local | Remote | Nowhere:
    """Where this recipient's copy goes now."""
    if recipient.account_id is not None:
        return Local(recipient.account_id)
    domain = recipient.address.rpartition("@")[2].lower()
    if addresses.is_local_domain(domain):
        return _ours_after_all(recipient.address)
    if settings.SMARTHOST:
        return Remote("", settings.SMARTHOST)
    return Remote(domain)


def _ours_after_all(address: str) -> Local | Nowhere:
    """A domain that became ours while the message waited: calling its MX hosts would be calling ourselves."""
    found = addresses.resolve(address)
    if len(found) == 1 and found[0].account_id is not None:
        return Local(found[0].account_id)
    if found:
        return Nowhere(Reply(550, "5.4.6", "this address leads back to this host"))
    return Nowhere(Reply(550, "5.1.1", "there is no such address here"))


def letters(recipients: Iterable[Recipient]) -> list[Letter]:
    """Recipients of one next hop by envelope, each with what is put before its content.

    A copy that an alias sends out says so in a Delivered-To line of its own: when it comes back to that alias, the circle ends.
    """
    groups: dict[tuple[int, str], list[Recipient]] = {}
    for recipient in recipients:
        groups.setdefault((recipient.envelope_id, recipient.original), []).append(recipient)
    return [Letter(rows[0].envelope, tuple(rows), _prefix(rows[0])) for rows in groups.values()]


def _prefix(recipient: Recipient) -> bytes:
    passed_on = f"Delivered-To: {recipient.original}\r\n".encode() if recipient.original else b""
    return passed_on + bytes(recipient.envelope.trace)
