"""Which images are there to tell the sender who reads: named by our list, or by how they are hidden (product.md 4.4).

This is for telling the reader, and for never loading them. What keeps reading private is that strangers' images are not loaded.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

from webmail.rendering.elsewhere import host_of, organisation_of, web_address

MOST_IMAGES = 2_000  # looked at for how they are hidden
LONGEST_TAG = 8_000  # characters
IMG = re.compile(r"<img(?=[\s/])", re.I)
INSIDE = re.compile(r"""(?>(?:[^>"']++|"[^"]*+"|'[^']*+')*)>""")
ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]{0,20})\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
SIZE = re.compile(r"\s*(\d{1,6})(?:\.\d{0,6})?\s*(?:px)?\s*(?:!important)?\s*\Z", re.I)
TINY = 2  # pixels
HIDDEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|!|$)"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|!|$)"
    r"|(?:left|top|margin-left|margin-top|text-indent)\s*:\s*-\d{3,6}(?:px)?)",
    re.I,
)
TOKEN = re.compile(r"[A-Za-z0-9_~%.-]{20,}")


def found(html: str) -> dict[str, str]:
    """The web addresses of tracking images that show as such by how the HTML places them, and whose they are. Linear."""
    trackers: dict[str, str] = {}
    for number, tag in enumerate(IMG.finditer(html)):
        if number == MOST_IMAGES:
            break
        inside = INSIDE.match(html, tag.end(), tag.end() + LONGEST_TAG)
        written = {
            name.lower(): unescape(double or single or bare)
            for name, double, single, bare in ATTRIBUTE.findall(inside[0] if inside else "")
        }
        address = web_address(written.get("src", ""))
        if address and _heuristics(address, written) >= 2:
            trackers[address] = named(address) or organisation_of(address)
    return trackers


def named(address: str) -> str:
    """Whose tracking image this is by our list; "" for none of it. address: as `web_address` gives it."""
    host, rest = host_of(address), address.partition("//")[2].partition("/")[2]
    labels = host.split(".")
    for start in range(len(labels) - 1):
        for path, name in _known().get(".".join(labels[start:]), ()):
            if path in f"/{rest}":
                return name
    return next((name for path, name in _known()["*"] if path in f"/{rest}"), "")


def _heuristics(address: str, written: dict[str, str]) -> int:
    """How many of three signs it shows: tiny, hidden, a token that no name of a picture has while nothing describes it."""
    style = written.get("style", "")
    sizes = [written.get("width", ""), written.get("height", ""), *_sizes(style)]
    small = [size for one in sizes if (size := SIZE.match(one)) and int(size[1]) <= TINY]
    hidden = bool(HIDDEN.search(style)) or "hidden" in written
    return (len(small) >= 2) + hidden + (not written.get("alt", "").strip() and _has_token(address))


def _sizes(style: str) -> list[str]:
    return [
        value
        for name, _, value in (one.partition(":") for one in style[:2_000].split(";"))
        if name.strip().lower() in ("width", "height")
    ]


def _has_token(address: str) -> bool:
    """Something that was made for one recipient: long, letters and digits mixed."""
    rest = address.partition("//")[2].partition("/")[2]
    return any(
        any(letter.isdigit() for letter in one[0]) and any(letter.isalpha() for letter in one[0]) for one in TOKEN.finditer(rest)
    )


@cache
def _known() -> dict[str, list[tuple[str, str]]]:
    """By host: what stands in the path, and whose it is."""
    known: dict[str, list[tuple[str, str]]] = {"*": []}
    for line in Path(__file__).with_name("trackers.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, host, path = (one.strip() for one in line.split("|"))
            known.setdefault(host, []).append((path, name))
    return known
