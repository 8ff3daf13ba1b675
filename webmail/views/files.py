"""A message's files looked into, played, and taken away all at once (product.md 4.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from django.core.cache import cache as failures
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mailsuite.images import cache
from mailsuite.images.drawing import Picture, draw
from mailsuite.mailstore.models import Message
from mailsuite.protocol.attachments import file_bytes
from webmail import access, attachments, display
from webmail.previews import bundle, document, files
from webmail.previews.files import File
from webmail.previews.kinds import Kind
from webmail.rendering import body as rendering
from webmail.rendering.remote import Showing

VERSION = 1  # goes up when previews change
SIDES = range(16, 4097)  # pixels
SPOKEN_PAGES = 3  # whose text comes with the pages of a PDF file
DRAWN = (Kind.IMAGE, Kind.PDF)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
STEP = 65_536
REMEMBERED = 120  # seconds that what can't be drawn, or not just now, is not tried again
PLAYED = {"Content-Security-Policy": attachments.POLICY, "Cross-Origin-Resource-Policy": "same-origin", "Accept-Ranges": "bytes"}


@require_safe
@access.signed_in
def preview(request: HttpRequest, message_id: int, part: str) -> HttpResponse:
    """What is in a file, as a document under a policy of its own; theme=dark for a dark page."""
    message = access.own_message(request, message_id)
    dark = request.GET.get("theme") == "dark"
    tag = f'"{message.blob.hash[:32]}-{part[:40]}-{VERSION}{dark:d}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:  # compressed on the way, it comes back as a weak one
        return HttpResponseNotModified(headers={**document.HEADERS, "ETag": tag})
    file = _file(message, part)
    address = files.preview_address(message.pk, part) + "/"
    if file.kind == Kind.PDF:
        shown = _pdf(file, address, dark=dark)
    else:
        shown = document.page(file, address, dark=dark)
    if shown is None:
        raise Http404
    return HttpResponse(shown, headers={**document.HEADERS, "ETag": tag})


def _pdf(file: File, address: str, *, dark: bool) -> str:
    first = _drawn(file, 1600, 0)
    if first is None:
        return document.document(file.name, "<p>This file can't be shown. It may be locked or damaged.</p>", dark=dark)
    others = (_drawn(file, 1600, n) for n in range(1, min(first.pages, SPOKEN_PAGES)))
    texts = [first.text, *(one.text if one else "" for one in others)]
    return document.document(file.name, document.pages(file, address, first.pages, texts), dark=dark)


@require_safe
@access.signed_in
def picture(request: HttpRequest, message_id: int, part: str) -> HttpResponse:
    """An image or a page of a PDF file, drawn anew: no metadata and no second file in it. side, page: of what is wanted."""
    side, number = _number(request, "side", 320), _number(request, "page", 0)
    if side not in SIDES or number >= document.MOST_PAGES:
        raise Http404
    message = access.own_message(request, message_id)
    key = f"drawn-{VERSION} {message.blob.hash} {part[:40]} {side} {number}"
    kept = cache.get(message.account_id, key)
    if kept is None:
        drawn = None if failures.get(_failed(key)) else _drawn(_file(message, part), side, number)
        if drawn is None:
            failures.set(_failed(key), True, REMEMBERED)
            raise Http404
        kept = drawn.type, drawn.content
        cache.put(message.account_id, key, *kept)
    headers = {**PLAYED, "Cache-Control": "private, max-age=604800, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(kept[1], content_type=kept[0], headers=headers)


def _drawn(file: File, side: int, number: int) -> Picture | None:
    return draw(file.content, "image" if file.kind == Kind.IMAGE else "page", side, number) if file.kind in DRAWN else None


def _failed(key: str) -> str:
    return f"not-{key}".replace(" ", "-")


@require_safe
@access.signed_in
def message_inside(request: HttpRequest, message_id: int, part: str) -> HttpResponse:
    """The body of a message inside a message, under the same rules as any other (product.md 4.1)."""
    message = access.own_message(request, message_id)
    file = _file(message, part)
    if file.kind != Kind.MESSAGE:
        raise Http404
    # Nobody judged the message inside: its links are shown, and lead nowhere.
    view = rendering.View(dark=request.GET.get("theme") == "dark", folded=False, showing=Showing(links=False))
    rendered = rendering.render(file.content, inline_prefix=f"/m/{message.pk}/inline/{part}.", view=view)
    return HttpResponse(rendered.html, headers=rendered.headers)


@require_safe
@access.signed_in
def media(request: HttpRequest, message_id: int, part: str) -> HttpResponse:
    """Sound and film for the browser's own player, which asks for ranges (RFC 9110 §14)."""
    file = _file(access.own_message(request, message_id), part)
    if file.kind not in (Kind.AUDIO, Kind.VIDEO):
        raise Http404
    size, headers = len(file.content), {**PLAYED, "Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not asked or not (asked[1] or asked[2]):
        return HttpResponse(file.content, content_type=file.type, headers=headers)
    start = int(asked[1]) if asked[1] else max(size - int(asked[2]), 0)
    end = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
    if start > end:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return HttpResponse(file.content[start : end + 1], content_type=file.type, status=206, headers=headers)


@require_safe
@access.signed_in
def everything(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """All files of a message as one .zip."""
    message = access.own_message(request, message_id)
    listed = files.listed(message)
    if not listed:
        raise Http404
    names = bundle.names([display.clean(str(one["name"])) or f"part-{one['part']}" for one in listed])
    content, root = files.opened(message)
    reads = [partial(_bytes, content, root, str(one["part"])) for one in listed]
    at = timezone.localtime(message.received_at)
    dated = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
    response = StreamingHttpResponse(_whole(bundle.stream(zip(names, reads, strict=True), dated)), content_type="application/zip")
    name = (display.clean(message.subject).replace("/", "-")[:80].strip(". ") or "files") + ".zip"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Content-Security-Policy"] = attachments.POLICY
    return response


def _bytes(content: bytes, root: files.Part, number: str) -> bytes:
    return file_bytes(content, root, number) or b""


def _whole(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a size that is worth a write."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= STEP:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _file(message: Message, part: str) -> File:
    found = files.file(message, part)
    if found is None:
        raise Http404
    return found


def _number(request: HttpRequest, name: str, default: int) -> int:
    written = request.GET.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else default
