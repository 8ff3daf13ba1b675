"""What is put off leaves Inbox, and comes back at its time or with an answer (product.md 3.8, F27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.mailstore import actions, mailboxes, placement, rows, snooze
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Message, ThreadRow
from mailsuite.mailstore.search import find
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import BOB, CAROL, Box
from tests.mailstore.test_actions import snapshot

HOUR = timedelta(hours=1)


def talk(box: Box) -> list[Message]:
    """Bob writes, I answer, Carol answers; all read."""
    root = box.receive(msgid="root@x", author=BOB, flags=Message.SEEN)
    own = box.send(subject="Re: Lunch?", msgid="own@x", references=["root@x"])
    last = box.receive(subject="Re: Lunch?", references=["root@x", "own@x"], author=CAROL, flags=Message.SEEN)
    return [root, own, last]


def test_it_leaves_inbox_and_comes_back_at_its_time_unread_on_top_and_marked(box: Box) -> None:
    root, own, last = talk(box)
    box.receive(subject="Later mail")
    until = box.now + HOUR
    done = actions.snooze(box.pk, until, [root.thread_id])
    assert (done.sentence, done.act) == ("Snoozed 1 conversation", "snooze")
    assert box.where(root) == box.where(last) == {"Snoozed", "All Mail"}
    assert box.where(own) == {"Sent", "All Mail"}
    assert (box.thread(root).snoozed_until, box.thread(root).woke_at) == (until, None)
    assert snooze.wake(until - timedelta(seconds=1)) == 0
    assert snooze.wake(until) == 2
    assert snooze.wake(until) == 0
    assert box.where(root) == box.where(last) == {"INBOX", "All Mail"}
    thread = box.thread(root)
    assert (thread.snoozed_until, thread.woke_at, thread.unread) == (None, until, 1)
    assert thread.snoozed_at is not None
    assert not Message.objects.get(pk=last.pk).flags & Message.SEEN
    first, *_ = rows.page(box.mailbox("inbox"))
    assert first.thread == thread
    assert list(verify(box.pk)) == []


def test_the_mark_goes_when_it_leaves_inbox_again(box: Box) -> None:
    root, *_ = talk(box)
    actions.snooze(box.pk, now() - HOUR, [root.thread_id])
    snooze.wake()
    actions.archive(box.pk, [root.thread_id])
    assert (box.thread(root).woke_at, box.thread(root).snoozed_at) == (None, None)
    actions.undo(box.pk)
    assert box.thread(root).woke_at is not None


def test_an_answer_wakes_it_and_own_or_imported_mail_does_not(box: Box) -> None:
    root, *_ = talk(box)
    actions.snooze(box.pk, now() + HOUR, [root.thread_id])
    box.send(subject="Re: Lunch?", references=["root@x"])
    box.receive(subject="Re: Lunch?", references=["root@x"], by_member=True, role="archive")
    assert box.where(root) == {"Snoozed", "All Mail"}
    answer = box.receive(subject="Re: Lunch?", references=["root@x"], author=CAROL)
    assert box.where(root) == box.where(answer) == {"INBOX", "All Mail"}
    assert box.thread(root).woke_at is not None
    assert ThreadRow.objects.filter(mailbox=box.mailbox("snoozed")).count() == 0
    assert list(verify(box.pk)) == []


def test_an_answer_to_what_is_muted_does_not_wake_it(box: Box) -> None:
    root, *_ = talk(box)
    actions.mute(box.pk, [root.thread_id])
    actions.snooze(box.pk, now() + HOUR, [root.thread_id])
    box.receive(subject="Re: Lunch?", references=["root@x"], author=CAROL)
    assert box.where(root) == {"Snoozed", "All Mail"}


def test_undo_gives_the_time_back_exactly(box: Box) -> None:
    root, *_ = talk(box)
    actions.snooze(box.pk, now() + HOUR, [root.thread_id])
    for name in ("archive", "to_inbox", "trash", "report_spam", "unsnooze", "mute"):
        before = snapshot(box.pk)
        assert actions.do(box.pk, name, [root.thread_id]).pk
        after = snapshot(box.pk)
        actions.undo(box.pk)
        assert snapshot(box.pk) == before
        actions.redo(box.pk)
        assert snapshot(box.pk) == after, name
        actions.undo(box.pk)


def test_undo_of_a_snooze_after_it_woke_leaves_it_awake(box: Box) -> None:
    root, *_ = talk(box)
    done = actions.snooze(box.pk, now() - HOUR, [root.thread_id])
    snooze.wake()
    awake = snapshot(box.pk)
    actions.undo(box.pk, done.pk)
    assert snapshot(box.pk) == awake


def test_what_sleeps_in_trash_wakes_only_after_it_is_restored(box: Box) -> None:
    root, *_ = talk(box)
    actions.snooze(box.pk, now() + HOUR, [root.thread_id])
    actions.trash(box.pk, [root.thread_id])
    assert snooze.wake(now() + 2 * HOUR) == 0
    assert box.where(root) == {"Trash"}
    actions.restore(box.pk, [root.thread_id])
    assert box.where(root) == {"Snoozed", "All Mail"}
    assert snooze.wake(now() + 2 * HOUR) == 2


def test_mail_programs_put_off_and_bring_back(box: Box) -> None:
    message = box.receive()
    inbox, sleeping, archive = (box.mailbox(role) for role in ("inbox", "snoozed", "archive"))
    assert not sleeping.subscribed
    placement.move(inbox, [box.uid(message, "inbox")], sleeping)
    assert box.where(message) == {"Snoozed", "All Mail"}
    assert now() < Message.objects.get().snoozed_until <= now() + timedelta(days=1)
    placement.move(sleeping, [box.uid(message, "snoozed")], box.mailbox("inbox"))
    assert box.where(message) == {"INBOX", "All Mail"}
    placement.copy(box.mailbox("inbox"), [box.uid(message, "inbox")], sleeping)
    placement.move(sleeping, [box.uid(message, "snoozed")], archive)
    assert box.where(message) == {"Archive", "All Mail"}
    placement.copy(archive, [box.uid(message, "archive")], sleeping)
    placement.store_flags(box.mailbox("snoozed"), [box.uid(message, "snoozed")], FlagChange(deleted=True))
    placement.expunge(box.mailbox("snoozed"))
    assert box.where(message) == {"Archive", "All Mail"}
    assert list(verify(box.pk)) == []


@pytest.mark.parametrize("query", ["in:snoozed", "is:snoozed", "lunch is:snoozed"])
def test_search_finds_what_sleeps(box: Box, query: str) -> None:
    asleep, awake = box.receive(), box.receive(subject="Lunch, another")
    actions.snooze(box.pk, now() + HOUR, [asleep.thread_id])
    assert find.find(box.pk, query).thread_ids == [asleep.thread_id]
    assert awake.thread_id in find.find(box.pk, f"-{query.split()[-1]}").thread_ids


def test_an_account_from_before_there_was_snoozing_gets_the_mailbox(box: Box) -> None:
    box.mailbox("snoozed").delete()
    message = box.receive()
    actions.snooze(box.pk, now() + HOUR, [message.thread_id])
    assert mailboxes.by_role(box.pk, "snoozed").total == 1
