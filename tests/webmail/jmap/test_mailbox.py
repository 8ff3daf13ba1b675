"""Mailboxes as a tree with counts, and what is told of their changes (RFC 8621 §2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Mailbox, Message
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids

ROLES = ["inbox", "flagged", "snoozed", "scheduled", "sent", "drafts", "archive", "all", "junk", "trash"]


def test_every_account_has_the_mailboxes_with_a_role(call: Call, me: str) -> None:
    said = one(call, "Mailbox/get", me, ids=None)
    assert [box["role"] for box in said["list"]] == ROLES
    assert {box["parentId"] for box in said["list"]} == {None}
    inbox = said["list"][0]
    assert (inbox["name"], inbox["totalEmails"], inbox["isSubscribed"]) == ("Inbox", 0, True)
    assert not inbox["myRights"]["mayDelete"]
    assert [box["sortOrder"] for box in said["list"]] == list(range(1, 11))


def test_labels_are_a_tree(call: Call, alice: Account, me: str) -> None:
    work = mailboxes.create(alice.pk, "Work/Bills/2026")
    top = Mailbox.objects.get(account=alice, name="Work")
    mailboxes.create(alice.pk, "Sent/Old")
    mailboxes.delete(Mailbox.objects.get(account=alice, name="Work/Bills"))
    names = {box["id"]: (box["name"], box["parentId"]) for box in one(call, "Mailbox/get", me)["list"]}
    assert names[ids.name("F", work.pk)] == ("Bills/2026", ids.name("F", top.pk))
    assert ("Old", ids.name("F", mailboxes.by_role(alice.pk, "sent").pk)) in names.values()
    mailboxes.delete(top)
    [label] = one(call, "Mailbox/get", me, ids=[ids.name("F", work.pk)], properties=["name", "parentId", "myRights"])["list"]
    assert (label["name"], label["parentId"], label["myRights"]["mayRename"]) == ("Work/Bills/2026", None, True)
    assert set(label) == {"id", "name", "parentId", "myRights"}


def test_counts_are_of_emails_and_of_threads_and_drafts_are_not_unread(call: Call, alice: Account, me: str) -> None:
    conversation(alice, "Lunch", Letter(seen=False), Letter(), Letter(seen=False))
    conversation(alice, "Later", Letter(draft=True, seen=False, who="Alice Example <alice@example.org>"))
    boxes = {box["role"]: box for box in one(call, "Mailbox/get", me)["list"]}
    counted = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
    assert [boxes["inbox"][name] for name in counted] == [3, 2, 1, 1]
    assert [boxes["drafts"][name] for name in counted[:3]] == [1, 0, 1]
    assert [boxes["all"][name] for name in counted[:3]] == [4, 2, 2]


def test_a_draft_that_was_thrown_away_is_not_unread_either(call: Call, alice: Account, me: str) -> None:
    thread = conversation(alice, "Later", Letter(draft=True, seen=False, who="Alice Example <alice@example.org>"))
    conversation(alice, "Gone", Letter(seen=False), place=Message.Place.TRASH)
    actions.trash(alice.pk, [thread.pk])
    trash = ids.name("F", mailboxes.by_role(alice.pk, "trash").pk)
    [found] = one(call, "Mailbox/get", me, ids=[trash], properties=["totalEmails", "unreadEmails"])["list"]
    assert found == {"id": trash, "totalEmails": 2, "unreadEmails": 1}


def test_what_is_not_there_and_what_is_not_ones_own_is_not_found(call: Call, me: str, bob: Account) -> None:
    foreign = ids.name("F", mailboxes.by_role(bob.pk, "inbox").pk)
    assert one(call, "Mailbox/get", me, ids=[foreign, "F0", "nothing"])["notFound"] == [foreign, "F0", "nothing"]
    assert refused(call, "Mailbox/get", ids.name("A", bob.pk)) == "accountNotFound"
    assert refused(call, "Mailbox/get", me, properties=["size"]) == "invalidArguments"


def test_changes_say_where_only_counts_changed(call: Call, alice: Account, me: str) -> None:
    label = mailboxes.create(alice.pk, "Work")
    since = one(call, "Mailbox/get", me)["state"]
    thread = conversation(alice, "Lunch", Letter(seen=False))
    said = one(call, "Mailbox/changes", me, sinceState=since)
    inbox, everything = (ids.name("F", mailboxes.by_role(alice.pk, role).pk) for role in ("inbox", "all"))
    assert set(said["updated"]) == {inbox, everything}
    assert said["updatedProperties"] == ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]
    assert (said["oldState"], said["hasMoreChanges"], said["created"], said["destroyed"]) == (since, False, [], [])
    actions.add_label(alice.pk, label.pk, [thread.pk])
    mailboxes.rename(label, "Play")
    said = one(call, "Mailbox/changes", me, sinceState=since)
    assert ids.name("F", label.pk) in said["updated"]
    assert said["updatedProperties"] is None
    assert one(call, "Mailbox/changes", me, sinceState=said["newState"])["updated"] == []


@pytest.mark.parametrize("change", ["create", "rename", "delete", "revive"])
def test_a_mailbox_whose_parent_comes_or_goes_has_changed_itself(call: Call, alice: Account, me: str, change: str) -> None:
    below = mailboxes.create(alice.pk, "Work/Bills")
    work = Mailbox.objects.get(account=alice, name="Work")
    kept = mailboxes.described(work)
    if change != "delete":
        mailboxes.delete(work)
    other = mailboxes.create(alice.pk, "Other")
    since = one(call, "Mailbox/get", me)["state"]
    if change == "create":
        mailboxes.create(alice.pk, "Work")
    elif change == "rename":
        mailboxes.rename(other, "Work")
    elif change == "delete":
        mailboxes.delete(work)
    else:
        mailboxes.revive(alice.pk, kept)
    said = one(call, "Mailbox/changes", me, sinceState=since)
    assert ids.name("F", below.pk) in said["updated"]
    assert said["updatedProperties"] is None


@pytest.mark.parametrize("state", ["999", "-1", "x", "0", "1" * 5000])
def test_a_state_that_never_was_cannot_be_gone_on_from(call: Call, me: str, state: str) -> None:
    assert refused(call, "Mailbox/changes", me, sinceState=state) == "cannotCalculateChanges"
    assert refused(call, "Mailbox/queryChanges", me, sinceQueryState=state) == "cannotCalculateChanges"


def named(call: Call, me: str, **arguments: Any) -> list[str]:
    found = one(call, "Mailbox/query", me, **arguments)["ids"]
    return [box["name"] for box in one(call, "Mailbox/get", me, ids=found)["list"]]


def test_mailboxes_are_found_and_sorted(call: Call, alice: Account, me: str) -> None:
    for name in ("b/z", "b/a", "A", "c"):
        mailboxes.create(alice.pk, name)
    labels = {"hasAnyRole": False}
    by_name = [{"property": "name"}]
    assert named(call, me, filter=labels, sort=by_name) == ["A", "a", "b", "c", "z"]
    assert named(call, me, filter=labels, sort=by_name, sortAsTree=True) == ["A", "b", "a", "z", "c"]
    assert named(call, me, filter={"role": "trash"}) == ["Trash"]
    assert named(call, me, filter={"role": None, "parentId": None}, sort=by_name) == ["A", "b", "c"]
    assert named(call, me, filter={"name": "ARCH"}) == ["Archive"]
    under = {"operator": "NOT", "conditions": [{"hasAnyRole": True}, {"name": "b"}]}
    assert named(call, me, filter=under, sort=by_name) == ["A", "a", "c", "z"]
    assert named(call, me, filter=under, sort=by_name, filterAsTree=True) == ["A", "c"]
    assert named(call, me, filter={"isSubscribed": False}) == ["Starred", "Snoozed", "Scheduled", "All Mail"]
    assert refused(call, "Mailbox/query", me, filter={"size": 1}) == "invalidArguments"
    assert refused(call, "Mailbox/query", me, filter={"name": 1}) == "invalidArguments"
    assert refused(call, "Mailbox/query", me, sort=[{"property": "size"}]) == "unsupportedSort"


def test_a_querys_changes_lead_from_the_old_results_to_the_new(call: Call, alice: Account, me: str) -> None:
    for name in ("b", "d"):
        mailboxes.create(alice.pk, name)
    asked: dict[str, Any] = {"filter": {"hasAnyRole": False}, "sort": [{"property": "name"}]}
    before = one(call, "Mailbox/query", me, **asked)
    conversation(alice, "Lunch", Letter())
    said = one(call, "Mailbox/queryChanges", me, sinceQueryState=before["queryState"], **asked)
    assert (said["removed"], said["added"]) == ([], [])
    mailboxes.create(alice.pk, "c")
    mailboxes.delete(Mailbox.objects.get(account=alice, name="b"))
    mailboxes.rename(Mailbox.objects.get(account=alice, name="d"), "a")
    said = one(call, "Mailbox/queryChanges", me, sinceQueryState=before["queryState"], calculateTotal=True, **asked)
    results = [name for name in before["ids"] if name not in said["removed"]]
    for added in said["added"]:
        results.insert(added["index"], added["id"])
    assert results == one(call, "Mailbox/query", me, **asked)["ids"]
    assert said["total"] == 2
    many = {"sinceQueryState": before["queryState"], "maxChanges": 1, **asked}
    assert refused(call, "Mailbox/queryChanges", me, **many) == "tooManyChanges"


def test_mailboxes_take_few_queries_however_many_they_are(call: Call, alice: Account, me: str) -> None:
    conversation(alice, "Lunch", Letter(seen=False))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            one(call, "Mailbox/get", me)
        return len(captured)

    few = queries()
    for number in range(30):
        mailboxes.create(alice.pk, f"Label {number}")
    assert queries() == few


def test_a_thread_names_its_emails_oldest_first_in_all_places(call: Call, alice: Account, bob: Account, me: str) -> None:
    letters = [Letter(ago=timedelta(hours=hours)) for hours in (1, 3, 2)]
    thread = conversation(alice, "Lunch", *letters)
    first, last, middle = Message.objects.filter(thread=thread).order_by("pk")
    actions.trash(alice.pk, message_ids=[middle.pk])
    foreign = ids.name("T", conversation(bob, "Secret", Letter()).pk)
    said = one(call, "Thread/get", me, ids=[ids.name("T", thread.pk), foreign])
    emails = [last.email_id, middle.email_id, first.email_id]
    assert said["list"] == [{"id": ids.name("T", thread.pk), "emailIds": emails, "links": []}]
    assert said["notFound"] == [foreign]
    assert one(call, "Thread/get", me)["list"] == said["list"]


def test_threads_that_changed_are_told_in_steps(call: Call, alice: Account, me: str) -> None:
    since = one(call, "Thread/get", me, ids=[])["state"]
    threads = [conversation(alice, f"Number {n}", Letter()) for n in range(3)]
    said = one(call, "Thread/changes", me, sinceState=since, maxChanges=2)
    assert (said["created"], said["hasMoreChanges"]) == ([ids.name("T", thread.pk) for thread in threads[:2]], True)
    said = one(call, "Thread/changes", me, sinceState=said["newState"], maxChanges=2)
    assert (said["created"], said["hasMoreChanges"]) == ([ids.name("T", threads[2].pk)], False)
    actions.trash(alice.pk, [threads[0].pk])
    actions.delete_for_ever(alice.pk, [threads[0].pk])
    last = one(call, "Thread/changes", me, sinceState=said["newState"])
    assert last["destroyed"] == [ids.name("T", threads[0].pk)]
