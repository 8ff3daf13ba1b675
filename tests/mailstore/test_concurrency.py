"""Many writers at once, on both databases: nobody waits for ever, and everything is whole at the end."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from mailsuite.mailstore import actions, changes, messages, placement
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Membership, Message, Thread
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import BOB, CAROL, Box


def at_once(work: list[Callable[[], object]]) -> None:
    """Run them all in threads with connections of their own; raises what any of them raised."""

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(run, one) for one in work]:
            done.result(timeout=60)


def fail(do: Callable[[], object]) -> None:
    """Do it in an atomic block that is rolled back."""

    def block() -> None:
        with transaction.atomic():
            do()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()


def test_writers_of_several_accounts_never_wait_for_one_another_in_a_circle(box: Box) -> None:
    boxes = [box, Box(BOB), Box(CAROL)]

    def deliver(seed: int) -> None:
        chance = random.Random(seed)
        for n in range(4):
            order = chance.sample(boxes, 3)
            messages.append([one.new(subject=f"{seed} {n}", msgid=f"{seed}.{n}.{one.pk}@x") for one in order])

    def tidy(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(6):
            one = chance.choice(boxes)
            threads = list(Thread.objects.filter(account_id=one.pk).values_list("pk", flat=True))
            chance.choice([actions.archive, actions.trash, actions.restore, actions.star])(one.pk, threads[:3])
            uids = Membership.objects.filter(mailbox=one.mailbox("inbox")).values_list("uid", flat=True)
            placement.store_flags(one.mailbox("inbox"), list(uids), FlagChange(Message.SEEN))

    at_once([*(lambda seed=seed: deliver(seed) for seed in range(3)), *(lambda seed=seed: tidy(seed) for seed in range(3))])
    assert Message.objects.count() == 3 * 4 * 3
    assert list(verify()) == []


def test_the_same_message_delivered_by_two_workers_at_once_is_one_message(box: Box) -> None:
    items = [box.new(b"Message-ID: <1@x>\r\n\r\nHello\r\n") for _ in range(4)]
    at_once([lambda item=item: messages.append([item]) for item in items])
    assert Message.objects.count() == 1
    assert list(verify()) == []


def test_a_reply_and_its_parent_delivered_at_once_are_one_conversation(box: Box) -> None:
    items = [box.new(msgid="1@x"), box.new(msgid="2@x", references=["1@x"], subject="Re: Lunch?")]
    at_once([lambda item=item: messages.append([item]) for item in items])
    assert Thread.objects.count() == 1


def test_no_two_transactions_get_the_same_modseq(box: Box) -> None:
    bob, taken = Box(BOB), []

    def count() -> None:
        for _ in range(10):
            with transaction.atomic():
                taken.append(changes.begin([bob.pk, box.pk]))

    before = changes.state(box.pk)
    at_once([count] * 6)
    assert sorted(one[box.pk] for one in taken) == list(range(before + 1, before + 61))
    assert changes.state(bob.pk) == max(one[bob.pk] for one in taken)


def test_one_transaction_takes_one_modseq_and_a_savepoint_that_failed_none(box: Box) -> None:
    before = changes.state(box.pk)
    with transaction.atomic():
        first = changes.begin([box.pk])
        fail(lambda: changes.begin([Box(BOB).pk]))
        assert changes.begin([box.pk]) == first == {box.pk: before + 1}
        messages.append([box.new()])
        messages.append([box.new()])
    assert changes.state(box.pk) == before + 1


def test_watchers_hear_of_a_commit_once_and_of_a_rollback_never(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[int, int]] = []
    monkeypatch.setattr("mailsuite.wakeup.publish", heard.append)
    with transaction.atomic():
        messages.append([box.new()])
        messages.append([box.new()])
    assert heard == [{box.pk: changes.state(box.pk)}]
    fail(lambda: messages.append([box.new()]))
    assert len(heard) == 1


def test_a_change_outside_a_transaction_is_refused(box: Box) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        changes.begin([box.pk])


@pytest.mark.django_db
def test_in_a_test_that_is_a_transaction_itself_each_block_takes_a_modseq_of_its_own() -> None:
    alice = Box("alice2@example.org")
    before = changes.state(alice.pk)
    with transaction.atomic():
        first = changes.begin([alice.pk])
        messages.append([alice.new()])
        assert changes.begin([alice.pk]) == first
    messages.append([alice.new()])
    assert changes.state(alice.pk) == before + 2
