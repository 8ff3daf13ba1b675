"""Builds a message from what its author wrote: the same draft gives the same bytes (RFC 5322, RFC 2045 to 2049, RFC 3676)."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from mailsuite.protocol import fields
from mailsuite.protocol.flowed import broken

Person = tuple[str, str]  # name, local@domain

MOST_REFERENCES = 20
LONGEST_LINE = 998  # octets without CRLF: RFC 5322 §2.1.1
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
LINE_END = re.compile(r"\r\n|\r|\n")
LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")
# What a draft's own `headers` must not say, for the builder says it.
OURS = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references"}
    | {"mime-version", "content-type", "content-transfer-encoding"}
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. With `content_id` (without < >) it is shown inside the HTML, by cid:. A `message/rfc822` is a forwarded message."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it is written. Ids stand without < >; `date` carries the author's zone."""

    author: Person
    date: datetime
    message_id: str
    to: Sequence[Person] = ()
    cc: Sequence[Person] = ()
    bcc: Sequence[Person] = ()
    reply_to: Sequence[Person] = ()
    sender: Person | None = None
    subject: str = ""
    text: str | None = None
    html: str | None = None
    attachments: Sequence[Attachment] = ()
    in_reply_to: str = ""
    references: Sequence[str] = ()
    flowed: bool = True  # the text is paragraphs, each one line; else its lines stay as they are
    headers: Sequence[tuple[str, str]] = ()  # further fields of free text


@dataclass(frozen=True, slots=True)
class Entity:
    """A MIME entity: its own header lines, its body, and whether that has 8-bit bytes."""

    header: bytes
    body: bytes
    eight_bit: bool = False

    @property
    def octets(self) -> bytes:
        return self.header + b"\r\n" + self.body


def build(draft: Draft) -> bytes:
    """The whole message with CRLF line ends. 8-bit bytes stand in it only where a forwarded message has them."""
    entity = _content(draft)
    return _header(draft) + b"MIME-Version: 1.0\r\n" + entity.octets


def _header(draft: Draft) -> bytes:
    to = fields.addresses("To", draft.to)
    if not to and not draft.cc and draft.bcc:
        to = b"To: undisclosed-recipients:;\r\n"
    return b"".join(
        [
            fields.addresses("From", [draft.author]),
            fields.addresses("Sender", [draft.sender] if draft.sender else []),
            fields.addresses("Reply-To", draft.reply_to),
            to,
            fields.addresses("Cc", draft.cc),
            fields.addresses("Bcc", draft.bcc),
            fields.unstructured("Subject", draft.subject),
            fields.unstructured("Date", format_datetime(draft.date)),
            fields.ids("Message-ID", [draft.message_id]),
            fields.ids("In-Reply-To", [draft.in_reply_to]),
            fields.ids("References", trimmed(draft.references)),
            *(fields.unstructured(name, value) for name, value in draft.headers if name.lower() not in OURS),
        ]
    )


def trimmed(references: Sequence[str]) -> list[str]:
    """At most 20 ids: the first, which is the root, and the nearest ones (product.md 5.5)."""
    known = list(dict.fromkeys(references))
    return known if len(known) <= MOST_REFERENCES else [known[0], *known[1 - MOST_REFERENCES :]]


# --- the body ---


def _content(draft: Draft) -> Entity:
    inline = [one for one in draft.attachments if one.content_id and draft.html is not None]
    files = [one for one in draft.attachments if one not in inline]
    texts: list[Entity] = []
    if draft.text is not None or draft.html is None:
        texts.append(_plain(draft.text or "", draft.flowed))
    if draft.html is not None:
        html = _text("html", lines_of(draft.html), [("charset", "utf-8")])
        images = [_attached(one, "inline") for one in inline]
        texts.append(multipart(draft.message_id, "related", [html, *images], [("type", "text/html")]) if images else html)
    body = texts[0] if len(texts) == 1 else multipart(draft.message_id, "alternative", texts)
    return multipart(draft.message_id, "mixed", [body, *(_attached(one, "attachment") for one in files)]) if files else body


def _plain(text: str, flowed: bool) -> Entity:
    lines = lines_of(text)
    parameters = [("charset", "utf-8")]
    if flowed:
        return _text("plain", broken(lines), [*parameters, ("format", "flowed")])
    return _text("plain", lines, parameters)


