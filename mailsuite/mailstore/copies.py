"""A message that a mail program fetched and puts back: it is the message that is held, though its bytes are not the blob's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore.models import Message, Reference
from mailsuite.protocol.header import split_message
from mailsuite.protocol.summary import Summary

MOST = 10  # messages of one Message-ID that are looked at
MARK = re.compile(rb"^X-TUID: [^\r\n]{12}\r\n", re.M)  # mbsync's own, anew in each copy that it makes
MARK_SIZE = len("X-TUID: ") + 12 + len("\r\n")


class Copy(Protocol):
    """What may be one: `messages.NewMessage`."""

    account_id: int
    content: bytes
    blob: Blob
    summary: Summary | None
    trace: bytes


def recognise(items: Sequence[Copy]) -> None:
    """Give each item that is a copy the blob of the message that it is a copy of.

    Programs that move mail between folders while there is no network bring it back by APPEND: with our trace lines before it,
    which FETCH gave them, and mbsync with a line of its own. One statement for all items, and the blobs that fit in size.
    """
    wanted = {(item.account_id, item.summary.message_id) for item in items if item.summary}
    held = _held(wanted) if wanted else {}
    for item in items:
        for message in held.get((item.account_id, item.summary.message_id if item.summary else ""), ())[:MOST]:
            if message.blob_id != item.blob.pk and _same(message, item.trace + item.content):
                item.blob, item.trace = message.blob, bytes(message.trace)
                item.content = store.read(message.blob)
                break


def _held(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], list[Message]]:
    accounts, ids = {account_id for account_id, _ in wanted}, {msgid for _, msgid in wanted}
    found: dict[tuple[int, str], list[Message]] = defaultdict(list)
    rows = Reference.objects.filter(account_id__in=accounts, msgid__in=ids, message__isnull=False)
    for row in rows.select_related("message__blob__packed").order_by("pk")[: MOST * len(wanted)]:
        assert row.message
        found[row.account_id, row.msgid].append(row.message)
    return found


def _same(message: Message, content: bytes) -> bool:
    """Are they the same bytes, marks left aside? Only what can be by its size is read."""
    if abs(message.size - len(content)) not in (0, MARK_SIZE):
        return False
    return _unmarked(bytes(message.trace) + store.read(message.blob)) == _unmarked(content)


def _unmarked(content: bytes) -> bytes:
    header, _ = split_message(content)
    return MARK.sub(b"", header, count=1) + content[len(header) :]
