"""What our capability says of mailboxes, and labels merged and deleted with an undo (product.md 3.7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.mailboxes import Role
from mailsuite.mailstore.models import Mailbox
from tests.webmail.jmap.conftest import CORE
from tests.webmail.jmap.test_own import ask, box_id, garden, mailboxes_of
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.session import MAIL

__all__ = ["ask", "garden"]
OWN = ("kind", "sticky", "color", "isImapVisible", "showInSidebar")


def own(ask: Any, name: str) -> list[Any]:
    [box] = ask("Mailbox/get", ids=[name])["list"]
    return [box[one] for one in OWN]


def test_mailboxes_say_what_they_are(ask: Any, alice: Account, garden: Mailbox) -> None:
    assert own(ask, ids.name("F", garden.pk)) == ["label", True, None, True, "show"]
    assert own(ask, box_id(alice, Role.INBOX)) == ["state", False, None, True, "show"]
    assert own(ask, box_id(alice, Role.TRASH)) == ["place", False, None, True, "show"]


def test_who_does_not_use_our_capability_is_told_of_the_standard_alone(web: Client, me: str, garden: Mailbox) -> None:
    def call(method: str, **arguments: Any) -> Any:
        request = {"using": [CORE, MAIL], "methodCalls": [[method, {"accountId": me, **arguments}, "c"]]}
        return web.post("/jmap/api", request, content_type="application/json").json()["methodResponses"][0][1]

    assert not set(OWN) & set(call("Mailbox/get")["list"][0])
    name = ids.name("F", garden.pk)
    assert call("Mailbox/set", update={name: {"color": "teal"}})["notUpdated"][name]["type"] == "invalidProperties"
    assert not set(OWN) & set(call("Mailbox/set", create={"c": {"name": "New"}})["created"]["c"])


def test_labels_are_made_and_changed_with_what_is_ours(ask: Any, garden: Mailbox) -> None:
    wanted = {"sticky": False, "color": "teal", "isImapVisible": False, "showInSidebar": "unread"}
    made = ask("Mailbox/set", create={"c": {"name": "New", **wanted}})["created"]["c"]
    assert made["kind"] == "label"
    assert own(ask, made["id"]) == ["label", *wanted.values()]
    name = ids.name("F", garden.pk)
    before = ask("Mailbox/get")["state"]
    ask("Mailbox/set", update={name: wanted})
    assert own(ask, name) == ["label", *wanted.values()]
    changed = ask("Mailbox/changes", sinceState=before)
    assert (changed["updated"], changed["updatedProperties"]) == ([name], None)
    ask("Mailbox/set", update={name: dict.fromkeys(wanted)})
    assert own(ask, name) == ["label", True, None, True, "show"]


@pytest.mark.parametrize(
    "wrong",
    [{"color": "pink"}, {"color": 7}, {"sticky": "yes"}, {"sticky": 0}, {"showInSidebar": "(" * 100_000}, {"kind": "place"}],
)
def test_what_makes_no_sense_is_refused(ask: Any, garden: Mailbox, wrong: dict[str, Any]) -> None:
    name = ids.name("F", garden.pk)
    said = ask("Mailbox/set", update={name: wrong}, create={"c": {"name": "New", **wrong}})
    assert said["notUpdated"][name]["type"] == said["notCreated"]["c"]["type"] == "invalidProperties"
    assert own(ask, name) == ["label", True, None, True, "show"]


def test_what_every_account_has_is_hidden_but_neither_painted_nor_sticky(ask: Any, alice: Account) -> None:
    starred, inbox = box_id(alice, Role.STARRED), box_id(alice, Role.INBOX)
    ask("Mailbox/set", update={starred: {"isImapVisible": False, "showInSidebar": "hide"}})
    assert own(ask, starred) == ["state", False, None, False, "hide"]
    for name, patch in ((starred, {"color": "teal"}), (starred, {"sticky": True}), (inbox, {"isImapVisible": False})):
        assert ask("Mailbox/set", update={name: patch})["notUpdated"][name]["type"] == "forbidden"


def test_a_label_that_is_hidden_or_has_nothing_unread_is_not_in_the_sidebar(web: Client, alice: Account, garden: Mailbox) -> None:
    def shown() -> bool:
        return f'href="/label/{garden.pk}" title' in web.get("/").content.decode()

    assert shown()
    for how, seen, expected in (("unread", True, False), ("unread", False, True), ("hide", False, False)):
        conversation(alice, "Roof", Letter(seen=seen), labels=[garden])
        mailboxes.describe(garden, in_sidebar=how)
        assert shown() == expected
    assert f'href="/label/{garden.pk}" title' in web.get(f"/label/{garden.pk}").content.decode()


@pytest.mark.parametrize("method", ["Label/merge", "Label/delete"])
def test_a_label_is_merged_or_deleted_once_and_comes_back_as_it_was(
    ask: Any, alice: Account, garden: Mailbox, method: str
) -> None:
    trees = mailboxes.create(alice.pk, "Trees")
    mailboxes.describe(garden, color="lime", in_imap=False, in_sidebar="unread")
    roof = conversation(alice, "Roof", Letter(), labels=[garden])
    name = ids.name("F", garden.pk)
    asked = {"mailboxId": name, "operationId": "operation-1"} | (
        {"intoId": ids.name("F", trees.pk)} if method == "Label/merge" else {}
    )
    done = ask(method, **asked)["action"]
    assert (done["act"], done["count"], done["noun"], done["label"]) == (
        "mergeLabels" if method == "Label/merge" else "deleteLabel", 1, "message", name,
    )  # fmt: skip
    assert garden.pk not in mailboxes_of(roof)
    assert (trees.pk in mailboxes_of(roof)) == (method == "Label/merge")
    assert ask(method, **asked)["action"] == done
    ask("Action/undo", operationId="operation-1")
    assert own(ask, name) == ["label", True, "lime", False, "unread"]
    assert garden.pk in mailboxes_of(roof)
    assert trees.pk not in mailboxes_of(roof)
    ask("Action/redo", operationId="operation-1")
    assert garden.pk not in mailboxes_of(roof)


def test_only_labels_are_merged_and_deleted(ask: Any, alice: Account, garden: Mailbox) -> None:
    name, inbox = ids.name("F", garden.pk), box_id(alice, Role.INBOX)
    for one, other in ((inbox, name), (name, inbox), (name, name), (name, "F99999"), (name, "nothing")):
        assert ask("Label/merge", mailboxId=one, intoId=other)["type"] == "notFound"
    assert ask("Label/delete", mailboxId=inbox)["type"] == "notFound"
    assert ask("Label/delete", mailboxId=["x"])["type"] == "invalidArguments"
    assert ask("Label/delete")["type"] == "notFound"
