"""Links of a mail as the reader should see them: their destination told, their trackers taken off, false labels marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape

from mailsuite.protocol.address import domain_ascii
from mailsuite.protocol.organisation import registrable, suffixes
from mailsuite.protocol.unseen import UNSEEN
from webmail.rendering import markup
from webmail.rendering.elsewhere import destination, host_of, organisation_of, web_address, without_tracking

# With the element, and important: no style sheet of the mail can make it look like nothing.
CHIP = (
    "display:inline-block!important;visibility:visible!important;opacity:1!important;margin:0 4px!important;"
    "padding:0 6px!important;border-radius:6px!important;background:#fdf0d5!important;color:#6b4300!important;"
    "font:13px/1.5 system-ui,sans-serif!important;text-indent:0!important;width:auto!important;height:auto!important;"
    "float:none!important"
)
MOST = 5_000  # links of a mail that are looked at
# A text that says where it leads: an address of the web, with or without its scheme, and nothing else.
SAYS = re.compile(
    r"(?:https?://)?(?:[^\s/@:?#]{1,100}@)?((?:[\w-]{1,63}\.){1,8}[\w-]{2,63})\.?(?::\d{1,5})?(?:[/?#]\S*)?\Z", re.I
)
SKIPPED = re.compile(f"[{UNSEEN}]+")
TEXT_FILES = {"py", "md", "sh", "rs", "zip", "mov", "app", "js", "ts"}  # `README.md` is a file before it is a host in Moldova


@dataclass
class Told:
    """The HTML with its links annotated, and the links whose text names another place: (what it says, where it goes)."""

    html: str
    false: list[tuple[str, str]] = field(default_factory=list)


def tell(html: str, *, enabled: bool = True, trusted: frozenset[str] = frozenset()) -> Told:
    """Annotate the links. enabled: False takes their addresses away. trusted: organisations whose links are not marked."""
    told, out, links, position = Told(html), [], 0, 0
    words: list[str] = []
    leads_to: str | None = None  # while we are inside a link
    for tag in markup.tags(html):
        words.append(html[position : tag.start])
        out.append(words[-1])
        position = tag.end
        if tag.name in ("a", "area") and not tag.closing:
            links += 1
            written = tag.attributes
            leads_to, words = (written.get("href") if tag.name == "a" and links <= MOST else None), []
            out.append(_opened(tag.name, written, enabled=enabled))
            continue
        out.append(html[tag.start : tag.end])
        if tag.name == "a" and leads_to is not None:
            out.append(_judged(leads_to, unescape("".join(words)), told, trusted))
            leads_to = None
    told.html = "".join([*out, html[position:]])
    return told


def _opened(name: str, written: dict[str, str], *, enabled: bool) -> str:
    address = web_address(written.get("href", ""))
    if address:
        written["href"] = without_tracking(written["href"])
        goes = destination(address)
        written["title"] = goes if len(goes) <= 300 else goes[:300] + "…"
    elif "title" in written and "href" in written:
        written["title"] = written["href"][:300]  # whatever the sender wrote there, this is where it leads
    if not enabled:
        written.pop("href", None)
    return f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in written.items()) + ">"


def _judged(href: str, words: str, told: Told, trusted: frozenset[str]) -> str:
    """What to put behind a link that says it goes elsewhere than it does (product.md 4.7, P8)."""
    address, said = web_address(href), says(words)
    if not address or not said:
        return ""
    address = destination(address)
    goes = organisation_of(address)
    if registrable(said) == goes or goes in trusted:
        return ""
    told.false.append((said, host_of(address)))
    return f'<span style="{CHIP}">goes to <bdi>{escape(host_of(address))}</bdi></span>'


def says(words: str) -> str:
    """The host that a link's text claims to lead to (lower case, A-labels); "" where it names none."""
    words = "".join(SKIPPED.sub("", words).split()) if len(words) < 500 else ""
    found = SAYS.match(words)
    host = domain_ascii(found[1]) if found else None
    if not host or not suffixes().publicsuffix(host, accept_unknown=False):
        return ""
    bare = "/" not in words and ":" not in words
    return "" if bare and host.rpartition(".")[2] in TEXT_FILES else host
