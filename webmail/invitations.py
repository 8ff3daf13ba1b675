"""Invitations in mail: the event a message speaks of, what became of it since, and the member's answer (product.md 5.8).

The answer is kept as a keyword of the invitation, so that it shows on every device, in other mail programs too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from django.db import transaction
from django.utils import timezone

from mailsuite.accounts import addresses
from mailsuite.accounts.models import Account
from mailsuite.delivery.submit import SubmissionRefused, submit
from mailsuite.mailstore import actions, changes
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.correspondence import dmarc_of
from mailsuite.mailstore.models import Message
from mailsuite.protocol import calendar, mime
from mailsuite.protocol.calendar import Answer, Invitation, Person
from mailsuite.queue.models import Envelope
from webmail import display

KEYWORDS: dict[Answer, str] = {
    "ACCEPTED": "$EventAccepted",
    "TENTATIVE": "$EventTentative",
    "DECLINED": "$EventDeclined",
}
WORDS: dict[Answer, str] = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentatively accepted", "DECLINED": "Declined"}
ANSWERS: dict[str, Answer] = {"yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}  # as a member says it
TYPES = ("text/calendar", "application/ics")
MOST_SIBLINGS = 10  # other messages about the same event, the newest
MOST_NOTE = 2_000  # characters
ORGANISERS = ("REQUEST", "CANCEL", "PUBLISH", "ADD", "")  # what an organiser sends; the others are guests' answers


class CannotAnswer(Exception):
    """Why, in words for the member."""


@dataclass(frozen=True, slots=True)
class Event:
    """An invitation as one message has it, and its standing among the others about the same event.

    before: what it replaces; is_replaced: a newer one came; me: the guest that the member is; answer: theirs, "" for none yet.
    """

    said: Invitation
    before: tuple[Message, Invitation] | None
    is_replaced: bool
    is_cancelled: bool
    me: Person | None
    answer: str

    @property
    def can_answer(self) -> bool:
        """Is there something to say to it, and somebody to say it to?"""
        asked = self.said.method == "REQUEST" and self.said.uid and self.said.organiser and self.me
        return bool(asked) and not self.is_replaced and not self.is_cancelled


def event(message: Message) -> Event | None:
    """The event that a message speaks of; None for most messages."""
    said = _said(message) if "calendar_method" in message.traits else None
    if said is None:
        return None
    others = _siblings(message, said) if said.method in ORGANISERS else []
    newer = [one for one in others if _age(*one) > _age(message, said)]
    older = [one for one in others if _age(*one) < _age(message, said)]
    me = _me(message.account_id, said)
    return Event(
        said=said,
        before=max(older, key=lambda one: _age(*one), default=None),
        is_replaced=any(one.method == "REQUEST" for _, one in newer),
        is_cancelled=any(one.method == "CANCEL" or one.status == "CANCELLED" for one in (said, *(one for _, one in newer))),
        me=me,
        answer=_answer(message, said, others, me),
    )


def _said(message: Message) -> Invitation | None:
    content = store.content(message)
    part = next((part for part in mime.walk(mime.scan(content)) if part.mime_type in TYPES), None)
    return calendar.parse(mime.text(content, part, calendar.MOST_CHARACTERS)) if part else None


def _siblings(message: Message, said: Invitation) -> list[tuple[Message, Invitation]]:
    """Other messages of the conversation about the same event, from who may speak for it: anybody can write a cancellation."""
    found = Message.objects.filter(account_id=message.account_id, thread_id=message.thread_id, place=message.place)
    may = {message.author_address.casefold(), *([said.organiser.address.casefold()] if said.organiser else [])}
    same = [
        one
        for one in found.exclude(pk=message.pk).order_by("-received_at").only("pk", "traits", "author_address", "decision")[:200]
        if one.traits.get("calendar_uid") == message.traits.get("calendar_uid")
        and one.author_address.casefold() in may
        and dmarc_of(one.decision) != "fail"
    ]
    loaded = store.load(message.account_id, [one.pk for one in same[:MOST_SIBLINGS]])
    read = [(one, about) for one in loaded if (about := _said(one))]
    return [pair for pair in read if _is_same(pair[1], said)]


def _is_same(one: Invitation, other: Invitation) -> bool:
    return one.uid == other.uid and one.recurrence == other.recurrence and one.method in ORGANISERS


def _age(message: Message, said: Invitation) -> tuple[int, object, int]:
    return said.sequence, message.received_at, message.pk


def _me(account_id: int, said: Invitation) -> Person | None:
    """The guest that is the member: an address that the member may write as."""
    own = {identity.address.casefold() for identity in addresses.identities(account_id)}
    for person in said.attendees:
        local, _, domain = person.address.casefold().rpartition("@")
        if person.address.casefold() in own or f"{addresses.untagged(local)}@{domain}" in own:
            return person
    return None


def _answer(message: Message, said: Invitation, others: Sequence[tuple[Message, Invitation]], me: Person | None) -> str:
    """The answer given to this invitation or to another of the same time; else what the organiser has been told already."""
    alike = [message, *(one for one, about in others if about.start == said.start and about.sequence == said.sequence)]
    for one in alike:
        kept = {keyword.casefold() for keyword in one.keywords}
        if given := next((answer for answer, keyword in KEYWORDS.items() if keyword.casefold() in kept), None):
            return given
    return me.status if me and me.status in KEYWORDS else ""


def answer(account: Account, message: Message, given: Answer, note: str = "") -> bool:
    """Tell the organiser, and keep it; the same answer again without a note sends nothing. True where mail was sent.

    Raises CannotAnswer, nothing sent.
    """
    note = display.clean_lines(note)[:MOST_NOTE].strip()
    with transaction.atomic():
        changes.begin([account.pk])  # what other devices answer at the same moment waits here
        message = Message.objects.select_related("blob__packed").get(pk=message.pk)
        about = event(message)
        if about is None or not about.can_answer or about.me is None or about.said.organiser is None:
            raise CannotAnswer(_reason(about))
        if KEYWORDS[given] in message.keywords and not note:
            return False
        content = _letter(message, about.said, about.me, given, note)
        try:
            submit(
                account,
                content,
                reverse_path=about.me.address,
                recipients=[about.said.organiser.address],
                origin=Envelope.Origin.WEB,
            )
        except SubmissionRefused as refusal:
            raise CannotAnswer(f"The answer could not be sent: {refusal.reply.text}.") from refusal
        others = [keyword for answer, keyword in KEYWORDS.items() if answer != given]
        actions.mark(account.pk, [message.pk], flags=Message.ANSWERED, keywords=[KEYWORDS[given]], without=others)
    return True


def _reason(about: Event | None) -> str:
    if about is None:
        return "There is no invitation in this message."
    if about.is_cancelled:
        return "This event was cancelled."
    if about.is_replaced:
        return "A newer invitation to this event has come: answer that one."
    if about.me is None:
        return "None of your addresses is invited."
    return "This message asks for no answer."


def _letter(message: Message, said: Invitation, me: Person, given: Answer, note: str) -> bytes:
    """RFC 6047: the answer for people, and the same for their calendars."""
    assert said.organiser is not None
    now, title = timezone.localtime(), display.clean(said.title)[:200] or "Event"
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"] = me.address, said.organiser.address
    letter["Subject"] = f"{WORDS[given]}: {title}"
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = make_msgid(domain=me.address.rpartition("@")[2])
    if message.message_id and message.message_id.isascii():
        letter["In-Reply-To"] = letter["References"] = f"<{message.message_id}>"
    letter.set_content(f"{WORDS[given]}: {title}\n" + (f"\n{note}\n" if note else ""), cte="quoted-printable")
    written = calendar.reply(said, me, given, now, note).decode()
    letter.add_alternative(written, subtype="calendar", params={"method": "REPLY"}, cte="base64")
    return letter.as_bytes()
