"""SenderChoice/get and /set: what the member decided about senders, listed and revocable (product.md 4.4, 4.7, F41, F42)."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

from django.db import transaction

from mailsuite.accounts.models import Account
from mailsuite.people import choices
from mailsuite.people.models import Choice
from webmail.cautions.warning import SENTENCES
from webmail.jmap import ids, standard
from webmail.jmap.arguments import utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError
from webmail.jmap.standard import Outcome

PROPERTIES = ("id", "sender", "kind", "signal", "how", "at")
MADE = {Choice.Kind.IMAGES, Choice.Kind.BLOCKED, Choice.Kind.FINE, Choice.Kind.LIGHT}  # the fifth is made by leaving


def get(context: Context, arguments: Json) -> Json:
    """SenderChoice/get."""
    asked = standard.getting(context, arguments, PROPERTIES)
    found = _described(asked.account_id)
    return standard.got(asked, _state(found), found)


def set_choices(context: Context, arguments: Json) -> Json:
    """SenderChoice/set: made and destroyed, never changed."""
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=context.account.pk)
        before = _state(_described(context.account.pk))
        asked, outcome = standard.setting(context, arguments, before), Outcome()
        standard.create_each(context, asked, outcome, partial(_create, asked.account_id))
        standard.update_each(context, asked, outcome, partial(_refuse, asked.account_id))
        standard.destroy_each(context, asked, outcome, partial(_destroy, asked.account_id))
        return outcome.response(asked.account_id, before, _state(_described(asked.account_id)))


def _create(account_id: int, wanted: Json) -> Json:
    if unknown := sorted(wanted.keys() - {"sender", "kind", "signal"}):
        raise _wrong(unknown[0][:100], f"{unknown[0][:100]} cannot be set.")
    sender, kind, signal = wanted.get("sender"), wanted.get("kind"), wanted.get("signal")
    if not isinstance(sender, str) or not 2 < len(sender) <= 320 or "@" not in sender or not sender.isprintable():
        raise _wrong("sender", "sender is an address.")
    if not isinstance(kind, str) or kind not in MADE:
        raise _wrong("kind", f"kind is one of {', '.join(sorted(MADE))}.")
    if (kind == Choice.Kind.FINE) != (isinstance(signal, str) and signal in SENTENCES):
        raise _wrong("signal", "signal is the code of a warning that is fine, and goes with nothing else.")
    try:
        made = choices.choose(account_id, sender, kind, signal=signal or "")
    except choices.TooManyChoices as error:
        raise SetError("overQuota", f"At most {choices.MOST} choices; take some back first.") from error
    found = _one(made)
    return {name: found[name] for name in ("id", "sender", "how", "at", *(() if signal else ("signal",)))}


def _refuse(account_id: int, name: str, _: Json) -> None:
    _own(account_id, name)
    raise SetError("forbidden", "A choice is made or destroyed, not changed.")


def _destroy(account_id: int, name: str) -> None:
    choices.revoke(account_id, _own(account_id, name))


def _own(account_id: int, name: str) -> int:
    key = ids.key("C", name)
    if key is None or not Choice.objects.filter(account_id=account_id, pk=key).exists():
        raise SetError("notFound")
    return key


def _wrong(name: str, description: str) -> SetError:
    return SetError("invalidProperties", description, properties=[name])


def _described(account_id: int) -> dict[str, Json]:
    return {ids.name("C", one.pk): _one(one) for one in choices.everything(account_id)}


def _one(one: Choice) -> dict[str, Any]:
    return {
        "id": ids.name("C", one.pk),
        "sender": one.sender,
        "kind": one.kind,
        "signal": one.signal or None,
        "how": one.how or None,
        "at": utc(one.at),
    }


def _state(found: dict[str, Json]) -> str:
    return hashlib.sha256(json.dumps(list(found.values())).encode()).hexdigest()[:24]
