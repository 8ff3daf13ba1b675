"""What we tell of an Email besides the standard about trusting it: trackers, warnings, images on the web, a list to leave.

Three of them read the message's body, as much work as showing it: what was found is remembered (`inspection`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mailsuite.delivery import unsubscribe
from mailsuite.mailstore import emails as store
from mailsuite.mailstore.models import Message
from webmail import trust
from webmail.cautions.judge import Reader
from webmail.cautions.judge import warnings as judged
from webmail.inspection import Found, inspect
from webmail.jmap.arguments import utc
from webmail.jmap.email_body import Wanted
from webmail.jmap.errors import Json

COLUMNS = (
    *("account", "thread", "place", "flags", "own", "size", "subject", "author_name", "author_address", "people", "attachments"),
    *("traits", "decision", "received_at", *store.CONTENT),
)


def trackers(message: Message, wanted: Wanted) -> list[Json]:
    return [{"name": name, "count": count} for name, count in _inspected(message, wanted).trackers.items()]


def warnings(message: Message, wanted: Wanted) -> list[Json]:
    wanted.read(message.size)
    return [
        {"code": one.code, "level": one.level, "where": one.where, "values": one.values, "text": one.sentence}
        for one in judged(message)
    ]


def remote(message: Message, wanted: Wanted) -> Json:
    count, known = _inspected(message, wanted).images, trust.decided(message)
    images = trust.images(message, Reader.of(message.account).mine, known) if count else "none"
    return {"images": images, "count": count, "isAlways": known.always_images}


def leaving(message: Message, _: Wanted) -> Json | None:
    found = unsubscribe.offer(message)
    if found is None:
        return None
    return {"how": found.how, "page": found.page or None, "leftAt": utc(found.left_at), "leftHow": found.left_how or None}


def _inspected(message: Message, wanted: Wanted) -> Found:
    wanted.read(message.size)
    return inspect(message)


# Of each property the columns it asks of the row, and what makes it.
READ: dict[str, tuple[tuple[str, ...], Callable[[Message, Wanted], Any]]] = {
    "trackers": (COLUMNS, trackers),
    "warnings": (COLUMNS, warnings),
    "remote": (COLUMNS, remote),
    "unsubscribe": (COLUMNS, leaving),
}
