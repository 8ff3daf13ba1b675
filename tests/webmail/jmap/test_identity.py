"""Whom one may write as, and with which name and signature (RFC 8621 §6)."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts import identities, provision
from mailsuite.accounts.models import Account, Address
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.shapes import problems
from webmail.jmap import ids
from webmail.jmap.types import submission


@pytest.fixture
def one(call: Call, me: str):
    def do(name: str, **arguments: Any) -> dict[str, Any]:
        [[said, result]] = call((f"Identity/{name}", {"accountId": me, **arguments}))
        assert said == f"Identity/{name}", result
        return result

    return do


def test_each_address_and_alias_of_ones_own_is_an_identity(one, alice: Account, bob: Account) -> None:
    provision.add_alias("info@example.org", ["alice@example.org"])
    provision.add_alias("both@example.org", ["alice@example.org", "bob@example.org"])
    found = one("get")["list"]
    assert [found["email"] for found in found] == ["alice@example.org", "info@example.org"]
    assert problems(found[0], submission.Identity) == []
    assert (found[0]["name"], found[0]["replyTo"], found[0]["mayDelete"]) == ("Alice Example", None, False)
    assert found[0]["id"] == ids.name("I", Address.objects.get(account=alice).pk)


def test_name_and_signature_can_be_said(one, alice: Account) -> None:
    [identity] = one("get")["list"]
    said = {
        "name": "Alice at home",
        "textSignature": "-- \nA.",
        "htmlSignature": "<b>A.</b>",
        "replyTo": [{"name": None, "email": "alice@example.org"}],
        "bcc": [{"name": "B", "email": "bob@example.org"}],
    }
    result = one("set", update={identity["id"]: said})
    assert result["updated"] == {identity["id"]: None}
    after = one("get")
    assert after["list"] == [identity | said]
    assert result["newState"] == after["state"] != result["oldState"]
    one("set", update={identity["id"]: {"name": None, "bcc": None, "email": "alice@example.org", "mayDelete": False}})
    assert one("get")["list"] == [identity | said | {"name": "Alice Example", "bcc": None}]


@pytest.mark.parametrize(
    "patch",
    [
        {"email": "bob@example.org"},
        {"mayDelete": True},
        {"nonsense": 1},
        {"name": 3},
        {"name": "x" * 201},
        {"name": "\x00"},
        {"textSignature": "x" * 10_001},
        {"replyTo": "x"},
        {"replyTo": [{"email": "no address"}]},
        {"replyTo": [{"email": "a@b.example", "name": 1}]},
        {"bcc": [{"email": "a@b.example"}] * 21},
    ],
)
def test_what_an_identity_cannot_be_is_refused(one, patch: dict[str, Any]) -> None:
    [identity] = one("get")["list"]
    assert one("set", update={identity["id"]: patch})["notUpdated"][identity["id"]]["properties"] == list(patch)
    assert one("get")["list"] == [identity]


def test_identities_come_and_go_with_addresses_alone(one, alice: Account, bob: Account) -> None:
    [identity] = one("get")["list"]
    his = ids.name("I", Address.objects.get(account=bob).pk)
    said = one(
        "set",
        create={"a": {"email": "bob@example.org"}, "b": {"email": "alice@example.org"}, "c": {}},
        update={his: {"name": "x"}},
        destroy=[identity["id"]],
    )
    assert [said["notCreated"][name]["type"] for name in "abc"] == ["forbiddenFrom", "forbidden", "invalidProperties"]
    assert said["notUpdated"][his]["type"] == "notFound"
    assert said["notDestroyed"][identity["id"]]["type"] == "forbidden"


def test_a_signature_stays_with_its_writer_when_an_alias_moves_on(one, alice: Account, bob: Account) -> None:
    provision.add_alias("info@example.org", ["alice@example.org"])
    identity = one("get")["list"][1]
    one("set", update={identity["id"]: {"textSignature": "secret"}})
    Address.objects.get(local_part="info").targets.update(target="bob@example.org")
    assert len(one("get")["list"]) == 1
    assert [found.text for found in identities.of(bob)] == ["", ""]


def test_changes_are_none_or_cannot_be_told(call: Call, one, me: str) -> None:
    state = one("get")["state"]
    said = one("changes", sinceState=state)
    assert (said["created"], said["updated"], said["destroyed"], said["newState"]) == ([], [], [], state)
    [[_, error]] = call(("Identity/changes", {"accountId": me, "sinceState": "old"}))
    assert error["type"] == "cannotCalculateChanges"
