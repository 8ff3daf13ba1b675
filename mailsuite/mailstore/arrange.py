"""Bring messages into a state, and with it into the mailboxes that follow from it: all that moves mail goes through here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailsuite.mailstore.homes import State, homes
from mailsuite.mailstore.ledger import Entered, Ledger, save_entered
from mailsuite.mailstore.models import Mailbox, Membership, Message, email_id

Role = Mailbox.Role
STEP = 1_000  # rows a statement
TIMES = ("snoozed_at", "snoozed_until", "woke_at", "sends_at", "went_at")
Change = Callable[[State], State]


@dataclass(slots=True, eq=False)
class Held:
    """A message with its state and, by mailbox id, where it is: (key of the membership, uid)."""

    id: int
    account_id: int
    thread_id: int
    incarnation: int
    state: State
    homes: dict[int, tuple[int, int]]

    @property
    def email_id(self) -> str:
        return email_id(self.id, self.incarnation)


def load(account_id: int, *, messages: Iterable[int] = (), threads: Iterable[int] = ()) -> list[Held]:
    """The account's messages of these ids and of these threads, in order of arrival. The account must be locked (`Ledger`)."""
    found: dict[int, Held] = {}
    for name, ids in (("id__in", list(messages)), ("thread_id__in", list(threads))):
        for start in range(0, len(ids), STEP):
            found |= _load(account_id, {name: ids[start : start + STEP]})
    return [found[pk] for pk in sorted(found)]


def _load(account_id: int, chosen: dict[str, list[int]]) -> dict[int, Held]:
    homes_of: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    of_message = (
        {f"message__{name}": ids for name, ids in chosen.items()}
        if "id__in" not in chosen
        else {"message_id__in": chosen["id__in"]}
    )
    held = Membership.objects.filter(message__account_id=account_id, **of_message)
    for pk, message_id, mailbox_id, uid in held.values_list("pk", "message_id", "mailbox_id", "uid"):
        homes_of[message_id][mailbox_id] = (pk, uid)
    roles = dict(Mailbox.objects.filter(account_id=account_id).values_list("pk", "role"))
    rows = Message.objects.filter(account_id=account_id, **chosen).values_list(
        "pk", "thread_id", "incarnation", "place", "flags", "keywords", "own", "remembered", "trashed_at", *TIMES
    )
    found = {}
    for pk, thread_id, incarnation, place, flags, keywords, own, remembered, trashed_at, *times in rows:
        here = homes_of[pk]
        inbox = any(roles[box] == Role.INBOX for box in here)
        labels = frozenset(box for box in here if not roles[box])
        state = State(place, flags, tuple(keywords), own, inbox, labels, tuple(remembered), trashed_at, *times)
        found[pk] = Held(pk, account_id, thread_id, incarnation, state, here)
    return found


def apply(ledger: Ledger, changes: Sequence[tuple[Held, State]], *, renew: Collection[int] = ()) -> list[Held]:
    """Bring each message into its new state; returns those that changed, with what they now are.

    renew: ids of mailboxes that a message leaves for a moment, to come back under a new UID where it still belongs.
    """
    new, gone, groups = [], [], defaultdict(list)
    changed = []
    for held, state in changes:
        wanted = homes(state, ledger.roles(held.account_id))
        left = [pk for pk in held.homes if pk not in wanted or pk in renew]
        entered = sorted(pk for pk in wanted if pk not in held.homes or pk in renew)
        if state == held.state and not left and not entered:
            continue
        for pk in left:
            key, uid = held.homes.pop(pk)
            gone.append(key)
            ledger.leave(pk, uid, held.email_id)
        for pk in entered:
            new.append(ledger.enter(held.id, pk))
            held.homes[pk] = (0, new[-1].uid)
        ledger.touch(held.homes)
        ledger.threads.add(held.thread_id)
        groups[_columns(ledger, held, state)].append(held.id)
        held.state = state
        changed.append(held)
    _write(new, gone, groups)
    return changed


def _columns(ledger: Ledger, held: Held, state: State) -> tuple[object, ...]:
    modseq = ledger.modseqs[held.account_id]
    times = (*state.snooze, state.sends_at, state.went_at)
    return (modseq, state.place, state.flags, state.keywords, state.own, state.remembered, state.trashed_at, *times)


def _write(new: list[Entered], gone: list[int], groups: dict[tuple[object, ...], list[int]]) -> None:
    for start in range(0, len(gone), STEP):
        Membership.objects.filter(pk__in=gone[start : start + STEP])._raw_delete("default")
    save_entered(new)
    for (modseq, place, flags, keywords, own, remembered, trashed_at, *times), ids in groups.items():
        values = {"modseq": modseq, "place": place, "flags": flags, "keywords": list(keywords), "own": own}
        values |= {"remembered": list(remembered), "trashed_at": trashed_at}
        values |= dict(zip(TIMES, times, strict=True))
        for start in range(0, len(ids), STEP):
            Message.objects.filter(pk__in=ids[start : start + STEP]).update(**values)


def each(held: Iterable[Held], change: Change) -> list[tuple[Held, State]]:
    """The change of every message by one function of its state."""
    return [(one, change(one.state)) for one in held]


def to_trash(ledger: Ledger, account_id: int, now: datetime) -> Change:
    inbox = ledger.box(account_id, Role.INBOX).pk
    return lambda state: state.put_away(Message.Place.TRASH, inbox, now)


def to_spam(ledger: Ledger, account_id: int, now: datetime) -> Change:
    inbox = ledger.box(account_id, Role.INBOX).pk
    return lambda state: state.put_away(Message.Place.SPAM, inbox, now)


def to_mail(ledger: Ledger, account_id: int) -> Change:
    inbox, labels = ledger.box(account_id, Role.INBOX).pk, frozenset(ledger.labels(account_id))
    return lambda state: state.bring_back(inbox, labels)
