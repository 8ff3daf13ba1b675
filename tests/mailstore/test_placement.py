"""What mail programs do, and what comes of it: the table of product.md 3.9, row by row."""

from __future__ import annotations

import pytest

from mailsuite.mailstore import changes, mailboxes, placement
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.messages import append
from mailsuite.mailstore.models import Change, Expunged, Membership, Message
from tests.mailstore.conftest import Box


def put(box: Box, message: Message, source: str, target: str, act: str = "move") -> list[tuple[int, int]]:
    return getattr(placement, act)(box.mailbox(source), [box.uid(message, source)], box.mailbox(target))


def expunge(box: Box, message: Message, where: str) -> None:
    uid = box.uid(message, where)
    placement.store_flags(box.mailbox(where), [uid], FlagChange(deleted=True))
    assert placement.expunge(box.mailbox(where), [uid]) == [uid]


MOVES = [
    ("inbox", "archive", {"Archive"}),
    ("inbox", "A", {"A", "Archive"}),
    ("inbox", "trash", None),
    ("inbox", "junk", None),
    ("inbox", "flagged", {"INBOX", "Starred"}),
    ("inbox", "all", {"Archive"}),
    ("A", "B", {"B", "INBOX"}),
    ("A", "archive", {"Archive"}),
    ("A", "all", {"INBOX"}),
    ("A", "inbox", {"INBOX"}),
    ("archive", "inbox", {"INBOX"}),
    ("archive", "A", {"A", "Archive"}),
    ("all", "A", {"A", "INBOX"}),
]


@pytest.mark.parametrize(("source", "target", "expected"), MOVES)
def test_move_leaves_the_source_and_is_in_the_target(box: Box, source: str, target: str, expected: set | None) -> None:
    label = box.label("A")
    box.label("B")
    message = box.receive(labels=[label.pk] if source == "A" else [], role="archive" if source == "archive" else "inbox")
    old = box.uid(message, source)
    pairs = put(box, message, source, target)
    assert pairs == [(old, box.uid(message, target))]
    assert not Membership.objects.filter(mailbox=box.mailbox(source), uid=old).exists()
    assert Change.objects.filter(mailbox_id=box.mailbox(source).pk, uid=old, kind="expunged").exists()
    assert box.where(message) == ({"Trash" if target == "trash" else "Junk"} if expected is None else expected | {"All Mail"})


@pytest.mark.parametrize("source", ["all", "archive"])
def test_what_belongs_to_the_source_comes_back_under_a_new_uid(box: Box, source: str) -> None:
    box.label("A")
    message = box.receive(role="archive")
    old = box.uid(message, source)
    put(box, message, source, "A")
    assert box.uid(message, source) == old + 1


COPIES = [
    ("inbox", "A", {"A", "INBOX"}),
    ("inbox", "flagged", {"INBOX", "Starred"}),
    ("inbox", "trash", None),
    ("inbox", "all", {"INBOX"}),
    ("A", "B", {"A", "B", "INBOX"}),
    ("A", "all", {"A", "INBOX"}),
]


@pytest.mark.parametrize(("source", "target", "expected"), COPIES)
def test_copy_takes_nothing_away(box: Box, source: str, target: str, expected: set | None) -> None:
    label = box.label("A")
    box.label("B")
    message = box.receive(labels=[label.pk] if source == "A" else [])
    pairs = put(box, message, source, target, "copy")
    assert box.where(message) == ({"Trash"} if expected is None else expected | {"All Mail"})
    assert pairs[0][1] == box.uid(message, target)


def test_a_copy_to_where_the_message_is_already_answers_the_uid_it_has(box: Box) -> None:
    message = box.receive()
    uid = box.uid(message, "all")
    assert put(box, message, "inbox", "all", "copy") == [(box.uid(message, "inbox"), uid)]
    assert box.uid(message, "all") == uid


