"""What all kinds of objects share: patches, windows of queries, filters, the bytes of blobs."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail.jmap import blobs, ids, querying
from webmail.jmap.context import Context
from webmail.jmap.errors import MethodError, SetError
from webmail.jmap.standard import Outcome, create_each, destroy_each, patched, setting, update_each


@pytest.mark.parametrize(
    ("patch", "found"),
    [
        ({"keywords/$seen": True}, {"keywords": {"a": True, "$seen": True}}),
        ({"keywords/a": None}, {"keywords": {}}),
        ({"keywords/a": None, "keywords/b~1c": True}, {"keywords": {"b/c": True}}),
        ({"keywords": {"x": True}}, {"keywords": {"x": True}}),
        ({"name": None}, {"name": None}),
        ({}, {}),
    ],
)
def test_a_patch_reaches_inside(patch: dict[str, Any], found: dict[str, Any]) -> None:
    current = {"keywords": {"a": True}, "name": "n"}
    assert patched(current, patch) == found
    assert current == {"keywords": {"a": True}, "name": "n"}


@pytest.mark.parametrize(
    "patch",
    [
        {"keywords": {}, "keywords/a": True},
        {"keywords/a": True, "keywords/a/b": True},
        {"nothing/a": True},
        {"name/a": True},
        {"keywords/a/b": True},
        {"keywords/c/b": True},
    ],
)
def test_a_patch_that_leads_nowhere_is_refused(patch: dict[str, Any]) -> None:
    with pytest.raises(SetError) as refused:
        patched({"keywords": {"a": True}, "name": "n"}, patch)
    assert refused.value.arguments["type"] == "invalidPatch"


def window(**values: Any) -> dict[str, Any]:
    query = querying.Query(1, None, [], **values)
    return querying.queried(query, list("abcdefgh"), "9", can_calculate_changes=True)


@pytest.mark.parametrize(
    ("values", "position", "found"),
    [
        ({}, 0, "abcdefgh"),
        ({"position": 2, "limit": 3}, 2, "cde"),
        ({"position": -2}, 6, "gh"),
        ({"position": -20, "limit": 1}, 0, "a"),
        ({"position": 20}, 20, ""),
        ({"limit": 0}, 0, ""),
        ({"anchor": "c", "limit": 2}, 2, "cd"),
        ({"anchor": "c", "anchor_offset": -1, "limit": 2}, 1, "bc"),
        ({"anchor": "c", "anchor_offset": -9, "limit": 2}, 0, "ab"),
        ({"anchor": "h", "anchor_offset": 1}, 8, ""),
        ({"anchor": "c", "position": 5, "limit": 1}, 2, "c"),
    ],
)
def test_a_window_is_cut_out_of_the_results(values: dict[str, Any], position: int, found: str) -> None:
    said = window(**values)
    assert (said["position"], said["ids"]) == (position, list(found))


def test_a_total_and_a_limit_are_told_where_they_say_something() -> None:
    assert "total" not in window()
    assert window(total=True)["total"] == 8
    assert window()["limit"] == querying.MOST_RESULTS
    assert "limit" not in window(limit=5)
    with pytest.raises(MethodError):
        window(anchor="z")


def test_a_filter_is_folded() -> None:
    tree = {
        "operator": "AND",
        "conditions": [
            {"n": 1},
            {"operator": "NOT", "conditions": [{"n": 2}, {"n": 3}]},
            {"operator": "OR", "conditions": [{"n": 1}]},
        ],
    }
    for number, holds in ((1, True), (2, False)):
        assert querying.folded(tree, lambda one, number=number: one["n"] == number, querying.holds) is holds


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({"operator": "XOR", "conditions": []}, "invalidArguments"),
        ({"operator": "AND"}, "invalidArguments"),
        ({"operator": "AND", "conditions": [1]}, "invalidArguments"),
        ({"operator": "AND", "conditions": [{}] * 1000}, "unsupportedFilter"),
    ],
)
def test_a_filter_that_is_none_is_refused(tree: dict[str, Any], kind: str) -> None:
    with pytest.raises(MethodError) as refused:
        querying.folded(tree, lambda one: True, querying.holds)
    assert refused.value.arguments["type"] == kind


def test_a_set_goes_on_after_each_refusal(alice: Account) -> None:
    context, outcome = Context(alice), Outcome()
    arguments = {
        "accountId": ids.name("A", alice.pk),
        "create": {"a": {"n": 1}, "b": {}},
        "update": {"#a": {}, "X9": {}, "#z": {}},
        "destroy": ["X9", "#b"],
    }
    asked = setting(context, arguments, "7")

    def create(wanted: dict[str, Any]) -> dict[str, Any]:
        if not wanted:
            raise SetError("invalidProperties")
        return {"id": "X1"}

    create_each(context, asked, outcome, create)
    update_each(context, asked, outcome, lambda one, patch: None)
    destroy_each(context, asked, outcome, lambda one: None)
    said = outcome.response(alice.pk, "7", "8")
    assert (said["created"], said["updated"], said["destroyed"]) == ({"a": {"id": "X1"}}, {"X1": None}, ["X9"])
    assert {name: error["type"] for name, error in said["notUpdated"].items()} == {"X9": "willDestroy", "#z": "notFound"}
    assert (list(said["notCreated"]), list(said["notDestroyed"])) == (["b"], ["#b"])
    assert context.created == {"a": "X1"}


def test_a_set_wants_the_state_it_was_made_for(alice: Account) -> None:
    arguments = {"accountId": ids.name("A", alice.pk), "ifInState": "6"}
    with pytest.raises(MethodError) as refused:
        setting(Context(alice), arguments, "7")
    assert refused.value.arguments["type"] == "stateMismatch"
    with pytest.raises(MethodError) as refused:
        setting(Context(alice), arguments | {"destroy": [f"X{n}" for n in range(1000)]}, "6")
    assert refused.value.arguments["type"] == "requestTooLarge"


def test_a_blob_is_a_message_or_a_part_of_one_and_the_accounts_own(alice: Account, bob: Account) -> None:
    thread = conversation(alice, "Plans", Letter(text="See there.", files=[("plan.txt", "text/plain", b"A plan.")]))
    message = Message.objects.get(thread=thread)
    whole = blobs.open(alice, f"R{message.pk}")
    assert whole is not None
    assert b"Subject: Plans" in whole
    assert blobs.open(alice, ids.part_name(f"R{message.pk}", "2")) == b"A plan."
    for name in (
        "",
        "R0",
        f"R{message.pk + 1}",
        f"P{message.pk}",
        f"P{message.pk}-9",
        f"R{message.pk}-1",
        f"P{message.pk}-2-7",
        5,
    ):
        assert blobs.open(alice, name) is None
    assert blobs.open(bob, f"R{message.pk}") is None
    assert blobs.open(bob, f"P{message.pk}-2") is None


def test_a_part_of_a_message_in_a_part_is_a_blob_too(alice: Account) -> None:
    inner = b"Subject: inner\r\n\r\nThe inside.\r\n"
    thread = conversation(alice, "Outer", Letter(files=[("inner.eml", "application/octet-stream", inner)]))
    message = Message.objects.get(thread=thread)
    assert blobs.open(alice, f"P{message.pk}-2") == inner
    assert blobs.open(alice, f"P{message.pk}-2-1") == b"The inside.\r\n"
