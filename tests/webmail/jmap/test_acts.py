"""Acts that are sent twice, done to all of a list, undone and done again over JMAP (product.md F18, F23)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes, snooze
from mailsuite.mailstore.mailboxes import Role
from mailsuite.mailstore.models import Action, Mailbox
from tests.webmail.jmap.test_own import ask, box_id, garden, mailboxes_of, thread_id
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.arguments import utc

__all__ = ["ask", "garden"]
OPERATION = "0f3a-operation"


def test_an_act_is_told_as_data(ask: Any, alice: Account, garden: Mailbox) -> None:
    roof = conversation(alice, "Roof", Letter(), Letter())
    label = ids.name("F", garden.pk)
    said = ask("Thread/act", act="addLabel", threadIds=[thread_id(roof)], mailboxId=label, operationId=OPERATION)["action"]
    assert {name: said[name] for name in ("operationId", "act", "count", "noun", "label", "sentence", "isUndone")} == {
        "operationId": OPERATION,
        "act": "addLabel",
        "count": 1,
        "noun": "conversation",
        "label": label,
        "sentence": "Labelled 1 conversation",
        "isUndone": False,
    }


def test_an_operation_that_is_sent_again_says_the_same_and_does_nothing(ask: Any, alice: Account) -> None:
    roof, cellar = (conversation(alice, name, Letter()) for name in ("Roof", "Cellar"))
    asked = {"act": "archive", "threadIds": [thread_id(roof), "T99999"], "operationId": OPERATION}
    first = ask("Thread/act", **asked)
    assert first["notFound"] == ["T99999"]
    again = ask("Thread/act", **asked)
    assert again == first | {"oldState": first["newState"]}
    other = ask("Thread/act", act="trash", threadIds=[thread_id(cellar)], operationId=OPERATION)
    assert other["action"] == first["action"]
    assert mailboxes.by_role(alice.pk, Role.INBOX).pk in mailboxes_of(cellar)


def test_an_operation_that_changed_nothing_does_nothing_later_either(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    asked = {"act": "unstar", "threadIds": [thread_id(roof)], "operationId": OPERATION}
    assert ask("Thread/act", **asked)["action"] is None
    ask("Thread/act", act="star", threadIds=[thread_id(roof)])
    assert ask("Thread/act", **asked)["action"] is None
    assert [one["act"] for one in ask("Action/get")["list"]] == ["star"]
    assert ask("Action/undo", operationId=OPERATION)["action"] is None


def test_an_operation_whose_label_is_gone_since_is_still_told(ask: Any, alice: Account, garden: Mailbox) -> None:
    roof = conversation(alice, "Roof", Letter())
    asked = {"act": "addLabel", "threadIds": [thread_id(roof)], "mailboxId": ids.name("F", garden.pk), "operationId": OPERATION}
    first = ask("Thread/act", **asked)
    mailboxes.delete(garden)
    assert ask("Thread/act", **asked)["action"] == first["action"]
    all_of_it = {"act": "archive", "all": {"mailboxId": asked["mailboxId"]}, "operationId": OPERATION}
    assert ask("Thread/act", **all_of_it)["action"] == first["action"]


def test_undo_and_redo_by_the_clients_own_name(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    before = mailboxes_of(roof)
    ask("Thread/act", act="trash", threadIds=[thread_id(roof)], operationId=OPERATION)
    after = mailboxes_of(roof)
    for _ in range(2):
        assert ask("Action/undo", operationId=OPERATION)["action"]["isUndone"]
        assert mailboxes_of(roof) == before
    for _ in range(2):
        assert not ask("Action/redo", operationId=OPERATION)["action"]["isUndone"]
        assert mailboxes_of(roof) == after
    assert ask("Action/redo")["action"] is None
    assert ask("Action/undo", operationId="another-operation")["type"] == "notFound"
    ask("Action/undo")
    assert ask("Action/redo")["action"]["operationId"] == OPERATION


@pytest.mark.parametrize("which", ["mailbox", "query"])
def test_all_that_match_are_one_act_with_one_undo(ask: Any, alice: Account, which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 2)
    found = [conversation(alice, f"Newsletter {n}", Letter()) for n in range(5)]
    away = conversation(alice, "Newsletter of old", Letter(), archived=True)
    before = [mailboxes_of(one) for one in found]
    wanted = {"mailboxId": box_id(alice, Role.INBOX)} if which == "mailbox" else {"query": "subject:newsletter in:inbox"}
    said = ask("Thread/act", act="trash", all=wanted, operationId=OPERATION)
    assert (said["action"]["count"], said["action"]["sentence"]) == (5, "Deleted 5 conversations")
    trash = mailboxes.by_role(alice.pk, Role.TRASH)
    assert (trash.total, trash.pk in mailboxes_of(away)) == (5, False)
    assert ask("Thread/act", act="trash", all=wanted, operationId=OPERATION)["action"] == said["action"]
    ask("Action/undo")
    assert [mailboxes_of(one) for one in found] == before
    assert Action.objects.count() == 1


def test_all_of_nothing_is_no_act(ask: Any, alice: Account) -> None:
    assert ask("Thread/act", act="star", all={"query": "nothing-has-this-word"})["action"] is None
    assert ask("Thread/act", act="star", all={"mailboxId": box_id(alice, Role.TRASH)})["action"] is None


def test_a_snoozed_conversation_says_until_when_and_then_since_when_it_is_back(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    until = now().replace(microsecond=0) + timedelta(hours=1)
    said = ask("Thread/act", act="snooze", threadIds=[thread_id(roof)], until=utc(until))
    assert said["action"]["sentence"] == "Snoozed 1 conversation"
    assert ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))["list"] == []
    [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.SNOOZED))["list"]
    assert (row["snoozedUntil"], "wokeAt" in row) == (utc(until), False)
    assert [one["id"] for one in ask("ThreadRow/query", query="is:snoozed")["list"]] == [row["id"]]
    snooze.wake(until)
    [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))["list"]
    assert (row["wokeAt"], row["unread"], "snoozedUntil" in row, "snoozedAt" in row) == (utc(until), 1, False, True)
    ask("Action/undo")
    assert len(ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))["list"]) == 1


def test_a_snoozed_conversation_is_brought_back_by_hand(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    asked = {"threadIds": [thread_id(roof)]}
    ask("Thread/act", act="snooze", until="2036-01-01T08:00:00Z", **asked)
    ask("Thread/act", act="unsnooze", **asked)
    [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))["list"]
    assert not {"snoozedAt", "snoozedUntil", "wokeAt"} & row.keys()


def test_a_star_has_a_colour(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    for color, said in ((None, "red"), ("blue", "blue")):
        ask("Thread/act", act="star", threadIds=[thread_id(roof)], color=color)
        [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.STARRED))["list"]
        assert (row["marks"], row["starColor"]) == (["starred"], said)
    ask("Thread/act", act="unstar", threadIds=[thread_id(roof)])
    [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))["list"]
    assert "starColor" not in row
