"""The first words a message says for itself: what a list shows below the subject (product.md 3.6)."""

from __future__ import annotations

import re

from mailsuite.protocol.unseen import UNSEEN

LENGTH = 200  # characters
LOOK_AT = 20_000  # characters of the text: a long quotation may stand on top
ENOUGH = 2 * LENGTH  # collected characters; the rest is room for an introduction that is taken back

SEPARATOR = re.compile(r"-{2,} ?[^-]{3,40}-{2,}|_{20,}")  # -----Original Message-----
PADDING = re.compile(f"[{UNSEEN}]+")
NOT_ON_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def preview(text: str) -> str:
    """At most 200 characters of `text` on one line, without quoted lines, their introduction and the signature."""
    head = text[:LOOK_AT]
    return _one_line(_own_lines(head)) or _one_line([line.lstrip("> ") for line in head.split("\n", 50)[:50]])


def _own_lines(text: str) -> list[str]:
    own: list[str] = []
    length = 0
    quoted = False
    for line in text.split("\n"):
        if line.startswith(">"):
            if not quoted:
                _take_introduction_back(own)
            quoted = True
            continue
        quoted = quoted and not line
        if line == "-- " or (line[:1] in "-_" and SEPARATOR.fullmatch(line.strip()[:100])):
            break
        own.append(line)
        length += len(line)
        if length > ENOUGH:
            break
    return own


def _take_introduction_back(own: list[str]) -> None:
    """`On Monday, Carol wrote:` in whatever language: a line that ends in a colon, right before a quotation."""
    while own and not own[-1].strip():
        own.pop()
    if not own or not own[-1].rstrip().endswith((":", "：")):
        return
    last = own.pop()
    # It is often broken in two, the date in the first half.
    if own and not _has_digit(last) and _has_digit(own[-1]):
        own.pop()


def _has_digit(line: str) -> bool:
    return any(map(str.isdigit, line[:500]))


def _one_line(lines: list[str]) -> str:
    words = " ".join(" ".join(lines).split())
    if not words.isascii():
        words = PADDING.sub("", words)
    return NOT_ON_ONE_LINE.sub("", words)[:LENGTH].rstrip()
