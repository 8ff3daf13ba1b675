"""The mailboxes and keywords that a client wants a message to have, and what they mean for its state (product.md 3.9).

IMAP says what to do: move, copy, store. JMAP says what shall be: the mailboxes a message is in, all of them or as a difference.
What a message is (starred, own, a draft, received) puts it into mailboxes by itself: those it need not be told to stay in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.mailstore import arrange
from mailsuite.mailstore.flags import junked
from mailsuite.mailstore.homes import MOST_KEYWORDS, State, destined, homes, written
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.messages import NewMessage, append, prepare
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.mailstore.quota import OverQuota

Role, Place = Mailbox.Role, Message.Place
AWAY = {Role.TRASH: Place.TRASH, Role.JUNK: Place.SPAM}
# A message is in these for what it is.
FOLLOWING = (Role.ALL, Role.SENT, Role.SCHEDULED, Role.DRAFTS, Role.ARCHIVE, Role.STARRED)
FLAGS = {"$seen": Message.SEEN, "$answered": Message.ANSWERED, "$flagged": Message.FLAGGED, "$draft": Message.DRAFT}


@dataclass
class Impossible(Exception):
    """No message can be so; `reason` is a sentence, `about` is mailboxes or keywords."""

    reason: str
    about: str = "mailboxes"
    too_many: bool = False
    temporary = False

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be: sets of mailbox ids and of keywords (the flags among them, by JMAP's names), whole or as differences."""

    boxes: frozenset[int] | None = None  # all that it shall be in; None is those it is in
    enter: frozenset[int] = frozenset()
    leave: frozenset[int] = frozenset()
    words: frozenset[str] | None = None  # all that it shall have; None is those it has
    add: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()

    @property
    def moves(self) -> bool:
        """Does it say anything about mailboxes?"""
        return self.boxes is not None or bool(self.enter or self.leave)

    @property
    def marks(self) -> bool:
        """Does it say anything about keywords?"""
        return self.words is not None or bool(self.add or self.drop)

    def names(self, word: str) -> bool:
        """Does it say whether the message shall have this keyword?"""
        return self.words is not None or word in {one.casefold() for one in self.add | self.drop}


@dataclass(frozen=True, slots=True)
class Boxes:
    """The mailboxes of an account."""

    by_id: Mapping[int, Mailbox]
    roles: Mapping[str, int]

    @property
    def inbox(self) -> int:
        return self.roles[Role.INBOX]

    def labels(self) -> frozenset[int]:
        return frozenset(pk for pk, box in self.by_id.items() if not box.role)

    def ids(self, roles: Iterable[str]) -> frozenset[int]:
        return frozenset(self.roles[role] for role in roles)


def boxes_of(ledger: Ledger, account_id: int) -> Boxes:
    """The mailboxes of one account of the ledger's."""
    mine = {pk: box for pk, box in ledger.boxes.items() if box.account_id == account_id}
    return Boxes(mine, ledger.roles(account_id))


@dataclass(frozen=True, slots=True)
class Had:
    """The mailboxes and keywords of a message."""

    boxes: frozenset[int]
    words: frozenset[str]  # in lower case, the flags among them

    @classmethod
    def of(cls, state: State, boxes: Iterable[int]) -> Had:
        flags = (word for word, bit in FLAGS.items() if state.flags & bit)
        return cls(frozenset(boxes), frozenset({*flags, *(word.lower() for word in state.keywords)}))

    def after(self, wish: Wish) -> Had:
        """What it would have if the wish were all there is to it."""
        boxes = (self.boxes | wish.enter) - wish.leave if wish.boxes is None else wish.boxes
        add, drop = ({word.lower() for word in some} for some in (wish.add, wish.drop))
        words = (self.words | add) - drop if wish.words is None else {word.lower() for word in wish.words}
        return Had(boxes, frozenset(words))


@dataclass(frozen=True, slots=True)
class Became:
    """What a message had, and has now."""

    before: Had
    after: Had


@transaction.atomic
def fulfil(account_id: int, wishes: Mapping[int, Wish]) -> dict[int, Became | Impossible]:
    """Bring messages into the state that is wished for them: for each what became of it, or why it cannot be.

    Ids that the account does not have are left out.
    """
    ledger = Ledger([account_id])
    boxes, at = boxes_of(ledger, account_id), now()
    found: dict[int, Became | Impossible] = {}
    changes = []
    for held in arrange.load(account_id, messages=wishes):
        try:
            changes.append((held, wished(held.state, wishes[held.id], boxes, at)))
        except Impossible as reason:
            found[held.id] = reason
    before = {held.id: Had.of(held.state, held.homes) for held, _ in changes}
    arrange.apply(ledger, changes)
    ledger.close()
    return found | {held.id: Became(before[held.id], Had.of(held.state, held.homes)) for held, _ in changes}


def bring_in(new: NewMessage, draft: store.Draft, wish: Wish) -> Message:
    """Take a new message in with these mailboxes and keywords. Its `blob` is made here, from the draft.

    Raises Impossible and OverQuota. Bytes that are held already are put there too (rule R11).
    """
    new.blob = store.unsaved(draft)
    prepare(new)
    with transaction.atomic():
        ledger = Ledger([new.account_id])  # the account first, then the blob: so does delivery, and neither waits for the other
        state = state_of_new(wish, boxes_of(ledger, new.account_id), now())
        (new.blob,) = store.save([(draft, 0)])
        new.role, new.labels, new.own, new.by_member = _role(state), sorted(state.labels), state.own, True
        new.flags, new.keywords = state.flags, state.keywords
        (message,) = append([new])
        if isinstance(message, OverQuota):
            raise message
        role = Role.INBOX if state.inbox else Role.SNOOZED if state.snoozed_until else new.role
        if role != new.role:
            fulfil(new.account_id, {message.pk: Wish(enter=frozenset({ledger.box(new.account_id, role).pk}))})
    return message


