"""The body of a message as a document for its frame: part chosen, charset read, sanitised, under a policy of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from mailsuite.protocol.attachments import bodies
from mailsuite.protocol.mime import scan, text, walk
from mailsuite.protocol.part import Part
from webmail import plain_text
from webmail.bodies import text_of
from webmail.i18n import mark, t
from webmail.rendering import anchors, quotes
from webmail.rendering.dark import Treatment, styled
from webmail.rendering.remote import Remote, Showing
from webmail.rendering.sanitise import MOST_HTML, Clean, TooLarge, sanitise

VERSION = 3  # goes up when the rules change, so that nothing cached by old rules is shown
NOT_LOADED = mark(
    "{count, plural, one {# image} other {# images}} from elsewhere not loaded: the sender does not learn that you read this."
)
MOST_SHOWN = 20_000_000  # bytes of a part that is shown as text: never less than there is, as letters go

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
    "Cache-Control": "private, no-cache",  # images may be allowed, or not any more, a moment later
}
PAGE = """<!doctype html>
<html lang="und"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Message</title>
<base target="_blank"><style>
body {{ margin: 12px; font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere; }}
img {{ max-width: 100%; height: auto; }} pre {{ white-space: pre-wrap; }}
body > :first-child {{ margin-top: 0; }}
blockquote {{ margin: 8px 0; padding-inline-start: 12px; border-inline-start: 2px solid; }}
.mailsuite-text {{ white-space: pre-wrap; max-inline-size: 72ch; tab-size: 8; }}
.mailsuite-text .fixed {{ font: 13px/1.5 ui-monospace, "Cascadia Mono", Menlo, "Noto Sans Mono", monospace; }}
.mailsuite-text .cite {{ display: block; margin-block: 10px; padding-inline-start: 12px; border-inline-start: 3px solid; }}
{before}
{sheet}
.mailsuite-note {{ margin: 0 0 12px; padding: 8px 12px; border-radius: 6px; font: 13px/1.4 system-ui, sans-serif; }}
.mailsuite-more {{ display: inline-block; margin-top: 8px; padding: 0 12px; border-radius: 12px; text-decoration: none;
  font: 700 15px/22px system-ui, sans-serif; }}
{after}
</style></head><body dir="auto" style="{style}">{notes}{body}{more}</body></html>
"""
TEXT = '<div class="mailsuite-text" dir="auto">'
MORE = '<p><a class="mailsuite-more" href="{}" title="Show quoted text" aria-label="Show quoted text" target="_self">…</a></p>'
RULE = '<hr style="border: 0; border-top: 1px solid #d3dadc">'


@dataclass(frozen=True, slots=True)
class View:
    """How a message is to be shown. earlier: texts of the messages before it in its conversation, asked for only when needed.

    unfold, load, link: addresses of the same with its quotation in sight, with its images, with its links. Where `forward`, there
    is nothing to fold. showing: what becomes of images on the web and of links. notes: the document itself says what became of
    these; a page around it may.
    """

    dark: bool = False
    folded: bool = True
    forward: bool = False
    earlier: Callable[[], Sequence[str]] = list
    unfold: str = "?quotes=shown"
    load: str = ""
    link: str = ""
    showing: Showing = field(default_factory=Showing)
    notes: bool = True


@dataclass(frozen=True, slots=True)
class Rendered:
    """A whole document for the frame, the headers it must be served with, and what the page should say about it."""

    html: str
    headers: Mapping[str, str]
    blocked_images: int = 0
    forms: bool = False
    as_text: bool = False  # too large or too deep: the text is shown instead
    quoted: bool = False  # it ends with a quotation that says nothing new, folded or not
    treatment: Treatment | None = None  # of its colours, on a dark page
    loaded_images: int = 0  # of those on the web, through us
    trackers: Mapping[str, int] = field(default_factory=dict)  # how many were left out, by whose they are; most first
    false_links: Sequence[tuple[str, str]] = ()  # (host that the text names, host that it goes to)


def has_html(content: bytes) -> bool:
    """Does the message offer HTML to show?"""
    return any(part.mime_type == "text/html" for part in bodies(scan(content)).html)


def render(
    content: bytes, part_address: Mapping[str, str] | None = None, *, inline_prefix: str = "", view: View | None = None
) -> Rendered:
    """The document of a message's HTML side, or of its text where it has no HTML. Never raises.

    part_address: part number to the address of ours that serves it; where it is None, `inline_prefix` + number is.
    Parts that the HTML does not refer to are not shown here: the page lists them as attachments.
    """
    view, root = view or View(), scan(content)
    remote = Remote(view.showing)
    clean, as_text = _cleaned(content, root, content_ids(root, part_address, inline_prefix), remote)
    kept, quoted = _folded(clean, content, root, view)
    shown, before, after, treatment = styled(kept, dark=view.dark)
    told = anchors.tell(shown.body, enabled=view.showing.links, trusted=view.showing.trusted)
    mentioned = notes(remote, view, forms=clean.forms, as_text=as_text)
    html = PAGE.format(
        notes="".join(f'<p class="mailsuite-note">{note}</p>' for note in mentioned),
        before=before,
        sheet=shown.sheet,
        after=after,
        style=shown.body_style,
        body=told.html,
        more=MORE.format(escape(view.unfold)) if quoted and view.folded else "",
    )
    found = {"loaded_images": remote.loaded, "trackers": dict(remote.names.most_common(MOST_NAMED))}
    more = {"blocked_images": remote.blocked, "false_links": told.false[:MOST_NAMED], **found}
    return Rendered(html, HEADERS, forms=clean.forms, as_text=as_text, quoted=quoted, treatment=treatment, **more)


def piece(content: bytes, *, inline_prefix: str = "", view: View | None = None) -> Clean:
    """The same in its light colours and without a document around it, for a page that shows several. Never raises."""
    view, root = view or View(), scan(content)
    clean, _ = _cleaned(content, root, content_ids(root, None, inline_prefix), Remote(view.showing))
    shown, *_ = styled(_folded(clean, content, root, view)[0], dark=False)
    told = anchors.tell(shown.body, enabled=view.showing.links, trusted=view.showing.trusted)
    return replace(shown, body=told.html)


def is_quoted(content: bytes, view: View) -> bool:
    """Does it end with a quotation that says nothing new?"""
    root = scan(content)
    return _folded(_cleaned(content, root, {}, Remote())[0], content, root, view)[1]


def _cleaned(content: bytes, root: Part, parts: Mapping[str, str], remote: Remote) -> tuple[Clean, bool]:
    """What there is to show as one piece of safe HTML, and whether it had to be reduced to text."""
    shown = [part for part in bodies(root).html if part.type == "text"]
    cleaned = [_clean(content, part, parts, remote) for part in shown]
    good = [one for one in cleaned if one is not None]
    as_text = len(good) < len(cleaned)
    if as_text:
        good = [_as_text(content, part) for part in bodies(root).text or shown if part.type == "text"]
    whole = Clean(
        RULE.join(one.body for one in good),
        "\n".join(one.sheet for one in good),
        good[0].body_style if good else "",
        remote.blocked,
        any(one.forms for one in good),
    )
    return whole, as_text


def _folded(clean: Clean, content: bytes, root: Part, view: View) -> tuple[Clean, bool]:
    """Without the quotation at its end, if the view is folded; and whether there is one."""
    if view.forward:
        return clean, False
    shown = [part for part in bodies(root).html if part.type == "text"]
    if not any(part.subtype == "html" for part in shown):
        return _folded_text(clean, [text_of(content, part, MOST_SHOWN) for part in shown], view)
    if not quotes.may_quote(clean.body):
        return clean, False
    start = quotes.fold_at(clean.body, quotes.Said(view.earlier()))
    if start is None:
        return clean, False
    return (replace(clean, body=quotes.without(clean.body, start)) if view.folded else clean), True


def _folded_text(clean: Clean, texts: Sequence[str], view: View) -> tuple[Clean, bool]:
    text = "\n\n".join(texts)
    if not quotes.may_quote_text(text):
        return clean, False
    shown = plain_text.show(text, {line for one in view.earlier() for line in plain_text.said(one)})
    return (replace(clean, body=f"{TEXT}{shown.text}</div>") if view.folded and shown.quote else clean), bool(shown.quote)


def notes(remote: Remote, view: View, *, forms: bool, as_text: bool) -> Iterable[str]:
    """What the reader should know of what is missing, as HTML."""
    if view.notes:
        yield from _remote_notes(remote, view)
    if forms:
        yield escape(t("A form was removed. Open it on the sender's own site."))
    if as_text:
        yield escape(t("This message is too large or too tangled to lay out; you see its text."))


def _remote_notes(remote: Remote, view: View) -> Iterable[str]:
    if remote.blocked:
        words = escape(t(NOT_LOADED, count=remote.blocked))
        yield words + (f' <a href="{escape(view.load)}">{escape(t("Show images"))}</a>' if view.load else "")
    if trackers := remote.names.total():
        names = ", ".join(escape(name) for name, _ in remote.names.most_common(5))
        blocked = t("{count, plural, one {# tracker blocked} other {# trackers blocked}}", count=trackers)
        yield f"{escape(blocked)}: <bdi>{names}</bdi>."
    if not remote.showing.links:
        enable = f' <a href="{escape(view.link)}">{escape(t("Show and enable links"))}</a>' if view.link else ""
        yield escape(t("Links are switched off in this message.")) + enable


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


MOST_NAMED = 50  # trackers' owners, false links
# Raster images that a browser shows as nothing but an image; SVG is a program.
SHOWN_INLINE = {"png", "jpeg", "jpg", "gif", "webp", "avif", "bmp"}


def _clean(content: bytes, part: Part, parts: Mapping[str, str], remote: Remote) -> Clean | None:
    if part.subtype != "html":
        return _as_text(content, part)
    try:
        return sanitise(text(content, part, MOST_HTML * 2), parts, remote)
    except TooLarge:
        return None


def _as_text(content: bytes, part: Part) -> Clean:
    return Clean(f"{TEXT}{plain_text.show(text_of(content, part, MOST_SHOWN)).text}</div>")
