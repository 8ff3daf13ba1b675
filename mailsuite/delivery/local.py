"""Deliver into the mailboxes of our accounts: a batch in one transaction with its settling, and so exactly once.

What can be done before the transaction is done before: reading, parsing, making the preview. When a batch fails, its items are
tried one by one, so that a message which nobody can digest stops itself and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.blobs import store
from mailsuite.bridge import writing
from mailsuite.delivery import blocking, bounce, trouble, vacation
from mailsuite.mailstore import messages
from mailsuite.mailstore.messages import NewMessage, OverQuota
from mailsuite.protocol.reply import Reply
from mailsuite.protocol.summary import Summary, summarise
from mailsuite.protocol.trace import return_path
from mailsuite.queue import lease, settle
from mailsuite.queue.models import Envelope, Recipient

DELIVERED = Reply(250, "2.0.0", "in the mailbox")
FULL = Reply(452, "4.2.2", "the mailbox is full")


@dataclass(slots=True)
class _Read:
    """A message read once for all its recipients in a batch."""

    content: bytes
    summary: Summary


def deliver(owner: str, recipients: Sequence[Recipient]) -> int:
    """Append each message to its account's store and settle it; returns how many are in their mailboxes now.

    All must be leased by `owner`. Whoever cannot be delivered now is deferred, and what our own code cannot digest is counted
    as crashed. Raises only what is the machine's fault (`trouble`); what was leased is then still leased.
    """
    items = _prepared(recipients)
    if len(items) > 1:
        with suppress(Exception):  # one of them is to blame, or the machine: each shows for itself
            return _commit(owner, items)
    return sum(_alone(owner, item) for item in items)


def _alone(owner: str, item: tuple[Recipient, NewMessage]) -> int:
    try:
        return _commit(owner, [item])
    except settle.LeaseLost:
        return 0  # somebody else has it
    except Exception as error:
        if trouble.is_machines(error):
            raise
        _stumbled(item[0], error)
        return 0


def _stumbled(recipient: Recipient, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"
    maillog.problem("crashed", envelope=recipient.envelope_id, recipient=recipient.pk, address=recipient.address, reason=reason)
    lease.crashed([recipient], reason, now())


def _prepared(recipients: Iterable[Recipient]) -> list[tuple[Recipient, NewMessage]]:
    """Read and summarise, each envelope once; whose message cannot be read is set apart at once."""
    read: dict[int, _Read] = {}
    new = []
    for recipient in recipients:
        envelope = recipient.envelope
        try:
            if envelope.pk not in read:
                content = store.read(envelope.blob)
                read[envelope.pk] = _Read(content, summarise(content, prefix=bytes(envelope.trace)))
            new.append((recipient, _new_message(recipient, envelope, read[envelope.pk])))
        except Exception as error:
            _stumbled(recipient, error)
    prepared = []
    for recipient, message in blocking.applied(new):
        try:
            prepared.append((recipient, messages.prepare(message)))
        except Exception as error:
            _stumbled(recipient, error)
    return prepared


def _new_message(recipient: Recipient, envelope: Envelope, read: _Read) -> NewMessage:
    return NewMessage(
        account_id=recipient.account_id,
        blob=envelope.blob,
        content=read.content,
        trace=_trace(recipient, envelope),
        received_at=envelope.accepted_at,
        role="junk" if envelope.verdict.get("junk") else "inbox",
        decision=_decision(envelope.verdict),
        summary=read.summary,
        delivered_to=recipient.original or recipient.address,
    )


def _trace(recipient: Recipient, envelope: Envelope) -> bytes:
    """Return-Path first (RFC 5321 §4.4), then the address that an alias or a +tag stood for, then what acceptance wrote."""
    via = f"X-Original-To: {recipient.original}\r\n".encode() if recipient.original else b""
    return return_path(envelope.reverse_path) + via + bytes(envelope.trace)


def _decision(verdict: dict[str, Any]) -> dict[str, Any]:
    """Why it is where it is, as `Message.decision` keeps it."""
    reasons = [
        reason if isinstance(reason, dict) else {"code": str(verdict.get("action", "")), "text": str(reason), "weight": 0}
        for reason in verdict.get("reasons", [])
    ]
    return {"reasons": reasons, "auth": verdict.get("results", {})} if verdict else {}


def _commit(owner: str, items: Sequence[tuple[Recipient, NewMessage]]) -> int:
    if not items:
        return 0
    moment = now()
    with writing():
        results = messages.append([new for _, new in items])
        outcomes = [(recipient, result) for (recipient, _), result in zip(items, results, strict=True)]
        taken = [recipient for recipient, result in outcomes if not isinstance(result, OverQuota)]
        notices = settle.delivered(taken, DELIVERED, moment, owner=owner)
        for recipient, result in outcomes:
            if isinstance(result, OverQuota):
                notices += settle.deferred(recipient, FULL, moment)
        bounce.notify(notices, moment)
        fresh = [item for item, result in zip(items, results, strict=True) if not isinstance(result, OverQuota)]
        vacation.answer(fresh, moment)
        transaction.on_commit(lambda: settle.log_delivered(taken, DELIVERED), robust=True)
    return len(taken)
