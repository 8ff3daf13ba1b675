"""What mail programs do over IMAP, and what it means for a message that can be in many mailboxes (product.md 3.9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
    if target.role == Role.DRAFTS:  # what was received stays so: in Drafts it is a guest, see `_end`
        return replace(state.with_flag(Message.DRAFT), sends_at=None)
    return destined(state, target, (), inbox_id, now())


@transaction.atomic
def expunge(mailbox: Mailbox, uids: Iterable[int] | None = None, copied: Collection[int] = ()) -> list[int]:
    r"""EXPUNGE, or UID EXPUNGE where UIDs are given: what carries \Deleted leaves the mailbox. Returns the UIDs that left.

    In Inbox that archives (or deletes, as the member chose, what was not put elsewhere), in Snoozed it archives, in a label it
    takes the label off, in Archive, All Mail, Sent and Scheduled it deletes, in Starred the star goes, in Trash and Junk it
    deletes for ever, and in Drafts what began there.
    copied: UIDs of what the same mail program copied to other mailboxes, be it to one where a message is anyway.
    """
    ledger = Ledger([mailbox.account_id])
    held = _held(mailbox, uids, deleted=True)
    if mailbox.role in DESTROYING:
        _end(ledger, mailbox, list(held.values()))
    else:
        change = _expunging(ledger, mailbox)
        filed = _filed(mailbox, held, copied) if mailbox.role == Role.INBOX else set()
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
        _end(ledger, mailbox, held)
    else:
        arrange.apply(ledger, arrange.each(held, arrange.to_trash(ledger, mailbox.account_id, now())))
    ledger.close()


def _unboxed(state: State) -> State:
    return replace(state, inbox=False)


def _end(ledger: Ledger, mailbox: Mailbox, held: list[Held]) -> None:
    r"""For ever; but in Drafts only what is one's own and was there from its beginning.

    To a mail program a copy in Drafts, or a letter with \Draft on it, is not the letter itself. What was received leaves Drafts
    alone where it is in Inbox, Snoozed or under a label as well; all else that came to Drafts later goes to Trash.
    """
    drafts = held if mailbox.role == Role.DRAFTS else []
    received = [one for one in drafts if not one.state.own]
    elsewhere = [one for one in received if one.state.inbox or one.state.snoozed_until or one.state.labels]
    own = [one for one in drafts if one.state.own]
    late = _later_than(ledger.box(mailbox.account_id, Role.ALL), own, mailbox=mailbox)
    trashed = [one for one in drafts if one not in elsewhere and (not one.state.own or one.id in late)]
    kept = [*arrange.each(elsewhere, _undrafted), *arrange.each(trashed, arrange.to_trash(ledger, mailbox.account_id, now()))]
    arrange.apply(ledger, kept)
    spared = {one.id for one, _ in kept}
    destroy(ledger, [one for one in held if one.id not in spared])


def _undrafted(state: State) -> State:
    return state.with_flag(Message.DRAFT, False)


def _filed(inbox: Mailbox, held: Mapping[int, Held], copied: Collection[int]) -> set[int]:
    """Keys of the messages that were put elsewhere since they came into Inbox.

    A mail program without MOVE moves by COPY and EXPUNGE: what it has just put somewhere must not end in Trash, whatever
    deleting in Inbox means. A label that came along with the message, from its conversation, says nothing.
    """
    labelled = [one for one in held.values() if one.state.labels]
    return _later_than(inbox, labelled, mailbox__role="") | {one.id for uid, one in held.items() if uid in copied}


def _later_than(known: Mailbox, held: Iterable[Held], **chosen: object) -> set[int]:
    """Keys of the messages that came into a mailbox of those chosen after they came into the known one."""
    later = Membership.objects.filter(message__memberships__mailbox=known, saved_at__gt=F("message__memberships__saved_at"))
    ids, found = [one.id for one in held], set[int]()
    for start in range(0, len(ids), arrange.STEP):
        some = later.filter(message_id__in=ids[start : start + arrange.STEP], **chosen)
        found.update(some.values_list("message_id", flat=True))
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
