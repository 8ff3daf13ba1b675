"""What members do with their mail on the web: each act is kept, with what is needed to undo it exactly (product.md 3.8)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import now

from mailsuite.mailstore import arrange, changes, mailboxes
from mailsuite.mailstore.arrange import Held, each
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import NoSuchMailbox, Role
from mailsuite.mailstore.models import Action, Message

Place = Message.Place
Ids = Collection[int]
STEP = 500  # messages a transaction
KEPT = 100  # actions of an account that can be undone
MUTED = "$muted"


class Deleted(NamedTuple):
    """How much was deleted for ever."""

    messages: int
    bytes: int


class _Act:
    """One act on conversations, or on single messages, of one account."""

    def __init__(self, account_id: int, thread_ids: Ids, message_ids: Ids) -> None:
        self.account_id = account_id
        self.ledger = Ledger([account_id])
        self.held = arrange.load(account_id, threads=thread_ids, messages=message_ids)
        self.chosen = set(message_ids)
        self.noun = "message" if message_ids else "conversation"

    def shown(self) -> list[Held]:
        """The messages chosen; of a conversation those in Mail, or where it has none there, all of them."""
        mail = {held.thread_id for held in self.held if held.state.place == Place.MAIL}
        return [
            held for held in self.held if held.id in self.chosen or held.state.place == Place.MAIL or held.thread_id not in mail
        ]

    def placed(self, *places: int) -> list[Held]:
        return [held for held in self.held if held.state.place in places]

    def done(self, verb: str, wanted: Sequence[tuple[Held, State]]) -> Action:
        """Apply the changes and keep them as an action; the action of an act that changes nothing is not kept."""
        before = {held.id: held.state for held, _ in wanted}
        changed = arrange.apply(self.ledger, wanted)
        self.ledger.close()
        count = len({held.id if self.chosen else held.thread_id for held in changed})
        delta = {str(held.id): [before[held.id].as_json(), held.state.as_json()] for held in changed}
        sentence = f"{verb} {count} {self.noun}{'s' * (count != 1)}"
        action = Action(account_id=self.account_id, sentence=sentence, delta=delta)
        if delta:
            action.save()
            _forget_old(self.account_id)
        return action

    def label(self, label_id: int) -> None:
        """Raises NoSuchMailbox where this is no label of the account."""
        if label_id not in self.ledger.labels(self.account_id):
            raise NoSuchMailbox("There is no such label.")


def _forget_old(account_id: int) -> None:
    kept = Action.objects.filter(account_id=account_id).order_by("-pk").values_list("pk", flat=True)
    if oldest := kept[KEPT : KEPT + 1].first():
        Action.objects.filter(account_id=account_id, pk__lte=oldest).delete()


@transaction.atomic
def archive(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Take them out of Inbox; labels stay."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Archived", each(act.placed(Place.MAIL), lambda state: replace(state, inbox=False)))


@transaction.atomic
def to_inbox(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Put what is in Mail into Inbox: of a conversation what was received, or all where nothing was."""
    act = _Act(account_id, thread_ids, message_ids)
    mail = act.placed(Place.MAIL)
    received = {held.thread_id for held in mail if _is_received(held.state)}
    wanted = [held for held in mail if held.id in act.chosen or _is_received(held.state) or held.thread_id not in received]
    return act.done("Moved to Inbox", each(wanted, lambda state: replace(state, inbox=True)))


def _is_received(state: State) -> bool:
    return not state.own and not state.flags & Message.DRAFT


@transaction.atomic
def trash(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Put them into Trash, own messages included; their labels are remembered and hidden."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Deleted", each(act.shown(), arrange.to_trash(act.ledger, account_id, now())))


@transaction.atomic
def restore(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Bring them back from Trash with what they had in Mail."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Restored", each(act.placed(Place.TRASH), arrange.to_mail(act.ledger, account_id)))


