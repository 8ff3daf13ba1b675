"""A conversation as its page shows it (product.md 3.6): which messages are open, what each says, who came to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.utils.safestring import SafeString

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from webmail import advice, bodies, dates, display, event_card, invitations, plain_text, why
from webmail.advice import Advice
from webmail.attachments import File, files
from webmail.event_card import Card
from webmail.i18n import mark, t

FOLD_FROM = 4  # so many folded messages in a row become one line
LOADED_AT_ONCE = 60  # messages whose text a page carries; what lies between the first and the last is a link
LAST_LOADED = 20
MOST_BYTES = 5_000_000  # of messages whose text a page carries, each counted as what is shown of it; four times that if asked for
NAMES = 4  # in "to me, Ana, Bob and 12 others"
Place = Message.Place
EMPTY = SafeString("")
FIELDS = {
    "from": mark("From"),
    "sender": mark("Sender"),
    "reply_to": mark("Reply to"),
    "to": mark("To"),
    "cc": mark("Cc"),
    "bcc": mark("Bcc"),
}


@dataclass(slots=True)
class Person:
    """Somebody in a message's header."""

    name: str
    address: str
    mine: bool

    @property
    def short(self) -> str:
        return t("me") if self.mine else display.first_name(self.name, self.address)


@dataclass(slots=True)
class Shown:
    """A message on the page."""

    pk: int
    author: Person
    name: str
    initials: str
    hue: str
    to_line: str
    header: list[tuple[str, list[Person]]]
    when: str
    when_long: str
    when_iso: str
    preview: str
    unread: bool
    starred: bool
    draft: bool
    own: bool
    place: int
    open: bool = False
    loaded: bool = True
    text: SafeString = EMPTY
    quote: SafeString = EMPTY
    html_part: str = ""
    cut: bool = False
    files: list[File] = field(default_factory=list)
    event: Card | None = None
    advice: Advice | None = None
    added: str = ""
    why: list[why.Line] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """Messages that stand together: shown one by one, or (folded) behind "5 older messages", or (unloaded) not here at all."""

    messages: list[Shown]
    folded: bool = False
    unloaded: bool = False


def show(found: Sequence[Message], own: frozenset[str], *, everything: bool = False) -> list[Shown]:
    """Messages of one conversation, oldest first, ready to lay out. `everything`: load every text, however many there are."""
    shown = [_envelope(message, own) for message in found]
    _choose_open(shown)
    _choose_loaded(found, shown, everything=everything)
    _read(found, shown)
    _note_new_people(shown)
    return shown


def groups(shown: Sequence[Shown]) -> Iterator[Group]:
    """The page from top to bottom."""
    for kind, run in groupby(shown, key=lambda one: "unloaded" if not one.loaded else "open" if one.open else "folded"):
        members = list(run)
        if kind == "unloaded":
            yield Group(members, unloaded=True)
        elif kind == "folded" and len(members) >= FOLD_FROM:
            yield Group(members[:1])  # what it began with stays in sight
            yield Group(members[1:], folded=True)
        else:
            yield Group(members)


def _envelope(message: Message, own: frozenset[str]) -> Shown:
    people = {kind: [_person(pair, own) for pair in pairs] for kind, pairs in message.people.items()}
    author = next(iter(people.get("from", ())), Person("", message.author_address, message.own))
    if author.mine and not _is_vouched_for(message):
        author = replace(author, mine=False)
    at = message.received_at
    return Shown(
        pk=message.pk,
        author=author,
        name=t("me") if author.mine else display.name_of(author.name, author.address),
        initials=display.initials(author.name, author.address),
        hue=display.hue(author.address),
        to_line=_to_line([*people.get("to", ()), *people.get("cc", ()), *people.get("bcc", ())]),
        header=_header(people),
        when=dates.middle(at),
        when_long=dates.long(at),
        when_iso=at.isoformat(timespec="minutes"),
        preview=display.clean(message.preview),
        unread=not message.flags & Message.SEEN,
        starred=bool(message.flags & Message.FLAGGED),
        draft=bool(message.flags & Message.DRAFT),
        own=message.own,
        place=message.place,
        files=files(message),
        why=why.lines(message),
    )


