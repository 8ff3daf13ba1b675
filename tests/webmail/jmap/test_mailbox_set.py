"""Labels are made, moved and deleted, and what every account has stays (RFC 8621 §2.5)."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.verify import verify
from tests.webmail.jmap.conftest import Call
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids


@pytest.fixture
def change(call: Call, me: str):
    def do(**arguments: Any) -> dict[str, Any]:
        [[name, said]] = call(("Mailbox/set", {"accountId": me, **arguments}))
        assert name == "Mailbox/set", said
        return said

    return do


def names(alice: Account) -> set[str]:
    return {box.name for box in mailboxes.list_all(alice.pk) if not box.role}


def id_of(alice: Account, name: str) -> str:
    return ids.name("F", Mailbox.objects.get(account=alice, name=name).pk)


def test_labels_are_made_with_their_parents_in_whatever_order(change, call: Call, alice: Account, me: str) -> None:
    wanted = {"b": {"name": "Roof", "parentId": "#a"}, "a": {"name": "House", "sortOrder": 7, "isSubscribed": False}}
    said = change(create=wanted)
    assert names(alice) == {"House", "House/Roof"}
    assert said["notCreated"] is None
    [[_, got]] = call(("Mailbox/get", {"accountId": me, "ids": [said["created"]["a"]["id"], said["created"]["b"]["id"]]}))
    house, roof = got["list"]
    assert (house["sortOrder"], house["isSubscribed"], roof["parentId"]) == (7, False, house["id"])
    for made, real, asked in ((said["created"]["a"], house, wanted["a"]), (said["created"]["b"], roof, wanted["b"])):
        assert made.items() <= real.items()
        assert made.keys() | asked.keys() >= real.keys()
    assert said["newState"] == got["state"] != said["oldState"]


@pytest.mark.parametrize(
    ("wanted", "about"),
    [
        ({}, "name"),
        ({"name": 1}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "Sent"}, "name"),
        ({"name": "inbox"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "Known"}, "name"),
        ({"name": "x", "parentId": "F999999"}, "parentId"),
        ({"name": "x", "parentId": 3}, "parentId"),
        ({"name": "x", "parentId": "#nobody"}, "parentId"),
        ({"name": "x", "role": "archive"}, "role"),
        ({"name": "x", "sortOrder": -1}, "sortOrder"),
        ({"name": "x", "sortOrder": 2**31}, "sortOrder"),
        ({"name": "x", "sortOrder": True}, "sortOrder"),
        ({"name": "x", "isSubscribed": "yes"}, "isSubscribed"),
        ({"name": "x", "totalEmails": 0}, "totalEmails"),
        ({"name": "x", "id": "F1"}, "id"),
    ],
)
def test_a_label_that_cannot_be_is_refused_by_the_property_that_is_wrong(
    change, alice: Account, wanted: dict[str, Any], about: str
) -> None:
    mailboxes.create(alice.pk, "Known")
    said = change(create={"k": wanted})
    assert (said["notCreated"]["k"]["type"], said["notCreated"]["k"]["properties"]) == ("invalidProperties", [about])
    assert names(alice) == {"Known"}


def test_a_circle_of_parents_makes_nothing(change, alice: Account) -> None:
    said = change(create={"a": {"name": "A", "parentId": "#b"}, "b": {"name": "B", "parentId": "#a"}})
    assert set(said["notCreated"]) == {"a", "b"}
    assert names(alice) == set()


def test_a_label_moves_with_what_is_below_it(change, alice: Account) -> None:
    for name in ("Work/Bills/2026", "Old"):
        mailboxes.create(alice.pk, name)
    bills = id_of(alice, "Work/Bills")
    assert change(update={bills: {"parentId": id_of(alice, "Old"), "name": "Money"}})["updated"] == {bills: None}
    assert names(alice) == {"Work", "Old", "Old/Money", "Old/Money/2026"}
    change(update={bills: {"parentId": None}})
    assert names(alice) == {"Work", "Old", "Money", "Money/2026"}
    change(update={bills: {"parentId": id_of(alice, "Money/2026")}})
    said = change(update={bills: {"parentId": id_of(alice, "Money/2026")}})
    assert said["notUpdated"][bills]["type"] == "invalidProperties", "inside itself"
    assert change(update={bills: {"name": "Old"}})["notUpdated"][bills]["properties"] == ["name"]
    assert names(alice) == {"Work", "Old", "Money", "Money/2026"}


def test_the_whole_object_may_come_back_changed(change, call: Call, alice: Account, me: str) -> None:
    label = mailboxes.create(alice.pk, "Work")
    [[_, got]] = call(("Mailbox/get", {"accountId": me, "ids": [ids.name("F", label.pk)]}))
    [whole] = got["list"]
    assert change(update={whole["id"]: whole | {"name": "Trade", "sortOrder": 3}})["updated"] == {whole["id"]: None}
    assert change(update={whole["id"]: whole | {"totalEmails": 5}})["notUpdated"][whole["id"]]["properties"] == ["totalEmails"]
    assert names(alice) == {"Trade"}


def test_what_every_account_has_keeps_name_and_place(change, alice: Account) -> None:
    inbox = id_of(alice, "INBOX")
    for patch in ({"name": "In"}, {"parentId": id_of(alice, "Sent")}):
        assert change(update={inbox: patch})["notUpdated"][inbox]["type"] == "forbidden"
    assert change(destroy=[inbox], onDestroyRemoveEmails=True)["notDestroyed"][inbox]["type"] == "forbidden"
    assert change(update={inbox: {"isSubscribed": False, "sortOrder": 50}})["updated"] == {inbox: None}
    assert Mailbox.objects.get(account=alice, role="inbox").subscribed is False


def test_a_label_with_mail_or_labels_below_is_not_deleted_by_mistake(change, alice: Account) -> None:
    mailboxes.create(alice.pk, "Work/Bills")
    work, bills = id_of(alice, "Work"), id_of(alice, "Work/Bills")
    thread = conversation(alice, "Invoice", Letter(), labels=[Mailbox.objects.get(account=alice, name="Work/Bills")])
    assert change(destroy=[work])["notDestroyed"][work]["type"] == "mailboxHasChild"
    assert change(destroy=[bills])["notDestroyed"][bills]["type"] == "mailboxHasEmail"
    said = change(destroy=[work, bills], onDestroyRemoveEmails=True)
    assert said["destroyed"] == [bills, work]
    assert names(alice) == set()
    assert Message.objects.filter(thread=thread).count() == 1, "deleting a label never deletes mail"
    assert list(verify(alice.pk)) == []
    assert actions.undo(alice.pk)
    assert actions.undo(alice.pk)
    assert names(alice) == {"Work", "Work/Bills"}


def test_foreign_mailboxes_do_not_exist(change, call: Call, alice: Account, bob: Account, me: str) -> None:
    his = ids.name("F", mailboxes.create(bob.pk, "His").pk)
    said = change(update={his: {"name": "Mine"}}, destroy=[his], create={"k": {"name": "x", "parentId": his}})
    assert said["notUpdated"][his]["type"] == "willDestroy"
    assert said["notDestroyed"][his]["type"] == "notFound"
    assert said["notCreated"]["k"]["type"] == "invalidProperties"
    assert change(update={his: {"name": "Mine"}})["notUpdated"][his]["type"] == "notFound"
    assert names(bob) == {"His"}
    [[_, error]] = call(("Mailbox/set", {"accountId": ids.name("A", bob.pk), "destroy": [his]}))
    assert error["type"] == "accountNotFound"


def test_a_state_that_was_passed_stops_the_whole(call: Call, change, alice: Account, me: str) -> None:
    state = change()["newState"]
    assert change(ifInState=state, create={"k": {"name": "One"}})["created"]
    [[_, error]] = call(("Mailbox/set", {"accountId": me, "ifInState": state, "create": {"k": {"name": "Two"}}}))
    assert error["type"] == "stateMismatch"
    assert names(alice) == {"One"}
