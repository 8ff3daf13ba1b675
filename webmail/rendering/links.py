"""Which addresses a mail may point to, and which images it may show."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailsuite.protocol.unseen import UNSEEN

LINK_SCHEMES = {"http", "https", "mailto", "tel", "xmpp"}
MOST_DATA_URL = 200_000  # characters
DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=\s]*", re.I)
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
# Controls and blanks a browser drops before it reads the scheme (WHATWG URL, basic parser step 1 to 3); the rest nobody sees.
IGNORED = re.compile(f"[\x00-\x20\x7f-\xa0\u2028\u2029{UNSEEN}]+")


def safe_link(href: str) -> str | None:
    """The address to keep behind a link, normalised; None for one that must go."""
    address = IGNORED.sub("", href) if _odd_scheme(href) else href.strip()
    if address.startswith("#"):
        return f"#m-{address[1:]}" if len(address) > 1 else None
    if address.startswith("//"):
        address = f"https:{address}"
    scheme = SCHEME.match(address)
    # A relative address has nothing to be relative to: in our page it would point into the webmail.
    return address if scheme and scheme[1].lower() in LINK_SCHEMES else None


def _odd_scheme(href: str) -> bool:
    """Is something a browser would skip hidden at the front, where the scheme is?"""
    return bool(IGNORED.search(href.strip()[:40]))


def safe_image(src: str, parts: Mapping[str, str]) -> str | None:
    """The address of an image that may be shown without asking anybody: a part of the message, or one carried in the address."""
    source = src.strip()
    if source[:4].lower() == "cid:":
        return parts.get(source[4:].strip("<> ").lower())
    if len(source) <= MOST_DATA_URL and DATA_IMAGE.fullmatch(source):
        return source
    return None


def is_remote(src: str) -> bool:
    """Would showing it ask another host?"""
    source = IGNORED.sub("", src).lower()
    return source.startswith(("http:", "https:", "//"))
