"""Label/merge and Label/delete: what becomes of labels without touching mail, each with an undo (product.md 3.7, F38)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from mailsuite.mailstore import changes, labels
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action
from webmail.jmap import ids
from webmail.jmap.action import done, operation_id
from webmail.jmap.arguments import only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError


def merge(context: Context, arguments: Json) -> Json:
    """Give all that carries one label the other, and delete the first."""
    only(arguments, "accountId", "operationId", "mailboxId", "intoId")
    pair = _key(arguments, "mailboxId"), _key(arguments, "intoId")
    return _act(context, arguments, lambda account_id, name: labels.merge_labels(account_id, *pair, operation_id=name))


def delete(context: Context, arguments: Json) -> Json:
    """Delete a label; what carried it stays where it is, and so do labels below it."""
    only(arguments, "accountId", "operationId", "mailboxId")
    key = _key(arguments, "mailboxId")
    return _act(context, arguments, lambda account_id, name: labels.delete_label(account_id, key, operation_id=name))


def _key(arguments: Json, name: str) -> int:
    """Of what is no label of the account the store finds none."""
    return ids.key("F", text(arguments, name)) or 0


def _act(context: Context, arguments: Json, act: Callable[[int, str], Action]) -> Json:
    account_id, operation = context.account_id(arguments), operation_id(arguments)
    try:
        with transaction.atomic():
            before = changes.lock(account_id)
            return done(account_id, before, act(account_id, operation))
    except NoSuchMailbox as error:
        raise MethodError("notFound", "There is no such label") from error
