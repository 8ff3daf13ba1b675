"""Acts on conversations and messages, and taking them back."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message, Thread
from tests.webmail.store import Letter, conversation


@pytest.fixture
def thread(alice: Account) -> Thread:
    return conversation(alice, "Roof repair", Letter())


def places(thread: Thread) -> set[str]:
    return set(thread.rows.values_list("mailbox__name", flat=True))


@pytest.mark.parametrize(
    ("act", "sentence", "after"),
    [
        ("archive", "Archived 1 conversation.", {"All Mail", "Archive"}),
        ("trash", "Deleted 1 conversation.", {"Trash"}),
        ("report_spam", "Reported as spam: 1 conversation.", {"Junk"}),
        ("star", "Starred 1 conversation.", {"INBOX", "All Mail", "Starred"}),
        ("mute", "Muted 1 conversation.", {"All Mail", "Archive"}),
    ],
)
def test_an_act_moves_says_so_and_can_be_undone(web: Client, thread: Thread, act: str, sentence: str, after: set[str]) -> None:
    page = web.post("/act", {"do": act, "thread": thread.pk, "next": "/"}, follow=True).content.decode()
    assert sentence in page
    assert places(thread) == after
    undo = re.search(r'name="action" value="(undo-\d+)"', page)[1]
    page = web.post("/undo", {"action": undo, "next": "/"}, follow=True).content.decode()
    assert "Undone:" in page
    assert places(thread) == {"INBOX", "All Mail"}


def test_the_button_of_a_row_acts_on_that_row_whatever_is_ticked(web: Client, alice: Account, thread: Thread) -> None:
    other = conversation(alice, "Other", Letter())
    web.post("/act", {"one": f"archive {thread.pk}", "thread": other.pk})
    assert "INBOX" not in places(thread)
    assert "INBOX" in places(other)


def test_labels_are_put_on_and_taken_off(web: Client, alice: Account, thread: Thread) -> None:
    garden = mailboxes.create(alice.pk, "Garden")
    web.post("/act", {"do": f"add_label {garden.pk}", "thread": thread.pk})
    assert "Garden" in places(thread)
    web.post("/act", {"do": f"remove_label {garden.pk}", "thread": thread.pk})
    assert "Garden" not in places(thread)


def test_mark_unread_and_read(web: Client, thread: Thread) -> None:
    web.post("/act", {"do": "mark_unread", "thread": thread.pk})
    assert not Message.objects.get(thread=thread).flags & Message.SEEN
    web.post("/act", {"do": "mark_read", "thread": thread.pk})
    assert Message.objects.get(thread=thread).flags & Message.SEEN


def test_acts_that_one_stays_with_lead_back_to_the_conversation(web: Client, thread: Thread) -> None:
    form = {"thread": thread.pk, "next": "/", "stay": f"/t/{thread.pk}"}
    assert web.post("/act", {**form, "do": "star"}).headers["Location"] == f"/t/{thread.pk}"
    assert web.post("/act", {**form, "do": "archive"}).headers["Location"] == "/"


def test_deleting_for_ever_asks_once(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Old", Letter(), place=Message.Place.TRASH)
    form = {"do": "delete_for_ever", "thread": thread.pk, "next": "/in/trash"}
    page = web.post("/act", form)
    assert b"1 message will be deleted for ever" in page.content
    assert Message.objects.filter(thread=thread).exists()
    web.post("/act", {**form, "sure": "yes"})
    assert not Message.objects.filter(account=alice).exists()


def test_trash_can_be_emptied(web: Client, alice: Account) -> None:
    conversation(alice, "Old", Letter(), place=Message.Place.TRASH)
    assert b"Empty Trash" in web.get("/in/trash").content
    page = web.post("/act", {"do": "empty_trash", "sure": "yes", "next": "/in/trash"}, follow=True)
    assert b"1 message deleted for ever" in page.content


@pytest.mark.parametrize("form", [{"do": "archive"}, {"do": "archive", "thread": ["x", "-1", "9" * 30]}, {}])
def test_nothing_selected_is_said_and_changes_nothing(web: Client, thread: Thread, form: dict) -> None:
    assert b"Nothing was selected" in web.post("/act", form, follow=True).content
    assert "INBOX" in places(thread)


def test_an_act_that_does_not_exist_is_a_bad_request(web: Client, thread: Thread) -> None:
    assert web.post("/act", {"do": "explode", "thread": thread.pk}).status_code == 400


def test_no_act_by_a_link(web: Client, thread: Thread) -> None:
    assert web.get("/act", {"do": "trash", "thread": thread.pk}).status_code == 405
    assert web.get("/undo").status_code == 405
    assert "INBOX" in places(thread)


def test_undo_with_nothing_to_undo_says_so(web: Client) -> None:
    assert b"There is nothing to undo" in web.post("/undo", follow=True).content
