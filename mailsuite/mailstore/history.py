"""What members did, kept so that it can be undone and done again exactly, across reloads and devices (product.md F23).

A step keeps of each message that it changed the state before and the state after. Messages that went the same way share one
entry, and their ids are written as gaps, so that an act on thousands of conversations takes some kilobytes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate, pairwise

from django.db import transaction
from django.utils.timezone import now

from mailsuite.blobs import packing
from mailsuite.mailstore import arrange, changes, mailboxes
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Action, ActionStep, Mailbox, Message

KEPT = 100  # actions of an account that can be undone
REMEMBERED = timedelta(days=1)  # for so long an operation is not done twice
MOST = 10_000  # actions that are kept of an account, whatever their age
Delta = dict[int, tuple[State, State]]


def pack(delta: Delta) -> bytes:
    """States before and after, by message id, as a step keeps them; of nothing, nothing."""
    if not delta:
        return b""
    groups: dict[tuple[State, State], list[int]] = defaultdict(list)
    for pk in sorted(delta):
        groups[delta[pk]].append(pk)
    rows = [
        [before.as_json(), after.as_json(), pks[:1] + [b - a for a, b in pairwise(pks)]]
        for (before, after), pks in groups.items()
    ]
    return packing.pack(json.dumps(rows, separators=(",", ":")).encode())


def unpack(packed: bytes) -> Delta:
    """The inverse of `pack`."""
    found: Delta = {}
    if not packed:
        return found
    for before, after, gaps in json.loads(packing.unpack(packed, 0)):
        found |= dict.fromkeys(accumulate(gaps), (State.from_json(before), State.from_json(after)))
    return found


def earlier(account_id: int, operation_id: str) -> Action | None:
    """What was done under this id already. The account must be locked, or it may be done meanwhile."""
    if not operation_id:
        return None
    return Action.objects.filter(account_id=account_id, operation_id=operation_id).first()


def keep(action: Action, packed: Iterable[bytes]) -> None:
    """Keep an action with what it changed; one that changed nothing is kept only where the client may ask for it again."""
    steps = [one for one in packed if one] or [b""] * bool(action.labels)  # a label that nothing carried comes back too
    if not steps and not action.operation_id:
        return
    action.save()
    ActionStep.objects.bulk_create(ActionStep(action=action, delta=one) for one in steps)
    _forget_old(action.account_id)


def _forget_old(account_id: int) -> None:
    mine = Action.objects.filter(account_id=account_id).order_by("-pk")
    if oldest := done(account_id).values_list("pk", flat=True)[KEPT : KEPT + 1].first():
        ActionStep.objects.filter(action__account_id=account_id, action__lte=oldest).delete()
    gone = mine.filter(steps=None).exclude(operation_id__gt="", at__gt=now() - REMEMBERED)
    Action.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()
    if over := mine.values_list("pk", flat=True)[MOST : MOST + 1].first():
        mine.filter(pk__lte=over).delete()


def done(account_id: int):
    """The actions that can be undone and done again, the last one first."""
    return Action.objects.filter(account_id=account_id, steps__isnull=False).distinct().order_by("-pk")


@transaction.atomic
def undo(account_id: int, action_id: int | None = None, *, operation_id: str = "") -> Action | None:
    """Undo this action, or the last one that is not undone; None where there is none. What is undone already stays so.

    What the action changed goes back to what it was; what was done since to the same messages stays done.
    """
    changes.lock(account_id)
    actions = done(account_id)
    action = _named(account_id, action_id, operation_id) if action_id or operation_id else actions.filter(undone=False).first()
    if action is not None and not action.undone:
        for label in action.labels:
            mailboxes.revive(account_id, label)
        _turn(action, undone=True)
    return action


@transaction.atomic
def redo(account_id: int, action_id: int | None = None, *, operation_id: str = "") -> Action | None:
    """Do again what was undone: this action, or the one undone last where nothing was done since; None where there is none."""
    changes.lock(account_id)
    action = _named(account_id, action_id, operation_id) if action_id or operation_id else _next(account_id)
    if action is not None and action.undone:
        _turn(action, undone=False)
        for label in Mailbox.objects.filter(account_id=account_id, role="", pk__in=[one["id"] for one in action.labels]):
            mailboxes.delete(label)
    return action


def _named(account_id: int, action_id: int | None, operation_id: str) -> Action | None:
    """Not one that is too old, whose steps are forgotten."""
    named = {"pk": action_id} if action_id else {"operation_id": operation_id}
    action = Action.objects.filter(account_id=account_id, **named).first()
    return None if action is None or (action.count and not action.steps.exists()) else action


def _next(account_id: int) -> Action | None:
    """The action undone last, unless something else was done since."""
    last = done(account_id).filter(undone=True, undone_at__isnull=False).order_by("-undone_at", "pk").first()
    return last if last and not done(account_id).filter(at__gt=last.undone_at).exists() else None


def _turn(action: Action, *, undone: bool) -> None:
    changes.begin([action.account_id])
    for step in action.steps.order_by("-pk" if undone else "pk").iterator(chunk_size=1):
        _turn_step(action.account_id, unpack(bytes(step.delta)), undone=undone)
    action.undone, action.undone_at = undone, now() if undone else None
    action.save(update_fields=["undone", "undone_at"])


def _turn_step(account_id: int, delta: Delta, *, undone: bool) -> None:
    ledger = Ledger([account_id])
    labels = frozenset(ledger.labels(account_id))
    wanted = []
    for held in arrange.load(account_id, messages=delta):
        before, after = delta[held.id]
        wanted.append((held, _back(held.state, before, after, labels) if undone else _back(held.state, after, before, labels)))
    arrange.apply(ledger, wanted)
    ledger.close()


def _back(state: State, before: State, after: State, labels: frozenset[int]) -> State:
    """The state with the way from `before` to `after` gone back, as far as nothing was done since."""
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
        moved = replace(moved, remembered=before.remembered, trashed_at=before.trashed_at)
        return _slept(moved, state, before, after)
    inbox = before.inbox if before.inbox != after.inbox else state.inbox
    kept = frozenset(_turned_back(state.labels, before.labels, after.labels)) & labels
    remembered = before.remembered if before.remembered != after.remembered else state.remembered
    in_mail = state.place == Message.Place.MAIL
    back = replace(state, inbox=inbox, labels=kept if in_mail else frozenset(), remembered=remembered)
    return _slept(back, state, before, after)


def _slept(back: State, state: State, before: State, after: State) -> State:
    """Put off as before, where it was neither put off again nor woke since; else as it is now."""
    at, until, woke = before.snooze if before.snooze != after.snooze and state.snooze == after.snooze else state.snooze
    return replace(back, snoozed_at=at, snoozed_until=until, woke_at=woke)


def _turned_back(now: Collection, before: Collection, after: Collection) -> set:
    return (set(now) - (set(after) - set(before))) | (set(before) - set(after))
