"""Drafts that two devices may be writing: each saving says which version it goes on from, and none overwrites another unseen.

Over IMAP and in the simple view a draft is the one message in Drafts. Here it is a row that says which message it is by now: all
versions share one Message-ID, so that a conversation and a draft's place in it stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.mailstore import arrange, desired, mailboxes
from mailsuite.mailstore.desired import Wish
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.messages import NewMessage
from mailsuite.mailstore.models import Draft, Mailbox, Membership, Message, Reference

MOST = 1_000  # drafts of an account that are told
KEEP = timedelta(days=30)  # how long a draft that is gone is known to have been one


@dataclass
class Conflict(Exception):
    """The draft is not what its writer went on from. `message`: what it is now; None where it is gone or was sent."""

    draft: Draft
    message: Message | None
    temporary = False

    def __str__(self) -> str:
        return "The draft was changed on another device." if self.message else "The draft is gone: sent, or deleted."


def adopt(account_id: int) -> None:
    """Make every message in Drafts a draft here, whatever program put it there."""
    unknown = _unknown(account_id)
    if unknown:
        rows = [
            Draft(account_id=account_id, message=pk, message_id=msgid, saved_at=received_at) for pk, msgid, received_at in unknown
        ]
        Draft.objects.bulk_create(rows, ignore_conflicts=True)


def _unknown(account_id: int) -> list[tuple[int, str, datetime]]:
    there = Membership.objects.filter(mailbox__account_id=account_id, mailbox__role=Mailbox.Role.DRAFTS)
    known = Draft.objects.filter(account_id=account_id).values("message")
    rows = there.exclude(message_id__in=known).order_by("-message_id")[:MOST]
    return list(rows.values_list("message_id", "message__message_id", "message__received_at"))


def present(account_id: int) -> list[tuple[Draft, Message]]:
    """The drafts that there are, the last saved first, with their messages."""
    adopt(account_id)
    there = Membership.objects.filter(mailbox__account_id=account_id, mailbox__role=Mailbox.Role.DRAFTS)
    rows = Draft.objects.filter(account_id=account_id, message__in=there.values("message_id")).order_by("-saved_at", "-pk")[:MOST]
    found = list(rows)
    messages = Message.objects.filter(account_id=account_id).in_bulk([row.message for row in found])
    return [(row, messages[row.message]) for row in found if row.message in messages]


def find(account_id: int, key: int) -> Draft | None:
    """The account's draft of this key."""
    return Draft.objects.filter(account_id=account_id, pk=key).first()


def of_message(account_id: int, message: Message) -> Draft | None:
    """The draft that is this message; None where it is none."""
    if not _is_draft(message):
        return None
    values = {"message_id": message.message_id, "saved_at": message.received_at}
    return Draft.objects.get_or_create(account_id=account_id, message=message.pk, defaults=values)[0]


def made_by(account_id: int, operation_id: str) -> Draft | None:
    """The draft that a client made under this name."""
    return Draft.objects.filter(account_id=account_id, made_by=operation_id).first()


def _is_draft(message: Message | None) -> bool:
    return bool(message and message.flags & Message.DRAFT and message.place == Message.Place.MAIL)


def current(draft: Draft) -> Message | None:
    """The message that the draft is; None where there is none in Drafts.

    A mail program replaces a message by another with the same Message-ID: that is the draft then, one revision on.
    """
    message = Message.objects.filter(account_id=draft.account_id, pk=draft.message).first()
    if message is not None:
        return message if _is_draft(message) else None
    known = Reference.objects.filter(account_id=draft.account_id, msgid=draft.message_id[:250], message__isnull=False)
    others = Message.objects.filter(pk__in=known.values("message_id"), flags__gte=Message.DRAFT).order_by("-pk")
    taken = set(Draft.objects.filter(account_id=draft.account_id).values_list("message", flat=True))
    found = next((one for one in others if _is_draft(one) and one.pk not in taken), None)
    if found is not None:
        draft.message, draft.revision, draft.saved_at = found.pk, draft.revision + 1, now()
        draft.save(update_fields=["message", "revision", "saved_at"])
    return found


def check(draft: Draft, revision: int) -> Message:
    """The message that a saving replaces. Raises Conflict."""
    message = current(draft)
    if message is None or draft.revision != revision:
        raise Conflict(draft, message)
    return message


def save(draft: Draft, revision: int, new: NewMessage, packed: store.Draft) -> Message:
    """Put a new version in the place of the one that has this revision; `draft` says what it is then.

    A draft without a key is made. Raises Conflict, and as `desired.bring_in` does. Use it in a transaction that has locked the
    account (`changes.lock`).
    """
    with transaction.atomic():
        if draft.pk is None:
            before = None
            draft.revision = 0
        else:
            draft.refresh_from_db(fields=["message", "revision"])
            before = check(draft, revision)
        message = desired.bring_in(new, packed, _wish(new.account_id, before))
        if before is not None and before.pk != message.pk:
            _replaced(before)
        draft.message, draft.revision, draft.saved_at = message.pk, draft.revision + 1, now()
        Draft.objects.filter(account_id=draft.account_id, message=message.pk).exclude(pk=draft.pk).delete()
        draft.save()
    return message


def _wish(account_id: int, before: Message | None) -> Wish:
    """In Drafts, with the labels, the star and the keywords that the version before had."""
    boxes, words = {mailboxes.by_role(account_id, Mailbox.Role.DRAFTS).pk}, {"$draft", "$seen"}
    if before is not None:
        labels = Membership.objects.filter(message=before, mailbox__role="").values_list("mailbox_id", flat=True)
        boxes |= set(labels)
        words |= {word for word, bit in desired.FLAGS.items() if before.flags & bit} | set(before.keywords)
    return Wish(boxes=frozenset(boxes), words=frozenset(words))


def _replaced(before: Message) -> None:
    """Nobody needs what was there two seconds ago: it is not kept for undeleting."""
    ledger = Ledger([before.account_id])
    destroy(ledger, arrange.load(before.account_id, messages=[before.pk]), keep=False)
    ledger.close()


def forget_gone(at: datetime) -> int:
    """Let go of drafts whose message has been gone for a while; returns how many."""
    old = Draft.objects.filter(saved_at__lt=at - KEEP).exclude(message__in=Message.objects.values("pk"))
    return old.delete()[0]
