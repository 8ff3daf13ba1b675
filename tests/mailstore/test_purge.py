"""What goes with time, and what can be brought back until then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import actions, changes, messages, purge
from mailsuite.mailstore.models import Change, Expunged, Message
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import BOB, NOON, Box


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_trash_and_spam_go_thirty_days_after_the_move(box: Box) -> None:
    box.receive(role="trash", received_at=NOON - days(400))
    kept = box.receive(received_at=NOON - days(400))
    assert purge.purge(now() + days(29.9)).messages == 0
    assert purge.purge(now() + days(30.1)).messages == 1
    assert list(Message.objects.all()) == [kept]
    assert list(verify()) == []


@pytest.mark.parametrize(("chosen", "gone_after"), [(7, 8), (90, 91), (0, None), ("soon", 31)])
def test_a_member_chooses_how_long_mail_stays(box: Box, chosen: object, gone_after: int | None) -> None:
    box.account.preferences = {"purge_days": chosen}
    box.account.save()
    box.receive(role="junk")
    if gone_after is None:
        assert purge.purge(now() + days(5_000)).messages == 0
        return
    assert purge.purge(now() + days(gone_after - 2)).messages == 0
    assert purge.purge(now() + days(gone_after)).messages == 1


def test_bytes_of_what_was_deleted_for_ever_go_after_the_grace_period(box: Box) -> None:
    box.receive(role="trash")
    actions.empty(box.pk, "trash")
    assert Blob.objects.get().references == 1
    purge.purge(now() + timedelta(seconds=settings.UNDELETE_SECONDS - 60))
    assert Blob.objects.get().references == 1
    assert purge.purge(now() + timedelta(seconds=settings.UNDELETE_SECONDS + 60)).expunged == 1
    assert Blob.objects.get().references == 0
    store.sweep(-60)
    assert not Blob.objects.exists()


def test_what_was_deleted_for_ever_comes_back_with_its_labels_and_flags(box: Box) -> None:
    label = box.label("Work")
    message = box.receive(labels=[label.pk], flags=Message.FLAGGED, keywords=["$label1"], trace=b"Received: here\r\n")
    content, at = messages.content(message), message.received_at
    actions.trash(box.pk, [message.thread_id])
    actions.empty(box.pk, "trash")
    (back,) = purge.undelete(box.pk, [Expunged.objects.get().pk])
    assert isinstance(back, Message)
    assert box.where(back) == {"Archive", "Work", "Starred", "All Mail"}
    assert (messages.content(back), back.received_at, back.keywords) == (content, at, ["$label1"])
    assert (Expunged.objects.count(), Blob.objects.get().references) == (0, 1)
    assert list(verify()) == []


def test_nobody_brings_back_the_mail_of_another(box: Box) -> None:
    box.receive(role="trash")
    actions.empty(box.pk, "trash")
    assert purge.undelete(Box(BOB).pk, [Expunged.objects.get().pk]) == []


def test_what_finds_no_room_is_not_lost(box: Box) -> None:
    box.receive(role="trash")
    actions.empty(box.pk, "trash")
    box.account.quota = 1
    box.account.save()
    (result,) = purge.undelete(box.pk, [Expunged.objects.get().pk])
    assert isinstance(result, messages.OverQuota)
    assert (Expunged.objects.count(), Blob.objects.get().references) == (1, 1)


def test_an_old_log_is_compacted_and_says_so(box: Box) -> None:
    before = changes.state(box.pk)
    box.receive(role="trash")
    actions.empty(box.pk, "trash")
    gone_at = changes.state(box.pk)
    newer = box.receive()
    assert purge.purge(now() + days(91)).changes > 0
    assert not Change.objects.exists()
    assert changes.since(box.pk, before) is None
    told = changes.since(box.pk, gone_at)
    assert told is not None
    assert told.emails.created == [newer.email_id]


def test_a_log_that_grows_too_long_is_cut(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "LOG_ROWS", 5)
    for _ in range(6):
        actions.archive(box.pk, message_ids=[box.receive().pk])
    purge.purge()
    assert Change.objects.count() <= 5
    assert changes.since(box.pk, 1) is None
