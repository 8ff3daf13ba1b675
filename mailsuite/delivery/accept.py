"""Take responsibility for messages: when the transaction around `accept_many` is on disk, and only then, we may answer 250."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.blobs import store
from mailsuite.queue import intake
from mailsuite.queue.intake import NewEnvelope, NewRecipient
from mailsuite.queue.models import Envelope

__all__ = ["Incoming", "LoopDetected", "NewRecipient", "accept_many"]


class LoopDetected(Exception):
    """The message has come round: too many hops, or it was here before (RFC 5321 §6.3)."""

    temporary = False


@dataclass(slots=True)
class Incoming:
    """A message at the end of DATA, screened, with its recipients resolved.

    `trace` holds our Received and Authentication-Results lines; `hops` is the number of Received fields in the content, and
    `delivered_to` the addresses of its Delivered-To fields: a message that an alias sent out and that came back names it there.
    """

    draft: store.Draft
    reverse_path: str
    recipients: Sequence[NewRecipient]
    trace: bytes = b""
    origin: str = Envelope.Origin.MX
    account_id: int | None = None
    body_8bit: bool = False
    smtputf8: bool = False
    envid: str = ""
    ret: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)
    hops: int = 0
    delivered_to: Sequence[str] = ()


def accept_many(incoming: Sequence[Incoming]) -> list[Envelope]:
    """Write blobs and queue rows of many messages in the caller's transaction; made for `bridge.GroupCommit`.

    Raises LoopDetected for a message that goes in circles, `store.NoRoom` where the disk is full.
    """
    for message in incoming:
        refuse_loop(message)
    blobs = store.save([(message.draft, 1) for message in incoming])
    envelopes = intake.enqueue(
        [
            NewEnvelope(
                blob=blob,
                reverse_path=message.reverse_path,
                recipients=message.recipients,
                origin=message.origin,
                trace=message.trace,
                account_id=message.account_id,
                body_8bit=message.body_8bit,
                smtputf8=message.smtputf8,
                envid=message.envid,
                ret=message.ret,
                verdict=message.verdict,
            )
            for blob, message in zip(blobs, incoming, strict=True)
        ],
        now(),
    )
    transaction.on_commit(lambda: _log(envelopes, incoming), robust=True)
    return envelopes


def refuse_loop(message: Incoming) -> None:
    """Raise LoopDetected where the message has too many hops, or an alias of ours is about to send it out a second time."""
    if message.hops > settings.HOP_LIMIT:
        raise LoopDetected(f"{message.hops} hops, more than {settings.HOP_LIMIT}")
    seen = {address.casefold() for address in message.delivered_to}
    for recipient in message.recipients:
        if recipient.account_id is None and recipient.original and recipient.original.casefold() in seen:
            raise LoopDetected(f"{recipient.original} has forwarded this message before")


def _log(envelopes: Sequence[Envelope], incoming: Sequence[Incoming]) -> None:
    for envelope, message in zip(envelopes, incoming, strict=True):
        maillog.event(
            "accepted",
            envelope=envelope.pk,
            origin=envelope.origin,
            reverse_path=f"<{envelope.reverse_path}>",
            recipients=",".join(recipient.address for recipient in message.recipients),
            size=message.draft.size,
            blob=message.draft.hash[:16],
        )
