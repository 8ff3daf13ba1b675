"""What JMAP reads of messages: many at once, in as many queries as for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from mailsuite.mailstore.models import Membership, Message, Thread, email_id

STEP = 1_000  # ids a statement
CONTENT = ("trace", "blob")  # columns that lead to the bytes


def thread_ids(account_id: int, most: int) -> list[int]:
    """Ids of the account's conversations, at most so many, the newest first."""
    return list(Thread.objects.filter(account_id=account_id).order_by("-pk").values_list("pk", flat=True)[:most])


def email_ids(account_id: int, threads: Sequence[int]) -> dict[int, list[str]]:
    """The EMAILIDs of the account's conversations, by thread id: messages in all places, by received time, the oldest first."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(threads), STEP):
        rows = Message.objects.filter(account_id=account_id, thread_id__in=threads[start : start + STEP])
        for thread_id, *key in rows.order_by("received_at", "pk").values_list("thread_id", "pk", "incarnation"):
            found.setdefault(thread_id, []).append(email_id(*key))
    return found


def continuations(account_id: int, threads: Sequence[int]) -> list[tuple[Thread, Thread]]:
    """Of these conversations each (later, earlier) pair that one of them is in: the later went on from the earlier (rule R7)."""
    pairs: dict[int, tuple[Thread, Thread]] = {}
    for start in range(0, len(threads), STEP):
        some = threads[start : start + STEP]
        rows = Thread.objects.filter(
            Q(pk__in=some) | Q(continues__in=some), account_id=account_id, continues__account_id=account_id
        )
        pairs |= {later.pk: (later, later.continues) for later in rows.select_related("continues")}
    return [pairs[pk] for pk in sorted(pairs)]


def mailboxes_of(message_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the mailboxes that each message is in."""
    found: dict[int, list[int]] = {pk: [] for pk in message_ids}
    for start in range(0, len(message_ids), STEP):
        held = Membership.objects.filter(message_id__in=message_ids[start : start + STEP]).order_by("mailbox_id")
        for message_id, mailbox_id in held.values_list("message_id", "mailbox_id"):
            found[message_id].append(mailbox_id)
    return found


def load(account_id: int, message_ids: Sequence[int], columns: Iterable[str]) -> dict[int, Message]:
    """The account's messages by id, with these columns; with `CONTENT` among them, ready for `messages.content`."""
    wanted = {"incarnation", *columns}
    found: dict[int, Message] = {}
    for start in range(0, len(message_ids), STEP):
        rows = Message.objects.filter(account_id=account_id, pk__in=message_ids[start : start + STEP]).only(*wanted)
        found |= {message.pk: message for message in (rows.select_related("blob__packed") if "blob" in wanted else rows)}
    return found


def ids_of(account_id: int, most: int) -> list[int]:
    """Ids of the account's messages, at most so many, the last to arrive first."""
    return list(Message.objects.filter(account_id=account_id).order_by("-pk").values_list("pk", flat=True)[:most])
