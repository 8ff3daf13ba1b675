"""Thread/act: what a member does with conversations and messages, each act undoable as one (product.md 3.8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import now

from mailsuite.mailstore import actions, changes, history, rows, stars
from mailsuite.mailstore.actions import How
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action, Mailbox, Message, Thread
from mailsuite.mailstore.search import find, grammar
from webmail import dates
from webmail.jmap import ids, limits, query_parse
from webmail.jmap.action import NAMES, done, operation_id
from webmail.jmap.arguments import date, only, strings, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

ACTS = {NAMES[name]: name for name in actions.ACTS}
NEEDS = {NAMES[name]: act.needs for name, act in actions.ACTS.items()}
LABELLING = [name for name, needs in NEEDS.items() if needs == "label"]
LATEST = timedelta(days=3_660)


class Chosen(NamedTuple):
    """The rows that ids name, and the ids that name none."""

    threads: list[int]
    messages: list[int]
    not_found: list[str]


def act(context: Context, arguments: Json) -> Json:
    """Do it, as one act with one undo. What it cannot be done to is in notFound; an act that changes nothing is no action.

    What was done under the same operationId before is told again, and nothing is done.
    """
    only(arguments, "accountId", "operationId", "act", "threadIds", "emailIds", "all", "mailboxId", "until", "color")
    account_id, name, operation = context.account_id(arguments), text(arguments, "act"), operation_id(arguments)
    if name not in ACTS:
        raise invalid(f"act is one of {', '.join(ACTS)}")
    how = _how(name, arguments)
    with transaction.atomic():
        before = changes.lock(account_id)
        action = history.earlier(account_id, operation)
        if action is None:
            action = _do(account_id, ACTS[name], how, _chosen(context, arguments), operation)
        return done(account_id, before, action) | {"notFound": action.not_found}


def _how(name: str, arguments: Json) -> How:
    label = text(arguments, "mailboxId")
    if (label is not None) != (name in LABELLING):
        raise invalid(f"mailboxId goes with {', '.join(LABELLING)}, and with nothing else")
    color = text(arguments, "color")
    if color is not None and (name != "star" or color not in stars.COLORS):
        raise invalid(f"color goes with star, and is one of {', '.join(stars.COLORS)}")
    return How(ids.key("F", label), _until(name, arguments), color)


def _until(name: str, arguments: Json) -> datetime | None:
    """What is past already comes back within a minute: a client that was away may say so late."""
    said = arguments.get("until")
    if (said is not None) != (NEEDS[name] == "until"):
        raise invalid("until goes with snooze, and with nothing else")
    until = None if said is None else date(said, "until")
    if until and until > now() + LATEST:
        raise invalid("until is within ten years")
    return until


def _do(account_id: int, name: str, how: How, chosen: Chosen, operation: str) -> Action:
    try:
        return actions.do(
            account_id, name, chosen.threads, chosen.messages, how, operation_id=operation, not_found=chosen.not_found
        )
    except NoSuchMailbox as error:
        raise invalid("mailboxId names no label") from error


def _chosen(context: Context, arguments: Json) -> Chosen:
    threads, emails = strings(arguments, "threadIds") or [], strings(arguments, "emailIds") or []
    if arguments.get("all") is None:
        return named(context.account.pk, threads, emails)
    if threads or emails:
        raise invalid("Name conversations and messages, or all")
    return Chosen(_all(context, arguments["all"]), [], [])


def named(account_id: int, threads: list[str], emails: list[str]) -> Chosen:
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


def _all(context: Context, which: object) -> list[int]:
    """All conversations of a mailbox, or that a query finds."""
    if not isinstance(which, dict) or len(which) != 1 or not which.keys() <= {"mailboxId", "query"}:
        raise invalid("all is {mailboxId} or {query}")
    if "query" in which:
        parsed = query_parse.read(which)
        if len(parsed.text) > grammar.LONGEST:  # what is left of it would find more than was meant
            raise invalid("query is too long")
        return find.everything(context.account.pk, parsed, zone=dates.zone_of(context.account.time_zone))
    key = ids.key("F", text(which, "mailboxId"))
    box = Mailbox.objects.filter(account_id=context.account.pk, pk=key).first() if key else None
    if box is None:
        raise invalid("mailboxId of all names no mailbox")
    return rows.all_threads(box)
