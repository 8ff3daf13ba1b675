"""What goes with time: old Trash and Spam, the bytes of what was deleted for ever, and the log of what is long gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import arrange
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.messages import NewMessage, append
from mailsuite.mailstore.models import AccountState, Change, Expunged, Mailbox, Message
from mailsuite.mailstore.quota import OverQuota

LOG_DAYS = 90  # how far back a mail program or browser may catch up hole by hole
LOG_ROWS = 200_000  # of one account
STEP = 200  # messages a transaction


@dataclass
class Purged:
    """How much went."""

    messages: int = 0
    expunged: int = 0
    changes: int = 0


def purge(at: datetime | None = None) -> Purged:
    """Everything that is due now, in short transactions; again and again is harmless. Call it daily, outside a transaction."""
    at = at or now()
    return Purged(_old_mail(at), _old_bytes(at), _old_changes(at))


def keeps_for(account: Account) -> int:
    """Days that mail stays in the account's Trash and Spam; 0 is for ever."""
    return preferences.of(account)["purge_days"]


def _old_mail(at: datetime) -> int:
    due = Message.objects.filter(trashed_at__lte=at - timedelta(days=7)).values("account_id")
    gone = 0
    for account in Account.objects.filter(pk__in=due).order_by("pk"):
        if days := keeps_for(account):
            gone += _old_mail_of(account.pk, at - timedelta(days=days))
    return gone


def _old_mail_of(account_id: int, before: datetime) -> int:
    gone = 0
    while True:
        with transaction.atomic():
            ledger = Ledger([account_id])
            due = Message.objects.filter(account_id=account_id, trashed_at__lte=before).values_list("pk", flat=True)[:STEP]
            found = arrange.load(account_id, messages=due)
            destroy(ledger, found)
            ledger.close()
        gone += len(found)
        if len(found) < STEP:
            return gone


def _old_bytes(at: datetime) -> int:
    """Bytes of what was deleted for ever go after the grace period."""
    before, gone = at - timedelta(seconds=settings.UNDELETE_SECONDS), 0
    while True:
        with transaction.atomic():
            due = Expunged.objects.select_for_update(skip_locked=True).filter(at__lte=before).order_by("at")[:STEP]
            found = dict(due.values_list("pk", "blob_id"))
            Expunged.objects.filter(pk__in=found).delete()
            store.release(found.values())
        gone += len(found)
        if len(found) < STEP:
            return gone


def _old_changes(at: datetime) -> int:
    gone = 0
    for account_id in AccountState.objects.order_by("pk").values_list("pk", flat=True):
        if floor := _floor(account_id, at - timedelta(days=LOG_DAYS)):
            gone += _compact(account_id, floor)
    return gone


def _floor(account_id: int, before: datetime) -> int:
    """The modseq up to which the account's log is too old or too long; 0 where it is neither."""
    log = Change.objects.filter(account_id=account_id)
    oldest, newest = log.order_by("modseq", "pk").first(), log.order_by("modseq", "pk").last()
    if oldest is None or newest is None:
        return 0
    floors = [0]
    if oldest.at <= before:
        floors.append(log.filter(at__lte=before).aggregate(last=Max("modseq"))["last"] or 0)
    if newest.pk - oldest.pk >= LOG_ROWS:  # keys are shared with other accounts: it may still be short
        floors += log.order_by("-modseq").values_list("modseq", flat=True)[LOG_ROWS : LOG_ROWS + 1]
    return max(floors)


@transaction.atomic
def _compact(account_id: int, floor: int) -> int:
    """Forget holes up to this modseq: who comes from before it is told that it cannot be told."""
    state = AccountState.objects.select_for_update().get(pk=account_id)
    state.floor = max(state.floor, floor)
    state.save(update_fields=["floor"])
    return Change.objects.filter(account_id=account_id, modseq__lte=floor).delete()[0]


@transaction.atomic
def undelete(account_id: int, expunged_ids: Sequence[int]) -> list[Message | OverQuota]:
    """Bring back what was deleted for ever and still has its bytes: into Mail, with the labels it had that still exist.

    What the account has no room for stays where it is, and is `OverQuota` in the result.
    """
    ledger = Ledger([account_id])
    lost = Expunged.objects.filter(account_id=account_id, pk__in=expunged_ids).select_related("blob__packed").order_by("pk")
    found = list(lost.select_for_update(of=("self",)))
    results = append([_revived(one, ledger.labels(account_id)) for one in found])
    back = [one for one, result in zip(found, results, strict=True) if isinstance(result, Message)]
    Expunged.objects.filter(pk__in=[one.pk for one in back]).delete()
    store.release(one.blob_id for one in back)
    return results


def _revived(one: Expunged, labels: Iterable[int]) -> NewMessage:
    role = Mailbox.Role.ARCHIVE
    if one.flags & Message.DRAFT:
        role = Mailbox.Role.DRAFTS
    elif one.own:
        role = Mailbox.Role.SENT
    return NewMessage(
        account_id=one.account_id,
        blob=one.blob,
        content=store.read(one.blob),
        trace=bytes(one.trace),
        received_at=one.received_at,
        flags=one.flags,
        keywords=one.keywords,
        role=role,
        labels=sorted(set(one.remembered) & set(labels)),
        own=one.own,
        by_member=True,
    )
