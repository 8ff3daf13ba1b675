"""What was said in a conversation before a message, so that its quotations are known for repetitions (product.md 4.6)."""

from __future__ import annotations

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from webmail.bodies import everything_said

MOST = 20  # messages before it, the nearest: whoever quotes, quotes those
MOST_BYTES = 10_000_000


def ids(message: Message) -> list[int]:
    """The messages that came before it, nearest first. Spam is never mixed into a conversation (rule R14)."""
    before = Message.objects.filter(
        account_id=message.account_id, thread_id=message.thread_id, place=message.place, received_at__lte=message.received_at
    )
    found = before.exclude(pk=message.pk).order_by("-received_at", "-pk").values_list("pk", "flags")[: MOST * 2]
    return [pk for pk, flags in found if not flags & Message.DRAFT][:MOST]


def texts(account_id: int, message_ids: list[int]) -> list[str]:
    """What these say, in each of their forms."""
    found, room = [], MOST_BYTES
    by_id = {message.pk: message for message in store.load(account_id, message_ids)}
    for pk in message_ids:
        if pk in by_id and (room := room - by_id[pk].size) >= 0:
            found += everything_said(store.content(by_id[pk]))
    return found
