"""Files that wait for a message to be made with them: kept for a day, and only so many of an account's (RFC 8620 §6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.mailstore import changes
from mailsuite.mailstore.models import Upload

KEEP = timedelta(days=1)
MOST = 1_000  # files of an account
MESSAGES = 6  # so many of the largest messages' bytes of an account
STEP = 200  # rows a transaction


@dataclass
class TooMuchWaiting(Exception):
    """The account has as much waiting as it may. Temporary: what is not used goes after a day."""

    temporary = True

    def __str__(self) -> str:
        return "Too many files wait for a message already. Use some of them, or try again tomorrow."


@transaction.atomic
def keep(account_id: int, draft: store.Draft, media_type: str) -> Upload:
    """Keep a file for a day. The same content again is the same upload, and young again. Raises TooMuchWaiting."""
    changes.lock(account_id)  # the account first, then the blob, as everywhere; and nobody counts while another adds
    known = Upload.objects.filter(account_id=account_id, blob__hash=draft.hash).select_related("blob__packed").first()
    if known is None:
        _make_sure_of_room(account_id, draft.size)
        (blob,) = store.save([(draft, 1)])
        return Upload.objects.create(account_id=account_id, blob=blob, type=media_type, at=now())
    known.type, known.at = media_type, now()
    known.save(update_fields=["type", "at"])
    return known


def _make_sure_of_room(account_id: int, size: int) -> None:
    waiting = Upload.objects.filter(account_id=account_id).aggregate(n=Count("pk"), bytes=Sum("blob__size"))
    if waiting["n"] >= MOST or (waiting["bytes"] or 0) + size > MESSAGES * settings.MESSAGE_SIZE_LIMIT:
        raise TooMuchWaiting


def find(account_id: int, upload_id: int) -> Upload | None:
    """The account's upload of this key, with its blob."""
    return Upload.objects.filter(account_id=account_id, pk=upload_id).select_related("blob__packed").first()


def renew(account_id: int, keys: Iterable[int]) -> None:
    """Keep these files for another day: what they are for is not done yet."""
    if wanted := list(keys):
        Upload.objects.filter(account_id=account_id, pk__in=wanted).update(at=now())


@transaction.atomic
def let_go(account_id: int, keys: Iterable[int]) -> set[int]:
    """Let go of the account's files of these keys before their day is over; returns those that there were."""
    changes.lock(account_id)
    rows = Upload.objects.filter(account_id=account_id, pk__in=list(keys))
    found = dict(rows.values_list("pk", "blob_id"))
    Upload.objects.filter(pk__in=found).delete()
    store.release(found.values())
    return set(found)


def sweep(at: datetime | None = None) -> int:
    """Let go of what has waited for a day; returns how many files. Again and again, on many hosts, is harmless."""
    before, gone = (at or now()) - KEEP, 0
    while True:
        with transaction.atomic():
            due = Upload.objects.select_for_update(skip_locked=True).filter(at__lte=before).order_by("pk")[:STEP]
            found = dict(due.values_list("pk", "blob_id"))
            Upload.objects.filter(pk__in=found).delete()
            store.release(found.values())
        gone += len(found)
        if len(found) < STEP:
            return gone
