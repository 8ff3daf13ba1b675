"""Say how an attempt ended, recipient by recipient, and which notices the sender is owed for it.

The queue knows when a notice is due, not how a DSN is written: every function returns `Notice`s, and `delivery.bounce` turns
them into messages in the same transaction. None is ever due to the null reverse-path (RFC 5321 §6.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from mailsuite import maillog
from mailsuite.protocol.reply import Reply
from mailsuite.queue import schedule
from mailsuite.queue.models import Attempt, Recipient

State = Recipient.State
OPEN = (State.LEASED, State.DUE, State.HELD)


class LeaseLost(Exception):
    """Somebody else may have tried it meanwhile. Roll back what depends on this attempt."""

    temporary = True


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sender of an envelope is owed: kind is failed, delayed, delivered or relayed (RFC 3464 §2.3.3)."""

    kind: str
    recipient: Recipient
    reply: Reply
    host: str = ""  # who said it; "" is ourselves
    until: datetime | None = None  # of a delay: when we shall give up


@dataclass(frozen=True, slots=True)
class Heard:
    """One try at a remote host, for the sender to see: the host's name and address, TLS version and cipher, its words."""

    host: str
    tls: str = ""
    dsn: bool = False  # it announced DSN, so the duty to report success went over with the message (RFC 3461 §5.2)


def delivered(
    recipients: Sequence[Recipient], reply: Reply, now: datetime, *, owner: str | None = None, heard: Heard | None = None
) -> list[Notice]:
    """All of them were taken by the next holder, or are in their mailboxes.

    With `owner`, all must still be leased by it, else LeaseLost: an append in the same transaction then happens exactly once.
    Without, whoever holds them now, they are settled: the next holder has the message.
    """
    if not recipients:
        return []
    mine = Recipient.objects.filter(pk__in=[row.pk for row in recipients])
    mine = mine.filter(state__in=OPEN) if owner is None else mine.filter(state=State.LEASED, lease_owner=owner)
    settled = mine.update(**_settled(State.DELIVERED, reply, now))
    if owner is not None and settled != len(recipients):
        raise LeaseLost(f"{len(recipients) - settled} of {len(recipients)} leases")
    _remember(recipients, reply, now, heard)
    if not settled:  # somebody else has said so before
        return []
    kind = "relayed" if heard else "delivered"
    asked = [row for row in recipients if "SUCCESS" in _notify(row) and not (heard and heard.dsn)]
    return [Notice(kind, row, reply, heard.host if heard else "") for row in asked if row.envelope.reverse_path]


def deferred(recipient: Recipient, reply: Reply, now: datetime, *, heard: Heard | None = None) -> list[Notice]:
    """Not now: due again by the schedule, or failed where it is too old. The sender is warned once when it takes long."""
    since = recipient.hold_until or recipient.envelope.accepted_at
    lifetime = timedelta(seconds=settings.QUEUE_LIFETIME)
    again = schedule.next_attempt(recipient.attempts, since, now, lifetime=lifetime, seed=recipient.pk)
    if again is None:
        return failed(recipient, _too_old(reply), now, heard=heard)
    warn = _is_owed_a_warning(recipient, since, now)
    deferral = {"state": State.DUE, "next_attempt_at": again, "lease_owner": "", "lease_expires_at": None, "crashes": 0}
    deferral |= {"last_reply": str(reply), "warned_at": now if warn else recipient.warned_at}
    if not _ended(recipient, deferral, reply, now, heard):
        return []
    _log("deferred", recipient, reply, heard, again=again.isoformat(timespec="seconds"))
    return [Notice("delayed", recipient, reply, heard.host if heard else "", since + lifetime)] if warn else []


def failed(recipient: Recipient, reply: Reply, now: datetime, *, heard: Heard | None = None) -> list[Notice]:
    """For good. Owed to the sender unless it said NOTIFY without FAILURE, or has no reverse-path."""
    if not _ended(recipient, _settled(State.FAILED, reply, now), reply, now, heard):
        return []
    _log("failed", recipient, reply, heard)
    if not recipient.envelope.reverse_path or "FAILURE" not in (_notify(recipient) or {"FAILURE"}):
        return []
    return [Notice("failed", recipient, reply, heard.host if heard else "")]


def log_delivered(recipients: Iterable[Recipient], reply: Reply, heard: Heard | None = None) -> None:
    """A line for each, for when the transaction is committed."""
    for recipient in recipients:
        _log("delivered", recipient, reply, heard)


def _ended(recipient: Recipient, values: dict[str, Any], reply: Reply, now: datetime, heard: Heard | None) -> bool:
    """Write how the attempt ended; False where the lease under which it was made is lost: then it is another's to say.

    Else a worker that was stopped for an hour would report as failed what another has delivered meanwhile.
    """
    _remember([recipient], reply, now, heard)
    mine = Recipient.objects.filter(pk=recipient.pk, state__in=OPEN, lease_owner=recipient.lease_owner)
    return bool(mine.update(**values))


def _settled(state: str, reply: Reply, now: datetime) -> dict[str, Any]:
    return {"state": state, "settled_at": now, "lease_owner": "", "lease_expires_at": None, "last_reply": str(reply)}


def _notify(recipient: Recipient) -> set[str]:
    """RFC 3461 §4.1; empty is no word from the sender, which means FAILURE, and DELAY at our discretion."""
    return {word.strip() for word in recipient.notify.upper().split(",") if word.strip()}


def _is_owed_a_warning(recipient: Recipient, since: datetime, now: datetime) -> bool:
    return (
        recipient.warned_at is None
        and bool(recipient.envelope.reverse_path)
        and "DELAY" in (_notify(recipient) or {"DELAY"})
        and now >= since + timedelta(seconds=settings.DELAY_WARNING)
    )


def _too_old(reply: Reply) -> Reply:
    """RFC 3463 §3.5: 4.4.7 is delivery time expired; the last words stay, they are the reason."""
    days = settings.QUEUE_LIFETIME / 86_400
    return Reply(554, "5.4.7", f"given up after {days:g} days; the last answer was: {reply}")


def _remember(recipients: Sequence[Recipient], reply: Reply, now: datetime, heard: Heard | None) -> None:
    if heard:
        words = str(reply)
        Attempt.objects.bulk_create(
            Attempt(recipient=row, at=now, host=heard.host[:300], tls=heard.tls[:100], reply=words) for row in recipients
        )


def _log(name: str, recipient: Recipient, reply: Reply, heard: Heard | None, **more: object) -> None:
    maillog.event(
        name,
        envelope=recipient.envelope_id,
        recipient=recipient.pk,
        address=recipient.address,
        host=heard.host if heard else None,
        tls=(heard.tls or "none") if heard else None,
        attempts=recipient.attempts,
        reply=reply,
        **more,
    )
