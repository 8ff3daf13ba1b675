"""What IMAP reads of a mailbox: all its UIDs at once, what changed since, and stored columns ready for the wire.

Plain statements instead of model objects, because a FETCH of 100,000 messages is an everyday thing. Reads need no transaction:
each answer is complete up to a modseq that was read *before* it, so that what happens meanwhile is only told again, never lost.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum

from mailsuite.blobs.models import Blob, Packed
from mailsuite.blobs.store import known
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Membership, Message

CHUNK = 500  # parameters a statement

# What `rows` can give, as SQL over membership `c` (the copy) and message `m`; both databases read it the same.
_FLAGS = "(m.flags + CASE WHEN c.deleted THEN 16 ELSE 0 END)"  # bits of `protocol.imap.responses.SYSTEM_FLAGS`
COLUMNS = {
    "uid": "c.uid",
    "marks": f"{_FLAGS} || '' || m.keywords",  # flags and keywords in one text: 5["work"], for `split_marks`
    "modseq": "m.modseq",
    "size": "m.size",
    "received_at": "m.received_at",
    # Of copies from before it was written down, the best guess is when the message came.
    "saved_at": "COALESCE(c.saved_at, m.received_at)",
    "preview": "m.preview",
    "envelope": "m.imap_envelope",
    "structure": "m.imap_structure",
    "email": "m.id || CASE WHEN m.incarnation > 0 THEN '-' || m.incarnation ELSE '' END",  # EMAILID without its M
    "thread": "m.thread_id",
}
_FROM = f"FROM {Membership._meta.db_table} c JOIN {Message._meta.db_table} m ON m.id = c.message_id"


def split_marks(marks: str) -> tuple[int, list[str]]:
    """The `marks` of a row as flag bits and keywords."""
    bits, bracket, keywords = marks.partition("[")
    return int(bits), json.loads(bracket + keywords)


def account_modseqs(account_ids: Iterable[int]) -> dict[int, int]:
    """The modseq of each of these accounts."""
    wanted, found = list(account_ids), {}
    for start in range(0, len(wanted), CHUNK):
        states = AccountState.objects.filter(account_id__in=wanted[start : start + CHUNK])
        found.update(states.values_list("account_id", "modseq"))
    return found


def uids(mailbox_id: int, after: int = 0) -> array[int]:
    """The mailbox's UIDs above `after`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT uid FROM {Membership._meta.db_table} WHERE mailbox_id = %s AND uid > %s ORDER BY uid",  # noqa: S608
            [mailbox_id, after],
        )
        found: array[int] = array("I")
        while rows := cursor.fetchmany(10_000):
            found.extend(map(itemgetter(0), rows))
        return found


@dataclass(frozen=True, slots=True)
class Delta:
    """What happened in a mailbox after a modseq, complete up to `modseq`.

    `expunged` is None where the log was compacted since; then `present` has all UIDs to compare with. `updated`: (uid, marks,
    modseq) of messages whose flags may have changed, as `COLUMNS` has them.
    """

    modseq: int
    expunged: list[int] | None
    present: array[int] | None
    arrived: array[int]
    updated: list[tuple[int, str, int]]


def unchanged(mailbox_id: int, modseq: int) -> bool:
    """Has nothing happened in the mailbox after this modseq?"""
    return Mailbox.objects.filter(pk=mailbox_id, modseq__lte=modseq).exists()


def changed_since(mailbox_id: int, modseq: int, last_uid: int) -> Delta | None:
    """What a session that knows the mailbox up to `modseq` and `last_uid` has to be told; None where there is nothing.

    Raises Mailbox.DoesNotExist where the mailbox was deleted, be it that it was made again.
    """
    account_id, now, made = _state(mailbox_id)
    if made > modseq:  # under its old id, but a label that was deleted and made again has other UIDs
        raise Mailbox.DoesNotExist
    if now <= modseq:
        return None
    updated_rows = list(updated(mailbox_id, account_id, modseq, last_uid))
    expunged = expunged_since(mailbox_id, account_id, modseq)
    present = uids(mailbox_id) if expunged is None else None
    return Delta(now, expunged, present, uids(mailbox_id, last_uid), updated_rows)


