"""A new Email: composed from what a client says of it, or taken as it is (RFC 8621 §4.6, §4.8)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.mailstore import desired
from mailsuite.mailstore.desired import Had, Impossible, Wish
from mailsuite.mailstore.messages import NewMessage, OverQuota
from mailsuite.mailstore.models import Membership, Message
from mailsuite.protocol import header, layout
from mailsuite.protocol.address import domain_ascii, parse_list
from webmail.jmap import arguments, email_wish, ids, limits
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, SetError
from webmail.jmap.written_body import SHORT, Body
from webmail.jmap.written_header import Header, now_as_date, split

KNOWN = frozenset({"mailboxIds", "keywords", "receivedAt", "bodyValues", *SHORT})


def create(context: Context, wanted: Json) -> Json:
    """Compose a message and keep it; what its client could not know of it. Raises SetError."""
    fields, rest = split(wanted)
    if wrong := sorted(rest.keys() - KNOWN):
        raise SetError("invalidProperties", f"{wrong[0][:100]} cannot be set.", properties=wrong[:20])
    wish, received_at = email_wish.of_new(context, rest), date_of(rest.get("receivedAt"))
    written = Header()
    written.take(fields)
    body = Body(context, rest).read()
    return keep(context, _built(written, body), wish, received_at)


def _built(written: Header, body: layout.Leaf | layout.Multi) -> bytes:
    """RFC 8621 §4.6: with Date and Message-ID, so that it can be sent as it is."""
    if not written.has("date"):
        written.add("Date", now_as_date())
    if not written.has("message-id"):
        written.add("Message-ID", f"<{uuid.uuid4().hex}@{_domain(written)}>")
    lines = written.lines()
    [message_id] = header.message_ids(header.get(header.fields(b"".join(lines)), "message-id") or b"")[:1] or [""]
    return layout.build(lines, body, message_id)


def _domain(written: Header) -> str:
    author = header.get(header.fields(b"".join(written.lines())), "from")
    people = parse_list(author) if author else []
    named = next((one.address.rpartition("@")[2] for one in people if one.address), "")
    return domain_ascii(named) or "localhost.invalid"


def date_of(value: object) -> datetime:
    """`receivedAt`. Raises SetError."""
    if value is None:
        return now()
    try:
        return arguments.date(value, "receivedAt")
    except MethodError as error:
        raise SetError("invalidProperties", error.arguments["description"], properties=["receivedAt"]) from error


def keep(context: Context, content: bytes, wish: Wish, received_at: datetime) -> Json:
    """Take a message into the account; what its client could not know of it. Raises SetError."""
    if len(content) > limits.upload_bytes():
        raise SetError("tooLarge", "The message is too large.", maxSize=limits.upload_bytes())
    context.spend(len(content))
    new = NewMessage(context.account.pk, store.unsaved(draft := store.draft(content)), content, received_at=received_at)
    try:
        message = desired.bring_in(new, draft, wish)
    except Impossible as error:
        raise email_wish.refusal(error) from error
    except OverQuota as error:
        raise SetError("overQuota", str(error)) from error
    nothing = Had(frozenset(), frozenset())
    return _described(message) | (email_wish.otherwise(nothing.after(wish), _had(message)) or {})


def _described(message: Message) -> Json:
    thread = ids.name("T", message.thread_id)
    return {"id": message.email_id, "blobId": ids.name("R", message.pk), "threadId": thread, "size": message.size}


def _had(message: Message) -> Had:
    message.refresh_from_db(fields=["flags", "keywords"])
    boxes = Membership.objects.filter(message=message).values_list("mailbox_id", flat=True)
    words = (word for word, bit in desired.FLAGS.items() if message.flags & bit)
    return Had(frozenset(boxes), frozenset({*words, *(word.lower() for word in message.keywords)}))
