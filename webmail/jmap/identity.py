"""Identity/get, /changes and /set: the addresses that one may write as, with names and signatures (RFC 8621 §6).

They come and go with the account's addresses and aliases, which its member does not make: here they are only described.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

from django.db import transaction

from mailsuite.accounts import addresses, identities
from mailsuite.accounts.identities import Persona
from mailsuite.accounts.models import Account
from mailsuite.protocol.address import parse_path
from webmail.jmap import ids, standard
from webmail.jmap.arguments import number, only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, SetError, invalid
from webmail.jmap.standard import Outcome

PROPERTIES = ("id", "name", "email", "replyTo", "bcc", "textSignature", "htmlSignature", "mayDelete")
COLUMNS = {"name": "name", "replyTo": "reply_to", "bcc": "bcc", "textSignature": "text", "htmlSignature": "html"}
LONGEST = {"name": 200, "textSignature": 10_000, "htmlSignature": 100_000}  # characters
MOST_PEOPLE = 20


def get(context: Context, arguments: Json) -> Json:
    """Identity/get."""
    asked = standard.getting(context, arguments, PROPERTIES)
    found = described(context.account)
    return standard.got(asked, _state(found), found)


def described(account: Account) -> dict[str, Json]:
    """The Identity objects of an account by id."""
    return {ids.name("I", one.key): _described(one) for one in identities.of(account)}


def _described(one: Persona) -> Json:
    return {
        "id": ids.name("I", one.key),
        "name": one.name,
        "email": one.address,
        "replyTo": _people(one.reply_to),
        "bcc": _people(one.bcc),
        "textSignature": one.text,
        "htmlSignature": one.html,
        "mayDelete": False,
    }


def _people(found: list[tuple[str, str]] | None) -> list[Json] | None:
    return None if found is None else [{"name": name or None, "email": address} for name, address in found]


def _state(found: dict[str, Json]) -> str:
    return hashlib.sha256(json.dumps(list(found.values())).encode()).hexdigest()[:24]


def changes(context: Context, arguments: Json) -> Json:
    """Identity/changes: none, or all may have; there are few, and they seldom change."""
    only(arguments, "accountId", "sinceState", "maxChanges")
    account_id, since = context.account_id(arguments), text(arguments, "sinceState")
    number(arguments, "maxChanges", least=1)
    if since is None:
        raise invalid("sinceState is missing")
    if since != _state(described(context.account)):
        raise MethodError("cannotCalculateChanges")
    nothing: Json = {"created": [], "updated": [], "destroyed": []}
    return {"accountId": ids.name("A", account_id), "oldState": since, "newState": since, "hasMoreChanges": False, **nothing}


def set_identities(context: Context, arguments: Json) -> Json:
    """Identity/set: names and signatures change; the addresses themselves are the co-op's to give and take."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=context.account.pk)
        before = _state(described(context.account))
        asked, outcome = standard.setting(context, arguments, before), Outcome()
        standard.create_each(context, asked, outcome, partial(_create, context.account))
        standard.update_each(context, asked, outcome, partial(_update, context.account))
        standard.destroy_each(context, asked, outcome, partial(_destroy, context.account))
        return outcome.response(asked.account_id, before, _state(described(context.account)))


def _create(account: Account, wanted: Json) -> Json:
    email = wanted.get("email")
    if not isinstance(email, str):
        raise SetError("invalidProperties", "email is missing.", properties=["email"])
    if not addresses.may_author(account.pk, email):
        raise SetError("forbiddenFrom", f"{email[:320]} is not an address of {account.login}.")
    raise SetError("forbidden", "Each of your addresses is an identity already.")


def _update(account: Account, name: str, patch: Json) -> None:
    persona = _own(account, name)
    current = _described(persona)
    patched = standard.patched(current, patch)
    wanted = {key: value for key, value in patched.items() if key not in current or value != current[key]}
    if wrong := sorted(wanted.keys() - COLUMNS.keys()):
        raise SetError("invalidProperties", f"{wrong[0][:100]} cannot be set.", properties=wrong[:20])
    identities.change(account, persona, **{COLUMNS[key]: _value(key, value) for key, value in wanted.items()})


def _destroy(account: Account, name: str) -> None:
    _own(account, name)
    raise SetError("forbidden", "It is there as long as you have the address.")


def _own(account: Account, name: str) -> Persona:
    for persona in identities.of(account):
        if ids.name("I", persona.key) == name:
            return persona
    raise SetError("notFound")


def _value(name: str, value: Any) -> Any:
    if name in LONGEST:
        value = "" if value is None else value
        if not isinstance(value, str) or len(value) > LONGEST[name] or "\0" in value:
            raise SetError("invalidProperties", f"{name} is text of at most {LONGEST[name]} characters.", properties=[name])
        return value
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MOST_PEOPLE or not all(map(_is_person, value)):
        raise SetError("invalidProperties", f"{name} is a list of at most {MOST_PEOPLE} addresses.", properties=[name])
    return [[one.get("name") or "", one["email"]] for one in value]


def _is_person(one: Any) -> bool:
    if not isinstance(one, dict) or one.keys() - {"name", "email"} or not isinstance(one.get("email"), str):
        return False
    name = one.get("name") or ""
    return isinstance(name, str) and len(name) <= 200 and "\0" not in name and parse_path(one["email"]) is not None
