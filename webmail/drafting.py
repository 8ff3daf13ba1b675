"""What a new letter begins with: nothing, an answer, something to pass on, or a draft that was put aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils import timezone

from mailsuite.accounts import addresses
from mailsuite.accounts.addresses import Identity
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.protocol import header
from mailsuite.protocol.answer import reply_recipients, reply_text
from mailsuite.protocol.header import Field
from mailsuite.protocol.subject import forward_subject, reply_subject
from webmail import attachments, bodies, dates, display


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to write to."""

    name: str
    address: str

    def __str__(self) -> str:
        name = display.clean(self.name)
        if not name or name == self.address:
            return self.address
        if not re.search(r'[(),:;<>@\[\]\\".]', name):
            return f"{name} <{self.address}>"
        escaped = re.sub(r'(["\\])', r"\\\1", name)  # else a name could end itself and go on with another recipient
        return f'"{escaped}" <{self.address}>'


@dataclass(frozen=True, slots=True)
class Recipients:
    """To and Cc of an answer."""

    to: list[Person]
    cc: list[Person]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in a message of the account already, and goes along."""

    message_id: int
    part: str
    name: str
    size: str

    @property
    def key(self) -> str:
        return f"{self.message_id}:{self.part}"


@dataclass(slots=True)
class Letter:
    """What the compose form holds. `reply` and `forward` are ids of messages, `draft` of the draft it replaces."""

    author: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    kept: list[Kept] = field(default_factory=list)
    reply: int | None = None
    forward: int | None = None
    draft: int | None = None


def recipients(message: Message, own: frozenset[str], *, everyone: bool) -> Recipients:
    """Whom an answer goes to (product.md 5.6)."""
    found = reply_recipients(header_fields(message), own, "everyone" if everyone else "author")
    return Recipients([Person(*one) for one in found.to], [Person(*one) for one in found.cc])


def header_fields(message: Message) -> list[Field]:
    """The fields of a message's header."""
    return header.fields(header.split_message(store.content(message))[0])


def _people(message: Message, kind: str) -> list[Person]:
    return [Person(pair[0], pair[1]) for pair in message.people.get(kind, ()) if pair[1]]


def answer(message: Message, own: frozenset[str], identities: list[Identity], *, everyone: bool) -> Letter:
    """A reply: quoted below, from the address that the message came to."""
    to = recipients(message, own, everyone=everyone)
    return Letter(
        author=_author(message, identities),
        to=", ".join(map(str, to.to)),
        cc=", ".join(map(str, to.cc)),
        subject=reply_subject(display.clean(message.subject)),
        text="\n\n" + quotation(message),
        reply=message.pk,
    )


def _author(message: Message, identities: list[Identity]) -> str:
    """The identity that the message was addressed to, else the first."""
    named = {pair[1].casefold() for kind in ("to", "cc", "bcc", "from") for pair in message.people.get(kind, ())}
    return next((one.address for one in identities if one.address.casefold() in named), identities[0].address)


def quotation(message: Message) -> str:
    """ "On 3 October 2026 at 14:02, Ana Silva wrote:", in the member's own time, and the text with > before each line."""
    name = display.name_of(message.author_name, message.author_address)
    text = display.clean_lines(bodies.read(store.content(message)).text)
    return reply_text(text, name=name, date=timezone.localtime(message.sent_at or message.received_at))


def passed_on(message: Message, identities: list[Identity]) -> Letter:
    """A forward: the header lines and the text of the message, and all its files."""
    head = [
        ("From", ", ".join(map(str, _people(message, "from")))),
        ("Date", dates.long(message.sent_at or message.received_at)),
        ("Subject", display.clean(message.subject)),
        ("To", ", ".join(map(str, _people(message, "to")))),
        ("Cc", ", ".join(map(str, _people(message, "cc")))),
    ]
    lines = "\n".join(f"{name}: {value}" for name, value in head if value)
    text = display.clean_lines(bodies.read(store.content(message)).text).strip("\n")
    return Letter(
        author=_author(message, identities),
        subject=forward_subject(display.clean(message.subject)),
        text=f"\n\n---------- Forwarded message ----------\n{lines}\n\n{text}\n",
        kept=kept(message),
        forward=message.pk,
    )


def kept(message: Message) -> list[Kept]:
    return [Kept(message.pk, one.part, one.name, one.size) for one in attachments.files(message)]


def resumed(draft: Message) -> Letter:
    """A draft taken up again."""
    parent = None
    if draft.in_reply_to:
        parent = (
            Message.objects.filter(thread_id=draft.thread_id, message_id=draft.in_reply_to).values_list("pk", flat=True).first()
        )
    return Letter(
        author=draft.author_address,
        to=", ".join(map(str, _people(draft, "to"))),
        cc=", ".join(map(str, _people(draft, "cc"))),
        bcc=", ".join(map(str, _people(draft, "bcc"))),
        subject=draft.subject,
        text=display.clean_lines(bodies.read(store.content(draft)).text),
        kept=kept(draft),
        reply=parent,
        draft=draft.pk,
    )


def identities(account_id: int) -> list[Identity]:
    return addresses.identities(account_id)
