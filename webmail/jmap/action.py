"""Action/get and Action/undo: what the member did, and its taking back (product.md 10.5, F23)."""

from __future__ import annotations

from django.db import transaction

from mailsuite.mailstore import actions, changes
from mailsuite.mailstore.models import Action
from webmail.jmap import ids, standard
from webmail.jmap.arguments import only, text, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError

PROPERTIES = ("id", "at", "sentence", "isUndone")


def get(context: Context, arguments: Json) -> Json:
    """The acts that are kept, the last one first (RFC 8620 §5.1). Their state is that of mail: an act changes mail."""
    asked = standard.getting(context, arguments, PROPERTIES)
    state = standard.mail_state(asked.account_id)
    kept = Action.objects.filter(account_id=asked.account_id).defer("delta", "labels").order_by("-pk")
    if (keys := asked.keys("X")) is not None:
        kept = kept.filter(pk__in=keys)
    return standard.got(asked, state, {one["id"]: one for one in map(as_json, kept[: actions.KEPT])})


def undo(context: Context, arguments: Json) -> Json:
    """Undo an act, or the last one that is not undone. What was done since to the same messages stays done."""
    only(arguments, "accountId", "id")
    account_id, name = context.account_id(arguments), text(arguments, "id")
    key = ids.key("X", name)
    if name is not None and key is None:
        raise MethodError("notFound")
    with transaction.atomic():
        before = changes.lock(account_id)
        undone = actions.undo(account_id, key)
        if undone is None and name is not None:
            raise MethodError("notFound", "There is no such act, or it is undone already")
        return done(account_id, before, undone)


def done(account_id: int, before: int, action: Action | None) -> Json:
    """The response to an act; to be made while the account is locked since it was at `before`."""
    return {
        "accountId": ids.name("A", account_id),
        "oldState": str(before),
        "newState": standard.mail_state(account_id),
        "action": as_json(action) if action and action.pk else None,
    }


def as_json(action: Action) -> Json:
    """The Action object."""
    return {
        "id": ids.name("X", action.pk),
        "at": utc(action.at),
        "sentence": action.sentence,
        "isUndone": action.undone,
    }
