"""Who is away, what they answer meanwhile, and whom they have answered already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from mailsuite.accounts.models import Vacation, VacationAnswer

PAUSE = timedelta(days=4)  # RFC 3834 §2: at least a week is better for some; product.md says four days
MOST_A_DAY = 200  # answers of one account: who forges authors does not make us write to a town


def of(account_id: int) -> Vacation:
    """What the account has set; unsaved where it never did."""
    return Vacation.objects.filter(account_id=account_id).first() or Vacation(account_id=account_id)


def away(account_ids: Iterable[int], now: datetime) -> dict[int, Vacation]:
    """Those of the accounts that are away now."""
    delivered = set(account_ids)
    wanted = [pk for pk in _switched_on() if pk in delivered]
    if not wanted:
        return {}
    rows = Vacation.objects.filter(account_id__in=wanted).select_related("account")
    rows = rows.filter(Q(from_date=None) | Q(from_date__lte=now), Q(to_date=None) | Q(to_date__gt=now))
    return {row.account_id: row for row in rows}


def _switched_on() -> list[int]:
    """Accounts that may be away. Asked for each batch of mail, where what Django takes to write a question counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id FROM accounts_vacation WHERE is_enabled")
        return [pk for (pk,) in cursor.fetchall()]


def keep(vacation: Vacation, before: Vacation) -> None:
    """Save what changed. Who goes away anew answers everybody anew."""
    vacation.save()
    if vacation.is_enabled and (before.is_enabled, before.from_date) != (True, vacation.from_date):
        VacationAnswer.objects.filter(account_id=vacation.account_id).delete()


def may_answer(account_id: int, address: str, now: datetime) -> bool:
    """Note that this address is answered now; False where it was within PAUSE, or too many were today."""
    answers = VacationAnswer.objects.filter(account_id=account_id)
    recent = answers.filter(address=address.casefold(), at__gt=now - PAUSE).exists()
    if recent or answers.filter(at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        return False
    VacationAnswer.objects.update_or_create(account_id=account_id, address=address.casefold(), defaults={"at": now})
    return True


def forget(now: datetime) -> int:
    """Let go of who may be answered again; returns how many."""
    return VacationAnswer.objects.filter(at__lte=now - PAUSE).delete()[0]
