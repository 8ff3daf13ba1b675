"""Move messages from one conversation to another: merges by rule R6, and split and merge by the member's hand (rule R12)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from mailsuite.mailstore.changes import Hole
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Change, Membership, Message, Reference, Thread, email_id
from mailsuite.mailstore.threads import MOST_SUBJECTS, subject_key
from mailsuite.protocol.subject import base


def fuse(ledger: Ledger, winner: Thread, loser: Thread) -> None:
    """All of the loser goes into the winner; its messages are announced anew (product.md 3.4). Both are saved."""
    move(ledger, Message.objects.filter(thread_id=loser.pk).values_list("pk", flat=True), winner)
    Reference.objects.filter(thread_id=loser.pk).update(thread_id=winner.pk)
    Thread.objects.filter(continues_id=loser.pk).exclude(pk=winner.pk).update(continues_id=winner.pk)
    subjects = dict.fromkeys([*winner.base_subjects, *loser.base_subjects])
    winner.base_subjects = list(subjects)[:MOST_SUBJECTS]
    winner.gathers, winner.list_id = winner.gathers or loser.gathers, winner.list_id or loser.list_id
    if winner.barrier and loser.barrier:
        Thread.objects.filter(account_id=winner.account_id, barrier=loser.barrier).update(barrier=winner.barrier)
    winner.barrier = winner.barrier or loser.barrier
    if winner.continues_id == loser.pk:
        winner.continues_id = loser.continues_id if loser.continues_id != winner.pk else None
    winner.save(update_fields=["base_subjects", "gathers", "list_id", "barrier", "continues"])
    ledger.threads |= {winner.pk, loser.pk}


def move(ledger: Ledger, message_ids: Iterable[int], target: Thread) -> None:
    """Put messages of one account into a thread. JMAP's thread ids never change, so each is destroyed and comes again."""
    ids, modseq = list(message_ids), ledger.modseqs[target.account_id]
    messages = Message.objects.filter(pk__in=ids)
    ledger.holes += [
        Hole(account_id=target.account_id, modseq=modseq, kind=Change.Kind.DESTROYED, email_id=email_id(pk, times), thread_id=old)
        for pk, times, old in messages.values_list("pk", "incarnation", "thread_id")
    ]
    ledger.touch(Membership.objects.filter(message_id__in=ids).values_list("mailbox_id", flat=True).distinct())
    messages.update(thread_id=target.pk, incarnation=F("incarnation") + 1, modseq=modseq, created_modseq=modseq)


@transaction.atomic
def merge(account_id: int, thread_ids: Collection[int]) -> Thread:
    """The member joins conversations; they become the one with the oldest message. Raises Thread.DoesNotExist."""
    ledger = Ledger([account_id])
    threads = list(Thread.objects.filter(account_id=account_id, pk__in=thread_ids).order_by("oldest_at", "pk"))
    if not threads:
        raise Thread.DoesNotExist
    winner = threads[0]
    for loser in threads[1:]:
        fuse(ledger, winner, loser)
    ledger.close()
    winner.refresh_from_db()
    return winner


@transaction.atomic
def split(account_id: int, message_ids: Collection[int]) -> Thread:
    """The member takes messages out of their conversation into one of their own; no mail ever joins the two again.

    Replies to what was taken out follow it. Raises Thread.DoesNotExist where the messages are not all of one conversation, or
    are all that it has.
    """
    ledger = Ledger([account_id])
    taken = Message.objects.filter(account_id=account_id, pk__in=message_ids).order_by("received_at", "pk")
    source = Thread.objects.filter(pk__in=taken.values("thread_id"))[:2]
    if len(source) != 1 or source[0].messages.count() == len(taken):
        raise Thread.DoesNotExist
    source[0].barrier = source[0].barrier or secrets.token_hex(8)
    source[0].save(update_fields=["barrier"])
    part = _part(ledger, source[0], list(taken))
    ids = [message.pk for message in taken]
    move(ledger, ids, part)
    Reference.objects.filter(account_id=account_id, message_id__in=ids).update(thread_id=part.pk)
    ledger.threads |= {source[0].pk, part.pk}
    ledger.close()
    part.refresh_from_db()
    return part


def _part(ledger: Ledger, source: Thread, taken: list[Message]) -> Thread:
    subjects = list(dict.fromkeys(base(message.subject) for message in taken))
    return Thread.objects.create(
        account_id=source.account_id,
        continues=source,
        base_subjects=subjects[:MOST_SUBJECTS],
        subject_key=subject_key(subjects[0]),
        list_id=source.list_id,
        barrier=source.barrier,
        oldest_at=taken[0].received_at or now(),
        newest_at=taken[-1].received_at or now(),
        created_modseq=ledger.modseqs[source.account_id],
    )
