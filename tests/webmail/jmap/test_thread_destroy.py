"""What is in Trash or Spam is deleted for ever, after it was said how much it is (product.md 3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Message, Thread
from mailsuite.mailstore.verify import verify
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.types import own


@pytest.fixture
def trashed(alice: Account) -> Thread:
    """Three messages, two of them in Trash."""
    thread = conversation(alice, "Roof", Letter(), Letter(), Letter())
    actions.trash(alice.pk, message_ids=list(Message.objects.order_by("pk").values_list("pk", flat=True)[:2]))
    return thread


def box_id(account: Account, role: str) -> str:
    return ids.name("F", mailboxes.by_role(account.pk, role).pk)


def test_it_is_told_how_much_then_deleted_and_nothing_that_is_in_mail(
    call: Call, alice: Account, trashed: Thread, me: str
) -> None:
    asked = {"threadIds": [ids.name("T", trashed.pk), "T999"]}
    size = sum(Message.objects.exclude(place=Message.Place.MAIL).values_list("size", flat=True))
    told = one(call, "Thread/destroy", me, **asked, countOnly=True)
    assert (told["emails"], told["bytes"], told["notFound"]) == (2, size, ["T999"])
    assert (told["oldState"], Message.objects.count()) == (told["newState"], 3)
    said = one(call, "Thread/destroy", me, **asked)
    assert problems(said, own.ThreadDestroyResponse) == []
    assert (said["emails"], said["bytes"], Message.objects.count()) == (2, size, 1)
    assert said["oldState"] != said["newState"]
    again = one(call, "Thread/destroy", me, **asked)
    assert (again["emails"], again["bytes"]) == (0, 0)
    assert actions.undo(alice.pk) is not None, "what is left of the act"
    assert Message.objects.count() == 1, "and nothing comes back"
    assert list(verify(alice.pk)) == []


@pytest.mark.parametrize("role", ["trash", "junk"])
def test_a_place_is_emptied_and_the_other_is_not(call: Call, alice: Account, trashed: Thread, me: str, role: str) -> None:
    actions.report_spam(alice.pk, [conversation(alice, "Win", Letter("mallory@bad.example")).pk])
    count = {"trash": 2, "junk": 1}[role]
    assert one(call, "Thread/destroy", me, mailboxId=box_id(alice, role), countOnly=True)["emails"] == count
    assert one(call, "Thread/destroy", me, mailboxId=box_id(alice, role))["emails"] == count
    assert Message.objects.count() == 4 - count
    assert mailboxes.by_role(alice.pk, role).total == 0


def test_a_single_message_and_only_where_it_is_away(call: Call, alice: Account, trashed: Thread, me: str) -> None:
    first, _, kept = Message.objects.order_by("pk")
    said = one(call, "Thread/destroy", me, emailIds=[first.email_id, kept.email_id])
    assert (said["emails"], said["notFound"]) == (1, [])
    assert set(Message.objects.values_list("pk", flat=True)) == {first.pk + 1, kept.pk}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"threadIds": []},
        {"mailboxId": "F999"},
        {"mailboxId": "inbox"},
        {"threadIds": ["T1"], "mailboxId": "trash"},
        {"threadIds": ["T1"], "countOnly": "no"},
        {"mailboxId": "(" * 1_000_000},
        {"threadIds": "T1"},
    ],
)
def test_what_it_does_not_understand_deletes_nothing(
    call: Call, alice: Account, trashed: Thread, me: str, wrong: dict[str, Any]
) -> None:
    if wrong.get("mailboxId") in ("inbox", "trash"):
        wrong = wrong | {"mailboxId": box_id(alice, wrong["mailboxId"])}
    assert refused(call, "Thread/destroy", me, **wrong) == "invalidArguments"
    assert Message.objects.count() == 3


def test_too_many_at_once_are_refused(call: Call, me: str) -> None:
    assert refused(call, "Thread/destroy", me, threadIds=[f"T{n}" for n in range(20_000)]) == "requestTooLarge"
