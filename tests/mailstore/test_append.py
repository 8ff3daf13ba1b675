"""Messages come in: where they are then, under which numbers, and at which cost."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from zstandard import ZstdError

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import changes, messages, put_back, quota, rows
from mailsuite.mailstore.models import AccountState, Membership, Message, Thread
from mailsuite.protocol.imap.bodystructure import bodystructure
from mailsuite.protocol.mime import scan
from tests.mailstore.conftest import ALICE, BOB, NOON, Box


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"INBOX", "All Mail"}),
        ({"role": "archive"}, {"Archive", "All Mail"}),
        ({"role": "sent"}, {"Sent", "All Mail"}),
        ({"role": "drafts"}, {"Drafts", "All Mail"}),
        ({"role": "junk"}, {"Junk"}),
        ({"role": "trash"}, {"Trash"}),
        ({"flags": Message.FLAGGED}, {"INBOX", "Starred", "All Mail"}),
        ({"role": "junk", "flags": Message.FLAGGED}, {"Junk"}),
    ],
)
def test_a_message_is_in_the_mailboxes_of_its_state(box: Box, values: dict, expected: set) -> None:
    assert box.where(box.receive(**values)) == expected


def test_a_message_put_into_a_label_is_in_archive_too_as_it_is_not_in_inbox(box: Box) -> None:
    work = box.label("Work")
    assert box.where(box.receive(mailbox_id=work.pk)) == {"Work", "Archive", "All Mail"}


def test_uids_grow_one_by_one_in_each_mailbox(box: Box) -> None:
    found = messages.append([box.new() for _ in range(3)])
    assert [box.uid(one, "inbox") for one in found] == [1, 2, 3]
    assert [one.uids[box.mailbox("inbox").pk] for one in found] == [1, 2, 3]
    assert box.mailbox("inbox").uidnext == 4
    box.receive()
    assert box.mailbox("inbox").total == 4


def test_a_batch_takes_one_modseq_an_account(box: Box) -> None:
    before = changes.state(box.pk)
    messages.append([box.new() for _ in range(3)])
    assert changes.state(box.pk) == before + 1
    assert box.mailbox("inbox").modseq == box.mailbox("all").modseq == before + 1
    assert box.mailbox("trash").modseq <= before
    told = changes.since(box.pk, before)
    assert told is not None
    assert (len(told.emails.created), len(told.threads.created), told.emails.updated) == (3, 3, [])


def test_the_same_bytes_are_the_same_message(box: Box) -> None:
    first = box.receive(b"Message-ID: <1@x>\r\n\r\nHello\r\n")
    again = box.receive(b"Message-ID: <1@x>\r\n\r\nHello\r\n")
    assert (first.pk, Message.objects.count(), Blob.objects.get().references) == (again.pk, 1, 1)
    assert again.uids == first.uids


def test_the_same_bytes_twice_in_a_batch_are_one_message_with_both_labels(box: Box) -> None:
    content, work = b"Subject: x\r\n\r\nHello\r\n", box.label("Work")
    first, second = messages.append([box.new(content), box.new(content, mailbox_id=work.pk)])
    assert first is second
    assert box.where(first) == {"INBOX", "Work", "All Mail"}


def test_own_mail_that_comes_back_is_received_as_well(box: Box) -> None:
    content = b"Message-ID: <1@x>\r\n\r\nTo all of the garden list\r\n"
    sent = box.receive(content, role="sent", own=True)
    box.receive(content)
    assert box.where(sent) == {"Sent", "INBOX", "All Mail"}


def test_a_second_delivery_does_not_bring_back_what_was_deleted(box: Box) -> None:
    content = b"Message-ID: <1@x>\r\n\r\nHello\r\n"
    message = box.receive(content, role="trash")
    box.receive(content)
    assert box.where(message) == {"Trash"}
    box.receive(content, by_member=True)
    assert box.where(message) == {"INBOX", "All Mail"}


FETCHED = b"Message-ID: <1@x>\r\nSubject: x\r\n%b\r\nHello\r\n"
TRACE = b"Return-Path: <bob@example.org>\r\n"


@pytest.mark.parametrize("mark", [b"", b"X-TUID: 0123456789ab\r\n"], ids=["plain", "mbsync"])
def test_what_was_fetched_and_is_put_back_is_the_message_that_is_held(box: Box, mark: bytes) -> None:
    first, work = box.receive(FETCHED % b"", trace=TRACE), box.label("Work")
    again = box.receive(TRACE + FETCHED % mark, mailbox_id=work.pk, flags=Message.SEEN, by_member=True)
    assert again.pk == first.pk
    assert again.flags == Message.SEEN
    assert box.where(first) == {"INBOX", "Work", "All Mail"}
    assert messages.content(again) == TRACE + FETCHED % b""
    marked = box.receive(TRACE + FETCHED % b"X-TUID: ba9876543210\r\n", mailbox_id=work.pk, by_member=True)
    assert marked.pk == first.pk


def test_what_a_program_made_of_a_message_is_another_message(box: Box) -> None:
    first = box.receive(FETCHED % b"", trace=TRACE)
    for content in (
        TRACE + FETCHED % b"X-TUID: too short\r\n",
        TRACE + FETCHED.replace(b"Hello", b"Hullo") % b"",
        TRACE + FETCHED % b"" + b"X-TUID: 0123456789ab\r\n",  # in its text
    ):
        assert box.receive(content, by_member=True).pk != first.pk
    assert box.receive(TRACE + FETCHED % b"", role="archive").pk != first.pk  # delivery is nobody's copy


@pytest.mark.parametrize("error", [FileNotFoundError, ZstdError])
def test_what_the_store_lost_can_be_put_back(box: Box, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    lost, (other, again) = box.receive(FETCHED % b"", trace=TRACE), (box.new(), box.new(TRACE + FETCHED % b"", by_member=True))
    with monkeypatch.context() as broken:
        broken.setattr(store, "read", Mock(side_effect=error))
        found = messages.append([other, again])
    assert lost.pk not in {message.pk for message in found}
    assert messages.content(found[1]) == TRACE + FETCHED % b""


def test_one_message_id_that_many_have_does_not_hide_another(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(put_back, "MOST", 1)
    for n in range(3):
        box.receive(msgid="1@x", text=f"{n}")
    second = box.receive(FETCHED.replace(b"<1@x>", b"<2@x>") % b"", trace=TRACE)
    again = box.new(TRACE + FETCHED.replace(b"<1@x>", b"<2@x>") % b"", by_member=True)
    assert messages.append([box.new(msgid="1@x", by_member=True), again])[1].pk == second.pk


def test_a_copy_costs_no_room(box: Box) -> None:
    first = box.receive(FETCHED % b"", trace=TRACE)
    box.account.quota = first.size
    box.account.save()
    assert box.receive(TRACE + FETCHED % b"", by_member=True).pk == first.pk


def test_a_full_mailbox_refuses_each_message_that_does_not_fit(box: Box) -> None:
    small, large = box.new(text="x"), box.new(text="x" * 5_000)
    box.account.quota = 3_000
    box.account.save()
    results = messages.append([large, small])
    assert isinstance(results[0], messages.OverQuota)
    assert results[0].temporary
    assert isinstance(results[1], Message)
    assert quota.usage(box.pk) == (results[1].size, 3_000)
    assert not quota.has_room(box.pk, 3_000)


def test_labels_stick_to_a_conversation_unless_they_are_not_sticky(box: Box) -> None:
    sticky, loose = box.label("Sticky"), box.label("Loose", sticky=False)
    box.receive(msgid="root@x", labels=[sticky.pk, loose.pk])
    reply = box.receive(subject="Re: Lunch?", references=["root@x"])
    assert box.where(reply) == {"INBOX", "Sticky", "All Mail"}
    one, two = messages.append(
        [box.new(msgid="new@x", subject="New", labels=[sticky.pk]), box.new(subject="Re: New", references=["new@x"])]
    )
    assert box.where(one) == box.where(two)


def test_a_reply_in_a_muted_conversation_skips_inbox(box: Box) -> None:
    box.receive(msgid="root@x", role="archive", keywords=["$muted"])
    reply = box.receive(references=["root@x"])
    assert box.where(reply) == {"Archive", "All Mail"}
    assert box.thread(reply).muted


def test_content_is_the_trace_and_the_bytes(box: Box) -> None:
    message = box.receive(b"Subject: x\r\n\r\nHello\r\n", trace=b"Received: here\r\n")
    assert messages.content(message) == b"Received: here\r\nSubject: x\r\n\r\nHello\r\n"
    assert message.size == len(messages.content(message))


def test_text_without_a_header_stays_the_body_behind_our_trace(box: Box) -> None:
    message = box.receive(b"no header\r\n\r\nat all\r\n", trace=b"Return-Path: <>\r\n")
    whole = messages.content(message)
    assert whole == b"Return-Path: <>\r\n\r\nno header\r\n\r\nat all\r\n"
    assert message.size == len(whole)
    assert bytes(message.imap_structure) == bodystructure(scan(whole))


def test_a_conversation_counts_and_shows_what_is_in_it(box: Box) -> None:
    box.receive(msgid="root@x", author=f"Bob <{BOB}>", flags=Message.SEEN, text="First.")
    box.send(subject="Re: Lunch?", msgid="own@x", references=["root@x"], text="Second.")
    newest = box.receive(subject="Re: Lunch?", author=f"Bob <{BOB}>", references=["root@x", "own@x"], text="Third.")
    thread = box.thread(newest)
    assert (thread.count, thread.unread, thread.subject, thread.preview) == (3, 1, "Lunch?", "Third.")
    assert thread.writers == [["Bob", BOB, True], ["", ALICE, False]]
    (row,) = rows.page(box.mailbox("inbox"))
    assert (row.thread, row.count, row.unread, row.newest_at) == (thread, 3, 1, newest.received_at)
    (sent,) = rows.page(box.mailbox("sent"))
    assert sent.newest_at < newest.received_at
    assert rows.counts(box.pk)[box.mailbox("inbox").pk] == (2, 1, 1, 1)


def test_pages_go_on_where_the_last_one_ended(box: Box) -> None:
    messages.append([box.new(subject=f"Number {n // 2}", received_at=NOON) for n in range(7)])
    seen, before = [], None
    while page := rows.page(box.mailbox("inbox"), before, 3):
        seen += [row.thread.pk for row in page]
        before = page[-1].newest_at, page[-1].thread.pk
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7


def test_a_page_is_one_query(box: Box) -> None:
    messages.append([box.new(subject=f"Number {n}") for n in range(60)])
    inbox = box.mailbox("inbox")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(rows.page(inbox)) == 50
    assert len(queries) == 1


def test_a_batch_takes_as_many_statements_for_fifty_messages_as_for_five(box: Box) -> None:
    bob = Box(BOB)
    counted = []
    for size in (5, 50):
        batch = [(box, bob)[n % 2].new(subject=f"Number {size} {n}") for n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            messages.append(batch)
        counted.append(len(queries))
    # Django cuts bulk_create at 999 parameters on SQLite, so a few inserts become several.
    assert counted[1] <= counted[0] + 12
    assert counted[0] <= 40


def test_a_failed_transaction_leaves_nothing_behind(box: Box) -> None:
    before = AccountState.objects.get(pk=box.pk).modseq
    batch = [box.new(), box.new()]
    batch[1].mailbox_id = 10**9
    with pytest.raises(KeyError):
        messages.append(batch)
    assert AccountState.objects.get(pk=box.pk).modseq == before
    assert not Message.objects.exists()
    assert not Thread.objects.exists()
    assert not Membership.objects.exists()


def test_whether_bytes_are_held_is_looked_up_by_the_bytes(box: Box) -> None:
    """Not by the account, which has a hundred thousand messages."""
    message = box.receive()
    with CaptureQueriesContext(connection) as asked:
        assert messages.held_already([box.pk], [message.blob_id]) == [(box.pk, message.blob_id, message.pk)]
    if connection.vendor == "sqlite":  # PostgreSQL counts before it chooses
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[-1]['sql']}")
            assert "blob_id" in str(cursor.fetchall())
