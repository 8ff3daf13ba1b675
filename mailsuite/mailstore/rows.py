"""Lists of conversations: each has a row in every mailbox it is in, kept in order, so that a page is one scan of an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Min, Q

from mailsuite.bulk import insert_many, load_many, update_many
from mailsuite.mailstore import changes
from mailsuite.mailstore.digest import Digest, Entry, Row, digest
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Membership, Message, Thread, ThreadRow

BOX = ("uidnext", "modseq", "total", "unread", "threads", "unread_threads")
ROW = ("mailbox", "thread", "newest_at", "count", "unread", "face")
STEP = 500  # threads read at a time


@dataclass
class ListRow:
    """A conversation as a list shows it. `newest_at` and `thread.pk` are what `page(before=…)` takes."""

    thread: Thread
    newest_at: datetime
    count: int
    unread: int


class Counts(NamedTuple):
    """Of one mailbox."""

    total: int
    unread: int
    threads: int
    unread_threads: int


def page(
    mailbox: Mailbox,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    *,
    skip: int = 0,
    unread_only: bool = False,
) -> list[ListRow]:
    """Up to `limit` conversations of a mailbox, newest first.

    `before` is the last row's (newest_at, thread.pk) to go on from; `skip` passes over as many rows, for numbered pages.
    """
    rows = ThreadRow.objects.filter(mailbox=mailbox).select_related("thread").order_by("-newest_at", "-thread")
    if unread_only:
        rows = rows.filter(unread__gt=0)
    if before:
        at, thread_id = before
        rows = rows.filter(newest_at__lte=at).filter(Q(newest_at__lt=at) | Q(thread_id__lt=thread_id))
    return [_list_row(row) for row in rows[skip : skip + limit]]


def all_threads(mailbox: Mailbox) -> list[int]:
    """Ids of all conversations in a mailbox."""
    return list(ThreadRow.objects.filter(mailbox=mailbox).order_by("thread").values_list("thread", flat=True))


def _list_row(row: ThreadRow) -> ListRow:
    for name, value in (row.face or {}).items():
        setattr(row.thread, name, value)
    return ListRow(row.thread, row.newest_at, row.count if row.face else row.thread.count or row.count, row.unread)


def by_thread(account_id: int, thread_ids: Sequence[int]) -> list[ListRow]:
    """Conversations as a list of no one mailbox shows them, in the order of the ids."""
    threads = Thread.objects.filter(account_id=account_id).in_bulk(thread_ids)
    found = [threads[pk] for pk in thread_ids if pk in threads]
    return [ListRow(thread, thread.newest_at, thread.count or thread.total, thread.unread) for thread in found]


def changed_in(mailbox: Mailbox, since: int, most: int) -> tuple[list[ListRow], list[int]] | None:
    """The rows of a mailbox that came or changed after modseq `since`, newest first, and ids of the threads that are not in it.

    Among the latter are threads that never were. None where it cannot be told, or where it is more than `most`.
    """
    held = AccountState.objects.filter(account_id=mailbox.account_id, floor__lte=since, modseq__gte=since)
    threads = Thread.objects.filter(account_id=mailbox.account_id, modseq__gt=since)
    changed = list(threads.values_list("pk", flat=True)[: most + 1])
    gone = Change.objects.filter(account_id=mailbox.account_id, modseq__gt=since, kind=Change.Kind.DISSOLVED)
    dissolved = list(gone.values_list("thread_id", flat=True)[: most + 1])
    if len(changed) + len(dissolved) > most or not held.exists():
        return None
    there = ThreadRow.objects.filter(mailbox=mailbox, thread_id__in=changed).select_related("thread")
    found = [_list_row(row) for row in there.order_by("-newest_at", "-thread")]
    return found, sorted({*changed, *dissolved} - {row.thread.pk for row in found})


def moved_at(mailbox: Mailbox, thread_ids: Iterable[int]) -> dict[int, datetime]:
    """Since when conversations are in Trash or Spam: by thread id, the first of their messages there."""
    away = Message.objects.filter(memberships__mailbox=mailbox, thread__in=list(thread_ids), trashed_at__isnull=False)
    return dict(away.values_list("thread").annotate(Min("trashed_at")))


def counts(account_id: int) -> dict[int, Counts]:
    """How much is in each mailbox, by its id. One query; the numbers are kept, not counted."""
    boxes = Mailbox.objects.filter(account_id=account_id).values_list("pk", "total", "unread", "threads", "unread_threads")
    return {pk: Counts(*numbers) for pk, *numbers in boxes}


def unread_drafts(boxes: Iterable[Mailbox]) -> dict[int, int]:
    """How many of a mailbox's unread messages are drafts, by its id; mailboxes without any are left out. `boxes`: all of them."""
    roles = Mailbox.Role  # a draft is in one of these, whatever else it is in: see `homes`
    where = [box.pk for box in boxes if box.unread and box.role in (roles.DRAFTS, roles.JUNK, roles.TRASH)]
    if not where:
        return {}
    flags = F("message__flags").bitand(Message.DRAFT | Message.SEEN)
    found = Membership.objects.filter(mailbox_id__in=where).annotate(marks=flags).filter(marks=Message.DRAFT)
    held = Membership.objects.filter(message_id__in=found.values("message_id"))
    return dict(held.values_list("mailbox_id").annotate(Count("pk")).order_by())


