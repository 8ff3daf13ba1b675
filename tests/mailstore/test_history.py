"""Undone, done again, asked again: what an action needs for that, and how long it is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.mailstore import actions, changes, history, labels, mailboxes
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.models import Action, ActionStep, Membership, Message
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import BOB, Box
from tests.mailstore.test_actions import snapshot

OPERATION = "operation-1"


def test_a_delta_is_kept_whole_and_small() -> None:
    before, after = State(inbox=True, labels=frozenset({7}), keywords=("$muted",)), State(trashed_at=now(), remembered=(1, 7))
    delta = dict.fromkeys(range(5, 40000, 2), (before, after)) | {4: (after, before)}
    packed = history.pack(delta)
    assert history.unpack(packed) == delta
    assert len(packed) < 1_000
    assert history.unpack(history.pack({})) == {}


TWENTY = ["star", "archive", "trash", "restore", "unstar", "to_inbox", "mark_read", "mute", "report_spam", "not_spam"]


def test_twenty_acts_are_undone_one_by_one_and_done_again(box: Box) -> None:
    work, thread = box.label("Work"), box.receive().thread_id
    seen = [snapshot(box.pk)]
    for n, name in enumerate(TWENTY):
        assert actions.do(box.pk, name, [thread]).pk
        seen.append(snapshot(box.pk))
        labelled = actions.remove_label if n % 2 else actions.add_label
        assert labelled(box.pk, work.pk, [thread]).pk
        seen.append(snapshot(box.pk))
    for before in reversed(seen[:-1]):
        assert actions.undo(box.pk).undone
        assert snapshot(box.pk) == before
    assert actions.undo(box.pk) is None
    for after in seen[1:]:
        assert not actions.redo(box.pk).undone
        assert snapshot(box.pk) == after
    assert actions.redo(box.pk) is None
    assert list(verify(box.pk)) == []


def test_an_act_after_an_undo_leaves_nothing_to_do_again_but_by_name(box: Box) -> None:
    message = box.receive()
    starred = actions.star(box.pk, message_ids=[message.pk])
    actions.undo(box.pk)
    actions.mark_read(box.pk, message_ids=[message.pk])
    assert actions.redo(box.pk) is None
    assert actions.redo(box.pk, starred.pk) == starred
    assert Message.objects.get().flags == Message.FLAGGED | Message.SEEN


def test_what_was_undone_before_another_act_is_not_done_again_in_its_place(box: Box) -> None:
    message = box.receive()
    actions.star(box.pk, message_ids=[message.pk])
    actions.undo(box.pk)
    read = actions.mark_read(box.pk, message_ids=[message.pk])
    actions.undo(box.pk)
    assert actions.redo(box.pk) == read
    assert actions.redo(box.pk) is None


def test_undone_and_done_again_by_name_twice_changes_nothing(box: Box) -> None:
    message = box.receive()
    done = actions.do(box.pk, "archive", [message.thread_id], operation_id=OPERATION)
    for turn, places in ((actions.undo, {"INBOX", "All Mail"}), (actions.redo, {"Archive", "All Mail"})):
        turn(box.pk, operation_id=OPERATION)
        at = changes.state(box.pk)
        assert turn(box.pk, operation_id=OPERATION) == turn(box.pk, done.pk) == done
        assert changes.state(box.pk) == at
        assert box.where(message) == places


def test_an_operation_is_done_once(box: Box) -> None:
    first, second = box.receive(), box.receive()
    done = actions.do(box.pk, "archive", [first.thread_id], operation_id=OPERATION)
    at = changes.state(box.pk)
    again = actions.do(box.pk, "trash", [second.thread_id], operation_id=OPERATION)
    assert (again, again.act, again.count) == (done, "archive", 1)
    assert changes.state(box.pk) == at
    actions.undo(box.pk)
    assert actions.do(box.pk, "archive", [first.thread_id], operation_id=OPERATION).undone
    other = Box(BOB)
    assert actions.do(other.pk, "archive", [other.receive().thread_id], operation_id=OPERATION) != done


def test_an_operation_that_changed_nothing_is_kept_too_and_is_no_step_to_undo(box: Box) -> None:
    message = box.receive()
    starred = actions.star(box.pk, message_ids=[message.pk])
    nothing = actions.do(box.pk, "unmute", [message.thread_id], operation_id=OPERATION)
    assert nothing.pk
    assert not nothing.has_changed
    muted = actions.mute(box.pk, [message.thread_id])
    assert actions.do(box.pk, "unmute", [message.thread_id], operation_id=OPERATION) == nothing
    assert box.thread(message).muted
    assert list(history.done(box.pk)) == [muted, starred]


def test_operations_are_remembered_for_a_day_and_what_can_be_undone_for_a_hundred_acts(box: Box) -> None:
    message = box.receive()
    for n in range(60):
        actions.do(box.pk, "star", [message.thread_id], operation_id=f"star-operation-{n}")
        actions.do(box.pk, "unstar", [message.thread_id], operation_id=f"unstar-operation-{n}")
    assert (Action.objects.count(), ActionStep.objects.count(), history.done(box.pk).count()) == (120, 100, 100)
    first = actions.do(box.pk, "star", [message.thread_id], operation_id="star-operation-0")
    assert (first.act, first.count, Message.objects.get().flags) == ("star", 1, 0)
    assert actions.undo(box.pk, first.pk) is None
    Action.objects.update(at=now() - timedelta(days=2))
    actions.star(box.pk, [message.thread_id])
    assert Action.objects.count() == 100


@pytest.mark.parametrize("into", [None, "Home"])
def test_a_label_that_came_back_is_deleted_or_merged_again(box: Box, into: str | None) -> None:
    work = box.label("Work")
    messages = [box.receive(labels=[work.pk]) for _ in range(3)]
    home = box.label("Home")
    done = labels.merge_labels(box.pk, work.pk, home.pk) if into else labels.delete_label(box.pk, work.pk)
    after = snapshot(box.pk)
    assert (done.count, done.label_id, done.act) == (3, work.pk, "merge_labels" if into else "delete_label")
    actions.undo(box.pk)
    assert box.mailbox("Work").total == 3
    actions.redo(box.pk)
    assert snapshot(box.pk) == after
    with pytest.raises(mailboxes.NoSuchMailbox):
        mailboxes.find(box.pk, "Work")
    actions.undo(box.pk)
    assert box.where(messages[0]) == {"Work", "INBOX", "All Mail"}
    assert list(verify(box.pk)) == []


def test_a_label_that_nothing_carries_comes_back(box: Box) -> None:
    work = box.label("Work", color="teal")
    labels.delete_label(box.pk, work.pk)
    actions.undo(box.pk)
    assert (box.mailbox("Work").pk, box.mailbox("Work").color) == (work.pk, "teal")


def test_more_conversations_than_a_step_are_one_act_with_one_undo(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 3)
    threads = [box.receive().thread_id for _ in range(8)]
    before = snapshot(box.pk)
    done = actions.archive(box.pk, threads)
    assert (done.count, done.sentence, done.steps.count()) == (8, "Archived 8 conversations", 3)
    assert not Membership.objects.filter(mailbox=box.mailbox("inbox")).exists()
    actions.undo(box.pk)
    assert snapshot(box.pk) == before
    actions.redo(box.pk)
    assert box.mailbox("archive").total == 8
    assert list(verify(box.pk)) == []
