"""VacationResponse/get and /set: what is answered while its member is away (RFC 8621 §8)."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from django.db import transaction

from mailsuite.accounts import vacation as store
from mailsuite.accounts.models import Account, Vacation
from webmail.jmap import standard
from webmail.jmap.arguments import date, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, SetError
from webmail.jmap.session import OWN
from webmail.jmap.standard import Outcome, refused_into

SINGLETON = "singleton"
PROPERTIES = ("id", "isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody")
COLUMNS = {
    "isEnabled": "is_enabled",
    "contactsOnly": "contacts_only",
    "fromDate": "from_date",
    "toDate": "to_date",
    "subject": "subject",
    "textBody": "text",
    "htmlBody": "html",
}
LONGEST = {"subject": 500, "textBody": 50_000, "htmlBody": 200_000}  # characters


def get(context: Context, arguments: Json) -> Json:
    """VacationResponse/get."""
    asked = standard.getting(context, arguments, _properties(context))
    found = as_json(store.of(asked.account_id))
    return standard.got(asked, _state(found), {SINGLETON: found})


def _properties(context: Context) -> tuple[str, ...]:
    return (*PROPERTIES, "contactsOnly") if OWN in context.using else PROPERTIES


def as_json(one: Vacation) -> Json:
    """The VacationResponse object."""
    return {
        "id": SINGLETON,
        "isEnabled": one.is_enabled,
        "fromDate": utc(one.from_date),
        "toDate": utc(one.to_date),
        "subject": one.subject,
        "textBody": one.text,
        "htmlBody": one.html,
        "contactsOnly": one.contacts_only,
    }


def _state(found: Json) -> str:
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:24]


def set_vacation(context: Context, arguments: Json) -> Json:
    """VacationResponse/set: there is one, it can be changed, neither made nor destroyed."""
    account_id = context.account_id(arguments)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account_id)
        before, outcome = _state(as_json(store.of(account_id))), Outcome()
        asked = standard.setting(context, arguments, before)
        outcome.not_created |= {name: _singleton() for name in asked.create}
        outcome.not_destroyed |= {name: _singleton() for name in asked.destroy}
        for name, patch in asked.update.items():
            with refused_into(outcome.not_updated, name):
                _update(context, account_id, name, patch)
                outcome.updated[name] = None
        return outcome.response(account_id, before, _state(as_json(store.of(account_id))))


def _singleton() -> Json:
    return {"type": "singleton", "description": "There is one answer while away, no more and no less."}


def _update(context: Context, account_id: int, name: str, patch: Json) -> None:
    if name != SINGLETON:
        raise SetError("notFound")
    one = store.of(account_id)
    before, current = copy.copy(one), {key: as_json(one)[key] for key in _properties(context)}
    patched = standard.patched(current, patch)
    wanted = {key: value for key, value in patched.items() if key not in current or value != current[key]}
    if wrong := sorted(key for key in wanted if key not in current or key not in COLUMNS):
        raise SetError("invalidProperties", f"{wrong[0][:100]} cannot be set.", properties=wrong[:20])
    for key, value in wanted.items():
        setattr(one, COLUMNS[key], _value(key, value))
    if one.from_date and one.to_date and one.from_date >= one.to_date:
        raise SetError("invalidProperties", "It ends before it begins.", properties=["fromDate", "toDate"])
    if wanted:
        store.keep(one, before)


def _value(name: str, value: Any) -> Any:
    if name in ("isEnabled", "contactsOnly"):
        if value is not None and not isinstance(value, bool):
            raise SetError("invalidProperties", f"{name} is true or false.", properties=[name])
        return bool(value)
    if value is None:
        return None
    if name in LONGEST:
        if not isinstance(value, str) or len(value) > LONGEST[name] or "\0" in value:
            raise SetError("invalidProperties", f"{name} is text of at most {LONGEST[name]} characters.", properties=[name])
        return value
    try:
        return date(value, name)
    except MethodError as error:
        raise SetError("invalidProperties", error.arguments["description"], properties=[name]) from error
