"""What mail programs do over IMAP, and what it means for a message that can be in many mailboxes (product.md 3.9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.mailstore import arrange, mailboxes
from mailsuite.mailstore.arrange import Held
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.flags import Stored, store_flags
from mailsuite.mailstore.homes import State, destined
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import NoSuchMailbox, OnlyWhatWaits
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.mailstore.uids import within

Role, Place = Mailbox.Role, Message.Place
__all__ = ["Stored", "copy", "expunge", "key", "move", "rename_inbox", "retire", "store_flags"]
DESTROYING = {Role.TRASH, Role.JUNK, Role.DRAFTS}  # expunged there, a message is gone


@transaction.atomic
def copy(source: Mailbox, uids: Iterable[int], target: Mailbox) -> list[tuple[int, int]]:
    """COPY: (UID in source, UID in target) of each message that is in the target now, new there or not, for COPYUID.

    To Trash or Junk, and from there to anywhere, a copy is a move: a message is in one place. UIDs that do not exist are
    ignored. Raises NoSuchMailbox where the target was deleted meanwhile,
    OnlyWhatWaits where it is Scheduled.
    """
    return _bring(source, uids, target, move=False)


@transaction.atomic
def move(source: Mailbox, uids: Iterable[int] | None, target: Mailbox) -> list[tuple[int, int]]:
    """MOVE (RFC 6851): as `copy`, and every message leaves the source. None is all that is there.

    Where a message belongs to the source for what it is (All Mail, Sent, Archive), it comes back there under a new UID.
    """
    return _bring(source, uids, target, move=True)


def _bring(source: Mailbox, uids: Iterable[int] | None, target: Mailbox, *, move: bool) -> list[tuple[int, int]]:
    ledger = Ledger([source.account_id])
    held = _held(source, uids)
    if target.pk not in ledger.boxes:
        raise NoSuchMailbox(f"There is no mailbox {target.name}.")
    if target.role == Role.SCHEDULED and any(target.pk not in one.homes for one in held.values()):
        raise OnlyWhatWaits
    inbox, labels = ledger.box(source.account_id, Role.INBOX).pk, frozenset(ledger.labels(source.account_id))
    changes = []
    for one in held.values():
        state = one.state.bring_back(inbox, labels)
        if state.place != one.state.place and target.role not in (Role.TRASH, Role.JUNK):
            state = replace(state, inbox=False)
        elif state.place != one.state.place:
            state = one.state
        elif move and target.role not in (Role.TRASH, Role.JUNK):
            state = _without(state, source, target)
        changes.append((one, _with(state, target, inbox, move=move)))
    arrange.apply(ledger, changes, renew={source.pk} if move else ())
    ledger.close()
    return [(uid, one.homes[target.pk][1]) for uid, one in held.items() if target.pk in one.homes]


def _without(state: State, source: Mailbox, target: Mailbox) -> State:
    """What leaving the source takes from the state of a message in Mail, where the source is not what the message is."""
    if target.role == Role.STARRED or target.pk == source.pk:
        return state
    match source.role:
        case Role.INBOX:
            return replace(state, inbox=False)
        case Role.SNOOZED:
            return replace(state, snoozed_until=None)
        case Role.DRAFTS:
            return replace(state.with_flag(Message.DRAFT, False), own=False)
        case Role.STARRED:
            return state.with_flag(Message.FLAGGED, False)
        case "":
            return replace(state, labels=state.labels - {source.pk})
    return state


def _with(state: State, target: Mailbox, inbox_id: int, *, move: bool) -> State:
    if target.role == Role.TRASH:
        return state.put_away(Place.TRASH, inbox_id, now())
    if target.role == Role.JUNK:
        return state.put_away(Place.SPAM, inbox_id, now())
    if target.role == Role.ARCHIVE and move:
        return state.out_of_inbox()
    return destined(state, target, (), inbox_id, now())


@transaction.atomic
def expunge(mailbox: Mailbox, uids: Iterable[int] | None = None) -> list[int]:
    r"""EXPUNGE, or UID EXPUNGE where UIDs are given: what carries \Deleted leaves the mailbox. Returns the UIDs that left.

    In Inbox that archives (or deletes, as the member chose, what was not put under a label), in Snoozed it archives, in a label
    it takes the label off, in Archive, All Mail, Sent and Scheduled it deletes, in Trash, Junk and Drafts it deletes for ever,
    in Starred the star goes.
    """
    ledger = Ledger([mailbox.account_id])
    held = _held(mailbox, uids, deleted=True)
    if mailbox.role in DESTROYING:
        destroy(ledger, list(held.values()))
    else:
        change = _expunging(ledger, mailbox)
        filed = _filed(held.values()) if mailbox.role == Role.INBOX else set()
        arrange.apply(ledger, [(one, _unboxed(one.state) if one.id in filed else change(one.state)) for one in held.values()])
    ledger.close()
    return list(held)


def key(mailbox: Mailbox, uid: int) -> int | None:
    """The key of the message of this UID, None where it is gone."""
    return Membership.objects.filter(mailbox=mailbox, uid=uid).values_list("message_id", flat=True).first()


@transaction.atomic
def rename_inbox(account_id: int, name: str) -> Mailbox:
    """RENAME of Inbox (RFC 9051 §6.3.6): all that is in it moves to a new label; Inbox stays, empty, and what is below it too.

    Raises MailboxExists and NameRefused.
    """
    label = mailboxes.create(account_id, name)
    move(mailboxes.by_role(account_id, Role.INBOX), None, label)
    return label


@transaction.atomic
def retire(mailbox: Mailbox, uid: int) -> None:
    """Take away what has a new version (REPLACE, RFC 8508): for ever where expunging is for ever, else into Trash.

    Elsewhere than in a mailbox of its own, expunging would leave the old version beside the new one.
    """
    ledger = Ledger([mailbox.account_id])
    held = list(_held(mailbox, [uid]).values())
    if mailbox.role in DESTROYING:
        destroy(ledger, held)
    else:
        arrange.apply(ledger, arrange.each(held, arrange.to_trash(ledger, mailbox.account_id, now())))
    ledger.close()


def _unboxed(state: State) -> State:
    return replace(state, inbox=False)


def _filed(held: Collection[Held]) -> set[int]:
    """Keys of the messages that got a label after they came.

    A mail program without MOVE moves by COPY and EXPUNGE: what it has just put under a label must not end in Trash, whatever
    deleting in Inbox means. A label that came along with the message, from its conversation, says nothing.
    """
    later = Membership.objects.filter(mailbox__role="", modseq__gt=F("message__created_modseq"))
    ids, found = [one.id for one in held if one.state.labels], set[int]()
    for start in range(0, len(ids), arrange.STEP):
        found.update(later.filter(message_id__in=ids[start : start + arrange.STEP]).values_list("message_id", flat=True))
    return found


def _expunging(ledger: Ledger, mailbox: Mailbox) -> arrange.Change:
    account_id = mailbox.account_id
    if mailbox.role == Role.INBOX and preferences.of(Account.objects.get(pk=account_id))["inbox_expunge"] == "archive":
        return _unboxed
    if mailbox.role == Role.SNOOZED:
        return State.out_of_inbox
    if mailbox.role == Role.STARRED:
        return lambda state: state.with_flag(Message.FLAGGED, False)
    if not mailbox.role:
        return lambda state: replace(state, labels=state.labels - {mailbox.pk})
    return arrange.to_trash(ledger, account_id, now())


def _held(mailbox: Mailbox, uids: Iterable[int] | None, **chosen: object) -> dict[int, Held]:
    """Messages of a mailbox by UID, in the order of UIDs."""
    found: list[tuple[int, int]] = []
    for some in within(uids):
        rows = Membership.objects.filter(some, mailbox=mailbox, **chosen)
        found += rows.values_list("uid", "message_id")
    held = {one.id: one for one in arrange.load(mailbox.account_id, messages=[pk for _, pk in found])}
    return {uid: held[pk] for uid, pk in sorted(found)}
