"""What happens by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.worker import timetable


@pytest.mark.django_db
def test_upkeep_forgets_ended_sessions_and_bytes_that_nobody_needs() -> None:
    old, young = store.save([(store.draft(b"old"), 0), (store.draft(b"young"), 0)])
    Blob.objects.filter(pk=old.pk).update(unreferenced_since=now() - timedelta(days=2))
    for days in (-1, 1):
        Session.objects.create(session_key=f"day{days}", expire_date=now() + timedelta(days=days))
    timetable.upkeep()
    assert list(Blob.objects.values_list("pk", flat=True)) == [young.pk]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["day1"]
