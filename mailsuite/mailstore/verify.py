"""Check what must always hold (product.md 3.7, I1 to I8), with plain queries; each problem is a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction
from django.db.models import Count, F, Max, Q

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import arrange, quota, rows
from mailsuite.mailstore.digest import Row, digest
from mailsuite.mailstore.homes import homes
from mailsuite.mailstore.mailboxes import NAMES
from mailsuite.mailstore.models import (
    AccountState,
    Change,
    Expunged,
    IndexedText,
    Mailbox,
    Membership,
    Message,
    Reference,
    Thread,
    ThreadRow,
    Upload,
)

STEP = 500


def verify(account_id: int | None = None, *, read_bytes: bool = False) -> Iterator[str]:
    """Everything wrong with one account, or with all. `read_bytes` reads every blob too, which takes its time."""
    accounts = [account_id] if account_id else AccountState.objects.order_by("pk").values_list("pk", flat=True)
    for pk in accounts:
        if any(_account(pk)):  # it may be mail that came while we looked: look again while nobody writes
            with transaction.atomic():
                AccountState.objects.select_for_update().get(pk=pk)
                problems = list(_account(pk))
            yield from (f"Account {pk}: {problem}" for problem in problems)
    yield from _blobs(account_id, read_bytes=read_bytes)


def _account(account_id: int) -> Iterator[str]:
    boxes = {box.pk: box for box in Mailbox.objects.filter(account_id=account_id)}
    missing = set(NAMES) - {box.role for box in boxes.values()}
    if missing:
        yield f"it has no mailbox of the role {', '.join(sorted(missing))}."
        return
    yield from _messages(account_id, boxes)
    yield from _mailboxes(account_id, boxes)
    yield from _threads(account_id, boxes)
    yield from _references(account_id)
    yield from _bookkeeping(account_id)


def _messages(account_id: int, boxes: dict[int, Mailbox]) -> Iterator[str]:
    """I1, I2, I4: a message is in exactly the mailboxes of its state."""
    roles = {box.role: pk for pk, box in boxes.items() if box.role}
    for ids in _steps(Message.objects.filter(account_id=account_id).order_by("pk").values_list("pk", flat=True)):
        for held in arrange.load(account_id, messages=ids):
            if set(held.homes) - set(boxes):
                yield f"message {held.id} is in a mailbox of another account."
            state = held.state
            if wrong := homes(state, roles) ^ set(held.homes):
                names = ", ".join(boxes[pk].name for pk in wrong if pk in boxes)
                yield f"message {held.id} should be, and is not, or is, and should not be, in {names}."
            if (state.place == Message.Place.MAIL) == (state.trashed_at is not None):
                yield f"message {held.id} is in place {state.place} and was put away at {state.trashed_at}."
            if state.place == Message.Place.MAIL and state.remembered:
                yield f"message {held.id} is in Mail and remembers labels."


def _mailboxes(account_id: int, boxes: dict[int, Mailbox]) -> Iterator[str]:
    """I8: what a mailbox says of itself is what is in it."""
    unread = Count("pk", filter=Q(message__flags__lt=F("message__flags").bitor(Message.SEEN)))
    held = Membership.objects.filter(mailbox__account_id=account_id).values("mailbox_id").order_by()
    sums = held.annotate(n=Count("pk"), unread=unread, last=Max("uid"), changed=Max("message__modseq"))
    found = {row.pop("mailbox_id"): row for row in sums}
    in_rows = ThreadRow.objects.filter(mailbox__account_id=account_id).values("mailbox_id").order_by()
    threads = {row["mailbox_id"]: row for row in in_rows.annotate(n=Count("pk"), unread=Count("pk", filter=Q(unread__gt=0)))}
    none = {"n": 0, "unread": 0, "last": 0, "changed": 0}
    for pk, box in boxes.items():
        real, listed = found.get(pk, none), threads.get(pk, none)
        says = (box.total, box.unread, box.threads, box.unread_threads)
        counted = (real["n"], real["unread"], listed["n"], listed["unread"])
        if says != counted:
            yield f"{box.name} says it holds {says} messages, unread, conversations, unread; there are {counted}."
        if real["last"] >= box.uidnext:
            yield f"{box.name} would give UID {box.uidnext}, and has {real['last']} already."
        if real["changed"] > box.modseq:
            yield f"{box.name} is at modseq {box.modseq}, and holds a message at {real['changed']}."
    holes = (
        Change.objects.filter(account_id=account_id, kind=Change.Kind.EXPUNGED).order_by("pk").values_list("mailbox_id", "uid")
    )
    for some in _steps(holes):
        alive = Membership.objects.filter(uid__in={uid for _, uid in some}, mailbox_id__in={pk for pk, _ in some})
        for pk, uid in set(alive.values_list("mailbox_id", "uid")) & set(some):
            yield f"UID {uid} of mailbox {pk} was expunged, and is there."


def _threads(account_id: int, boxes: dict[int, Mailbox]) -> Iterator[str]:
    """I6: a list shows a conversation if one of its messages is there, with what its messages say."""
    roles = {pk: box.role for pk, box in boxes.items()}
    for ids in _steps(Thread.objects.filter(account_id=account_id).order_by("pk").values_list("pk", flat=True)):
        entries = rows.entries(ids)
        listed: dict[int, dict[int, Row]] = {}
        for row in ThreadRow.objects.filter(thread_id__in=ids):
            listed.setdefault(row.thread_id, {})[row.mailbox_id] = Row(row.newest_at, row.count, row.unread, row.face)
        for thread in Thread.objects.filter(pk__in=ids):
            if thread.pk not in entries:
                yield f"thread {thread.pk} has no message."
                continue
            expected = digest(entries[thread.pk], roles)
            for name, value in expected.thread.items():
                if getattr(thread, name) != value:
                    yield f"thread {thread.pk} says {name} is {getattr(thread, name)!r}; its messages say {value!r}."
            if listed.get(thread.pk, {}) != expected.rows:
                yield f"thread {thread.pk} has other rows in lists than its messages say."
    strays = Message.objects.filter(account_id=account_id).exclude(thread__account_id=account_id)
    yield from (f"message {pk} is in a thread of another account." for pk in strays.values_list("pk", flat=True)[:STEP])


def _references(account_id: int) -> Iterator[str]:
    wrong = Reference.objects.filter(account_id=account_id, message__isnull=False).exclude(thread_id=F("message__thread_id"))
    yield from (
        f"the id <{msgid}> leads to another thread than its message is in."
        for msgid in wrong.values_list("msgid", flat=True)[:STEP]
    )


def _bookkeeping(account_id: int) -> Iterator[str]:
    state = AccountState.objects.get(pk=account_id)
    used = quota.count(account_id)
    if state.bytes_used != used:
        yield f"it says it uses {state.bytes_used} bytes; its messages have {used}."
    for model in (Message, Thread, Mailbox, Change):
        newest = model._default_manager.filter(account_id=account_id).aggregate(newest=Max("modseq"))["newest"] or 0
        if newest > state.modseq:
            yield f"it is at modseq {state.modseq}, and a {model._meta.verbose_name} is at {newest}."
    late = Membership.objects.filter(mailbox__account_id=account_id, modseq__gt=F("message__modseq")).count()
    if late:
        yield f"{late} messages are at a lower modseq than their place in a mailbox."
    unfound = Message.objects.filter(account_id=account_id).exclude(pk__in=IndexedText.objects.values("pk")).count()
    if unfound:
        yield f"{unfound} messages are not in the full-text index."


def _blobs(account_id: int | None, *, read_bytes: bool) -> Iterator[str]:
    """I7: whatever is held has its bytes, and nothing that is held can be swept."""
    chosen = {"account_id": account_id} if account_id else {}
    ids: set[int] = set()
    for model in (Message, Expunged, Upload):
        ids |= set(model._default_manager.filter(**chosen).values_list("blob_id", flat=True))
    for some in _steps(sorted(ids)):
        needed: dict[int, int] = dict.fromkeys(some, 0)
        for model in (Message, Expunged, Upload):
            uses = model._default_manager.filter(blob_id__in=some).values_list("blob_id").order_by().annotate(Count("pk"))
            for pk, count in uses:
                needed[pk] += count
        for blob in Blob.objects.filter(pk__in=some).select_related("packed" if read_bytes else None):
            if blob.references < needed[blob.pk]:
                yield f"Blob {blob.hash} has {blob.references} references, and {needed[blob.pk]} messages need it."
            if read_bytes and (problem := store.verify(blob)):
                yield problem


def _steps(found: Iterable) -> Iterator[list]:
    iterator = iter(found)
    while some := list(islice(iterator, STEP)):
        yield some
