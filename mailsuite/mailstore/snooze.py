"""What was put off comes back: at its time, by the clock, or with an answer (product.md 3.8, F27)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from mailsuite.mailstore import acts, arrange
from mailsuite.mailstore.arrange import Held, each
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Message

STEP = 200  # messages a transaction


def wake(at: datetime | None = None) -> int:
    """Bring back all whose time has come, in short transactions; returns how many messages. Again and again is harmless.

    Each comes into Inbox marked, the newest of its conversation unread. Call it every few seconds, outside a transaction.
    """
    at, woken = at or now(), 0
    due = Message.objects.filter(snoozed_until__lte=at, place=Message.Place.MAIL)
    for account_id in sorted(set(due.values_list("account_id", flat=True))):
        while some := list(due.filter(account_id=account_id).order_by("thread", "pk").values_list("pk", flat=True)[:STEP]):
            woken += _wake(account_id, some, at)
    return woken


@transaction.atomic
def _wake(account_id: int, message_ids: Collection[int], at: datetime) -> int:
    ledger = Ledger([account_id])
    held = [one for one in arrange.load(account_id, messages=message_ids) if _is_due(one, at)]
    newest = {one.id for one in acts.newest_of(held)}
    wanted = [(one, one.state.woken(at).with_flag(Message.SEEN, one.id not in newest and _is_read(one))) for one in held]
    arrange.apply(ledger, wanted)
    ledger.close()
    return len(held)


def _is_due(held: Held, at: datetime) -> bool:
    """Still? It may have been archived, or put off again, before we had the account to ourselves."""
    return held.state.place == Message.Place.MAIL and held.state.snoozed_until is not None and held.state.snoozed_until <= at


def _is_read(held: Held) -> bool:
    return bool(held.state.flags & Message.SEEN)


def rouse(ledger: Ledger, account_id: int, thread_ids: Collection[int], at: datetime) -> None:
    """Bring back all that sleeps of these conversations, for an answer came, which is unread itself."""
    held = arrange.load(account_id, threads=thread_ids)
    asleep = [one for one in held if one.state.place == Message.Place.MAIL and one.state.snoozed_until]
    arrange.apply(ledger, each(asleep, lambda state: state.woken(at)))
