"""A new Email: composed from what a client says of it, or taken as it is (RFC 8621 §4.6, §4.8)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
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
    fields, rest = known(wanted, KNOWN)
    wish, received_at = email_wish.of_new(context, rest), date_of(rest.get("receivedAt"))
    return keep(context, composed(context, fields, rest), wish, received_at)


def known(wanted: Json, names: Collection[str]) -> tuple[Json, Json]:
    """(the properties that are header fields, the others), which must be among these names. Raises SetError."""
    fields, rest = split(wanted)
    if wrong := sorted(rest.keys() - set(names)):
        raise SetError("invalidProperties", f"{wrong[0][:100]} cannot be set.", properties=wrong[:20])
    return fields, rest


def composed(context: Context, fields: Json, rest: Json, *, flowed: bool = False) -> bytes:
    """The bytes of a message with these header fields, and the body that the other properties describe. Raises SetError.

    flowed: the lines of its plain text are paragraphs.
    """
    written = Header()
    written.take(fields)
    return _built(written, Body(context, rest, flowed=flowed).read())


def _built(written: Header, body: layout.Leaf | layout.Multi) -> bytes:
    """RFC 8621 §4.6: with Date and Message-ID, so that it can be sent as it is."""
    if not written.has("date"):
        written.add("Date", now_as_date())
    if not written.has("message-id"):
        written.add("Message-ID", f"<{_message_id(written)}>")
    lines = written.lines()
    [message_id] = header.message_ids(header.get(header.fields(b"".join(lines)), "message-id") or b"")[:1] or [""]
    return layout.build(lines, body, message_id)


def new_message_id(fields: Json) -> str:
    """A Message-ID, without < >, for a message with these header fields. Raises SetError."""
    written = Header()
    written.take(fields)
    return _message_id(written)


def _message_id(written: Header) -> str:
    return f"{uuid.uuid4().hex}@{_domain(written)}"


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
    new, packed = ready(context, content, received_at)
    with refusals():
        message = desired.bring_in(new, packed, wish)
    nothing = Had(frozenset(), frozenset())
    return _described(message) | (email_wish.otherwise(nothing.after(wish), _had(message)) or {})


def ready(context: Context, content: bytes, received_at: datetime) -> tuple[NewMessage, store.Draft]:
    """A message and its bytes, ready for the store. Raises SetError where it is too large, or too much for one request."""
    if len(content) > limits.upload_bytes():
        raise SetError("tooLarge", "The message is too large.", maxSize=limits.upload_bytes())
    context.spend(len(content))
    packed = store.draft(content)
    return NewMessage(context.account.pk, store.unsaved(packed), content, received_at=received_at), packed


@contextmanager
def refusals() -> Iterator[None]:
    """What the store refuses, as a SetError."""
    try:
        yield
    except Impossible as error:
        raise email_wish.refusal(error) from error
    except OverQuota as error:
        raise SetError("overQuota", str(error)) from error


def _described(message: Message) -> Json:
    thread = ids.name("T", message.thread_id)
    return {"id": message.email_id, "blobId": ids.name("R", message.pk), "threadId": thread, "size": message.size}


def _had(message: Message) -> Had:
    message.refresh_from_db(fields=["flags", "keywords"])
    boxes = Membership.objects.filter(message=message).values_list("mailbox_id", flat=True)
    words = (word for word, bit in desired.FLAGS.items() if message.flags & bit)
    return Had(frozenset(boxes), frozenset({*words, *(word.lower() for word in message.keywords)}))
