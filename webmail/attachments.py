"""A message's files: as the page lists them, and as they are handed out."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.protocol import mime
from mailsuite.protocol.attachments import file_bytes
from webmail import display
from webmail.i18n import t
from webmail.previews import files as previews
from webmail.previews.kinds import Kind

KINDS = (
    ("image/", "IMG", "hue-purple"),
    ("audio/", "SND", "hue-cyan"),
    ("video/", "VID", "hue-indigo"),
    ("application/pdf", "PDF", "hue-red"),
    ("text/calendar", "CAL", "hue-teal"),
    ("message/", "MAIL", "hue-blue"),
    ("text/", "TXT", "hue-grey"),
)
IN_MEMORY = 1_000_000  # bytes of a response that waits there for its client
# What a browser that ignores the attachment's disposition may still do with the file: nothing.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
HARMLESS = {
    "text/plain",
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "application/zip",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    part: str
    name: str
    size: str
    kind: str
    hue: str
    href: str
    preview: str = ""  # the address where it can be looked into
    picture: str = ""  # and that of a small picture of it


def files(message: Message) -> list[File]:
    """What the strip under a message offers."""
    return [_file(message.pk, one) for one in previews.listed(message)]


def _file(message_id: int, one: dict[str, object]) -> File:
    name, kind = display.clean(str(one["name"])) or t("Unnamed"), str(one["type"])
    mark, hue = next(((mark, hue) for start, mark, hue in KINDS if kind.startswith(start)), ("", "hue-grey"))
    ending = name.rpartition(".")[2].upper() if "." in name else ""
    part, shown = str(one["part"]), previews.guessed(name, kind)
    href = reverse("part", args=[message_id, part, name])
    preview = previews.preview_address(message_id, part) if shown else ""
    picture = f"{preview}/picture?side=320" if shown in (Kind.IMAGE, Kind.PDF) else ""
    return File(part, name, display.size(int(str(one["size"]))), mark or ending[:4] or "FILE", hue, href, preview, picture)


def handed_out(message: Message, number: str) -> HttpResponseBase | None:
    """A part of a message as a download; None where it has no such part."""
    content = store.content(message)
    root = mime.scan(content)
    data = file_bytes(content, root, number)
    if data is None:
        return None
    listed = next((one for one in message.attachments if one["part"] == number), None)
    name = display.clean(str(listed["name"])) if listed else ""
    part = mime.find(root, number)
    return download(data, name or f"part-{number}", part.mime_type if part else "application/octet-stream")


def download(data: bytes, name: str, kind: str) -> HttpResponseBase:
    """Bytes from outside as a file to keep: never shown as a page of ours."""
    kind = kind if kind in HARMLESS else "application/octet-stream"
    response = (_from_disk(data, kind) if len(data) > IN_MEMORY else None) or HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response


def _from_disk(data: bytes, kind: str) -> HttpResponseBase | None:
    """A slow client must not keep it in memory for as long as it reads: forty of those were two gigabytes.

    None where the disk has no room: what is kept can be read all the same.
    """
    file = None
    with contextlib.suppress(OSError):
        file = tempfile.TemporaryFile(dir=settings.DATA_DIR, buffering=0)  # noqa: SIM115 - the response closes it
        if file.write(data) == len(data):
            file.seek(0)
            response = FileResponse(file, content_type=kind)
            response.block_size = 65_536
            response["Content-Length"] = str(len(data))
            return response
    if file:
        file.close()
    return None
