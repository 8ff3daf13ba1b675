"""What we tell of an Email besides the standard that asks its bytes: the event it speaks of, and does it end with a quotation?

`quoted` asks the bytes of the messages before it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mailsuite.blobs import store as blobs
from mailsuite.mailstore.models import Message
from mailsuite.protocol.calendar import Invitation, Moment, Person
from mailsuite.protocol.subject import is_forward
from webmail import display, earlier, invitations
from webmail.event_card import ANSWERS
from webmail.jmap.arguments import utc
from webmail.jmap.email_body import Wanted
from webmail.jmap.errors import Json
from webmail.rendering.body import View, is_quoted

STATUSES = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined", "DELEGATED": "delegated"}


def event(message: Message, wanted: Wanted) -> Json | None:
    """The event of an invitation, as `types.own.Event`."""
    if "calendar_method" not in message.traits:
        return None
    wanted.read(message.size)
    about = invitations.event(message)
    if about is None:
        return None
    mine = {"email": about.me.address, "status": STATUSES.get(about.answer, "needs-action")} if about.me else None
    return _said(about.said) | {
        "mine": mine,
        "answer": next((word for word, given in ANSWERS.items() if given == about.answer), None),
        "canAnswer": about.can_answer,
        "isCancelled": about.is_cancelled,
        "isReplaced": about.is_replaced,
        "replaces": _times(about.before[1]) | {"emailId": about.before[0].email_id} if about.before else None,
    }


def _said(said: Invitation) -> Json:
    return _times(said) | {
        "method": said.method.lower() or "publish",
        "uid": said.uid,
        "sequence": said.sequence,
        "title": display.clean(said.title),
        "where": display.clean(said.where),
        "description": display.clean_lines(said.description),
        "repeats": said.rule or None,
        "organiser": _person(said.organiser) if said.organiser else None,
        "attendees": [_person(one) for one in said.attendees],
    }


def _times(said: Invitation) -> Json:
    start, end = said.start, said.end
    return {
        "start": _local(start),
        "end": _local(end),
        "startAt": utc(start.utc) if start and start.utc else None,
        "endAt": utc(end.utc) if end and end.utc else None,
        "zone": (display.clean(start.zone) or None) if start else None,
        "isAllDay": bool(start and start.is_day),
    }


def _local(moment: Moment | None) -> str | None:
    return moment.local.isoformat(timespec="seconds") if moment else None


def _person(person: Person) -> Json:
    name = display.clean(person.name) or None
    return {"name": name, "email": person.address, "status": STATUSES.get(person.status, "needs-action")}


def quoted(message: Message, wanted: Wanted) -> bool:
    """Does it end with a quotation that says nothing new, and that its frame therefore folds?"""
    wanted.read(message.size)
    before = earlier.ids(message)

    def texts() -> list[str]:
        wanted.read(min(sum(Message.objects.filter(pk__in=before).values_list("size", flat=True)), earlier.MOST_BYTES))
        return earlier.texts(message.account_id, before)

    return is_quoted(blobs.read(message.blob), View(forward=is_forward(message.subject), earlier=texts))


# Of each property the columns it asks of the row, and what makes it.
READ: dict[str, tuple[tuple[str, ...], Callable[[Message, Wanted], Any]]] = {
    "event": (
        (
            "account",
            "traits",
            "size",
            "thread",
            "place",
            "author_address",
            "keywords",
            "received_at",
            "decision",
            "blob",
            "trace",
        ),
        event,
    ),
    "quoted": (("account", "size", "thread", "place", "received_at", "subject", "blob"), quoted),
}
