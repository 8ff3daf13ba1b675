"""Email/get and /changes (RFC 8621 §4.2, §4.3): the store's columns where they say it, the message's bytes where they must."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from zstandard import ZstdError

from mailsuite.blobs import store as blobs
from mailsuite.mailstore import emails as store
from mailsuite.mailstore.models import Message
from mailsuite.protocol.header import HEADER_CAP
from webmail.jmap import email_body, email_header, email_own, email_reading, email_trust, ids, limits, standard
from webmail.jmap.context import Context
from webmail.jmap.email_body import Body, Wanted
from webmail.jmap.email_header import Fields
from webmail.jmap.email_stored import METADATA, SUMMED, is_cut
from webmail.jmap.errors import Json, MethodError
from webmail.jmap.session import OWN

DEFAULT = (
    "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId", "inReplyTo", "references", "sender",
    "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt", "hasAttachment", "preview", "bodyValues", "textBody", "htmlBody",
    "attachments",
)  # fmt: skip
READ = email_reading.READ | email_trust.READ  # what reads the message itself
OURS = email_own.PROPERTIES.keys() | READ.keys()
OF_HEADER = {"references": "header:References:asMessageIds"}
FIELDS = {"replyTo": "Reply-To"}
STEP = 50  # emails whose bytes are in memory at once


class Properties(Collection[str]):
    """The names of an Email's properties, with ours or without; what it yields are those of a call that names none."""

    def __init__(self, *, own: bool = False) -> None:
        self._own = own

    def __contains__(self, name: object) -> bool:
        known = isinstance(name, str) and email_header.parse(name) is not None
        return known or name in DEFAULT or name in ("headers", "bodyStructure") or (self._own and name in OURS)

    def __iter__(self) -> Iterator[str]:
        return iter(DEFAULT)

    def __len__(self) -> int:
        return len(DEFAULT)


def get(context: Context, arguments: Json) -> Json:
    """Email/get."""
    asked = standard.getting(context, arguments, Properties(own=OWN in context.using), *email_body.ARGUMENTS)
    wanted = Wanted.of(arguments)
    state = standard.mail_state(asked.account_id)
    if asked.ids is None:
        keys = store.ids_of(asked.account_id, limits.OBJECTS_IN_GET + 1)
        if len(keys) > limits.OBJECTS_IN_GET:
            raise MethodError("requestTooLarge", f"There are more than {limits.OBJECTS_IN_GET}")
    else:
        keys = [key[0] for one in asked.ids if (key := ids.email_key(one)) is not None]
    return standard.got(asked, state, emails(asked.account_id, keys, asked.properties, wanted))


def changes(context: Context, arguments: Json) -> Json:
    """Email/changes."""
    return standard.mail_changes(context, arguments, "emails", lambda name: name)


def emails(account_id: int, keys: Sequence[int], names: Sequence[str], wanted: Wanted) -> dict[str, Json]:
    """The account's messages of these keys as Emails with these properties, by id; those that are not there are left out."""
    columns = {"incarnation"} | {column for name in names for column in _columns(name)}
    bodies, heads = [one for one in names if _needs_body(one, wanted)], [one for one in names if _needs_head(one)]
    if bodies or heads:
        columns |= {*store.CONTENT, "size"}
    found: dict[str, Json] = {}
    step = STEP if "blob" in columns else max(len(keys), 1)
    for start in range(0, len(keys), step):
        some = list(keys[start : start + step])
        homes = store.mailboxes_of(some) if "mailboxIds" in names else {}
        for pk, message in store.load(account_id, some, columns).items():
            found[message.email_id] = _email(message, names, wanted, homes.get(pk, []))
    return found


def _columns(name: str) -> tuple[str, ...]:
    if name in READ:
        return READ[name][0]
    stored = METADATA.get(name) or SUMMED.get(name) or email_own.PROPERTIES.get(name)
    return stored.columns if stored else ()


def _needs_head(name: str) -> bool:
    return name == "headers" or name in OF_HEADER or name.startswith("header:")


def _needs_body(name: str, wanted: Wanted) -> bool:
    return name in email_body.PROPERTIES and (name != "bodyValues" or wanted.values)


def _email(message: Message, names: Sequence[str], wanted: Wanted, homes: Sequence[int]) -> Json:
    whole = any(_needs_body(name, wanted) for name in names)
    wanted.read(message.size if whole else 0)
    source = _Source(message, whole)
    return {name: _value(message, name, wanted, source, homes) for name in names}


def _value(message: Message, name: str, wanted: Wanted, source: _Source, homes: Sequence[int]) -> Any:
    if name in READ:
        return READ[name][1](message, wanted)
    if stored := METADATA.get(name) or email_own.PROPERTIES.get(name):
        return stored.make(message)
    if name == "mailboxIds":
        return {ids.name("F", pk): True for pk in homes}
    if name in SUMMED and not is_cut(message, name):
        return SUMMED[name].make(message)
    if name in email_body.PROPERTIES:
        return source.body.value(name, wanted) if _needs_body(name, wanted) else {}
    return of_header(name, source.head)


def of_header(name: str, found: Fields) -> Any:
    """A property that the header answers: `headers`, `header:…`, and those that are short for one of these."""
    if name == "headers":
        return email_header.listed(found)
    asked = email_header.parse(OF_HEADER.get(name, name if ":" in name else f"header:{FIELDS.get(name, name)}:asAddresses"))
    return email_header.value(asked, found) if asked else None


class _Source:
    """The bytes of a message, as far as they are asked for."""

    def __init__(self, message: Message, whole: bool) -> None:
        self._message, self._whole = message, whole
        self._body: Body | None = None
        self._head: Fields | None = None

    @property
    def body(self) -> Body:
        if self._body is None:
            self._body = Body(self._read(), ids.name("R", self._message.pk))
        return self._body

    @property
    def head(self) -> Fields:
        if self._head is None:
            self._head = email_body.fields_of(self.body.content if self._whole else self._read(HEADER_CAP))
        return self._head

    def _read(self, most: int | None = None) -> bytes:
        message = self._message
        try:
            stored = blobs.read(message.blob) if most is None else blobs.read_range(message.blob, 0, most)
        except (OSError, ZstdError):  # lost or broken: `checkstore` says so, and the others can be read
            return b""
        return bytes(message.trace) + stored
