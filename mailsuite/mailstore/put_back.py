"""A message that a mail program fetched and puts back: it is the message that is held, though its bytes are not the blob's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from django.db import connection
from zstandard import ZstdError

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.bulk import marks
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
        size = len(item.trace) + len(item.content)
        for one in held.get((item.account_id, item.summary.message_id if item.summary else ""), ()):
            if one.blob_id != item.blob.pk and abs(one.size - size) in (0, MARK_SIZE) and _take(item, one):
                break


class _Held(NamedTuple):
    size: int
    trace: bytes
    blob_id: int


def _held(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], list[_Held]]:
    accounts, ids = {account_id for account_id, _ in wanted}, {msgid for _, msgid in wanted}
    found: dict[tuple[int, str], list[_Held]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.account_id, r.msgid, m.size, m.trace, m.blob_id FROM (SELECT account_id, msgid, message_id, "  # noqa: S608
            f"ROW_NUMBER() OVER (PARTITION BY account_id, msgid ORDER BY id) AS place FROM {Reference._meta.db_table} "
            f"WHERE account_id IN ({marks(len(accounts))}) AND msgid IN ({marks(len(ids))}) AND message_id IS NOT NULL) r "
            f"JOIN {Message._meta.db_table} m ON m.id = r.message_id WHERE r.place <= %s ORDER BY r.place",
            [*accounts, *ids, MOST],
        )
        for account_id, msgid, size, trace, blob_id in cursor.fetchall():
            found[account_id, msgid].append(_Held(size, bytes(trace), blob_id))
    return found


def _take(item: Copy, held: _Held) -> bool:
    """Where they are the same bytes, marks left aside, the item is what is held."""
    blob = Blob.objects.select_related("packed").get(pk=held.blob_id)
    try:
        content = store.read(blob)
    except (OSError, ZstdError):  # lost or broken: what the member puts back is all that there is of it
        return False
    if _unmarked(held.trace + content) != _unmarked(item.trace + item.content):
        return False
    item.blob, item.trace, item.content = blob, held.trace, content
    return True


def _unmarked(content: bytes) -> bytes:
    header, _ = split_message(content)
    return MARK.sub(b"", header, count=1) + content[len(header) :]