@pytest.mark.parametrize("act", ["copy", "move"])
@pytest.mark.parametrize(
    ("place", "target", "expected"),
    [
        ("trash", "inbox", {"INBOX", "A", "All Mail"}),
        ("trash", "B", {"A", "B", "Archive", "All Mail"}),
        ("junk", "inbox", {"INBOX", "A", "All Mail"}),
        ("junk", "trash", {"Trash"}),
        ("trash", "junk", {"Junk"}),
        ("trash", "archive", {"A", "Archive", "All Mail"}),
    ],
)
def test_out_of_trash_and_junk_a_message_comes_with_its_labels(
    box: Box, act: str, place: str, target: str, expected: set
) -> None:
    label = box.label("A")
    box.label("B")
    message = box.receive(labels=[label.pk])
    put(box, message, "inbox", place)
    assert box.where(message) == {box.mailbox(place).name}
    assert put(box, message, place, target, act)
    assert box.where(message) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("inbox", {"A", "Starred", "Archive", "All Mail"}),
        ("A", {"INBOX", "Starred", "All Mail"}),
        ("flagged", {"A", "INBOX", "All Mail"}),
        ("all", {"Trash"}),
    ],
)
def test_expunge_means_what_the_mailbox_means(box: Box, where: str, expected: set) -> None:
    label = box.label("A")
    message = box.receive(labels=[label.pk], flags=Message.FLAGGED)
    expunge(box, message, where)
    assert box.where(message) == expected


@pytest.mark.parametrize("where", ["archive", "sent"])
def test_expunge_in_archive_and_sent_is_trash(box: Box, where: str) -> None:
    message = box.receive(role=where)
    expunge(box, message, where)
    assert box.where(message) == {"Trash"}


@pytest.mark.parametrize("where", ["trash", "junk", "drafts"])
def test_expunge_in_trash_junk_and_drafts_is_for_ever(box: Box, where: str) -> None:
    message = box.receive(role=where)
    expunge(box, message, where)
    assert not Message.objects.exists()
    assert Expunged.objects.get().blob_id == message.blob_id
    told = changes.since(box.pk, message.modseq)
    assert told is not None
    assert (told.emails.destroyed, told.threads.destroyed) == ([message.email_id], [message.thread_id])


def test_a_member_can_have_expunged_mail_of_inbox_in_trash(box: Box) -> None:
    box.account.preferences = {"inbox_expunge": "trash"}
    box.account.save()
    message = box.receive()
    expunge(box, message, "inbox")
    assert box.where(message) == {"Trash"}


def test_what_was_copied_to_a_label_and_expunged_in_inbox_was_moved_and_not_deleted(box: Box) -> None:
    """Mail programs without MOVE: even where deleting in Inbox is Trash."""
    box.account.preferences = {"inbox_expunge": "trash"}
    box.account.save()
    label = box.label("A")
    moved, inherited = box.receive(), box.receive(labels=[label.pk])
    put(box, moved, "inbox", "A", "copy")
    for message in (moved, inherited):
        expunge(box, message, "inbox")
    assert box.where(moved) == {"A", "Archive", "All Mail"}
    assert box.where(inherited) == {"Trash"}


def test_only_what_is_marked_is_expunged(box: Box) -> None:
    one, two, three = (box.receive() for _ in range(3))
    inbox = box.mailbox("inbox")
    placement.store_flags(inbox, [1, 3, 99], FlagChange(deleted=True))
    assert placement.expunge(inbox, [1, 2]) == [1]
    assert placement.expunge(inbox) == [3]
    assert box.inside("inbox") == [two.pk]
    assert box.inside("archive") == [one.pk, three.pk]


def test_flags_are_shared_by_all_copies_but_deleted_is_not(box: Box) -> None:
    label = box.label("A")
    message = box.receive(labels=[label.pk])
    stored = placement.store_flags(box.mailbox("A"), [1], FlagChange(Message.SEEN, ["$Forwarded"], deleted=True))
    assert stored.changed == [1]
    message.refresh_from_db()
    assert (message.flags, message.keywords, message.modseq) == (Message.SEEN, ["$Forwarded"], stored.modseq)
    assert set(Membership.objects.filter(deleted=True).values_list("mailbox__name", flat=True)) == {"A"}
    assert box.mailbox("inbox").modseq == box.mailbox("all").modseq == stored.modseq
    assert box.mailbox("inbox").unread == 0


