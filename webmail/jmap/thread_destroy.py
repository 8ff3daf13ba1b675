"""Thread/destroy: delete for ever what is in Trash or Spam; the only act that is asked about first and cannot be undone (3.8)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, Sum

from mailsuite.mailstore import actions, changes
from mailsuite.mailstore.actions import Deleted
from mailsuite.mailstore.models import Mailbox, Message
from webmail.jmap import ids
from webmail.jmap.arguments import boolean, only, strings, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, invalid
from webmail.jmap.thread_act import named

PLACES = {Mailbox.Role.TRASH: Message.Place.TRASH, Mailbox.Role.JUNK: Message.Place.SPAM}


def destroy(context: Context, arguments: Json) -> Json:
    """Delete conversations and messages, as far as they are in Trash or Spam, or all of one of these two places.

    With `countOnly` nothing is deleted: it is told how much would be. A repetition finds nothing left to delete.
    """
    only(arguments, "accountId", "threadIds", "emailIds", "mailboxId", "countOnly")
    account_id, before = context.account_id(arguments), changes.state(context.account.pk)
    role, threads, messages, unknown = _chosen(context, arguments)
    if boolean(arguments, "countOnly"):
        done = _counted(account_id, role, threads, messages)
    elif role:
        done = actions.empty(account_id, role)
    else:
        done = actions.delete_for_ever(account_id, threads, messages)
    return {
        "accountId": ids.name("A", account_id),
        "oldState": str(before),
        "newState": str(changes.state(account_id)),
        "emails": done.messages,
        "bytes": done.bytes,
        "notFound": unknown,
    }


def _chosen(context: Context, arguments: Json) -> tuple[str, list[int], list[int], list[str]]:
    threads, emails = strings(arguments, "threadIds") or [], strings(arguments, "emailIds") or []
    said = text(arguments, "mailboxId")
    if (said is None) != bool(threads or emails):
        raise invalid("Name conversations and messages, or the mailbox of Trash or Spam")
    if said is None:
        return "", *named(context.account.pk, threads, emails)
    box = Mailbox.objects.filter(account_id=context.account.pk, pk=ids.key("F", said) or 0).first()
    if box is None or box.role not in PLACES:
        raise invalid("mailboxId names neither Trash nor Spam")
    return box.role, [], [], []


def _counted(account_id: int, role: str, threads: Sequence[int], messages: Sequence[int]) -> Deleted:
    meant = Q(place=PLACES[role]) if role else (Q(thread_id__in=threads) | Q(pk__in=messages)) & ~Q(place=Message.Place.MAIL)
    found = Message.objects.filter(meant, account_id=account_id).aggregate(n=Count("pk"), size=Sum("size", default=0))
    return Deleted(found["n"], found["size"])
