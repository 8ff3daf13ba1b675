"""What is sent later waits in Scheduled: until it leaves for Sent, or is a draft again (product.md 5.4, F73).

Only these functions put a message there and take it out: no act of a member says that it waits, and none is undone into waiting.
Who deletes it, or makes it a draft with a mail program, has it not sent: `stands` says whether it still may leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from mailsuite.mailstore import arrange
from mailsuite.mailstore.arrange import Change
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Message

Place = Message.Place


def wait(account_id: int, message_id: int, until: datetime) -> bool:
    """Have a message wait in Scheduled until then; False where it is no own message in Mail, or a draft."""
    _changed(account_id, [message_id], lambda state: replace(state, sends_at=until) if _may_wait(state) else state)
    return Message.objects.filter(account_id=account_id, pk=message_id, sends_at=until).exists()


def go(account_id: int, message_ids: Iterable[int], at: datetime) -> None:
    """They left: they are in Sent."""
    _changed(account_id, message_ids, lambda state: replace(state, sends_at=None, went_at=at) if state.sends_at else state)


def give_back(account_id: int, message_ids: Iterable[int]) -> None:
    """They do not leave: they are drafts again; what is in Trash is one when it is restored."""
    _changed(account_id, message_ids, lambda state: replace(state.with_flag(Message.DRAFT), sends_at=None))


def stands(account_id: int, message_id: int) -> bool:
    """Is it still as it was when it was said to be sent: there, in Mail, and no draft?"""
    found = Message.objects.filter(account_id=account_id, pk=message_id).values_list("place", "flags").first()
    return found is not None and found[0] == Place.MAIL and not found[1] & Message.DRAFT


def over(at: datetime) -> list[tuple[int, int]]:
    """(account, key) of messages whose time in Scheduled has come."""
    return list(Message.objects.filter(sends_at__lte=at).order_by("sends_at", "pk").values_list("account_id", "pk"))


def _may_wait(state: State) -> bool:
    return state.own and state.place == Place.MAIL and not state.flags & Message.DRAFT


@transaction.atomic
def _changed(account_id: int, message_ids: Iterable[int], change: Change) -> None:
    ledger = Ledger([account_id])
    arrange.apply(ledger, arrange.each(arrange.load(account_id, messages=message_ids), change))
    ledger.close()
