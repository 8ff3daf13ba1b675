"""Forget what is settled, after a week in which people may still ask what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from mailsuite.blobs import store
from mailsuite.queue import owner
from mailsuite.queue.models import Envelope, Recipient

KEEP = timedelta(days=7)
BATCH = 500  # envelopes a transaction


def purge(now: datetime, keep: timedelta = KEEP) -> int:
    """Remove envelopes whose every recipient was settled this long ago, and release their blobs; returns how many."""
    owner.sweep()
    gone = 0
    while ids := _settled_before(now - keep):
        with transaction.atomic():
            # Locked: where two workers purge at once, the second finds nothing and releases nothing.
            envelopes = dict(Envelope.objects.select_for_update().filter(pk__in=ids).values_list("pk", "blob_id"))
            Envelope.objects.filter(pk__in=envelopes).delete()
            store.release(envelopes.values())
        gone += len(envelopes)
    return gone


def _settled_before(moment: datetime) -> list[int]:
    unsettled = Recipient.objects.filter(envelope=OuterRef("pk"), settled_at__isnull=True)
    recent = Recipient.objects.filter(envelope=OuterRef("pk"), settled_at__gt=moment)
    old = Envelope.objects.filter(~Exists(unsettled), ~Exists(recent), accepted_at__lte=moment)
    return list(old.order_by("accepted_at").values_list("pk", flat=True)[:BATCH])
