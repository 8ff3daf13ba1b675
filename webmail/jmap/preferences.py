"""Preferences/get and Preferences/set: what the member chose, one object for each account (product.md 6.7, Settings)."""

from __future__ import annotations

import hashlib
import json
from functools import partial

from django.db import transaction

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from webmail.jmap import standard
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError
from webmail.jmap.standard import Outcome
from webmail.jmap.types.own import PREFERENCES

SINGLETON = "singleton"
STORED = {name: stored for stored, name in PREFERENCES.items()}


def get(context: Context, arguments: Json) -> Json:
    """Preferences/get: the singleton (RFC 8620 §5.1)."""
    asked = standard.getting(context, arguments, ("id", *STORED))
    found = described(context.account)
    return standard.got(asked, _state(found), {SINGLETON: found})


def set_preferences(context: Context, arguments: Json) -> Json:
    """Preferences/set: null is what holds where nothing was chosen. The singleton cannot be made or destroyed."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=context.account.pk)
        before = _state(described(account))
        asked, outcome = standard.setting(context, arguments, before), Outcome()
        standard.create_each(context, asked, outcome, _refuse)
        standard.update_each(context, asked, outcome, partial(_update, account))
        standard.destroy_each(context, asked, outcome, _refuse)
        context.account.preferences = account.preferences  # a later call of this request sees what was chosen
        return outcome.response(asked.account_id, before, _state(described(account)))


def _refuse(_: object) -> Json:
    raise SetError("singleton")


def _update(account: Account, name: str, patch: Json) -> None:
    if name != SINGLETON:
        raise SetError("notFound")
    current = described(account)
    wanted = {key: value for key, value in standard.patched(current, patch).items() if key != "id" or value != SINGLETON}
    if unknown := sorted(wanted.keys() - STORED.keys()):
        raise SetError("invalidProperties", f"{unknown[0][:100]} cannot be set.", properties=unknown[:20])
    values = {STORED[key]: value for key, value in wanted.items()}
    values = {key: preferences.ALL[key].default if value is None else value for key, value in values.items()}
    try:
        preferences.change(account, values)
    except preferences.NotAllowed as error:
        raise SetError("invalidProperties", str(error), properties=[PREFERENCES[error.name]]) from error


def described(account: Account) -> Json:
    """The Preferences object."""
    return {"id": SINGLETON} | {PREFERENCES[name]: value for name, value in preferences.of(account).items()}


def _state(found: Json) -> str:
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()[:24]
