"""Answers while away are set over JMAP (RFC 8621 §8)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account, Vacation
from tests.webmail.jmap.conftest import CORE, Call
from tests.webmail.jmap.mail import one
from tests.webmail.jmap.shapes import problems
from webmail.jmap.types.methods import METHODS as TYPES

VACATION = "urn:ietf:params:jmap:vacationresponse"


def change(call: Call, me: str, **patch: Any) -> dict[str, Any]:
    said = one(call, "VacationResponse/set", me, update={"singleton": patch})
    assert problems(said, TYPES["VacationResponse/set"][1]) == []
    return said


def test_there_is_one_that_is_off(call: Call, me: str) -> None:
    said = one(call, "VacationResponse/get", me)
    assert problems(said, TYPES["VacationResponse/get"][1]) == []
    assert said["list"][0] == {
        "id": "singleton", "isEnabled": False, "fromDate": None, "toDate": None, "subject": None, "textBody": None,
        "htmlBody": None, "contactsOnly": False,
    }  # fmt: skip
    assert one(call, "VacationResponse/get", me, ids=["singleton", "x"])["notFound"] == ["x"]


def test_what_is_set_is_told(call: Call, me: str) -> None:
    wanted = {"isEnabled": True, "fromDate": "2026-12-01T00:00:00Z", "toDate": "2027-01-01T00:00:00Z", "subject": "Away"}
    wanted |= {"textBody": "Grüße", "htmlBody": "<p>Grüße</p>", "contactsOnly": True}
    said = change(call, me, **wanted)
    assert said["updated"] == {"singleton": None}
    assert said["newState"] != said["oldState"]
    [found] = one(call, "VacationResponse/get", me)["list"]
    assert found == {"id": "singleton", **wanted}
    same = change(call, me, isEnabled=True)
    assert same["newState"] == same["oldState"] == said["newState"]
    assert change(call, me, textBody=None, isEnabled=None)["updated"] == {"singleton": None}
    assert one(call, "VacationResponse/get", me)["list"][0]["isEnabled"] is False


@pytest.mark.parametrize(
    "patch",
    [
        {"isEnabled": "yes"},
        {"fromDate": "soon"},
        {"fromDate": 7},
        {"fromDate": "2027-01-01T00:00:00Z", "toDate": "2026-01-01T00:00:00Z"},
        {"subject": "x" * 501},
        {"textBody": "(" * 1_000_000},
        {"htmlBody": ["x"]},
        {"textBody": "a\0b"},
        {"id": "other"},
        {"nonsense": 1},
    ],
)
def test_what_cannot_be_is_refused(call: Call, me: str, patch: dict[str, Any]) -> None:
    assert change(call, me, **patch)["notUpdated"]["singleton"]["type"] in ("invalidProperties", "invalidPatch")
    assert not Vacation.objects.exists()


def test_it_is_neither_made_nor_destroyed(call: Call, me: str) -> None:
    said = one(call, "VacationResponse/set", me, create={"a": {}}, destroy=["singleton"], update={"other": {}})
    assert said["notCreated"]["a"]["type"] == said["notDestroyed"]["singleton"]["type"] == "singleton"
    assert said["notUpdated"]["other"]["type"] == "notFound"
    [[name, error]] = call(("VacationResponse/set", {"accountId": me, "ifInState": "x"}))
    assert (name, error["type"]) == ("error", "stateMismatch")


def test_our_own_property_is_told_to_those_who_know_it(web: Client, me: str, alice: Account) -> None:
    calls = [
        ["VacationResponse/get", {"accountId": me}, "0"],
        ["VacationResponse/set", {"accountId": me, "update": {"singleton": {"contactsOnly": True}}}, "1"],
    ]
    body = {"using": [CORE, VACATION], "methodCalls": calls}
    said = web.post("/jmap/api", body, content_type="application/json").json()["methodResponses"]
    assert "contactsOnly" not in said[0][1]["list"][0]
    assert said[1][1]["notUpdated"]["singleton"]["properties"] == ["contactsOnly"]
