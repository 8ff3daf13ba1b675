"""Delivery into mailboxes: exactly once, each for itself, and what nobody can digest set apart."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from mailsuite.accounts.models import Account
from mailsuite.delivery import attempt, local
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.people import choices
from mailsuite.protocol.dsn import parse_report
from mailsuite.queue import lease, settle
from mailsuite.queue.models import Envelope, Recipient
from tests.queued import LETTER, account, queued, states

pytestmark = pytest.mark.django_db(transaction=True)
ME = "me"


@pytest.fixture
def alice() -> Account:
    return account()


def taken() -> list[Recipient]:
    return lease.take(ME, local=True, limit=100, now=now())


def mailboxes(message: Message) -> set[str]:
    return set(
        Mailbox.objects.filter(pk__in=Membership.objects.filter(message=message).values("mailbox")).values_list("role", flat=True)
    )


def test_a_message_lies_in_the_inbox_with_its_trace_and_is_settled(alice: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    queued("alice@example.org", account=alice, trace=b"Received: from elsewhere\r\n")
    assert attempt.local_batch(ME) == 1
    [message] = Message.objects.all()
    assert messages.content(message) == b"Return-Path: <carol@elsewhere.example>\r\nReceived: from elsewhere\r\n" + LETTER
    assert "inbox" in mailboxes(message)
    assert states() == ["delivered"]
    assert message.blob.references == 2
    assert "delivered envelope=" in caplog.text


def test_an_alias_can_be_seen_from_the_message(alice: Account) -> None:
    queued("alice@example.org", account=alice)
    Recipient.objects.update(original="team@example.org")
    attempt.local_batch(ME)
    assert b"X-Original-To: team@example.org\r\n" in messages.content(Message.objects.get())


def test_junk_goes_to_junk_with_its_reasons(alice: Account) -> None:
    verdict = {"action": "junk", "junk": True, "reasons": ["DMARC says quarantine"], "results": {"dmarc": {"result": "fail"}}}
    queued("alice@example.org", account=alice, verdict=verdict)
    attempt.local_batch(ME)
    message = Message.objects.get()
    assert mailboxes(message) == {"junk"}
    assert message.decision["reasons"][0]["text"] == "DMARC says quarantine"
    assert message.decision["auth"] == {"dmarc": {"result": "fail"}}


def test_a_batch_of_many_messages_for_many_accounts_is_one_delivery(alice: Account) -> None:
    bob = account("bob")
    for number in range(30):
        content = LETTER.replace(b"<beans@", b"<beans%d@" % number)
        queued("alice@example.org", account=alice, content=content)
        queued("bob@example.org", account=bob, content=content)
    assert attempt.local_batch(ME) == 60
    assert Message.objects.filter(account=alice).count() == Message.objects.filter(account=bob).count() == 30
    assert set(states()) == {"delivered"}
    assert attempt.local_batch(ME) == 0


def test_a_full_mailbox_defers_and_then_bounces(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=10)
    account("bob")
    queued("alice@example.org", account=alice, reverse_path="bob@example.org")
    attempt.local_batch(ME)
    [row] = Recipient.objects.all()
    assert (row.state, row.last_reply) == ("due", "452 4.2.2 the mailbox is full")
    Envelope.objects.update(accepted_at=now() - timedelta(days=6))
    Recipient.objects.update(next_attempt_at=now())
    attempt.local_batch(ME)
    assert states()[0] == "failed"
    attempt.local_batch(ME)
    report = parse_report(messages.content(Message.objects.get(account__login="bob@example.org")))
    assert [(fate.address, fate.action, fate.status) for fate in report.fates] == [("alice@example.org", "failed", "5.4.7")]


def test_a_full_mailbox_hinders_no_other_in_the_batch(alice: Account) -> None:
    bob = account("bob", quota=10)
    queued("bob@example.org", account=bob)
    queued("alice@example.org", account=alice)
    attempt.local_batch(ME)
    assert states() == ["due", "delivered"]


def test_the_sender_who_asked_hears_of_success(alice: Account) -> None:
    account("bob")
    queued("alice@example.org", account=alice, reverse_path="bob@example.org", notify="SUCCESS")
    attempt.local_batch(ME)
    attempt.local_batch(ME)
    report = parse_report(messages.content(Message.objects.get(account__login="bob@example.org")))
    assert [fate.action for fate in report.fates] == ["delivered"]


def test_a_message_that_breaks_its_handler_is_set_aside_and_the_rest_goes_on(
    alice: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = local.summarise

    def brittle(content: bytes, **more: object) -> object:
        if b"poison" in content:
            raise RecursionError("too deep")
        return whole(content, **more)

    monkeypatch.setattr(local, "summarise", brittle)
    queued("alice@example.org", account=alice, content=b"Subject: poison\r\n\r\n")
    for number in range(5):
        queued("alice@example.org", account=alice, content=LETTER + b"%d" % number)
    for _ in range(4):
        Recipient.objects.filter(state="due").update(next_attempt_at=now())
        attempt.local_batch(ME)
    assert states() == ["held"] + ["delivered"] * 5
    poison = Recipient.objects.first()
    assert "RecursionError" in poison.last_reply
    assert poison.envelope.blob.references == 1
    assert "set-aside" in caplog.text


def test_when_the_store_refuses_one_the_others_of_the_batch_are_delivered(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = messages.append

    def brittle(items: list) -> list:
        if any(b"poison" in item.content for item in items):
            raise ValueError("cannot index this")
        return append(items)

    monkeypatch.setattr(messages, "append", brittle)
    for word in (b"one", b"poison", b"two"):
        queued("alice@example.org", account=alice, content=LETTER + word)
    attempt.local_batch(ME)
    assert states() == ["delivered", "due", "delivered"]
    assert Message.objects.count() == 2


def test_a_lost_lease_appends_nothing(alice: Account) -> None:
    for word in (b"one", b"two"):
        queued("alice@example.org", account=alice, content=LETTER + word)
    rows = taken()
    Recipient.objects.filter(pk=rows[0].pk).update(lease_owner="somebody else")
    assert local.deliver(ME, rows) == 1
    assert states() == ["leased", "delivered"]
    assert Message.objects.count() == 1


def test_a_second_delivery_of_what_is_settled_appends_nothing(alice: Account) -> None:
    queued("alice@example.org", account=alice)
    rows = taken()
    local.deliver(ME, rows)
    local.deliver(ME, rows)
    assert Message.objects.count() == 1


def test_a_database_that_is_away_is_no_fault_of_the_message(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    queued("alice@example.org", account=alice)

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(settle, "delivered", locked)
    with pytest.raises(OperationalError):
        attempt.local_batch(ME)
    assert Recipient.objects.get().crashes == 0


def test_mail_of_a_blocked_sender_goes_to_trash_and_says_why(alice: Account) -> None:
    bob = account("bob")
    choice = choices.choose(alice.pk, "Carol@Elsewhere.example", "blocked")
    for name, who in (("alice", alice), ("bob", bob)):
        queued(f"{name}@example.org", account=who)
    attempt.local_batch(ME)
    his, hers = Message.objects.get(account=bob), Message.objects.get(account=alice)
    assert (his.place, hers.place) == (Message.Place.MAIL, Message.Place.TRASH)
    assert hers.trashed_at is not None
    assert [reason["code"] for reason in hers.decision["reasons"]] == ["blocked"]
    choices.revoke(alice.pk, choice.pk)
    queued("alice@example.org", account=alice, content=LETTER.replace(b"Message-ID: <", b"Message-ID: <again."))
    attempt.local_batch(ME)
    assert Message.objects.filter(account=alice).latest("pk").place == Message.Place.MAIL