def _is_vouched_for(message: Message) -> bool:
    """Is the author who it says? What strangers bring in must be authenticated for that: anybody can write "From: me"."""
    auth = (message.decision or {}).get("auth")
    return message.own or not auth or auth.get("dmarc", {}).get("result") == "pass"


def _person(pair: Sequence[str], own: frozenset[str]) -> Person:
    name, address = display.clean(pair[0]), display.clean(pair[1])
    return Person(name, address, address.casefold() in own)


def _header(people: dict[str, list[Person]]) -> list[tuple[str, list[Person]]]:
    """Every person the message names, by field, for whoever opens the line."""
    return [(name, people[kind]) for kind, name in FIELDS.items() if people.get(kind)]


def _to_line(people: Sequence[Person]) -> str:
    names = [person.short for person in people]
    if len(names) > NAMES:
        first = ", ".join(names[: NAMES - 1])
        return t("to {names} and {count} others", names=first, count=len(names) - NAMES + 1)
    return t("to {people}", people=", ".join(names)) if names else t("to nobody in sight")


def _choose_open(shown: Sequence[Shown]) -> None:
    """What is unread, and the last that is no draft."""
    for one in shown:
        one.open = one.unread
    last = next((one for one in reversed(shown) if not one.draft), None)
    if last:
        last.open = True


def _choose_loaded(found: Sequence[Message], shown: Sequence[Shown], *, everything: bool) -> None:
    """The newest first, as long as there is room: a thousand long letters, all unread, must not break the page they are on."""
    room = MOST_BYTES * (4 if everything else 1)
    wanted = set(range(len(shown) - LAST_LOADED, len(shown))) | {0}
    for n in reversed(range(len(shown))):
        one = shown[n]
        one.loaded = everything or len(shown) <= LOADED_AT_ONCE or one.open or n in wanted
        room -= min(found[n].size, bodies.MOST_TEXT) if one.loaded else 0
        one.loaded &= room >= 0
        one.open &= one.loaded


def _read(found: Sequence[Message], shown: Sequence[Shown]) -> None:
    """Fill in the texts, each knowing what the conversation has said before it."""
    earlier: set[str] = set()
    for message, one in zip(found, shown, strict=True):
        if not one.loaded:
            continue
        content = store.content(message)
        body = bodies.read(content)
        if one.open and not one.own and not one.draft:
            one.advice = advice.of(message, content)
        if about := invitations.event(message):
            one.event = event_card.card(about)
        laid_out = plain_text.show(body.text, earlier)
        one.text, one.quote, one.html_part, one.cut = laid_out.text, laid_out.quote, body.html_part, body.cut
        earlier |= plain_text.said(body.text)


def _note_new_people(shown: Iterable[Shown]) -> None:
    """ "Carol was added by Bob": who is addressed for the first time, and has not written before."""
    known: set[str] = set()
    for one in shown:
        named = [person for name, people in one.header if name in ("From", "To", "Cc") for person in people]
        fresh = [person for person in named if person.address not in known and person is not one.author and not person.mine]
        if known and fresh and not one.draft:
            names = ", ".join(person.short for person in fresh[:NAMES])
            one.added = _added(names, len(fresh), one.author.short)
        known |= {person.address for person in named}


def _added(names: str, count: int, by: str) -> str:
    if count > NAMES:
        return t("{names} and others were added by {name}", names=names, name=by)
    return t(
        "{count, plural, one {{names} was added by {name}} other {{names} were added by {name}}}",
        names=names,
        count=count,
        name=by,
    )


def reply_to(found: Sequence[Message]) -> Message | None:
    """The message an answer at the end is to: the last that is not one's own, else the last (product.md 3.6)."""
    letters = [message for message in found if not message.flags & Message.DRAFT]
    return next((message for message in reversed(letters) if not message.own), letters[-1] if letters else None)
