"""Quota/get, /changes, /query and /queryChanges: how much an account holds, and may (RFC 9425).

There is one where the account has a limit, else none.
"""

from __future__ import annotations

from typing import Any

from mailsuite.mailstore import quota as store
from webmail.jmap import ids, querying, standard
from webmail.jmap.arguments import number, only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

PROPERTIES = ("id", "resourceType", "used", "hardLimit", "scope", "name", "types", "warnLimit", "softLimit", "description")
WARN_AT = 0.9  # of the limit
CONDITIONS = ("name", "scope", "resourceType", "type")


def get(context: Context, arguments: Json) -> Json:
    """Quota/get."""
    asked = standard.getting(context, arguments, PROPERTIES)
    found = _all(asked.account_id)
    return standard.got(asked, _state(found), found)


def _all(account_id: int) -> dict[str, Json]:
    used, limit = store.usage(account_id)
    if not limit:
        return {}
    one = ids.name("Q", account_id)
    return {
        one: {
            "id": one,
            "resourceType": "octets",
            "used": used,
            "hardLimit": limit,
            "scope": "account",
            "name": "Mail",
            "types": ["Email"],
            "warnLimit": int(limit * WARN_AT),
            "softLimit": None,
            "description": "All messages, each counted once",
        }
    }


def _state(found: dict[str, Json]) -> str:
    """What is used and what is allowed."""
    return "-".join(["0", *(f"{one['used']}-{one['hardLimit']}" for one in found.values())])


def changes(context: Context, arguments: Json) -> Json:
    """Quota/changes: mostly of what is used alone, which `updatedProperties` says."""
    only(arguments, "accountId", "sinceState", "maxChanges")
    account_id, since = context.account_id(arguments), text(arguments, "sinceState")
    number(arguments, "maxChanges", least=1)
    if since is None:
        raise invalid("sinceState is missing")
    found = _all(account_id)
    now = _state(found)
    before, after = since.split("-"), now.split("-")
    if since != now and (len(before) != 3 or before[::2] != after[::2]):  # the limit itself came, changed or went
        raise MethodError("cannotCalculateChanges")
    return {
        "accountId": ids.name("A", account_id),
        "oldState": since,
        "newState": now,
        "hasMoreChanges": False,
        "created": [],
        "updated": list(found) if since != now else [],
        "destroyed": [],
        "updatedProperties": ["used"] if since != now else None,
    }


def query(context: Context, arguments: Json) -> Json:
    """Quota/query."""
    asked = querying.query_of(context, arguments)
    found = _all(asked.account_id)
    results = querying.in_order(found.values(), asked.sort, {"name": lambda one: one["name"], "used": lambda one: one["used"]})
    if asked.filter is not None:
        results = [one for one in results if querying.folded(asked.filter, _judge(one), querying.holds)]
    return querying.queried(asked, [one["id"] for one in results], _state(found), can_calculate_changes=False)


def query_changes(context: Context, arguments: Json) -> Json:
    """Quota/queryChanges: /query says that it cannot be told."""
    querying.query_changes_of(context, arguments)
    raise MethodError("cannotCalculateChanges")


def _judge(one: Json):
    """Does a FilterCondition hold for this quota (§4.4)?"""

    def holds(condition: Json) -> bool:
        only(condition, *CONDITIONS)
        return all(_holds(one, name, value) for name, value in condition.items())

    return holds


def _holds(one: Json, name: str, value: Any) -> bool:
    if not isinstance(value, str):
        raise invalid(f"{name} is a string")
    if name == "name":
        return value.casefold() in one["name"].casefold()
    return value in one["types"] if name == "type" else value == one[name]
