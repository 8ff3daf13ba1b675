"""A message's files with what can be seen of them, and one of them with its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.protocol import mime
from mailsuite.protocol.attachments import file_bytes
from mailsuite.protocol.part import Part
from webmail import display
from webmail.previews.kinds import Kind, of

LARGE_INLINE = 40_000  # bytes from which a picture that the text shows is offered as a file too (product.md 4.3)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message, opened. type: what a browser may be told."""

    part: str
    name: str
    content: bytes
    kind: Kind | None
    type: str


class Opened(NamedTuple):
    """A message's bytes and its tree."""

    content: bytes
    root: Part


def opened(message: Message) -> Opened:
    content = store.content(message)
    return Opened(content, mime.scan(content))


def listed(message: Message) -> list[dict[str, object]]:
    """What the strip under a message offers; a small part that the text shows itself is not repeated (product.md 4.3)."""
    return [one for one in message.attachments if not one.get("inline") or _is_large_picture(one)]


def _is_large_picture(one: dict[str, object]) -> bool:
    return str(one["type"]).startswith("image/") and int(str(one["size"])) > LARGE_INLINE


def file(message: Message, number: str, source: Opened | None = None) -> File | None:
    """A part of a message as a file; None where it has no such part."""
    content, root = source or opened(message)
    data = file_bytes(content, root, number)
    if data is None:
        return None
    part = mime.find(root, number)
    entry = next((one for one in message.attachments if one["part"] == number), None)
    name = (display.clean(str(entry["name"])) if entry else "") or f"part-{number}"
    kind, media = of(name, str(entry["type"]) if entry else part.mime_type if part else "", data)
    return File(number, name, data, kind, media)


def preview_address(message_id: int, part: str) -> str:
    return reverse("preview", args=[message_id, part])


GUESSED = {
    "application/pdf": Kind.PDF,
    "text/calendar": Kind.EVENT,
    "text/vcard": Kind.CONTACT,
    "text/x-vcard": Kind.CONTACT,
    "text/csv": Kind.TABLE,
    "message/rfc822": Kind.MESSAGE,
    "application/zip": Kind.ARCHIVE,
    "application/x-zip-compressed": Kind.ARCHIVE,
    "application/x-tar": Kind.ARCHIVE,
}
PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "tif", "tiff")
ENDINGS = {"pdf": Kind.PDF, "ics": Kind.EVENT, "vcf": Kind.CONTACT, "csv": Kind.TABLE, "eml": Kind.MESSAGE, "zip": Kind.ARCHIVE}
ENDINGS |= dict.fromkeys(PICTURES, Kind.IMAGE) | {"tar": Kind.ARCHIVE, "txt": Kind.TEXT, "json": Kind.SOURCE}


def guessed(name: str, declared: str) -> Kind | None:
    """What a list says of a file that nobody has opened; the preview itself goes by the bytes."""
    main, _, sub = declared.partition("/")
    ending = name.rpartition(".")[2].lower()
    if ending in ("svg", "svgz") or sub == "svg+xml":
        return Kind.SOURCE
    if main == "image" and sub in (*PICTURES, "x-ms-bmp", "pjpeg"):
        return Kind.IMAGE
    if main in ("audio", "video"):
        return Kind(main)
    found = GUESSED.get(declared) or ENDINGS.get(ending)
    return found or (Kind.SOURCE if sub in ("html", "xml", "json") else Kind.TEXT if main == "text" else None)
