"""Settling: each recipient for itself, and the notices its sender is owed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.protocol.reply import Reply
from mailsuite.queue import inspect, lease, settle, upkeep
from mailsuite.queue.models import Attempt, Envelope, Recipient
from tests.queued import queued, states

OK = Reply(250, "2.0.0", "thanks")
LATER = Reply(451, "4.7.1", "try again later")
NO = Reply(550, "5.1.1", "no such mailbox")
HEARD = settle.Heard("mx.elsewhere.example [192.0.2.1]", "TLSv1.3 AES_256_GCM")


def leased(*addresses: str, at: object = None, **fields: object) -> list[Recipient]:
    queued(*addresses, at=at, **fields)
    return lease.take("me", local=False, limit=100, now=at or now())


@pytest.mark.django_db
def test_each_recipient_is_settled_for_itself_and_the_words_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    one, two, three = leased("a@elsewhere.example", "b@elsewhere.example", "c@elsewhere.example")
    assert settle.delivered([one], OK, now(), heard=HEARD) == []
    assert settle.deferred(two, LATER, now(), heard=HEARD) == []
    assert [notice.kind for notice in settle.failed(three, NO, now(), heard=HEARD)] == ["failed"]
    assert states() == ["delivered", "due", "failed"]
    assert [row.last_reply for row in Recipient.objects.order_by("pk")] == [str(OK), str(LATER), str(NO)]
    assert list(Attempt.objects.order_by("pk").values_list("host", "reply")) == [
        (HEARD.host, str(reply)) for reply in (OK, LATER, NO)
    ]
    assert "deferred" in caplog.text
    assert "failed" in caplog.text


@pytest.mark.django_db
def test_the_null_reverse_path_is_never_owed_anything() -> None:
    moment = now()
    rows = leased("a@x.example", "b@x.example", "c@x.example", reverse_path="", notify="SUCCESS,FAILURE,DELAY", at=moment)
    assert settle.delivered(rows[:1], OK, moment) == []
    assert settle.deferred(rows[1], LATER, moment + timedelta(days=1)) == []
    assert settle.failed(rows[2], NO, moment) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("notify", "kinds"),
    [("", ["delayed", "failed"]), ("NEVER", []), ("SUCCESS", ["relayed"]), ("FAILURE", ["failed"]), ("delay", ["delayed"])],
)
def test_notify_decides_what_is_owed(notify: str, kinds: list[str]) -> None:
    moment = now()
    rows = leased("a@x.example", "b@x.example", "c@x.example", notify=notify, at=moment)
    owed = settle.delivered(rows[:1], OK, moment, heard=HEARD)
    owed += settle.deferred(rows[1], LATER, moment + timedelta(hours=5))
    owed += settle.failed(rows[2], NO, moment)
    assert [notice.kind for notice in owed] == kinds


@pytest.mark.django_db
def test_success_is_reported_by_the_next_host_where_that_can() -> None:
    rows = leased("a@x.example", notify="SUCCESS")
    assert settle.delivered(rows, OK, now(), heard=settle.Heard("mx", dsn=True)) == []


@pytest.mark.django_db
def test_the_sender_is_warned_of_a_delay_once() -> None:
    moment = now()
    [row] = leased("a@x.example", at=moment)
    assert settle.deferred(row, LATER, moment) == []
    moment += timedelta(hours=5)
    [row] = lease.take("me", local=False, limit=1, now=moment)
    [notice] = settle.deferred(row, LATER, moment)
    assert notice.kind == "delayed"
    assert notice.until == row.envelope.accepted_at + timedelta(days=5)
    moment += timedelta(hours=5)
    [row] = lease.take("me", local=False, limit=1, now=moment)
    assert settle.deferred(row, LATER, moment) == []


@pytest.mark.django_db
def test_what_is_deferred_too_long_fails_with_the_last_words() -> None:
    moment = now()
    [row] = leased("a@x.example", at=moment)
    [notice] = settle.deferred(row, LATER, moment + timedelta(days=5))
    assert (notice.kind, notice.reply.enhanced) == ("failed", "5.4.7")
    assert "try again later" in notice.reply.text
    assert states() == ["failed"]


@pytest.mark.django_db
def test_the_lifetime_of_scheduled_mail_begins_when_its_hold_ends() -> None:
    moment = now()
    queued("a@x.example", hold_until=moment + timedelta(days=30), at=moment)
    moment += timedelta(days=30)
    lease.reclaim(moment)
    [row] = lease.take("me", local=False, limit=1, now=moment)
    assert settle.deferred(row, LATER, moment) == []
    assert states() == ["due"]


@pytest.mark.django_db
def test_a_lost_lease_stops_what_depends_on_it_but_not_what_the_next_host_said() -> None:
    rows = leased("a@x.example")
    lease.reclaim(now() + timedelta(hours=1))
    with pytest.raises(settle.LeaseLost):
        settle.delivered(rows, OK, now(), owner="me")
    settle.delivered(rows, OK, now(), heard=HEARD)
    assert states() == ["delivered"]


@pytest.mark.django_db
def test_what_is_delivered_cannot_fail_afterwards() -> None:
    rows = leased("a@x.example")
    settle.delivered(rows, OK, now())
    assert settle.failed(rows[0], NO, now()) == [], "nobody is told of a failure that was none"
    assert states() == ["delivered"]


@pytest.mark.django_db
@pytest.mark.parametrize("end", [settle.deferred, settle.failed])
def test_who_lost_the_lease_has_no_word_in_what_becomes_of_it(end: Callable[..., list[settle.Notice]]) -> None:
    moment = now()
    [row] = leased("a@x.example", at=moment)
    moment += timedelta(hours=5)
    lease.reclaim(moment)
    lease.take("other", local=False, limit=1, now=moment)
    assert end(row, NO, moment, heard=HEARD) == []
    assert states() == ["leased"]
    assert Recipient.objects.get().lease_owner == "other"
    assert Attempt.objects.get().reply == str(NO), "its words are kept all the same"


@pytest.mark.django_db
def test_a_success_that_is_told_twice_is_reported_once() -> None:
    rows = leased("a@x.example", notify="SUCCESS")
    assert [notice.kind for _ in range(2) for notice in settle.delivered(rows, OK, now(), heard=HEARD)] == ["relayed"]


@pytest.mark.django_db
def test_an_attempt_that_ends_with_a_word_clears_the_suspicion() -> None:
    moment = now()
    leased("a@x.example", at=moment)
    lease.reclaim(moment + timedelta(hours=1))
    [row] = lease.take("me", local=False, limit=9, now=moment + timedelta(hours=1))
    settle.deferred(row, LATER, moment + timedelta(hours=1))
    row.refresh_from_db()
    assert row.crashes == 0


@pytest.mark.django_db
def test_settled_mail_is_kept_a_week_and_then_released() -> None:
    one, two = leased("a@x.example", "b@x.example")
    settle.delivered([one], OK, now())
    assert upkeep.purge(now() + timedelta(days=30)) == 0, "one recipient is still owed"
    settle.failed(two, NO, now())
    blob = one.envelope.blob
    assert upkeep.purge(now() + timedelta(days=6)) == 0
    assert upkeep.purge(now() + timedelta(days=8)) == 1
    blob.refresh_from_db()
    assert blob.references == 0
    assert not Envelope.objects.exists()


@pytest.mark.django_db
def test_by_hand_mail_is_held_retried_and_dropped() -> None:
    one, two, three = queued("a@x.example", "b@x.example", "c@x.example")
    assert inspect.hold([one.pk, two.pk]) == 2
    assert states() == ["held", "held", "due"]
    assert lease.reclaim(now() + timedelta(days=99)) == 0
    assert inspect.retry([one.pk], now()) == 1
    assert inspect.drop([two.pk, three.pk], now()) == 2
    assert states() == ["due", "failed", "failed"]
    assert inspect.counts() == {"held": 0, "due": 1, "leased": 0, "delivered": 0, "failed": 2}
    assert [row.pk for row in inspect.recipients(address="A@X")] == [one.pk]
    assert inspect.detail(two)["tries"] == []


@pytest.mark.django_db
def test_what_is_being_tried_cannot_be_held_or_dropped() -> None:
    rows = leased("a@x.example")
    assert inspect.hold([rows[0].pk]) == inspect.drop([rows[0].pk], now()) == inspect.retry([rows[0].pk], now()) == 0


@pytest.mark.django_db
def test_sending_is_undone_while_it_is_held_and_not_later() -> None:
    rows = queued("a@x.example", "b@x.example", hold_until=now() + timedelta(seconds=10))
    assert inspect.withdraw(rows[0].envelope, now())
    assert states() == ["failed", "failed"]
    rows = queued("a@x.example")
    assert not inspect.withdraw(rows[0].envelope, now())