@transaction.atomic
def report_spam(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Put what others wrote into Spam; own messages stay."""
    act = _Act(account_id, thread_ids, message_ids)
    others = [held for held in act.shown() if not held.state.own]
    return act.done("Reported as spam:", each(others, arrange.to_spam(act.ledger, account_id, now())))


@transaction.atomic
def not_spam(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Bring them from Spam into Mail and Inbox."""
    act = _Act(account_id, thread_ids, message_ids)
    back = arrange.to_mail(act.ledger, account_id)
    return act.done("Moved out of Spam:", each(act.placed(Place.SPAM), lambda state: replace(back(state), inbox=True)))


@transaction.atomic
def add_label(account_id: int, label_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Give them a label; later messages of a conversation inherit it. Raises NoSuchMailbox."""
    act = _Act(account_id, thread_ids, message_ids)
    act.label(label_id)
    return act.done("Labelled", each(act.shown(), lambda state: _labelled(state, label_id, on=True)))


@transaction.atomic
def remove_label(account_id: int, label_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Take a label off all of them. Raises NoSuchMailbox."""
    act = _Act(account_id, thread_ids, message_ids)
    act.label(label_id)
    return act.done("Unlabelled", each(act.held, lambda state: _labelled(state, label_id, on=False)))


@transaction.atomic
def move_to(account_id: int, label_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Give them a label and take them out of Inbox. Raises NoSuchMailbox."""
    act = _Act(account_id, thread_ids, message_ids)
    act.label(label_id)
    return act.done("Moved", each(act.shown(), lambda state: replace(_labelled(state, label_id, on=True), inbox=False)))


def _labelled(state: State, label_id: int, *, on: bool) -> State:
    """Outside Mail a label is only remembered: a label never changes the place (I5)."""
    if state.place == Place.MAIL:
        return replace(state, labels=state.labels | {label_id} if on else state.labels - {label_id})
    kept = [pk for pk in state.remembered if pk != label_id]
    return replace(state, remembered=(*kept, label_id) if on else tuple(kept))


@transaction.atomic
def mark_read(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Mark all of them read."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Marked read:", each(act.shown(), lambda state: state.with_flag(Message.SEEN)))


@transaction.atomic
def mark_unread(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Mark them unread; of a conversation, the newest message that was received."""
    act = _Act(account_id, thread_ids, message_ids)
    wanted = act.shown() if act.chosen else _newest(act.shown())
    return act.done("Marked unread:", each(wanted, lambda state: state.with_flag(Message.SEEN, False)))


@transaction.atomic
def star(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Star them; of a conversation, the newest message."""
    act = _Act(account_id, thread_ids, message_ids)
    wanted = act.shown() if act.chosen else _newest(act.shown())
    return act.done("Starred", each(wanted, lambda state: state.with_flag(Message.FLAGGED)))


@transaction.atomic
def unstar(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Take the star off all of them."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Unstarred", each(act.shown(), lambda state: state.with_flag(Message.FLAGGED, False)))


def _newest(found: Sequence[Held]) -> list[Held]:
    """Of each conversation the newest message that was received, or where there is none, the newest."""
    order = Message.objects.filter(pk__in=[held.id for held in found]).order_by("received_at", "pk").values_list("pk", flat=True)
    by_id = {held.id: held for held in found}
    newest: dict[int, Held] = {}
    for held in (by_id[pk] for pk in order):
        if _is_received(held.state) or held.thread_id not in newest or not _is_received(newest[held.thread_id].state):
            newest[held.thread_id] = held
    return list(newest.values())


@transaction.atomic
def mute(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Archive conversations, and have later replies skip Inbox."""
    act = _Act(account_id, thread_ids, message_ids)
    wanted = act.placed(Place.MAIL)
    return act.done("Muted", each(wanted, lambda state: replace(state.with_keyword(MUTED), inbox=False)))


@transaction.atomic
def unmute(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Let replies come into Inbox again."""
    act = _Act(account_id, thread_ids, message_ids)
    return act.done("Unmuted", each(act.held, lambda state: state.with_keyword(MUTED, False)))


@transaction.atomic
def mark(account_id: int, message_ids: Ids, *, flags: int = 0, keywords: Collection[str] = ()) -> None:
    """Set flags and keywords that follow from something else (it was opened, answered, forwarded): no act of its own to undo."""
    act = _Act(account_id, (), message_ids)
    arrange.apply(act.ledger, each(act.held, lambda state: _marked(state, flags, keywords)))
    act.ledger.close()


def _marked(state: State, flags: int, keywords: Collection[str]) -> State:
    for keyword in keywords:
        state = state.with_keyword(keyword)
    return state.with_flag(flags)


@transaction.atomic
def delete_for_ever(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Deleted:
    """Delete what of them is in Trash or Spam, or is a draft that is named itself. This cannot be undone."""
    act = _Act(account_id, thread_ids, message_ids)
    gone = [
        held
        for held in act.held
        if held.state.place != Place.MAIL or (held.id in act.chosen and held.state.flags & Message.DRAFT)
    ]
    return _delete(act.ledger, gone)


def empty(account_id: int, role: str) -> Deleted:
    """Delete all that is in Trash (`trash`) or Spam (`junk`) for ever, in transactions short enough to let others write."""
    if role not in (Role.TRASH, Role.JUNK):
        raise ValueError(f"{role} is not a place that can be emptied.")
    place = Place.TRASH if role == Role.TRASH else Place.SPAM
    inside = Message.objects.filter(account_id=account_id, place=place).order_by("pk")
    total = Deleted(0, 0)
    while True:
        with transaction.atomic():
            ledger = Ledger([account_id])
            some = _delete(ledger, arrange.load(account_id, messages=inside.values_list("pk", flat=True)[:STEP]))
        total = Deleted(total.messages + some.messages, total.bytes + some.bytes)
        if some.messages < STEP:
            return total


def _delete(ledger: Ledger, gone: Sequence[Held]) -> Deleted:
    freed = destroy(ledger, gone)
    ledger.close()
    return Deleted(len(gone), freed)


@transaction.atomic
def undo(account_id: int, action_id: int | None = None) -> Action | None:
    """Undo this action, or the last one that is not undone; None where there is none.

    What the action changed goes back to what it was; what was done since to the same messages stays done.
    """
    changes.begin([account_id])
    actions = Action.objects.filter(account_id=account_id, undone=False).order_by("-pk")
    action = (actions.filter(pk=action_id) if action_id else actions).first()
    if action is None:
        return None
    for label in action.labels:
        mailboxes.revive(account_id, label)
    ledger = Ledger([account_id])
    labels = frozenset(ledger.labels(account_id))
    held = arrange.load(account_id, messages=map(int, action.delta))
    arrange.apply(ledger, [(one, _undone(one.state, *_states(action, one.id), labels)) for one in held])
    ledger.close()
    action.undone = True
    action.save(update_fields=["undone"])
    return action


def _states(action: Action, message_id: int) -> tuple[State, State]:
    before, after = action.delta[str(message_id)]
    return State.from_json(before), State.from_json(after)


def _undone(state: State, before: State, after: State, labels: frozenset[int]) -> State:
    mask = before.flags ^ after.flags
    state = replace(
        state,
        flags=state.flags & ~mask | before.flags & mask,
        keywords=tuple(sorted(_turned_back(state.keywords, before.keywords, after.keywords))),
    )
    if state.place != after.place:  # it was moved since: where it is now stands
        return state
    if before.place != after.place:
        moved = replace(state, place=before.place, inbox=before.inbox, labels=before.labels & labels)
        return replace(moved, remembered=before.remembered, trashed_at=before.trashed_at)
    inbox = before.inbox if before.inbox != after.inbox else state.inbox
    kept = frozenset(_turned_back(state.labels, before.labels, after.labels)) & labels
    remembered = before.remembered if before.remembered != after.remembered else state.remembered
    return replace(state, inbox=inbox, labels=kept if state.place == Place.MAIL else frozenset(), remembered=remembered)


def _turned_back(now: Collection, before: Collection, after: Collection) -> set:
    return (set(now) - (set(after) - set(before))) | (set(before) - set(after))
