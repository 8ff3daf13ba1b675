"""Whom a message answers, whom that one answered, and so on: its References, kept in two columns of its row.

The nearest parent is `in_reply_to`, which most messages have alone; the ids before it are `ancestors`. IMAP's THREAD needs all
of them (RFC 5256 §3): where what lies between two messages is in another mailbox, or gone, nothing else says that one led to the
other. The table of references knows ids and conversations, and not which id came after which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zstandard import ZstdError

from mailsuite.blobs import store
from mailsuite.mailstore.models import Message
from mailsuite.protocol import header

MOST = 100  # ids of a message that are kept: the first, which began it all, and the nearest
BATCH = 200  # messages whose headers are read at a time


def ancestors(references: Sequence[str]) -> list[str]:
    """What `Message.ancestors` keeps of the ids in References."""
    older = list(references[:-1])
    return older if len(older) <= MOST else [older[0], *older[1 - MOST :]]


def header_blocks(message_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """(message id, header block with our trace) of these messages, in no order; those that cannot be read are left out."""
    for start in range(0, len(message_ids), BATCH):
        found = Message.objects.filter(pk__in=message_ids[start : start + BATCH]).select_related("blob__packed")
        for message in found.only("trace", "blob"):
            try:
                content = bytes(message.trace) + store.read_range(message.blob, 0, header.HEADER_CAP)
            except (OSError, ZstdError):  # lost or broken: `checkstore` says so, a search goes on
                continue
            yield message.pk, header.split_message(content)[0]


def read(message_ids: Iterable[int]) -> dict[int, list[str]]:
    """The ancestors of messages that were kept before `ancestors` was, from their headers."""
    found: dict[int, list[str]] = {}
    for pk, block in header_blocks(list(message_ids)):
        found[pk] = ancestors(header.message_ids(header.first_values(header.fields(block)).get("references", b"")))
    return found
