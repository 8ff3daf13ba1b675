"""Delete messages for ever: gone from every view at once, kept for a grace period, then their bytes go too."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.mailstore.arrange import Held
from mailsuite.mailstore.changes import Hole
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Change, Expunged, Mailbox, Membership, Message, Reference
from mailsuite.mailstore.search import index

STEP = 500  # messages at a time


def destroy(ledger: Ledger, found: Sequence[Held], *, keep: bool = True) -> int:
    """Take messages out of the account; returns their bytes. Without `keep` nobody can have them back."""
    freed = 0
    for start in range(0, len(found), STEP):
        freed += _destroy(ledger, found[start : start + STEP], keep=keep)
    return freed


def _destroy(ledger: Ledger, found: Sequence[Held], *, keep: bool) -> int:
    ids = [held.id for held in found]
    messages = Message.objects.in_bulk(ids)
    for held in found:
        for mailbox_id, (_, uid) in held.homes.items():
            ledger.leave(mailbox_id, uid, held.email_id)
        modseq, kind = ledger.modseqs[held.account_id], Change.Kind.DESTROYED
        ledger.holes.append(
            Hole(account_id=held.account_id, modseq=modseq, kind=kind, email_id=held.email_id, thread_id=held.thread_id)
        )
        ledger.threads.add(held.thread_id)
        ledger.bytes[held.account_id] -= messages[held.id].size
    if keep:
        Expunged.objects.bulk_create(_expunged(ledger, held, messages[held.id]) for held in found)
    else:
        store.release(message.blob_id for message in messages.values())
    index.forget(ids)
    Reference.objects.filter(message_id__in=ids).update(message_id=None)
    Membership.objects.filter(message_id__in=ids)._raw_delete("default")
    Message.objects.filter(pk__in=ids)._raw_delete("default")
    return sum(message.size for message in messages.values())


def _expunged(ledger: Ledger, held: Held, message: Message) -> Expunged:
    state = held.state
    inbox = ledger.box(held.account_id, Mailbox.Role.INBOX).pk
    labels = sorted(state.labels) if state.place == Message.Place.MAIL else list(state.remembered)
    return Expunged(
        account_id=held.account_id,
        blob_id=message.blob_id,
        trace=message.trace,
        flags=state.flags,
        keywords=list(state.keywords),
        own=state.own,
        received_at=message.received_at,
        subject=message.subject,
        author=message.author_address,
        remembered=[pk for pk in labels if pk != inbox],
        at=now(),
    )
