"""The body of a message: its tree of parts, which of them are text, HTML and files, and what they say (RFC 8621 §4.1.4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mailsuite.protocol import charset, header, mime, transfer
from mailsuite.protocol.attachments import Bodies, bodies
from mailsuite.protocol.part import Part
from webmail.jmap import email_header, ids
from webmail.jmap.arguments import boolean, number, properties
from webmail.jmap.email_header import Fields
from webmail.jmap.errors import Json, MethodError

DEFAULT = ("partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location")
PROPERTIES = ("bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments")
ARGUMENTS = ("bodyProperties", "fetchTextBodyValues", "fetchHTMLBodyValues", "fetchAllBodyValues", "maxBodyValueBytes")
MOST_VALUES = 50_000_000  # bytes of body values in one response
MOST_READ = 500_000_000  # bytes of messages that one call reads
ENCODINGS = {"7bit", "8bit", "binary", "base64", "quoted-printable", *transfer.UU_NAMES}


class PartProperties(Collection[str]):
    """The names of an EmailBodyPart's properties; those not asked for by themselves are not in what it yields."""

    def __contains__(self, name: object) -> bool:
        known = (*DEFAULT, "headers", "subParts")
        return name in known or (isinstance(name, str) and email_header.parse(name) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(DEFAULT)

    def __len__(self) -> int:
        return len(DEFAULT)


@dataclass(slots=True)
class Wanted:
    """Which properties of parts, and whose text, a call asks for.

    room: bytes of text that its response still has room for; unread: bytes of messages that it may still read.
    """

    properties: list[str]
    text: bool
    html: bool
    all: bool
    most: int  # bytes of a value; 0: no limit
    room: int
    unread: int

    @classmethod
    def of(cls, arguments: Json) -> Wanted:
        """The arguments of Email/get and Email/parse that say so. Raises MethodError."""
        names = properties(arguments, PartProperties(), "bodyProperties")
        given = arguments.get("bodyProperties")
        return cls(
            names if given is None else list(dict.fromkeys(given)),
            boolean(arguments, "fetchTextBodyValues"),
            boolean(arguments, "fetchHTMLBodyValues"),
            boolean(arguments, "fetchAllBodyValues"),
            number(arguments, "maxBodyValueBytes", 0) or 0,
            MOST_VALUES,
            MOST_READ,
        )

    @property
    def values(self) -> bool:
        """Whether any text is asked for."""
        return self.text or self.html or self.all

    def read(self, size: int) -> None:
        """Note that a message of so many bytes is read. Raises requestTooLarge."""
        self.unread -= size
        if self.unread < 0:
            raise MethodError("requestTooLarge", "Ask for fewer large messages at once")


class Body:
    """The content of a message; what is asked of it is worked out then. `blob`: the id of the blob that it is."""

    def __init__(self, content: bytes, blob: str) -> None:
        self.content, self.blob = content, blob

    @cached_property
    def root(self) -> Part:
        return mime.scan(self.content)

    @cached_property
    def divided(self) -> Bodies:
        return bodies(self.root)

    def value(self, name: str, wanted: Wanted) -> Any:
        """One of `PROPERTIES`."""
        if name == "bodyStructure":
            return self.tree(self.root, wanted.properties)
        if name == "bodyValues":
            return {part.number: self.text(part, wanted) for part in self._texts(wanted)}
        parts = {"textBody": self.divided.text, "htmlBody": self.divided.html, "attachments": self.divided.attachments}[name]
        return [self.described(part, wanted.properties) for part in parts]

    def tree(self, part: Part, names: list[str]) -> Json:
        """A part and those below it; what a message/rfc822 holds is another message's."""
        found = self.described(part, names)
        if part.is_multipart:
            found["subParts"] = [self.tree(child, names) for child in part.children]
        return found

    def described(self, part: Part, names: list[str]) -> Json:
        """An EmailBodyPart."""
        return {name: self._property(part, name) for name in names}

    def _property(self, part: Part, name: str) -> Any:
        if name in _OF_PART:
            return _OF_PART[name](part)
        if name == "blobId":
            return None if part.is_multipart else ids.part_name(self.blob, part.number)
        if name == "size":
            return 0 if part.is_multipart else len(mime.decoded(self.content, part))
        if name == "subParts":
            return None
        found = Fields(self.content[part.header_start : part.body_start], part.fields)
        if name == "headers":
            return email_header.listed(found)
        asked = email_header.parse(name)
        return email_header.value(asked, found) if asked else None

    def _texts(self, wanted: Wanted) -> list[Part]:
        chosen = [*(self.divided.text if wanted.text else ()), *(self.divided.html if wanted.html else ())]
        if wanted.all:
            chosen += _leaves(self.root)
        return list({part.number: part for part in chosen if part.type == "text"}.values())

    def text(self, part: Part, wanted: Wanted) -> Json:
        """An EmailBodyValue. Raises requestTooLarge where the response has no room for it."""
        value = mime.text(self.content, part).replace("\0", "")
        coded = value.encode("utf-8", "replace")
        cut = bool(wanted.most) and len(coded) > wanted.most
        if cut:
            coded = _cut(coded, wanted.most, html=part.subtype == "html")
        wanted.room -= len(coded)
        if wanted.room < 0:
            raise MethodError("requestTooLarge", "Ask for fewer texts at once, or set maxBodyValueBytes")
        return {"value": coded.decode(), "isEncodingProblem": self._is_damaged(part), "isTruncated": cut}

    def _is_damaged(self, part: Part) -> bool:
        label = part.parameters.get("charset", "")
        codec = charset.codec(label) if label else "utf-8"
        if codec is None or part.encoding not in ENCODINGS:
            return True
        try:
            mime.decoded(self.content, part).decode(codec)
        except (UnicodeError, ValueError, LookupError):
            return True
        return False


def _leaves(root: Part) -> Iterator[Part]:
    pending = [root]
    while pending:
        part = pending.pop()
        if part.is_multipart:
            pending += reversed(part.children)
        else:
            yield part


def _cut(coded: bytes, most: int, *, html: bool) -> bytes:
    """At most so many bytes, no character and no tag of HTML cut in two."""
    coded = coded[:most].decode("utf-8", "ignore").encode()
    opened = coded.rfind(b"<")
    return coded[:opened] if html and opened > coded.rfind(b">") else coded


def _charset(part: Part) -> str | None:
    if part.type != "text":
        return None
    return part.parameters.get("charset") or "us-ascii"  # RFC 2046 §4.1.2: the default, said aloud


def _languages(part: Part) -> list[str] | None:
    words = part.field("content-language").split(",")[:50]
    return [word.strip() for word in words if word.strip()] or None


_OF_PART: dict[str, Callable[[Part], Any]] = {
    "partId": lambda part: None if part.is_multipart else part.number,
    "name": lambda part: part.filename,
    "type": lambda part: part.mime_type,
    "charset": _charset,
    "disposition": lambda part: part.disposition,
    "cid": lambda part: part.content_id,
    "language": _languages,
    "location": lambda part: "".join(part.field("content-location").split()) or None,
}


def fields_of(content: bytes) -> Fields:
    """The header of a message, of which `content` is the beginning at least."""
    block, _ = header.split_message(content)
    return Fields(block, header.fields(block))
