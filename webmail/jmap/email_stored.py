"""Properties of emails that the store keeps in columns: a list needs no message's bytes (RFC 8621 §4.1.1 to §4.1.4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from mailsuite.mailstore.models import Message
from mailsuite.protocol.imap.envelope import texts
from mailsuite.protocol.summary import MOST_PEOPLE
from webmail.jmap import email_header, ids
from webmail.jmap.arguments import utc

FLAGS = {"$seen": Message.SEEN, "$answered": Message.ANSWERED, "$flagged": Message.FLAGGED, "$draft": Message.DRAFT}
PEOPLE = {"from": "from", "sender": "sender", "replyTo": "reply_to", "to": "to", "cc": "cc", "bcc": "bcc"}


class Summed(Protocol):
    """What a `Message` and a `Summary` both know."""

    subject: str
    people: dict[str, list[list[str]]]
    preview: str
    attachments: list[dict[str, Any]]
    imap_envelope: bytes


class Stored(NamedTuple):
    """How a property is made, and of which columns."""

    columns: tuple[str, ...]
    make: Callable[[Any], Any]


_texts = lru_cache(maxsize=8)(texts)  # several properties of one message ask it


def keywords(flags: int, words: Iterable[str]) -> dict[str, bool]:
    """`keywords`: flags and keywords alike, in lower case (§4.1.1)."""
    return dict.fromkeys([*(name for name, bit in FLAGS.items() if flags & bit), *(word.lower() for word in words)], True)


def _subject(one: Summed) -> str | None:
    """An empty Subject is one, a missing one is none."""
    if one.subject or _texts(bytes(one.imap_envelope)).subject is not None:
        return unicodedata.normalize("NFC", one.subject)
    return None


def _sent_at(one: Summed) -> str | None:
    raw = _texts(bytes(one.imap_envelope)).date
    return None if raw is None else email_header.date(raw)


def _ids(name: str) -> Callable[[Summed], list[str] | None]:
    def make(one: Summed) -> list[str] | None:
        raw = getattr(_texts(bytes(one.imap_envelope)), name)
        return None if raw is None else email_header.message_ids(raw)

    return make


def _people(name: str) -> Callable[[Summed], list[dict[str, str | None]] | None]:
    def make(one: Summed) -> list[dict[str, str | None]] | None:
        return None if name not in one.people else [email_header.person(person) for person in one.people[name]]

    return make


def is_cut(one: Summed, name: str) -> bool:
    """Whether the store keeps only the first of a message's people in this field: then the header must be asked."""
    return name in PEOPLE and len(one.people.get(PEOPLE[name], ())) >= MOST_PEOPLE


# Of the row alone.
METADATA: dict[str, Stored] = {
    "id": Stored(("incarnation",), lambda one: one.email_id),
    "blobId": Stored((), lambda one: ids.name("R", one.pk)),
    "threadId": Stored(("thread",), lambda one: ids.name("T", one.thread_id)),
    "keywords": Stored(("flags", "keywords"), lambda one: keywords(one.flags, one.keywords)),
    "size": Stored(("size",), lambda one: one.size),
    "receivedAt": Stored(("received_at",), lambda one: utc(one.received_at)),
}
# Of the content, and kept.
SUMMED: dict[str, Stored] = {
    "messageId": Stored(("imap_envelope",), _ids("message_id")),
    "inReplyTo": Stored(("imap_envelope",), _ids("in_reply_to")),
    **{name: Stored(("people",), _people(kept)) for name, kept in PEOPLE.items()},
    "subject": Stored(("subject", "imap_envelope"), _subject),
    "sentAt": Stored(("imap_envelope",), _sent_at),
    "hasAttachment": Stored(("attachments",), lambda one: any(not file.get("inline") for file in one.attachments)),
    "preview": Stored(("preview",), lambda one: one.preview),
}