@pytest.mark.parametrize(
    ("mode", "flags", "keywords", "expected"),
    [
        ("+", Message.ANSWERED, ["$label2", "$LABEL1"], (Message.SEEN | Message.ANSWERED, ["$label1", "$label2"])),
        ("-", Message.SEEN, ["$LABEL1"], (0, [])),
        ("=", Message.FLAGGED, ["$label2"], (Message.FLAGGED, ["$label2"])),
        ("=", 0, [], (0, [])),
    ],
)
def test_store_adds_takes_away_and_sets(box: Box, mode: str, flags: int, keywords: list, expected: tuple) -> None:
    message = box.receive(flags=Message.SEEN, keywords=["$label1"])
    placement.store_flags(box.mailbox("inbox"), [1], FlagChange(flags, keywords, mode))
    message.refresh_from_db()
    assert (message.flags, message.keywords) == expected
    assert ("Starred" in box.where(message)) == bool(expected[0] & Message.FLAGGED)


def test_what_changed_since_is_refused(box: Box) -> None:
    messages = [box.receive() for _ in range(2)]
    placement.store_flags(box.mailbox("inbox"), [1], FlagChange(Message.SEEN))
    stored = placement.store_flags(box.mailbox("inbox"), [1, 2], FlagChange(Message.ANSWERED), unchanged_since=messages[1].modseq)
    assert (stored.changed, stored.refused) == ([2], [1])


def test_store_that_changes_nothing_says_so(box: Box) -> None:
    box.receive(flags=Message.SEEN)
    assert placement.store_flags(box.mailbox("inbox"), [1], FlagChange(Message.SEEN)).changed == []


def test_junk_and_notjunk_report_spam_and_take_it_back(box: Box) -> None:
    message = box.receive()
    stored = placement.store_flags(box.mailbox("inbox"), [1], FlagChange(keywords=["$Junk"]))
    assert (stored.changed, stored.gone) == ([], [1])
    assert box.where(message) == {"Junk"}
    placement.store_flags(box.mailbox("junk"), [1], FlagChange(keywords=["$NotJunk"]))
    assert box.where(message) == {"INBOX", "All Mail"}


def test_a_star_taken_off_in_starred_leaves_it(box: Box) -> None:
    box.receive(flags=Message.FLAGGED)
    assert placement.store_flags(box.mailbox("flagged"), [1], FlagChange(Message.FLAGGED, mode="-")).gone == [1]


def test_ranges_and_scattered_uids_are_found_alike(box: Box) -> None:
    append([box.new() for _ in range(250)])
    assert len(placement.store_flags(box.mailbox("inbox"), range(1, 251), FlagChange(Message.SEEN)).changed) == 250
    assert len(placement.store_flags(box.mailbox("inbox"), range(1, 251, 2), FlagChange(Message.SEEN, mode="-")).changed) == 125
    assert box.mailbox("inbox").unread == 125


def test_keywords_that_we_know_are_written_in_one_way(box: Box) -> None:
    message = box.receive(keywords=["$FORWARDED", "$forwarded", "Own"])
    assert message.keywords == ["$Forwarded", "Own"]
    placement.store_flags(box.mailbox("inbox"), [1], FlagChange(keywords=["$MUTED"]))
    assert box.thread(message).muted


def test_a_flag_that_counts_nowhere_still_moves_every_mailbox_of_the_message_on(box: Box) -> None:
    box.receive(labels=[box.label("A").pk])
    stored = placement.store_flags(box.mailbox("A"), [1], FlagChange(Message.ANSWERED))
    assert {box.mailbox(one).modseq for one in ("A", "inbox", "all")} == {stored.modseq}


def test_a_deleted_label_is_told_as_a_change_of_its_messages(box: Box) -> None:
    label = box.label("A")
    message = box.receive(labels=[label.pk])
    before = changes.state(box.pk)
    mailboxes.delete(label)
    told = changes.since(box.pk, before)
    assert told is not None
    assert (told.emails.updated, told.mailboxes.destroyed) == ([message.email_id], [label.pk])
    assert box.mailbox("inbox").modseq == changes.state(box.pk), "no message is newer than a mailbox it is in"


def test_a_message_keeps_a_hundred_keywords(box: Box) -> None:
    message = box.receive(keywords=[f"a{n}" for n in range(120)])
    assert len(message.keywords) == 100
    assert placement.store_flags(box.mailbox("inbox"), [1], FlagChange(keywords=["more"])).changed == []
