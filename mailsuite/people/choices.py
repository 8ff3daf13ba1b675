"""What an account decided about senders: images of theirs, warnings that are fine, blocks, lists that were left."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.timezone import now

from mailsuite.people.models import Choice

MOST = 5_000  # of an account
Kind = Choice.Kind


class TooManyChoices(Exception):
    """The account has decided about so many senders that some must be taken back first."""

    temporary = False


def folded(sender: str) -> str:
    """A sender as choices know it."""
    return sender.strip().casefold()[:320]


def choose(account_id: int, sender: str, kind: str, *, signal: str = "", how: str = "") -> Choice:
    """Decide; deciding the same again only dates it anew. Raises TooManyChoices."""
    key = {"account_id": account_id, "sender": folded(sender), "kind": kind, "signal": signal}
    held = Choice.objects.filter(**key).first()
    if held is None and Choice.objects.filter(account_id=account_id).count() >= MOST:
        raise TooManyChoices
    return Choice.objects.update_or_create(**key, defaults={"how": how, "at": now()})[0]


def revoke(account_id: int, pk: int) -> bool:
    """Take one back; False where the account has none such."""
    return bool(Choice.objects.filter(account_id=account_id, pk=pk).delete()[0])


def everything(account_id: int) -> list[Choice]:
    """All of an account, the last first."""
    return list(Choice.objects.filter(account_id=account_id).order_by("-at", "-pk"))


def about(account_id: int, senders: Iterable[str]) -> list[Choice]:
    """What was decided about these senders."""
    return list(Choice.objects.filter(account_id=account_id, sender__in={folded(one) for one in senders if one}))


def blocking(pairs: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of (account, address) those where the account has blocked the address, as (account, folded address)."""
    wanted = {(account_id, folded(sender)) for account_id, sender in pairs if sender}
    if not wanted:
        return set()
    rows = Choice.objects.filter(
        kind=Kind.BLOCKED, account_id__in={account_id for account_id, _ in wanted}, sender__in={sender for _, sender in wanted}
    )
    return wanted & set(rows.values_list("account_id", "sender"))
