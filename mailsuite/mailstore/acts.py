"""What each act of a member means for the messages that it is done to (product.md 3.8). Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import now

from mailsuite.mailstore import arrange, stars
from mailsuite.mailstore.arrange import Held, each
from mailsuite.mailstore.homes import State
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Message

Place = Message.Place
Wanted = list[tuple[Held, State]]
MUTED = "$muted"


class How(NamedTuple):
    """What some acts need to know besides what they are done to."""

    label: int | None = None
    until: datetime | None = None
    color: str | None = None


PLAINLY = How()


@dataclass
class Chosen:
    """The messages that an act is done to: all of some conversations, and some that were chosen by themselves."""

    account_id: int
    ledger: Ledger
    held: Sequence[Held]
    alone: Collection[int]  # ids of those chosen by themselves
    how: How = PLAINLY

    def shown(self) -> list[Held]:
        """The messages chosen; of a conversation those in Mail, or where it has none there, all of them."""
        mail = {held.thread_id for held in self.held if held.state.place == Place.MAIL}
        return [
            held for held in self.held if held.id in self.alone or held.state.place == Place.MAIL or held.thread_id not in mail
        ]

    def placed(self, *places: int) -> list[Held]:
        """Those that are in these places."""
        return [held for held in self.held if held.state.place in places]

    def received(self) -> list[Held]:
        """Of what is in Mail the messages chosen; of a conversation what was received, or all where nothing was."""
        mail = self.placed(Place.MAIL)
        received = {held.thread_id for held in mail if is_received(held.state)}
        return [held for held in mail if held.id in self.alone or is_received(held.state) or held.thread_id not in received]

    def newest(self) -> list[Held]:
        """The messages chosen; of each conversation the newest message that was received, or else the newest."""
        return self.shown() if self.alone else newest_of(self.shown())

    @property
    def label(self) -> int:
        """The label to give or take. Raises NoSuchMailbox where it is none of the account's."""
        if self.how.label is None or self.how.label not in self.ledger.labels(self.account_id):
            raise NoSuchMailbox("There is no such label.")
        return self.how.label


def is_received(state: State) -> bool:
    """Did somebody else send it?"""
    return not state.own and not state.flags & Message.DRAFT


def newest_of(found: Sequence[Held]) -> list[Held]:
    """Of each conversation the newest message that was received, or where there is none, the newest."""
    order = Message.objects.filter(pk__in=[held.id for held in found]).order_by("received_at", "pk").values_list("pk", flat=True)
    by_id = {held.id: held for held in found}
    newest: dict[int, Held] = {}
    for held in (by_id[pk] for pk in order):
        if is_received(held.state) or held.thread_id not in newest or not is_received(newest[held.thread_id].state):
            newest[held.thread_id] = held
    return list(newest.values())


# --- places ---


def _archive(chosen: Chosen) -> Wanted:
    return each(chosen.placed(Place.MAIL), State.out_of_inbox)


def _to_inbox(chosen: Chosen) -> Wanted:
    return each(chosen.received(), lambda state: replace(state, inbox=True))


def _trash(chosen: Chosen) -> Wanted:
    return each(chosen.shown(), arrange.to_trash(chosen.ledger, chosen.account_id, now()))


def _restore(chosen: Chosen) -> Wanted:
    return each(chosen.placed(Place.TRASH), arrange.to_mail(chosen.ledger, chosen.account_id))


def _report_spam(chosen: Chosen) -> Wanted:
    others = [held for held in chosen.shown() if not held.state.own]
    return each(others, arrange.to_spam(chosen.ledger, chosen.account_id, now()))


def _not_spam(chosen: Chosen) -> Wanted:
    back = arrange.to_mail(chosen.ledger, chosen.account_id)
    return each(chosen.placed(Place.SPAM), lambda state: replace(back(state), inbox=True))


def _snooze(chosen: Chosen) -> Wanted:
    until, at = chosen.how.until, now()
    if until is None:
        raise ValueError("Until when?")
    return each(chosen.received(), lambda state: state.snoozed(until, at))


def _unsnooze(chosen: Chosen) -> Wanted:
    asleep = [held for held in chosen.placed(Place.MAIL) if held.state.snoozed_until]
    return each(asleep, lambda state: replace(state, inbox=True))


# --- labels ---


def _add_label(chosen: Chosen) -> Wanted:
    label = chosen.label
    return each(chosen.shown(), lambda state: _labelled(state, label, on=True))


def _remove_label(chosen: Chosen) -> Wanted:
    label = chosen.label
    return each(chosen.held, lambda state: _labelled(state, label, on=False))


def _move_to(chosen: Chosen) -> Wanted:
    label = chosen.label
    return each(chosen.shown(), lambda state: _labelled(state, label, on=True).out_of_inbox())


def _labelled(state: State, label_id: int, *, on: bool) -> State:
    """Outside Mail a label is only remembered: a label never changes the place (I5)."""
    if state.place == Place.MAIL:
        return replace(state, labels=state.labels | {label_id} if on else state.labels - {label_id})
    kept = [pk for pk in state.remembered if pk != label_id]
    return replace(state, remembered=(*kept, label_id) if on else tuple(kept))


# --- marks ---


def _mark_read(chosen: Chosen) -> Wanted:
    return each(chosen.shown(), lambda state: state.with_flag(Message.SEEN))


def _mark_unread(chosen: Chosen) -> Wanted:
    return each(chosen.newest(), lambda state: state.with_flag(Message.SEEN, False))


def _star(chosen: Chosen) -> Wanted:
    """With a colour the star gets that; without one, what is starred already keeps its own."""
    return each(chosen.newest(), lambda state: _starred(state, chosen.how.color))


def _starred(state: State, color: str | None) -> State:
    if color or not state.flags & Message.FLAGGED:
        state = replace(state, keywords=stars.painted(state.keywords, color or stars.COLORS[0]))
    return state.with_flag(Message.FLAGGED)


def _unstar(chosen: Chosen) -> Wanted:
    return each(chosen.shown(), _unstarred)


def _unstarred(state: State) -> State:
    return replace(state.with_flag(Message.FLAGGED, False), keywords=stars.painted(state.keywords))


def _mute(chosen: Chosen) -> Wanted:
    return each(chosen.placed(Place.MAIL), lambda state: state.with_keyword(MUTED).out_of_inbox())


def _unmute(chosen: Chosen) -> Wanted:
    return each(chosen.held, lambda state: state.with_keyword(MUTED, False))


class Act(NamedTuple):
    """verb: how its sentence begins. wanted: the state that each message comes into. needs: what of `How` it must be told."""

    verb: str
    wanted: Callable[[Chosen], Wanted]
    needs: str = ""


ACTS = {
    "archive": Act("Archived", _archive),
    "to_inbox": Act("Moved to Inbox", _to_inbox),
    "trash": Act("Deleted", _trash),
    "restore": Act("Restored", _restore),
    "report_spam": Act("Reported as spam:", _report_spam),
    "not_spam": Act("Moved out of Spam:", _not_spam),
    "snooze": Act("Snoozed", _snooze, needs="until"),
    "unsnooze": Act("Woke", _unsnooze),
    "add_label": Act("Labelled", _add_label, needs="label"),
    "remove_label": Act("Unlabelled", _remove_label, needs="label"),
    "move_to": Act("Moved", _move_to, needs="label"),
    "mark_read": Act("Marked read:", _mark_read),
    "mark_unread": Act("Marked unread:", _mark_unread),
    "star": Act("Starred", _star),
    "unstar": Act("Unstarred", _unstar),
    "mute": Act("Muted", _mute),
    "unmute": Act("Unmuted", _unmute),
}
