"""What is sent later waits in Scheduled, and nothing but `waiting` puts it there (product.md 5.4, 3.9, F73)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailsuite.mailstore import actions, desired, placement, rows, waiting
from mailsuite.mailstore.desired import Impossible, Wish
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.mailboxes import OnlyWhatWaits
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import find
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import Box
from tests.mailstore.test_actions import snapshot

HOUR = timedelta(hours=1)
HERE = {"Scheduled", "All Mail"}


def scheduled(box: Box, **values: object) -> Message:
    message = box.send(**values)
    assert waiting.wait(box.pk, message.pk, box.now + HOUR)
    return message


def test_it_waits_in_scheduled_and_goes_to_sent_on_top(box: Box) -> None:
    message = scheduled(box)
    assert waiting.over(box.now) == []
    box.send(subject="Later, and left at once")
    assert box.where(message) == HERE
    assert box.thread(message).sends_at == Message.objects.get(pk=message.pk).sends_at is not None
    leaves = box.thread(message).sends_at + 9 * HOUR
    assert waiting.over(leaves) == [(box.pk, message.pk)]
    waiting.go(box.pk, [message.pk], leaves)
    assert box.where(message) == {"Sent", "All Mail"}
    assert box.thread(message).sends_at is None
    assert rows.page(box.mailbox("sent"))[0].thread == box.thread(message)
    assert waiting.over(leaves) == []
    waiting.go(box.pk, [message.pk], leaves + HOUR)
    assert Message.objects.get(pk=message.pk).went_at == leaves, "once"
    assert list(verify(box.pk)) == []


def test_given_back_it_is_a_draft_in_trash_too(box: Box) -> None:
    message, deleted = scheduled(box), scheduled(box, subject="Deleted")
    waiting.give_back(box.pk, [message.pk])
    assert box.where(message) == {"Drafts", "All Mail"}
    actions.trash(box.pk, [deleted.thread_id])
    assert not waiting.stands(box.pk, deleted.pk)
    waiting.give_back(box.pk, [deleted.pk])
    actions.undo(box.pk)
    assert box.where(deleted) == {"Drafts", "All Mail"}, "it was not sent"
    assert list(verify(box.pk)) == []


def test_only_own_mail_that_is_no_draft_and_not_away_waits(box: Box) -> None:
    received, draft, away = box.receive(), box.send(role="drafts", flags=Message.DRAFT), box.send()
    actions.trash(box.pk, message_ids=[away.pk])
    for message in (received, draft, away):
        assert not waiting.wait(box.pk, message.pk, box.now + HOUR)
    assert not waiting.wait(box.pk, 999, box.now + HOUR)
    assert box.inside("scheduled") == []


def test_another_account_can_do_nothing_to_it(box: Box) -> None:
    message, other = scheduled(box), Box("mallory@example.org")
    waiting.give_back(other.pk, [message.pk])
    waiting.go(other.pk, [message.pk], box.now)
    assert not waiting.wait(other.pk, message.pk, box.now + HOUR)
    assert not waiting.stands(other.pk, message.pk)
    assert box.where(message) == HERE


def test_acts_and_their_undo_leave_it_waiting_and_never_make_it_wait_again(box: Box) -> None:
    message = scheduled(box)
    for name in ("archive", "star", "mute", "trash"):
        before = snapshot(box.pk)
        actions.do(box.pk, name, [message.thread_id])
        actions.undo(box.pk)
        assert snapshot(box.pk) == before
        assert box.where(message) == HERE
    actions.trash(box.pk, [message.thread_id])
    waiting.give_back(box.pk, [message.pk])
    actions.undo(box.pk)
    assert box.inside("scheduled") == []


def test_mail_programs_take_it_out_and_put_nothing_in(box: Box) -> None:
    message, other, there = scheduled(box), box.receive(), box.mailbox("scheduled")
    assert not there.subscribed
    for way in (placement.move, placement.copy):
        with pytest.raises(OnlyWhatWaits):
            way(box.mailbox("inbox"), [box.uid(other, "inbox")], there)
    assert box.where(other) == {"INBOX", "All Mail"}
    assert isinstance(desired.fulfil(box.pk, {other.pk: Wish(boxes=frozenset({there.pk}))})[other.pk], Impossible)
    placement.copy(there, [box.uid(message, "scheduled")], box.mailbox(box.label("Garden").name))
    assert box.where(message) == {*HERE, "Garden"}
    placement.move(there, [box.uid(message, "scheduled")], box.mailbox("drafts"))
    assert box.where(message) == {"Drafts", "All Mail", "Garden"}
    assert not waiting.stands(box.pk, message.pk)
    deleted = scheduled(box)
    placement.store_flags(box.mailbox("scheduled"), [box.uid(deleted, "scheduled")], FlagChange(deleted=True))
    placement.expunge(box.mailbox("scheduled"))
    assert box.where(deleted) == {"Trash"}
    assert list(verify(box.pk)) == []


@pytest.mark.parametrize("query", ["in:scheduled", "is:scheduled", "lunch is:scheduled"])
def test_search_finds_what_waits(box: Box, query: str) -> None:
    message, sent = scheduled(box), box.send(subject="Lunch, another")
    assert find.find(box.pk, query).thread_ids == [message.thread_id]
    assert find.find(box.pk, "in:sent").thread_ids == [sent.thread_id]
