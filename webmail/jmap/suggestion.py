"""Suggestion/get and /forget: the people an account writes to, with what a client ranks them by at each key (product.md 5.7)."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from mailsuite.people import count, directory
from mailsuite.people.decay import HALF_LIFE, REFERENCE
from mailsuite.people.models import Circle, Person
from webmail.jmap import ids, limits
from webmail.jmap.arguments import only, strings, text, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

MOST_PEOPLE = 10_000  # under a megabyte
MOST_CIRCLES = 1_000
STATE = re.compile(r"(\d{1,18})-([0-9a-f]{16})")
COLUMNS = ("pk", "address", "name", "written", "heard")


def get(context: Context, arguments: Json) -> Json:
    """All that a client needs to suggest recipients by itself; with `sinceState` what changed since."""
    only(arguments, "accountId", "sinceState")
    account_id, since = context.account_id(arguments), text(arguments, "sinceState")
    version = count.catch_up(account_id).version
    members = _members(account_id)
    told = STATE.fullmatch(since or "")
    before = int(told[1]) if told and int(told[1]) <= version else None
    state = _state(version, members)
    changed = before != version
    return {
        "accountId": ids.name("A", account_id),
        "state": state,
        "isComplete": before is None,
        "reference": utc(REFERENCE),
        "halfLife": int(HALF_LIFE.total_seconds()),
        "people": _people(account_id, before) if changed else [],
        "removed": _removed(account_id, before) if changed and before is not None else [],
        "circles": _circles(account_id) if changed else None,
        "members": None if told and state.endswith(told[2]) else members,
    }


def _state(version: int, members: list[Json]) -> str:
    digest = hashlib.sha256(json.dumps(members).encode()).hexdigest()[:16]
    return f"{version}-{digest}"


def _people(account_id: int, since: int | None) -> list[list[Any]]:
    """[key, address, name, written, heard], the most written to first."""
    rows = Person.objects.filter(account_id=account_id, forgotten=False, written__gt=0)
    rows = rows if since is None else rows.filter(version__gt=since)
    found = rows.order_by("-written", "pk").values_list(*COLUMNS)[:MOST_PEOPLE]
    return [[pk, address, name, _short(written), _short(heard)] for pk, address, name, written, heard in found]


def _short(amount: float) -> float:
    """Four digits rank as well as seventeen."""
    return float(f"{amount:.4g}")


def _removed(account_id: int, since: int) -> list[int]:
    rows = Person.objects.filter(account_id=account_id, forgotten=True, version__gt=since)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])


def _circles(account_id: int) -> list[list[Any]]:
    """[keys of people, written]."""
    rows = Circle.objects.filter(account_id=account_id, written__gt=0).order_by("-written", "pk")
    return [[members, _short(written)] for members, written in rows.values_list("members", "written")[:MOST_CIRCLES]]


def _members(account_id: int) -> list[Json]:
    """Fellow members, without those whom the account wants to see no more."""
    gone = set(Person.objects.filter(account_id=account_id, forgotten=True).values_list("folded", flat=True))
    fellows = directory.fellows(account_id)
    return [{"name": name, "email": address} for name, address in fellows if address.casefold() not in gone]


def forget(context: Context, arguments: Json) -> Json:
    """Suggest these addresses no more, until they are written to again."""
    only(arguments, "accountId", "emails")
    account_id, wanted = context.account_id(arguments), strings(arguments, "emails")
    if wanted is None:
        raise invalid("emails is missing")
    if len(wanted) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} addresses")
    before, members = count.catch_up(account_id).version, _members(account_id)
    known = {one["email"].casefold() for one in members}
    gone = count.forget(account_id, [one for one in dict.fromkeys(wanted) if "\0" not in one], known)
    return {
        "accountId": ids.name("A", account_id),
        "oldState": _state(before, members),
        "newState": _state(count.catch_up(account_id).version, _members(account_id)),
        "forgotten": gone,
        "notFound": [one for one in wanted if one not in gone],
    }
