"""What is inside a message's frame: its sanitised HTML or its text, and the images it carries."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from mailsuite.blobs import store
from mailsuite.mailstore.models import Message
from mailsuite.protocol.mime import decoded, find, scan
from mailsuite.protocol.subject import is_forward
from webmail import earlier, i18n, trust
from webmail.access import own_message, signed_in
from webmail.page import own_addresses
from webmail.rendering import body as rendering

# The first bytes of what browsers show as an image and nothing else; the sender's word for the type counts for nothing.
IMAGE_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}

FRESH = "private, no-cache"  # asked each time whether it is still so: the member may have decided about the sender since
SETTLED = "private, max-age=300"  # seconds, for who names what the member decided: it can be loaded before it is opened


@require_safe
@signed_in
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    """The document of a message's frame (product.md 4.1): a response of its own, under a policy of its own.

    theme=dark: for a dark page (4.5), unless the member wants this sender's own colours; quotes=shown: with a quotation that
    is folded away otherwise (4.6). The response says in `Mailsuite-Quotes` whether there is one: none, folded or shown; and in
    `Mailsuite-Theme` what became of the colours.
    images=1 loads what is on the web this once, images=0 does not; else it is as the author is trusted (4.4). links=0: without.
    notes=0: a page around it says what is not loaded. Who says both, images and notes, may keep the answer for some minutes.
    """
    message = own_message(request, message_id)
    before = earlier.ids(message)
    dark = request.GET.get("theme") == "dark" and not trust.decided(message).light
    folded = request.GET.get("quotes") != "shown"
    showing = trust.showing(message, load=_loads(request, message), links=request.GET.get("links") != "0")
    notes = request.GET.get("notes") != "0"
    kept = SETTLED if not notes and "images" in request.GET else FRESH
    tag = _tag(message, before, f"{dark}{folded}{bool(showing.image)}{showing.links}{notes}")
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:  # compressed on the way, it comes back as a weak one
        return HttpResponseNotModified(headers={**rendering.HEADERS, "ETag": tag, "Cache-Control": kept})
    view = rendering.View(
        dark=dark,
        folded=folded,
        forward=is_forward(message.subject),
        earlier=partial(earlier.texts, message.account_id, before),
        unfold=_again(request, theme="dark" if dark else "light", quotes="shown"),
        load=_again(request, theme="dark" if dark else "light", images="1") if settings.IMAGE_PROXY else "",
        link=_again(request, theme="dark" if dark else "light", links="1"),
        showing=showing,
        notes=notes,
    )
    rendered = rendering.render(store.read(message.blob), inline_prefix=f"/m/{message.pk}/inline/", view=view)
    said = {
        "Mailsuite-Quotes": ("folded" if folded else "shown") if rendered.quoted else "none",
        "Mailsuite-Theme": rendered.treatment or "light",
    }
    return HttpResponse(rendered.html, headers={**rendered.headers, **said, "ETag": tag, "Cache-Control": kept})


def _loads(request: HttpRequest, message: Message) -> bool:
    asked = request.GET.get("images")
    return asked == "1" or (asked != "0" and trust.images(message, own_addresses(message.account_id)) == "proxied")


def _again(request: HttpRequest, **changed: str) -> str:
    """The same, asked for in another way."""
    asked = {name: "1" if request.GET[name] == "1" else "0" for name in ("images", "links", "notes") if name in request.GET}
    return "?" + urlencode({**asked, **changed})


def _tag(message: Message, before: list[int], view: str) -> str:
    """Of whatever the document depends on: the bytes, our rules, how it is asked for, and what was said before."""
    drawn = f"{rendering.VERSION} {i18n.current()} {view} {before}"
    return f'"{sha256(f"{message.blob.hash} {message.subject} {drawn}".encode()).hexdigest()[:32]}"'


@require_safe
@signed_in
def inline(request: HttpRequest, message_id: int, number: str) -> HttpResponse:
    """An image that a message carries, to be shown inside its frame."""
    content = store.read(own_message(request, message_id).blob)
    part = find(scan(content), number)
    image = decoded(content, part) if part is not None and part.type == "image" else b""
    kind = image_type(image)
    if kind is None:
        raise Http404("no image that can be shown")
    headers = {**rendering.HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(image, content_type=kind, headers=headers)


def image_type(image: bytes) -> str | None:
    """The type by the first bytes; None for what is not a raster image that every browser shows."""
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    if image[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return next((kind for signature, kind in IMAGE_SIGNATURES.items() if image.startswith(signature)), None)