def _role(state: State) -> str:
    """The mailbox that a message in this state is put into, the others following."""
    if state.place != Place.MAIL:
        return Role.JUNK if state.place == Place.SPAM else Role.TRASH
    if state.flags & Message.DRAFT and state.own:
        return Role.DRAFTS
    if state.own:
        return Role.SENT
    return Role.INBOX if state.inbox else Role.ARCHIVE


def wished(state: State, wish: Wish, boxes: Boxes, at: datetime) -> State:
    """The state that a message comes into. Raises Impossible."""
    marked = _marked(state, wish) if wish.marks else state
    if wish.moves:
        return _placed(state, marked, wish, boxes, at)
    return junked(
        state,
        marked,
        lambda one: one.put_away(Place.SPAM, boxes.inbox, at),
        lambda one: one.bring_back(boxes.inbox, boxes.labels()),
    )


# --- keywords ---


def _marked(state: State, wish: Wish) -> State:
    kept = () if wish.words is not None else state.keywords
    flags = 0 if wish.words is not None else state.flags
    for word in sorted(wish.add if wish.words is None else wish.words):
        flags |= FLAGS.get(word.casefold(), 0)
    for word in wish.drop:
        flags &= ~FLAGS.get(word.casefold(), 0)
    named = {one.casefold(): one for one in kept}
    for word in wish.add if wish.words is None else wish.words:
        if word.casefold() not in FLAGS:
            named.setdefault(word.casefold(), _as_had(state, word))
    for word in wish.drop:
        named.pop(word.casefold(), None)
    if len(named) > max(MOST_KEYWORDS, len(state.keywords)):
        raise Impossible(f"A message has at most {MOST_KEYWORDS} keywords.", "keywords", too_many=True)
    return replace(state, flags=flags, keywords=tuple(sorted(named.values())))


def _as_had(state: State, word: str) -> str:
    """Keywords are compared without case, and kept as first written."""
    return next((one for one in state.keywords if one.casefold() == word.casefold()), written(word))


# --- mailboxes ---


def _placed(before: State, state: State, wish: Wish, boxes: Boxes, at: datetime) -> State:
    here = homes(before, boxes.roles)
    there = wish.boxes if wish.boxes is not None else (here | wish.enter) - wish.leave
    check(there, frozenset(here), boxes)
    for role, place in AWAY.items():
        if boxes.roles[role] in there:
            return state.put_away(place, boxes.inbox, at)
    came = there - here
    if before.place != Place.MAIL:  # it comes back with what it had, as over IMAP; to Inbox only where that is named
        after = replace(state.bring_back(boxes.inbox, boxes.labels()), inbox=False)
    else:
        after = _without(state, wish, here - there, boxes)
    after = _entered(after, came, boxes, at)
    if after == before and wish.leave & homes(after, boxes.roles):
        raise Impossible("It is in that mailbox for what it is: put it somewhere else instead.")
    return after


def check(there: frozenset[int], here: frozenset[int], boxes: Boxes) -> None:
    """Can a message that is `here` be in all of these at once? Raises Impossible."""
    if not there:
        raise Impossible("A message is in at least one mailbox; to be rid of it, destroy it.")
    if unknown := there - boxes.by_id.keys():
        raise Impossible(f"There is no such mailbox: {len(unknown)} of those named.")
    away = there & boxes.ids(AWAY)
    if away and (len(away) > 1 or there - away - (here & boxes.ids(FOLLOWING))):
        raise Impossible("A message in Trash or Junk is in no other mailbox.")
    if boxes.ids((Role.SENT, Role.DRAFTS)) <= there:
        raise Impossible("What is in Drafts is not sent yet.")
    if boxes.roles[Role.SCHEDULED] in there - here:
        raise Impossible("Scheduled holds what waits to be sent.")
    if boxes.ids((Role.INBOX, Role.SNOOZED)) <= there - here:
        raise Impossible("What sleeps is not in Inbox.")
    if boxes.roles[Role.ARCHIVE] in there - here and boxes.ids((Role.INBOX, Role.SNOOZED)) & there:
        raise Impossible("Archive holds what is neither in Inbox nor snoozed.")


def _without(state: State, wish: Wish, gone: Iterable[int], boxes: Boxes) -> State:
    """What leaving these mailboxes takes from a message in Mail."""
    roles = boxes.roles
    if wish.boxes == {roles[Role.STARRED]}:  # to star it is not to take it from where it is
        return state
    gone = frozenset(gone)
    state = replace(state, inbox=state.inbox and boxes.inbox not in gone, labels=state.labels - gone)
    if roles[Role.SNOOZED] in gone:
        state = replace(state, snoozed_until=None)
    if roles[Role.DRAFTS] in gone:
        state = replace(state.with_flag(Message.DRAFT, False), own=False)
    # A client that names where it shall be may not know of Starred: only one that names Starred takes the star off.
    if roles[Role.STARRED] in gone & wish.leave and not wish.names("$flagged"):
        state = state.with_flag(Message.FLAGGED, False)
    return state


def _entered(state: State, came: Iterable[int], boxes: Boxes, at: datetime) -> State:
    for pk in sorted(came):
        state = destined(state, boxes.by_id[pk], (), boxes.inbox, at)
    return state


def state_of_new(wish: Wish, boxes: Boxes, at: datetime) -> State:
    """The state of a message that comes with these mailboxes and keywords. Raises Impossible."""
    there = wish.boxes or frozenset()
    check(there, frozenset(), boxes)
    return _entered(_marked(State(), wish), there, boxes, at)
