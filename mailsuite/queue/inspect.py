"""Look into the queue, and change by hand what happens next: for the `queue` command and the panel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from mailsuite import maillog
from mailsuite.queue.intake import ring_for
from mailsuite.queue.models import Envelope, Recipient

State = Recipient.State
TAKEN_BACK = "taken back by its author"
OPEN = (State.HELD, State.DUE, State.LEASED)


def recipients(*, states: Iterable[str] = OPEN, address: str = "", envelope: int | None = None) -> QuerySet[Recipient]:
    """Recipients in these states, oldest first; `address` finds a part of a recipient's address or of the reverse-path."""
    found = Recipient.objects.select_related("envelope__blob").defer("envelope__trace")
    found = found.filter(state__in=list(states))
    if envelope is not None:
        found = found.filter(envelope=envelope)
    if address:
        found = found.filter(address__icontains=address) | found.filter(envelope__reverse_path__icontains=address)
    return found.order_by("pk")


def counts() -> dict[str, int]:
    """How many recipients are in each state."""
    found = dict(Recipient.objects.values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in State.values}


def row(recipient: Recipient) -> dict[str, Any]:
    """One recipient as plain values, for a table or JSON. Times are ISO 8601 in UTC, sizes bytes."""
    envelope = recipient.envelope
    return {
        "id": recipient.pk,
        "envelope": envelope.pk,
        "state": recipient.state,
        "reverse_path": envelope.reverse_path,
        "address": recipient.address,
        "original": recipient.original,
        "size": envelope.blob.size,
        "accepted_at": _iso(envelope.accepted_at),
        "next_attempt_at": _iso(recipient.next_attempt_at) if recipient.state == State.DUE else None,
        "hold_until": _iso(recipient.hold_until) if recipient.state == State.HELD else None,
        "settled_at": _iso(recipient.settled_at),
        "attempts": recipient.attempts,
        "crashes": recipient.crashes,
        "last_reply": recipient.last_reply,
    }


def detail(recipient: Recipient) -> dict[str, Any]:
    """As `row`, with the envelope's parameters and every word that was heard at each try."""
    envelope = recipient.envelope
    return row(recipient) | {
        "origin": envelope.origin,
        "blob": envelope.blob.hash,
        "envid": envelope.envid,
        "ret": envelope.ret,
        "orcpt": recipient.orcpt,
        "notify": recipient.notify,
        "verdict": envelope.verdict,
        "tries": [
            {"at": _iso(one.at), "host": one.host, "tls": one.tls, "reply": one.reply} for one in recipient.tries.order_by("at")
        ],
    }


def retry(ids: Iterable[int], now: datetime) -> int:
    """Make them due now: held or deferred ones, and failed ones, which get a new start. Returns how many it changed."""
    with transaction.atomic():
        wanted = Recipient.objects.filter(pk__in=list(ids), state__in=(State.HELD, State.DUE, State.FAILED))
        chosen = list(wanted.select_for_update(of=("self",)).order_by("pk"))
        Recipient.objects.filter(pk__in=[one.pk for one in chosen]).update(
            state=State.DUE, next_attempt_at=now, hold_until=now, crashes=0, attempts=0, settled_at=None, warned_at=None
        )
        ring_for(chosen)
    return _logged("retried", chosen)


def hold(ids: Iterable[int], until: datetime | None = None) -> int:
    """Keep them from being tried until this time, or until somebody says `retry`. Leased ones are being tried: too late."""
    with transaction.atomic():
        wanted = Recipient.objects.filter(pk__in=list(ids), state__in=(State.DUE, State.HELD))
        chosen = list(wanted.select_for_update(of=("self",)).order_by("pk"))
        Recipient.objects.filter(pk__in=[one.pk for one in chosen]).update(state=State.HELD, hold_until=until)
    return _logged("held", chosen)


def drop(ids: Iterable[int], now: datetime) -> int:
    """Fail them without telling the sender. The bytes are kept for the week that settled mail is kept."""
    with transaction.atomic():
        wanted = Recipient.objects.filter(pk__in=list(ids), state__in=(State.DUE, State.HELD))
        chosen = list(wanted.select_for_update(of=("self",)).order_by("pk"))
        Recipient.objects.filter(pk__in=[one.pk for one in chosen]).update(
            state=State.FAILED, settled_at=now, last_reply="dropped by hand"
        )
    return _logged("dropped", chosen)


def withdraw(envelope: Envelope, now: datetime) -> bool:
    """Take back a message whose every recipient is still held (undo send); False where it is too late for one of them."""
    with transaction.atomic():
        rows = _all_held(envelope)
        Recipient.objects.filter(pk__in=[one.pk for one in rows]).update(
            state=State.FAILED, settled_at=now, last_reply=TAKEN_BACK
        )
    return _logged("withdrawn", rows) > 0


def reschedule(envelope: Envelope, until: datetime | None, now: datetime) -> bool:
    """Have a message whose every recipient is still held leave at another time, or at once; False where it is too late."""
    with transaction.atomic():
        rows = _all_held(envelope)
        if any(one.hold_until is None for one in rows):
            return False  # held by hand: whoever did that lets it go
        if until is not None and until > now:
            values = {"hold_until": until, "next_attempt_at": until}
        else:
            values = {"state": State.DUE, "hold_until": now, "next_attempt_at": now}
            ring_for(rows)
        Recipient.objects.filter(pk__in=[one.pk for one in rows]).update(**values)
    return _logged("rescheduled", rows) > 0


def _all_held(envelope: Envelope) -> list[Recipient]:
    """An envelope's recipients, locked, where all of them are held; else none."""
    rows = list(Recipient.objects.select_for_update().filter(envelope=envelope).order_by("pk"))
    return rows if all(one.state == State.HELD for one in rows) else []


def _logged(name: str, chosen: list[Recipient]) -> int:
    for one in chosen:
        maillog.event(name, envelope=one.envelope_id, recipient=one.pk, address=one.address)
    return len(chosen)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
