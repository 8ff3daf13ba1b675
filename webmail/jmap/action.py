"""Action/get, Action/undo and Action/redo: what the member did, its taking back, and its doing again (product.md 10.5, F23)."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import transaction

from mailsuite.mailstore import actions, changes, history
from mailsuite.mailstore.models import Action
from webmail.jmap import ids, standard
from webmail.jmap.arguments import only, text, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

PROPERTIES = ("id", "operationId", "at", "act", "count", "noun", "label", "sentence", "isUndone")
OPERATION = re.compile(r"[A-Za-z0-9_-]{8,64}")
# The acts of the store by the names that they have over JMAP.
NAMES = {
    name: re.sub("_([a-z])", lambda found: found[1].upper(), name) for name in (*actions.ACTS, "delete_label", "merge_labels")
}
NAMES |= {"mark_read": "read", "mark_unread": "unread", "report_spam": "spam"}


def get(context: Context, arguments: Json) -> Json:
    """The acts that are kept, the last one first (RFC 8620 §5.1). Their state is that of mail: an act changes mail."""
    asked = standard.getting(context, arguments, PROPERTIES)
    state = standard.mail_state(asked.account_id)
    kept = history.done(asked.account_id)
    if (keys := asked.keys("X")) is not None:
        kept = kept.filter(pk__in=keys)
    return standard.got(asked, state, {one["id"]: one for one in map(as_json, kept[: actions.KEPT])})


def undo(context: Context, arguments: Json) -> Json:
    """Undo an act, or the last one that is not undone. What was done since to the same messages stays done."""
    return _turn(context, arguments, actions.undo)


def redo(context: Context, arguments: Json) -> Json:
    """Do again an act that was undone, or, where nothing was done since, the last that was."""
    return _turn(context, arguments, actions.redo)


def _turn(context: Context, arguments: Json, turn: Callable[..., Action | None]) -> Json:
    """Asked again by name, it changes nothing and says the same."""
    only(arguments, "accountId", "id", "operationId")
    account_id, name, operation = context.account_id(arguments), text(arguments, "id"), operation_id(arguments)
    if name is not None and operation:
        raise invalid("Name an act by its id or by its operationId")
    key = ids.key("X", name)
    if name is not None and key is None:
        raise MethodError("notFound")
    with transaction.atomic():
        before = changes.lock(account_id)
        action = turn(account_id, key, operation_id=operation)
        if action is None and (name is not None or operation):
            raise MethodError("notFound", "There is no such act, or it is too old")
        return done(account_id, before, action)


def operation_id(arguments: Json) -> str:
    """The client's own name for what it asks; empty where it gives none."""
    value = text(arguments, "operationId")
    if value is not None and not OPERATION.fullmatch(value):
        raise invalid("operationId is 8 to 64 letters, digits, - and _")
    return value or ""


def done(account_id: int, before: int, action: Action | None) -> Json:
    """The response to an act; to be made while the account is locked since it was at `before`."""
    return {
        "accountId": ids.name("A", account_id),
        "oldState": str(before),
        "newState": standard.mail_state(account_id),
        "action": as_json(action) if action and action.has_changed else None,
    }


def as_json(action: Action) -> Json:
    """The Action object."""
    return {
        "id": ids.name("X", action.pk),
        "operationId": action.operation_id or None,
        "at": utc(action.at),
        "act": NAMES[action.act],
        "count": action.count,
        "noun": action.noun,
        "label": ids.name("F", action.label_id) if action.label_id else None,
        "sentence": action.sentence,
        "isUndone": action.undone,
    }
