"""Thread/act: what a member does with conversations and messages, each act undoable as one (product.md 3.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from mailsuite.mailstore import actions, changes
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action, Message, Thread
from webmail.jmap import ids, limits
from webmail.jmap.action import done
from webmail.jmap.arguments import only, strings, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

ACTS: dict[str, Callable[..., Action]] = {
    "archive": actions.archive,
    "toInbox": actions.to_inbox,
    "trash": actions.trash,
    "restore": actions.restore,
    "spam": actions.report_spam,
    "notSpam": actions.not_spam,
    "read": actions.mark_read,
    "unread": actions.mark_unread,
    "star": actions.star,
    "unstar": actions.unstar,
    "mute": actions.mute,
    "unmute": actions.unmute,
}
LABELLING: dict[str, Callable[..., Action]] = {
    "addLabel": actions.add_label,
    "removeLabel": actions.remove_label,
    "moveTo": actions.move_to,
}


class Chosen(NamedTuple):
    """The rows that ids name, and the ids that name none."""

    threads: list[int]
    messages: list[int]
    not_found: list[str]


def act(context: Context, arguments: Json) -> Json:
    """Do it. What it cannot be done to is in notFound; an act that changes nothing is no action."""
    only(arguments, "accountId", "act", "threadIds", "emailIds", "mailboxId")
    account_id, name, label = context.account_id(arguments), text(arguments, "act"), text(arguments, "mailboxId")
    if name not in ACTS and name not in LABELLING:
        raise invalid(f"act is one of {', '.join([*ACTS, *LABELLING])}")
    if (label is not None) != (name in LABELLING):
        raise invalid(f"mailboxId goes with {', '.join(LABELLING)}, and with nothing else")
    with transaction.atomic():
        before = changes.lock(account_id)
        chosen = _chosen(account_id, strings(arguments, "threadIds") or [], strings(arguments, "emailIds") or [])
        action = _do(account_id, str(name), label, chosen) if chosen.threads or chosen.messages else None
        return done(account_id, before, action) | {"notFound": chosen.not_found}


def _chosen(account_id: int, threads: list[str], emails: list[str]) -> Chosen:
    """Other accounts' ids name nothing."""
    if len(threads) + len(emails) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} ids")
    keys = {one: ids.key("T", one) for one in threads}
    pairs = {one: ids.email_key(one) for one in emails}
    ours = set(Thread.objects.filter(account_id=account_id, pk__in=filter(None, keys.values())).values_list("pk", flat=True))
    held = Message.objects.filter(account_id=account_id, pk__in=[pair[0] for pair in pairs.values() if pair])
    there = set(held.values_list("pk", "incarnation"))
    return Chosen(
        [key for key in keys.values() if key in ours],
        [pair[0] for pair in pairs.values() if pair in there],
        [*(one for one, key in keys.items() if key not in ours), *(one for one, pair in pairs.items() if pair not in there)],
    )


def _do(account_id: int, name: str, label: str | None, chosen: Chosen) -> Action:
    if label is None:
        return ACTS[name](account_id, chosen.threads, chosen.messages)
    try:
        return LABELLING[name](account_id, ids.key("F", label) or 0, chosen.threads, chosen.messages)
    except NoSuchMailbox as error:
        raise invalid("mailboxId names no label") from error
