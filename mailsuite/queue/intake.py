"""Put envelopes into the queue: one row for the envelope, one for each recipient, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailsuite import wakeup
from mailsuite.blobs.models import Blob
from mailsuite.bulk import insert_new
from mailsuite.queue.models import Envelope, Recipient

State = Recipient.State


@dataclass(slots=True)
class NewRecipient:
    """One recipient, resolved: `account_id` is set for delivery into a mailbox of ours, None for another host."""

    address: str
    account_id: int | None = None
    original: str = ""  # as it was given in RCPT, where an alias led to `address`
    orcpt: str = ""
    notify: str = ""


@dataclass(slots=True)
class NewEnvelope:
    """What to queue. `reverse_path` "" is the null reverse-path; with `hold_until` nothing is tried before that time."""

    blob: Blob
    reverse_path: str
    recipients: Sequence[NewRecipient]
    origin: str = Envelope.Origin.MX
    trace: bytes = b""
    account_id: int | None = None
    body_8bit: bool = False
    smtputf8: bool = False
    envid: str = ""
    ret: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)
    hold_until: datetime | None = None


def enqueue(envelopes: Sequence[NewEnvelope], now: datetime) -> list[Envelope]:
    """Write the rows of all envelopes and ring for the workers when they are committed.

    Each envelope takes over one reference to its blob: save the blob with one for it (`blobs.store.save`), or link it.
    """
    made = [_envelope(new, now) for new in envelopes]
    insert_new(made)
    rows = [
        _recipient(envelope, recipient, new.hold_until, now)
        for envelope, new in zip(made, envelopes, strict=True)
        for recipient in _distinct(new.recipients)
    ]
    insert_new(rows)
    ring_for(row for row in rows if row.state == State.DUE)
    return made


def ring_for(recipients: Sequence[Recipient] | Any) -> None:
    """Ring for the kinds of worker that these recipients need, on commit."""
    for local in {row.account_id is not None for row in recipients}:
        wakeup.ring("deliver_local" if local else "deliver_remote")


def _envelope(new: NewEnvelope, now: datetime) -> Envelope:
    return Envelope(
        blob=new.blob,
        trace=new.trace,
        reverse_path=new.reverse_path,
        origin=new.origin,
        account_id=new.account_id,
        body_8bit=new.body_8bit,
        smtputf8=new.smtputf8,
        envid=new.envid,
        ret=new.ret,
        verdict=new.verdict,
        accepted_at=now,
    )


def _recipient(envelope: Envelope, new: NewRecipient, hold_until: datetime | None, now: datetime) -> Recipient:
    held = hold_until is not None and hold_until > now
    return Recipient(
        envelope=envelope,
        address=new.address,
        original="" if new.original == new.address else new.original,
        account_id=new.account_id,
        orcpt=new.orcpt,
        notify=new.notify,
        state=State.HELD if held else State.DUE,
        next_attempt_at=hold_until if held else now,
        hold_until=hold_until if held else None,
    )


def _distinct(recipients: Sequence[NewRecipient]) -> list[NewRecipient]:
    """An address that two aliases lead to gets the message once."""
    return list({recipient.address: recipient for recipient in reversed(recipients)}.values())[::-1]