def load_boxes(account_ids: Iterable[int]) -> dict[int, Mailbox]:
    """The mailboxes of accounts that are locked, by id. `refresh` counts in these objects; `save_boxes` writes them."""
    return {box.pk: box for box in load_many(Mailbox, account_id=list(account_ids))}


def save_boxes(boxes: Iterable[Mailbox]) -> None:
    """Write what `refresh` and the giver of UIDs changed in them."""
    update_many(Mailbox, BOX, [(box.pk, *(getattr(box, name) for name in BOX)) for box in boxes])


def refresh(thread_ids: Iterable[int], boxes: dict[int, Mailbox], modseqs: Mapping[int, int]) -> None:
    """Bring threads and their rows up to date with their messages; a thread without any is dissolved.

    boxes: all mailboxes of the accounts, from `load_boxes`; their counts are brought up to date in memory.
    modseqs: of this transaction, by account id.
    """
    wanted = sorted(set(thread_ids))
    for start in range(0, len(wanted), STEP):
        _refresh(wanted[start : start + STEP], boxes, modseqs)


def _refresh(thread_ids: list[int], boxes: dict[int, Mailbox], modseqs: Mapping[int, int]) -> None:
    found = entries(thread_ids)
    owners = dict(Thread.objects.filter(pk__in=thread_ids).values_list("pk", "account_id"))
    roles = {pk: box.role for pk, box in boxes.items()}
    digests = {pk: digest(found[pk], roles) for pk in thread_ids if pk in found}
    if digests:
        names = next(iter(digests.values())).thread
        values = [(pk, modseqs[owners[pk]], *one.thread.values()) for pk, one in digests.items()]
        update_many(Thread, ("modseq", *names), values)
    _write_rows(thread_ids, digests, boxes, {pk: modseqs[account_id] for pk, account_id in owners.items()})
    dissolve([pk for pk in owners if pk not in found], owners, modseqs)


def entries(thread_ids: list[int]) -> dict[int, list[Entry]]:
    """The messages of these threads, by thread."""
    homes: dict[int, list[int]] = {}
    held = Membership.objects.filter(message__thread_id__in=thread_ids)
    for message_id, mailbox_id in held.values_list("message_id", "mailbox_id"):
        homes.setdefault(message_id, []).append(mailbox_id)
    found: dict[int, list[Entry]] = {}
    columns = ("id", "received_at", "place", "flags", "own", "keywords", "author_name", "author_address")
    columns += ("subject", "preview", "attachments", "snoozed_at", "snoozed_until", "woke_at", "sends_at", "went_at")
    for thread_id, *values in Message.objects.filter(thread_id__in=thread_ids).values_list("thread_id", *columns):
        found.setdefault(thread_id, []).append(Entry(*values, homes.get(values[0], ())))
    return found


def _write_rows(thread_ids: list[int], digests: dict[int, Digest], boxes: dict[int, Mailbox], modseqs: dict[int, int]) -> None:
    gone, changed, new = [], [], []
    wanted = {(mailbox_id, pk): row for pk, found in digests.items() for mailbox_id, row in found.rows.items()}
    for row in ThreadRow.objects.filter(thread_id__in=thread_ids):
        now = wanted.pop((row.mailbox_id, row.thread_id), None)
        before = Row(row.newest_at, row.count, row.unread, row.face)
        if now == before:
            continue
        count(boxes[row.mailbox_id], before, now, modseqs[row.thread_id])
        if now is None:
            gone.append(row.pk)
        else:
            changed.append((row.pk, *now))
    for (mailbox_id, thread_id), row in wanted.items():
        count(boxes[mailbox_id], None, row, modseqs[thread_id])
        new.append((mailbox_id, thread_id, *row))
    if gone:
        ThreadRow.objects.filter(pk__in=gone)._raw_delete("default")
    update_many(ThreadRow, Row._fields, changed)
    insert_many(ThreadRow, ROW, new)


def add(found: Sequence[tuple[Thread, Digest]], boxes: dict[int, Mailbox]) -> None:
    """Write the rows of threads that were made just now, and count them."""
    new = []
    for thread, one in found:
        for mailbox_id, row in one.rows.items():
            count(boxes[mailbox_id], None, row, thread.modseq)
            new.append((mailbox_id, thread.pk, *row))
    insert_many(ThreadRow, ROW, new)


def count(box: Mailbox, before: Row | None, after: Row | None, modseq: int) -> None:
    """Count a row that changes into its mailbox's numbers."""
    box.modseq = modseq
    for row, sign in ((before, -1), (after, 1)):
        if row:
            box.total += sign * row.count
            box.unread += sign * row.unread
            box.threads += sign
            box.unread_threads += sign * bool(row.unread)


def dissolve(thread_ids: Sequence[int], owners: Mapping[int, int], modseqs: Mapping[int, int]) -> None:
    """Take away threads that hold no message any more; what continued them begins anew."""
    if not thread_ids:
        return
    Thread.objects.filter(pk__in=thread_ids).delete()
    kind = Change.Kind.DISSOLVED
    changes.record(changes.Hole(account_id=owners[pk], modseq=modseqs[owners[pk]], kind=kind, thread_id=pk) for pk in thread_ids)