def _state(mailbox_id: int) -> tuple[int, int, int]:
    """Whose the mailbox is, its modseq, and that of its making: what every command asks, so that it may cost next to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT account_id, modseq, created_modseq FROM {Mailbox._meta.db_table} WHERE id = %s", [mailbox_id])  # noqa: S608
        if (row := cursor.fetchone()) is None:
            raise Mailbox.DoesNotExist
        return row


def updated_since(mailbox_id: int, modseq: int, last_uid: int) -> list[tuple[int, str, int]]:
    """`Delta.updated` alone; nothing where the mailbox was deleted."""
    for account_id, now in Mailbox.objects.filter(pk=mailbox_id).values_list("account_id", "modseq"):
        if now > modseq:
            return list(updated(mailbox_id, account_id, modseq, last_uid))
    return []


def expunged_since(mailbox_id: int, account_id: int, modseq: int) -> list[int] | None:
    """UIDs that left the mailbox after `modseq`, ascending; None where the log does not reach back so far."""
    holes = Change.objects.filter(mailbox_id=mailbox_id, kind=Change.Kind.EXPUNGED, modseq__gt=modseq)
    found = sorted(uid for uid in holes.values_list("uid", flat=True) if uid is not None)
    # The floor after the holes: a log that is compacted between the two looks too short, and never merely empty.
    floor = AccountState.objects.filter(account_id=account_id).values_list("floor", flat=True).first() or 0
    return None if modseq < floor else found


def updated(mailbox_id: int, account_id: int, modseq: int, last_uid: int) -> Iterator[tuple[int, str, int]]:
    """(uid, marks, modseq) of messages up to `last_uid` that changed after `modseq`, ascending."""
    # From the account's log of messages, not from the mailbox: a handful of changes must not cost a scan of 100,000 copies.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_select(('uid', 'marks', 'modseq'))} FROM {Message._meta.db_table} m "  # noqa: S608
            f"JOIN {Membership._meta.db_table} c ON c.message_id = m.id AND c.mailbox_id = %s "
            "WHERE m.account_id = %s AND m.modseq > %s AND c.uid <= %s ORDER BY c.uid",
            [mailbox_id, account_id, modseq, last_uid],
        )
        while some := cursor.fetchmany(2_000):
            yield from some


def rows(mailbox_id: int, wanted: Sequence[int], columns: Sequence[str], changed_since: int = -1) -> list[tuple[Any, ...]]:
    """These columns (of `COLUMNS`) of the messages with these UIDs, ascending; UIDs that are gone are left out.

    wanted: ascending UIDs; where they have no holes but the mailbox's own, give `rows_between` their ends instead.
    changed_since: only messages whose modseq is above it.
    """
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(wanted), CHUNK):
        some = list(wanted[start : start + CHUNK])
        marks = ", ".join(["%s"] * len(some))
        found += _query(columns, f"c.uid IN ({marks})", [mailbox_id, changed_since, *some])
    return found


def rows_between(mailbox_id: int, low: int, high: int, columns: Sequence[str], changed_since: int = -1) -> list[tuple[Any, ...]]:
    """As `rows`, of all messages with UIDs from `low` to `high`, both included."""
    return _query(columns, "c.uid BETWEEN %s AND %s", [mailbox_id, changed_since, low, high])


def _query(columns: Sequence[str], condition: str, parameters: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_select(columns)} {_FROM} WHERE c.mailbox_id = %s AND m.modseq > %s AND {condition} ORDER BY c.uid",
            parameters,
        )
        return cursor.fetchall()


def _select(columns: Sequence[str]) -> str:
    return ", ".join(COLUMNS[column] for column in columns)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Where the octets of a message are: its trace, then the blob's content."""

    trace: bytes
    blob: Blob


def copies(mailbox_id: int, wanted: Sequence[int]) -> list[tuple[int, Bytes]]:
    """(uid, its octets) of these UIDs, ascending. At most `CHUNK` UIDs."""
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.uid, m.trace, b.id, b.hash, b.size, p.content {_FROM} "
            f"JOIN {Blob._meta.db_table} b ON b.id = m.blob_id LEFT JOIN {Packed._meta.db_table} p ON p.blob_id = b.id "
            f"WHERE c.mailbox_id = %s AND c.uid IN ({marks}) ORDER BY c.uid",
            [mailbox_id, *wanted],
        )
        return [(uid, Bytes(bytes(trace), known(*columns))) for uid, trace, *columns in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Counts:
    """What STATUS counts and the mailbox's row does not."""

    size: int = 0
    deleted: int = 0
    deleted_size: int = 0  # of these


def counts(mailbox_ids: Iterable[int]) -> dict[int, Counts]:
    r"""Sizes in octets, and numbers and sizes of \Deleted messages, with one query."""
    held = Membership.objects.filter(mailbox_id__in=list(mailbox_ids)).values("mailbox_id")
    marked = Q(deleted=True)
    summed = held.annotate(
        size=Sum("message__size"), marked=Count("id", filter=marked), freed=Sum("message__size", filter=marked)
    )
    return {row["mailbox_id"]: Counts(row["size"] or 0, row["marked"], row["freed"] or 0) for row in summed}


def first_unseen(mailbox_id: int) -> int | None:
    r"""The lowest UID of a message without \Seen."""
    held = Membership.objects.filter(mailbox_id=mailbox_id).annotate(seen=F("message__flags").bitand(Message.SEEN))
    return held.filter(seen=0).order_by("uid").values_list("uid", flat=True).first()
