"""How much an account holds, and may (RFC 9425)."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts.models import Account
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.types import quota


@pytest.fixture
def one(call: Call, me: str):
    def do(name: str, **arguments: Any) -> dict[str, Any]:
        [[said, result]] = call((f"Quota/{name}", {"accountId": me, **arguments}))
        assert said == (f"Quota/{name}"), result
        return result

    return do


def allow(alice: Account, limit: int) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=limit)


def test_an_account_without_a_limit_has_no_quota(one, alice: Account) -> None:
    allow(alice, 0)
    assert one("get")["list"] == one("query")["ids"] == []


def test_a_limit_is_told_with_what_is_used(one, alice: Account) -> None:
    allow(alice, 1_000_000)
    before = one("get")
    [found] = before["list"]
    assert problems(found, quota.Quota) == []
    assert (found["id"], found["used"], found["hardLimit"], found["warnLimit"]) == (
        ids.name("Q", alice.pk),
        0,
        1_000_000,
        900_000,
    )
    conversation(alice, "Lunch", Letter())
    after = one("get", ids=[found["id"], "Q999", "x"])
    assert after["list"][0]["used"] > 100
    assert after["notFound"] == ["Q999", "x"]
    said = one("changes", sinceState=before["state"])
    assert (said["updated"], said["updatedProperties"], said["newState"]) == ([found["id"]], ["used"], after["state"])
    assert one("changes", sinceState=after["state"])["updated"] == []


@pytest.mark.parametrize("since", ["0", "0-0-5", "x", "1-0-1000000", ""])
def test_a_limit_that_changed_has_to_be_asked_for(call: Call, alice: Account, me: str, since: str) -> None:
    allow(alice, 1_000_000)
    [[_, error]] = call(("Quota/changes", {"accountId": me, "sinceState": since}))
    assert error["type"] == "cannotCalculateChanges"


def test_quotas_are_found(one, call: Call, alice: Account, me: str) -> None:
    allow(alice, 1_000_000)
    mine = [ids.name("Q", alice.pk)]
    assert one("query", filter={"scope": "account", "type": "Email", "resourceType": "octets", "name": "mai"})["ids"] == mine
    assert one("query", filter={"type": "Calendar"})["ids"] == []
    assert one("query", sort=[{"property": "used"}])["ids"] == mine
    for wrong in ({"scope": 1}, {"nonsense": ""}):
        [[_, error]] = call(("Quota/query", {"accountId": me, "filter": wrong}))
        assert error["type"] == "invalidArguments"
    [[_, error]] = call(("Quota/queryChanges", {"accountId": me, "sinceQueryState": "0"}))
    assert error["type"] == "cannotCalculateChanges"
