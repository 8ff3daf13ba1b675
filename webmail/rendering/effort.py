"""How much work a mail's HTML would make for a tree builder, and how a tangle is taken out of it before one sees it.

Everything here counts too much rather than too little: tags in comments and in attribute values are counted like any others.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MOST_HTML = 5_000_000  # characters
MOST_TAGS = 50_000
MOST_DEPTH = 256
MOST_REFERENCES = 200_000  # `&`: joining the text around them takes quadratic time
MOST_BLANKS = 50_000  # between one `>` and the next: so many attributes may stand there, and each is compared with all others
MOST_COPIES = 1_000_000  # elements that open formatting could be copied into, of some 300 bytes each

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
VOID = set("br hr img input meta link area base col embed source track wbr param p li td tr".split())
BLANKS = re.compile(r"[\s/]++")
# Of the elements that are opened anew in every block until they are closed; `a` and `nobr` close each other.
FORMATTING = "b|big|code|em|font|i|s|small|strike|strong|tt|u"
OPENED = re.compile(rf"<(?:{FORMATTING})[\s/]", re.I)
FORMATS = re.compile(rf"(</?)({FORMATTING})(?=[\s/>])", re.I)
RENAMED = re.compile(rf"(</?)m-({FORMATTING})(?=[ >])")
PLAIN_COPIES = 3 * 12  # of formatting without attributes, three of a kind are opened anew at most


class TooLarge(Exception):
    """More than a browser should be asked to lay out: show the plain text instead."""


def measure(html: str) -> None:
    """Raises TooLarge for what is too long, too deep, or would take a tree builder quadratic time."""
    if len(html) > MOST_HTML or html.count("&") > MOST_REFERENCES:
        raise TooLarge
    depth = 0
    for tags, tag in enumerate(TAG.finditer(html)):
        if tag[2].lower() not in VOID:
            depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > MOST_DEPTH * 4 or tags > MOST_TAGS:
            raise TooLarge
    for piece in html.split(">"):
        if len(piece) > MOST_BLANKS and (start := TAG.search(piece)) and _blanks(piece[start.start() :]) > MOST_BLANKS:
            raise TooLarge


def _blanks(piece: str) -> int:
    return sum(1 for _ in BLANKS.finditer(piece))


def tangled(html: str) -> bool:
    """Could formatting that is left open be copied into block after block, until it fills the memory?

    HTML's rules have it so ("reconstruct the active formatting elements"): 46 kB of source can become a gigabyte of tree.
    """
    formats = PLAIN_COPIES + sum(1 for _ in OPENED.finditer(html))
    return formats * html.count("<") > MOST_COPIES


def untangled(html: str, clean: Callable[[str], str]) -> str:
    """`clean(html)` with formatting as elements like all others: those left open end with the block that they stand in."""
    return RENAMED.sub(r"\1\2", clean(FORMATS.sub(r"\1m-\2", html)))
