"""The body of a message as a document for its frame: part chosen, charset read, sanitised, under a policy of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from mailsuite.protocol.attachments import bodies
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.mime import scan, text, walk
from mailsuite.protocol.part import Part
from webmail.rendering.sanitise import MOST_HTML, Clean, TooLarge, sanitise

VERSION = 1  # goes up when the rules change, so that nothing cached by old rules is shown

# product.md 4.1: nothing is fetched but our own images, nothing runs, nothing is sent, nobody else frames it.
POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-same-origin"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}
PAGE = """<!doctype html>
<html lang="und"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Message</title>
<style>
html {{ color-scheme: light; background: #ffffff; color: #182024; }}
body {{ margin: 12px; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere; }}
img {{ max-width: 100%; height: auto; }} a {{ color: #0b5cad; }} pre {{ white-space: pre-wrap; }}
blockquote {{ margin: 8px 0; padding-inline-start: 12px; border-inline-start: 2px solid #d3dadc; }}
{sheet}
.mailsuite-note {{ margin: 0 0 12px; padding: 8px 12px; border-radius: 6px; background: #e6f0fa; color: #134a86;
  font: 13px/1.4 system-ui, sans-serif; }}
</style></head><body dir="auto" style="{style}">{notes}{body}</body></html>
"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A whole document for the frame, the headers it must be served with, and what the page should say about it."""

    html: str
    headers: Mapping[str, str]
    blocked_images: int = 0
    forms: bool = False
    as_text: bool = False  # too large or too deep: the text is shown instead


def has_html(content: bytes) -> bool:
    """Does the message offer HTML to show?"""
    return any(part.mime_type == "text/html" for part in bodies(scan(content)).html)


def render(content: bytes, part_address: Mapping[str, str] | None = None, *, inline_prefix: str = "") -> Rendered:
    """The document of a message's HTML side. Never raises.

    part_address: part number to the address of ours that serves it; where it is None, `inline_prefix` + number is.
    Parts that the HTML does not refer to are not shown here: the page lists them as attachments.
    """
    root = scan(content)
    shown = bodies(root).html
    parts = content_ids(root, part_address, inline_prefix)
    cleaned = [_clean(content, part, parts) for part in shown if part.type == "text"]
    as_text = any(one is None for one in cleaned)
    good = [one for one in cleaned if one is not None]
    if as_text:
        good = [_as_text(content, part) for part in shown if part.type == "text"]
    blocked, forms = sum(one.blocked_images for one in good), any(one.forms for one in good)
    return Rendered(
        html=PAGE.format(
            notes="".join(f'<p class="mailsuite-note">{note}</p>' for note in notes(blocked, forms=forms, as_text=as_text)),
            sheet="\n".join(one.sheet for one in good),
            style=good[0].body_style if good else "",
            body='<hr style="border:0;border-top:1px solid #d3dadc">'.join(one.body for one in good),
        ),
        headers=HEADERS,
        blocked_images=blocked,
        forms=forms,
        as_text=as_text,
    )


def notes(blocked: int, *, forms: bool, as_text: bool) -> Iterable[str]:
    """What the reader should know of what is missing."""
    if blocked:
        images = "1 image" if blocked == 1 else f"{blocked} images"
        yield f"{images} from elsewhere not loaded: the sender does not learn that you read this."
    if forms:
        yield "A form was removed. Open it on the sender's own site."
    if as_text:
        yield "This message is too large or too tangled to lay out; you see its text."


def content_ids(root: Part, part_address: Mapping[str, str] | None = None, inline_prefix: str = "") -> dict[str, str]:
    """Content-ID, else Content-Location, else file name (broken senders), in lower case, to the address of the part."""
    found: dict[str, str] = {}
    leaves = [part for part in walk(root) if part.type == "image" and part.subtype in SHOWN_INLINE]
    for name in (lambda part: part.content_id, lambda part: part.field("content-location"), lambda part: part.filename):
        for part in leaves:
            address = part_address.get(part.number) if part_address is not None else f"{inline_prefix}{part.number}"
            key = (name(part) or "").strip("<> ").lower()
            if key and address:
                found.setdefault(key, address)
    return found


# Raster images that a browser shows as nothing but an image; SVG is a program.
SHOWN_INLINE = {"png", "jpeg", "jpg", "gif", "webp", "avif", "bmp"}


def _clean(content: bytes, part: Part, parts: Mapping[str, str]) -> Clean | None:
    written = text(content, part, MOST_HTML * 2)
    if part.subtype != "html":
        return Clean(f'<div style="white-space:pre-wrap">{escape(written)}</div>')
    try:
        return sanitise(written, parts)
    except TooLarge:
        return None


def _as_text(content: bytes, part: Part) -> Clean:
    written = text(content, part, MOST_HTML)
    shown = html_to_text(written) if part.subtype == "html" else written
    return Clean(f'<div style="white-space:pre-wrap">{escape(shown)}</div>')
