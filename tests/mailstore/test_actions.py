"""What members do on the web, and undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now

from mailsuite.mailstore import actions, labels, mailboxes
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action, Expunged, Membership, Message
from tests.mailstore.conftest import BOB, CAROL, Box


def conversation(box: Box) -> list[Message]:
    """Bob writes, I answer, Carol answers; labelled."""
    label = box.label("Work")
    root = box.receive(msgid="root@x", labels=[label.pk], author=BOB)
    own = box.send(subject="Re: Lunch?", msgid="own@x", references=["root@x"])
    last = box.receive(subject="Re: Lunch?", references=["root@x", "own@x"], author=CAROL)
    return [root, own, last]


def test_archive_takes_the_conversation_out_of_inbox_and_nothing_else(box: Box) -> None:
    root, own, last = conversation(box)
    action = actions.archive(box.pk, [root.thread_id])
    assert action.sentence == "Archived 1 conversation"
    assert box.where(root) == box.where(last) == {"Work", "Archive", "All Mail"}
    assert box.where(own) == {"Work", "Sent", "All Mail"}


def test_trash_takes_own_mail_along_and_restore_brings_back_what_was_there(box: Box) -> None:
    found = conversation(box)
    before = [box.where(message) for message in found]
    actions.trash(box.pk, [found[0].thread_id])
    assert {"Trash"} == set.union(*(box.where(message) for message in found))
    actions.restore(box.pk, [found[0].thread_id])
    assert [box.where(message) for message in found] == before


def test_spam_is_what_others_wrote(box: Box) -> None:
    root, own, last = conversation(box)
    actions.report_spam(box.pk, [root.thread_id])
    assert box.where(root) == box.where(last) == {"Junk"}
    assert box.where(own) == {"Work", "Sent", "All Mail"}
    actions.not_spam(box.pk, [root.thread_id])
    assert box.where(root) == {"INBOX", "Work", "All Mail"}


def test_a_mail_that_comes_into_a_trashed_conversation_is_alone_in_inbox(box: Box) -> None:
    root, *_ = conversation(box)
    actions.trash(box.pk, [root.thread_id])
    late = box.receive(subject="Re: Lunch?", references=["root@x"])
    assert box.where(late) == {"INBOX", "All Mail"}
    assert box.thread(late).count == 1
    actions.trash(box.pk, [root.thread_id])
    assert box.where(late) == {"Trash"}


def test_labelling_what_is_in_trash_does_not_move_it(box: Box) -> None:
    label, message = box.label("Work"), box.receive()
    actions.trash(box.pk, message_ids=[message.pk])
    actions.add_label(box.pk, label.pk, message_ids=[message.pk])
    assert box.where(message) == {"Trash"}
    actions.restore(box.pk, message_ids=[message.pk])
    assert box.where(message) == {"INBOX", "Work", "All Mail"}


def test_no_label_of_another_account_can_be_given(box: Box) -> None:
    message, other = box.receive(), Box(BOB).label("Theirs")
    with pytest.raises(NoSuchMailbox):
        actions.add_label(box.pk, other.pk, message_ids=[message.pk])


def test_mail_of_another_account_is_not_touched(box: Box) -> None:
    theirs = Box(BOB).receive()
    assert actions.trash(box.pk, [theirs.thread_id], [theirs.pk]).pk is None
    assert "INBOX" in box.where(theirs)


def test_mark_unread_marks_the_newest_message_that_was_received(box: Box) -> None:
    found = conversation(box)
    thread = found[0].thread_id
    actions.mark_read(box.pk, [thread])
    box.send(subject="Re: Lunch?", references=["root@x"])
    actions.mark_unread(box.pk, [thread])
    assert list(Message.objects.filter(flags=0).values_list("pk", flat=True)) == [found[2].pk]


def test_delete_for_ever_deletes_only_what_is_in_trash_or_spam(box: Box) -> None:
    root, own, last = conversation(box)
    actions.trash(box.pk, message_ids=[root.pk])
    assert actions.delete_for_ever(box.pk, [root.thread_id]) == (1, root.size)
    assert list(Message.objects.order_by("pk").values_list("pk", flat=True)) == [own.pk, last.pk]
    assert box.thread(last).total == 2
    box.account.store.refresh_from_db()
    assert box.account.store.bytes_used == own.size + last.size


def test_empty_says_how_many_and_how_large(box: Box) -> None:
    found = [box.receive(role="trash"), box.receive(role="trash"), box.receive(role="junk")]
    assert actions.empty(box.pk, "trash") == (2, found[0].size + found[1].size)
    assert Message.objects.get().pk == found[2].pk
    assert Expunged.objects.count() == 2


def snapshot(account_id: int) -> list:
    """All that undo must restore; not UIDs, for what comes back is new to its mailbox."""
    columns = ("pk", "place", "flags", "keywords", "own", "remembered", "trashed_at")
    columns += ("snoozed_at", "snoozed_until", "woke_at")
    messages = Message.objects.filter(account_id=account_id).order_by("pk").values_list(*columns)
    held = Membership.objects.filter(message__account_id=account_id).order_by("message_id", "mailbox_id")
    return [*messages, *held.values_list("message_id", "mailbox_id")]


ACTS: dict[str, Callable[[Box, int], Action]] = {
    "archive": lambda box, thread: actions.archive(box.pk, [thread]),
    "trash": lambda box, thread: actions.trash(box.pk, [thread]),
    "report_spam": lambda box, thread: actions.report_spam(box.pk, [thread]),
    "remove_label": lambda box, thread: actions.remove_label(box.pk, box.mailbox("Work").pk, [thread]),
    "add_label": lambda box, thread: actions.add_label(box.pk, box.label("More").pk, [thread]),
    "move_to": lambda box, thread: actions.move_to(box.pk, box.label("More").pk, [thread]),
    "mark_read": lambda box, thread: actions.mark_read(box.pk, [thread]),
    "star": lambda box, thread: actions.star(box.pk, [thread]),
    "snooze": lambda box, thread: actions.snooze(box.pk, now() + timedelta(days=1), [thread]),
    "mute": lambda box, thread: actions.mute(box.pk, [thread]),
}


@pytest.mark.parametrize("act", ACTS)
def test_undo_restores_exactly(box: Box, act: str) -> None:
    root, *_ = conversation(box)
    before = snapshot(box.pk)
    done = ACTS[act](box, root.thread_id)
    assert snapshot(box.pk) != before
    undone = actions.undo(box.pk)
    assert undone == done
    assert snapshot(box.pk) == before
    assert actions.undo(box.pk) is None


@pytest.mark.parametrize("act", ["restore", "not_spam"])
def test_undo_of_a_way_back_restores_exactly(box: Box, act: str) -> None:
    root, *_ = conversation(box)
    (actions.trash if act == "restore" else actions.report_spam)(box.pk, [root.thread_id])
    before = snapshot(box.pk)
    getattr(actions, act)(box.pk, [root.thread_id])
    actions.undo(box.pk)
    assert snapshot(box.pk) == before


def test_undo_leaves_alone_what_was_done_since(box: Box) -> None:
    root, *_ = conversation(box)
    archived = actions.archive(box.pk, [root.thread_id])
    actions.star(box.pk, message_ids=[root.pk])
    actions.undo(box.pk, archived.pk)
    assert box.where(root) == {"INBOX", "Work", "Starred", "All Mail"}


def test_a_hundred_actions_are_kept(box: Box) -> None:
    message = box.receive()
    for _ in range(52):
        actions.star(box.pk, message_ids=[message.pk])
        actions.unstar(box.pk, message_ids=[message.pk])
    assert Action.objects.count() == 100


@pytest.mark.parametrize("into", [None, "Home"])
def test_a_label_that_is_deleted_or_merged_comes_back_with_its_mail(box: Box, into: str | None) -> None:
    root, *_ = conversation(box)
    trashed = box.receive(labels=[box.mailbox("Work").pk])
    actions.trash(box.pk, message_ids=[trashed.pk])
    before, work = snapshot(box.pk), box.mailbox("Work")
    if into:
        labels.merge_labels(box.pk, work.pk, box.label(into).pk)
    else:
        labels.delete_label(box.pk, work.pk)
    assert box.where(root) == {"INBOX", "All Mail"} | ({into} if into else set())
    with pytest.raises(mailboxes.NoSuchMailbox):
        mailboxes.find(box.pk, "Work")
    actions.undo(box.pk)
    assert snapshot(box.pk) == before
    actions.restore(box.pk, message_ids=[trashed.pk])
    assert "Work" in box.where(trashed)
    again = box.mailbox("Work")
    assert (again.pk, again.total) == (work.pk, 4)
    assert again.uidvalidity > work.uidvalidity


def test_a_deleted_label_whose_name_is_taken_again_stays_deleted(box: Box) -> None:
    root, *_ = conversation(box)
    labels.delete_label(box.pk, box.mailbox("Work").pk)
    made = box.label("Work")
    actions.undo(box.pk)
    assert box.where(root) == {"INBOX", "All Mail"}
    assert box.mailbox("Work").pk == made.pk


def test_only_labels_of_the_account_are_deleted_and_merged(box: Box) -> None:
    theirs, mine = Box(BOB).label("Theirs"), box.label("Mine")
    for wrong in (theirs.pk, box.mailbox("inbox").pk, 10**9):
        with pytest.raises(NoSuchMailbox):
            labels.delete_label(box.pk, wrong)
        with pytest.raises(NoSuchMailbox):
            labels.merge_labels(box.pk, mine.pk, wrong)