def lines_of(text: str) -> str:
    """With LF line ends, and one at the end."""
    text = LINE_END.sub("\n", text)
    return text if text.endswith("\n") else text + "\n"


def _text(subtype: str, text: str, parameters: Sequence[tuple[str, str]]) -> Entity:
    content = text.encode("utf-8", "replace")
    encoding, body = encoded_text(content)
    header = fields.parameterised("Content-Type", f"text/{subtype}", parameters)
    return Entity(header + f"Content-Transfer-Encoding: {encoding}\r\n".encode(), body)


def encoded_text(content: bytes) -> tuple[str, bytes]:
    """The name of an encoding, and text with LF line ends in it: as it is where every server leaves it so, else the shorter of
    quoted-printable and base64."""
    plain = content.isascii() and not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|^From |^\.$", content, re.MULTILINE)
    if plain and max(map(len, content.split(b"\n"))) <= LONGEST_LINE:
        return "7bit", content.replace(b"\n", b"\r\n")
    printable = _quoted_printable(content)
    packed = base64_lines(content.replace(b"\n", b"\r\n"))
    return ("quoted-printable", printable) if len(printable) <= len(packed) else ("base64", packed)


def _quoted_printable(content: bytes) -> bytes:
    """RFC 2045 §6.7. A `From ` at the start of a line is hidden from those who would write `>From `."""
    lines = b2a_qp(content, istext=True)
    return re.sub(rb"^From ", rb"=46rom =\n", lines, flags=re.MULTILINE).replace(b"\n", b"\r\n")


def base64_lines(content: bytes) -> bytes:
    """Base64 in lines (RFC 2045 §6.8)."""
    return encodebytes(content).replace(b"\n", b"\r\n")


def _attached(one: Attachment, disposition: str) -> Entity:
    media_type = one.media_type.strip().lower()
    if not MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        message = message_entity(one) if media_type == "message/rfc822" else None
        if message:
            return message
        media_type = "application/octet-stream"
    header = fields.parameterised("Content-Type", media_type) + disposition_field(disposition, one.name)
    if cid := fields.message_id(one.content_id):
        header += fields.ids("Content-ID", [cid])
    return Entity(header + b"Content-Transfer-Encoding: base64\r\n", base64_lines(one.content))


def message_entity(one: Attachment) -> Entity | None:
    """A message inside: it is never encoded (RFC 2046 §5.2.1), so one that lines cannot carry goes as a file instead."""
    body = LINE_END_BYTES.sub(b"\r\n", one.content)
    if b"\x00" in body or max(map(len, body.split(b"\r\n"))) > LONGEST_LINE:
        return None
    eight_bit = not body.isascii()
    header = b"Content-Type: message/rfc822\r\n" + disposition_field("attachment", one.name)
    return Entity(header + (b"Content-Transfer-Encoding: 8bit\r\n" if eight_bit else b""), body, eight_bit)


def disposition_field(kind: str, name: str) -> bytes:
    """Content-Disposition with the file's name (RFC 2183)."""
    return fields.parameterised("Content-Disposition", kind, [("filename", name)] if fields.clean(name) else [])


def multipart(message_id: str, subtype: str, parts: Sequence[Entity], more: Sequence[tuple[str, str]] = ()) -> Entity:
    """A multipart of these; its boundary follows from the message's id and is in none of them."""
    boundary = _boundary(message_id, subtype, parts)
    header = fields.parameterised("Content-Type", f"multipart/{subtype}", [*more, ("boundary", boundary)])
    eight_bit = any(part.eight_bit for part in parts)
    if eight_bit:
        header += b"Content-Transfer-Encoding: 8bit\r\n"
    divider = b"--" + boundary.encode()
    body = b"".join(divider + b"\r\n" + part.octets + b"\r\n" for part in parts)
    return Entity(header, body + divider + b"--\r\n", eight_bit)


def _boundary(message_id: str, subtype: str, parts: Sequence[Entity]) -> str:
    """The same for the same message, and in none of its parts: a forwarded message may have been written to contain it."""
    attempt = 0
    while True:
        digest = sha256(f"{message_id} {subtype} {attempt}".encode("utf-8", "replace")).hexdigest()[:32]
        boundary = f"=_{digest}"  # RFC 2045 §6.7: "=_" stands in no encoded text
        if not any(boundary.encode() in part.octets for part in parts):
            return boundary
        attempt += 1
