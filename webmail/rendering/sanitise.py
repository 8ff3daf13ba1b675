"""HTML of mails by an allow-list (product.md 4.2): what is not named here is removed. nh3 does it, tinycss2 reads the styles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import nh3

from webmail.rendering import css, links
from webmail.rendering.effort import FORMATTING, MOST_HTML, TooLarge, measure, tangled, untangled
from webmail.rendering.remote import Remote

__all__ = ["MOST_HTML", "Clean", "TooLarge", "sanitise"]

TAGS = set(
    "p div span br hr h1 h2 h3 h4 h5 h6 pre blockquote q cite code kbd samp em strong b i u s small big sub sup mark ins del "
    "abbr dfn time bdi bdo ruby rb rt rp wbr center font address article aside section header footer main nav figure figcaption "
    "details summary ul ol li dl dt dd table thead tbody tfoot tr td th caption colgroup col a img map area strike tt".split()
)
# A form's own tag goes and its text stays: some senders put the whole mail into one.
DROPPED_WITH_CONTENT = set(
    "script style svg math template noscript object embed applet iframe frame frameset base meta link title input button select "
    "option optgroup textarea video audio source track canvas dialog slot portal xmp noembed noframes plaintext".split()
)
ATTRIBUTES = {
    "*": set("style class dir lang title align valign width height bgcolor color border id".split()),
    "font": {"face", "size", "color"},
    "table": {"cellpadding", "cellspacing", "summary", "rules", "frame"},
    "td": {"colspan", "rowspan", "nowrap", "headers"},
    "th": {"colspan", "rowspan", "scope", "nowrap", "headers"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
    "a": {"href", "name"},
    "img": {"src", "alt", "usemap", "hspace", "vspace"},
    "area": {"href", "shape", "coords", "alt"},
    "map": {"name"},
    "blockquote": {"cite", "type"},
    "q": {"cite"},
    "del": {"datetime", "cite"},
    "ins": {"datetime", "cite"},
    "time": {"datetime"},
    "details": {"open"},
    "hr": {"size", "noshade"},
    "br": {"clear"},
}
# Formatting goes by other names while a tangle is taken out of it.
TANGLED_TAGS = TAGS | {f"m-{name}" for name in FORMATTING.split("|")}
TANGLED_ATTRIBUTES = ATTRIBUTES | {"m-font": ATTRIBUTES["font"]}
STYLE = re.compile(r"<style\b[^<>]*+>(.*?)(?:</style\s*+>|\Z)", re.I | re.S)  # `[^>]*` alone would be quadratic
BODY = re.compile(r"<body\b([^>]{0,4000})>", re.I)
BODY_ATTRIBUTE = re.compile(r"""\b(bgcolor|style|text|dir|lang)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
FORM = re.compile(r"<form\b", re.I)


@dataclass
class Clean:
    """Safe HTML, and what had to go."""

    body: str
    sheet: str = ""
    body_style: str = ""
    blocked_images: int = 0
    forms: bool = False


@dataclass
class _Attributes:
    """nh3 asks here for each attribute that its lists let through."""

    parts: Mapping[str, str]
    remote: Remote

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        match name:
            case "style":
                return css.declarations(value, self.image) or None
            case "href" | "cite":
                return links.safe_link(value)
            case "src":
                return self.image(value)
            case "class":
                return " ".join(word for word in value.split() if not word.lower().startswith("mailsuite-")) or None
            case "id" | "usemap":
                return f"#m-{value.removeprefix('#')}" if name == "usemap" else f"m-{value}"
            case "name":
                return f"m-{value}"
            case "width" | "height" if value.endswith("%"):
                return value if value[:-1].isdecimal() and int(value[:-1]) <= 200 else None
        return value

    def image(self, address: str) -> str | None:
        return links.safe_image(address, self.parts) or self.remote.image(address)


def sanitise(html: str, parts: Mapping[str, str] | None = None, remote: Remote | None = None) -> Clean:
    """Make a mail's HTML safe. parts: Content-ID in lower case to the address of our own that serves it.

    Raises TooLarge for what is too long, too deep or has too many tags. `remote` decides about images on the web and notes what
    became of them; without one they are left out and counted.
    """
    measure(html)
    attributes = _Attributes(parts or {}, remote or Remote())
    attributes.remote.look(html)
    sheet = "\n".join(css.sheet(found[1], attributes.image) for found in STYLE.finditer(html))
    body_style = _body_style(html, attributes)
    if tangled(html):
        cleaned = untangled(html, lambda renamed: _cleaned(renamed, TANGLED_TAGS, TANGLED_ATTRIBUTES, attributes))
    else:
        cleaned = _cleaned(html, TAGS, ATTRIBUTES, attributes)
    return Clean(cleaned, sheet, body_style, attributes.remote.blocked, bool(FORM.search(html)))


def _cleaned(html: str, tags: set[str], allowed: dict[str, set[str]], attributes: _Attributes) -> str:
    return nh3.clean(
        html,
        tags=tags,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes=allowed,
        attribute_filter=attributes,
        url_schemes=links.LINK_SCHEMES | {"cid", "data"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}, "area": {"target": "_blank", "rel": "noopener noreferrer"}},
    )


def _body_style(html: str, attributes: _Attributes) -> str:
    """What the body element looked like, as declarations for ours."""
    found = BODY.search(html)
    if not found:
        return ""
    values = {name.lower(): (double or single or bare) for name, double, single, bare in BODY_ATTRIBUTE.findall(found[1])}
    old = {"bgcolor": "background-color", "text": "color"}
    written = "; ".join(f"{old[name]}: {values[name]}" for name in old if name in values)
    return escape(css.declarations(f"{written}; {values.get('style', '')}", attributes.image))
