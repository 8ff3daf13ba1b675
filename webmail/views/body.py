"""What is inside a message's frame: its sanitised HTML, and the images it carries."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from mailsuite.blobs import store
from mailsuite.protocol.mime import decoded, find, scan
from webmail.access import own_message, signed_in
from webmail.rendering import body as rendering

# The first bytes of what browsers show as an image and nothing else; the sender's word for the type counts for nothing.
IMAGE_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}


@require_safe
@signed_in
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    """The document of a message's frame (product.md 4.1): a response of its own, under a policy of its own."""
    message = own_message(request, message_id)
    tag = f'"{message.blob.hash[:32]}-{rendering.VERSION}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    rendered = rendering.render(store.read(message.blob), inline_prefix=f"/m/{message.pk}/inline/")
    return HttpResponse(rendered.html, headers={**rendered.headers, "ETag": tag})


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
