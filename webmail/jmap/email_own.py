"""What we tell of an Email besides the standard, to who uses our capability and asks for it by name."""

from __future__ import annotations

from mailsuite.mailstore.models import Message
from mailsuite.queue import submissions
from webmail import display, why
from webmail.jmap import ids
from webmail.jmap.arguments import utc
from webmail.jmap.email_stored import Stored
from webmail.jmap.errors import Json
from webmail.previews import files


def _files(message: Message) -> list[Json]:
    """What the strip under a message offers (product.md 4.3): a picture that the text shows is not offered again."""
    return [_file(one) for one in files.listed(message)]


def _file(one: Json) -> Json:
    name, kind = display.clean(str(one["name"])), str(one["type"])
    return {
        "partId": str(one["part"]),
        "name": name,
        "type": kind,
        "size": int(one["size"]),
        "preview": files.guessed(name, kind),
    }


def _scheduled(message: Message) -> Json | None:
    """When it leaves, and by which EmailSubmission that can be changed: of what waits in Scheduled."""
    if message.sends_at is None or message.place != Message.Place.MAIL or message.flags & Message.DRAFT:
        return None
    handed = submissions.of_message(message.account_id, message.pk)
    return {"sendAt": utc(message.sends_at), "submissionId": ids.name("S", handed.row.pk) if handed else None}


def _why(message: Message) -> Json | None:
    found = why.found(message)
    if found is None:
        return None
    return {
        "domain": found.domain,
        **found.results,
        "reasons": [{"text": text, "weight": weight} for text, weight in found.reasons],
    }


# Of columns alone: a conversation of a thousand messages is told without reading one of them.
PROPERTIES: dict[str, Stored] = {
    "isOwn": Stored(("own",), lambda message: message.own),
    "scheduled": Stored(("account_id", "sends_at", "place", "flags"), _scheduled),
    "files": Stored(("attachments",), _files),
    "why": Stored(("decision", "author_address"), _why),
}
