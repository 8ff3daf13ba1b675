"""What members do with their mail on the web: each act is kept, with what is needed to undo it exactly (product.md 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from mailsuite.mailstore import arrange, changes, history
from mailsuite.mailstore.acts import ACTS, MUTED, PLAINLY, Chosen, How
from mailsuite.mailstore.arrange import Held, each
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.history import KEPT, Delta, redo, undo
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import Role
from mailsuite.mailstore.models import Action, Message

Place = Message.Place
Ids = Collection[int]
STEP = 500  # conversations at a time, which bounds the memory of an act; messages a transaction where a place is emptied
__all__ = ["ACTS", "KEPT", "MUTED", "Deleted", "How", "delete_for_ever", "do", "empty", "mark", "redo", "undo"]


class Deleted(NamedTuple):
    """How much was deleted for ever."""

    messages: int
    bytes: int


@transaction.atomic
def do(
    account_id: int,
    name: str,
    thread_ids: Ids = (),
    message_ids: Ids = (),
    how: How = PLAINLY,
    *,
    operation_id: str = "",
    not_found: Sequence[str] = (),
) -> Action:
    """Do one of ACTS to all messages of conversations, and to single messages, as one act with one undo.

    One that changes nothing has no key, and is not kept, unless there is an `operation_id`: what was done under that before is
    returned, and nothing is done. All is one transaction, whose memory does not grow with what is done. Raises NoSuchMailbox.
    """
    changes.lock(account_id)
    if before := history.earlier(account_id, operation_id):
        return before
    noun = "message" if message_ids else "conversation"
    action = Action(account_id=account_id, operation_id=operation_id, act=name, noun=noun, label_id=how.label)
    action.not_found = list(not_found)
    packed = []
    for threads, alone in _steps(list(thread_ids), list(message_ids)):
        ledger = Ledger([account_id])
        held = arrange.load(account_id, threads=threads, messages=alone)
        delta = _brought(ledger, ACTS[name].wanted(Chosen(account_id, ledger, held, set(message_ids), how)))
        action.count += len(delta) if message_ids else len({one.thread_id for one in held if one.id in delta})
        packed.append(history.pack(delta))
    action.sentence = f"{ACTS[name].verb} {action.count:,} {noun}{'s' * (action.count != 1)}"
    history.keep(action, packed)
    return action


def _steps(threads: list[int], messages: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    """What to do at a time: conversations, and all single messages with the first of them."""
    for start in range(0, max(len(threads), 1), STEP):
        yield threads[start : start + STEP], messages if start == 0 else []


def _brought(ledger: Ledger, wanted: Sequence[tuple[Held, State]]) -> Delta:
    """Bring messages into these states; of those that changed, the states before and after."""
    before = {held.id: held.state for held, _ in wanted}
    changed = arrange.apply(ledger, wanted)
    ledger.close()
    return {held.id: (before[held.id], held.state) for held in changed}


Plain = Callable[[int, Ids, Ids], Action]
Labelling = Callable[[int, int, Ids, Ids], Action]


def _plain(name: str) -> Plain:
    def act(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
        return do(account_id, name, thread_ids, message_ids)

    return act


def _labelling(name: str) -> Labelling:
    def act(account_id: int, label_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
        return do(account_id, name, thread_ids, message_ids, How(label=label_id))

    return act


def snooze(account_id: int, until: datetime, thread_ids: Ids = (), message_ids: Ids = ()) -> Action:
    """Put them off: they leave Inbox, and come back then (see `snooze.wake`), or when an answer comes."""
    return do(account_id, "snooze", thread_ids, message_ids, How(until=until))


archive, to_inbox, unsnooze = _plain("archive"), _plain("to_inbox"), _plain("unsnooze")
trash, restore = _plain("trash"), _plain("restore")
report_spam, not_spam = _plain("report_spam"), _plain("not_spam")
mark_read, mark_unread = _plain("mark_read"), _plain("mark_unread")
star, unstar = _plain("star"), _plain("unstar")
mute, unmute = _plain("mute"), _plain("unmute")
add_label, remove_label, move_to = _labelling("add_label"), _labelling("remove_label"), _labelling("move_to")


@transaction.atomic
def mark(
    account_id: int, message_ids: Ids, *, flags: int = 0, keywords: Collection[str] = (), without: Collection[str] = ()
) -> None:
    """Set flags and keywords, and take keywords away, as follows from something else: it was opened, answered, forwarded.

    That is no act of its own to undo.
    """
    ledger = Ledger([account_id])
    held = arrange.load(account_id, messages=message_ids)
    arrange.apply(ledger, each(held, lambda state: _marked(state, flags, keywords, without)))
    ledger.close()


def _marked(state: State, flags: int, keywords: Collection[str], without: Collection[str]) -> State:
    for keyword in without:
        state = state.with_keyword(keyword, on=False)
    for keyword in keywords:
        state = state.with_keyword(keyword)
    return state.with_flag(flags)


@transaction.atomic
def delete_for_ever(account_id: int, thread_ids: Ids = (), message_ids: Ids = ()) -> Deleted:
    """Delete what of them is in Trash or Spam, or is a draft that is named itself. This cannot be undone.

    Other accounts' ids name nothing.
    """
    ledger, alone = Ledger([account_id]), set(message_ids)
    gone = [
        held
        for held in arrange.load(account_id, threads=thread_ids, messages=alone)
        if held.state.place != Place.MAIL or (held.id in alone and held.state.flags & Message.DRAFT)
    ]
    return _delete(ledger, gone)


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
