"""Search over mail that came the usual way and that its member works with."""

from __future__ import annotations

import pytest

from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import IndexedText, Message
from mailsuite.mailstore.search.find import find
from mailsuite.mailstore.search.query import Term
from tests.mailstore.conftest import Box
from tests.mailstore.search.corpus import find_uids

pytestmark = pytest.mark.django_db


def test_what_arrives_is_found_at_once_by_all_it_says(box: Box) -> None:
    message = box.receive(
        subject="Grüße",
        author="Carol Roth <carol@elsewhere.example>",
        text="The red roof.",
        delivered_to="alice+shop@example.org",
    )
    for query in (
        "grusse",
        "from:roth",
        "from:elsewhere.example",
        "to:me",
        "red",
        "deliveredto:alice+shop@example.org",
        "in:inbox",
    ):
        assert find(box.pk, query).thread_ids == [message.thread_id], query
    for query in ("from:alice", "deliveredto:bob", "blue", "in:archive", "is:starred"):
        assert find(box.pk, query).thread_ids == [], query


def test_what_a_member_does_changes_what_is_found(box: Box) -> None:
    message = box.receive(subject="Roof")
    thread = [message.thread_id]
    label = mailboxes.create(box.pk, "Garden/Shed")
    asked = {"is:unread": thread, "is:starred": [], "label:garden": [], "in:inbox": thread, "is:muted": [], "has:userlabels": []}
    assert {query: find(box.pk, query).thread_ids for query in asked} == asked
    actions.star(box.pk, thread)
    actions.mark_read(box.pk, thread)
    actions.add_label(box.pk, label.pk, thread)
    actions.mute(box.pk, thread)
    asked = {
        "is:unread": [],
        "is:starred": thread,
        "label:garden": thread,
        "in:inbox": [],
        "is:muted": thread,
        "has:userlabels": thread,
    }
    assert {query: find(box.pk, query).thread_ids for query in asked} == asked


def test_mail_in_trash_is_counted_aside_and_gone_when_it_is_deleted(box: Box) -> None:
    message = box.receive(subject="Roof")
    actions.trash(box.pk, [message.thread_id])
    page = find(box.pk, "roof")
    assert (page.thread_ids, page.in_spam_and_trash) == ([], 1)
    assert find(box.pk, "in:trash roof").thread_ids == [message.thread_id]
    actions.delete_for_ever(box.pk, [message.thread_id])
    assert find(box.pk, "in:anywhere roof").thread_ids == []
    assert not IndexedText.objects.exists()


def test_a_mailbox_is_searched_by_its_own_uids(box: Box) -> None:
    box.receive(subject="One", text="the roof")
    second = box.receive(subject="Two", text="proofread")
    inbox = mailboxes.by_role(box.pk, "inbox")
    assert find_uids(inbox, Term("contains", ("body", "roof"))) == [1, 2]
    actions.mark_read(box.pk, [second.thread_id])
    assert find_uids(inbox, Term("flag", Message.SEEN)) == [2]


def test_an_id_that_we_made_up_is_not_found_in_the_header(box: Box) -> None:
    box.receive(b"Subject: none\r\n\r\nx\r\n")
    box.receive(msgid="synthetic@example.org")
    inbox = box.mailbox("inbox")
    assert find_uids(inbox, Term("contains", ("header:message-id", "s"))) == [2]
    assert find_uids(inbox, Term("contains", ("header:message-id", "synthetic"))) == [2]
