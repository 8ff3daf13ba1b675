"""Plain text as a page shows it: links, quotations behind thin bars, signatures dimmed, old quotations folded (product.md 4.6).

Everything is escaped first and marked up afterwards; no HTML of the sender ever passes through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote as quoted

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from mailsuite.protocol import quote
from webmail import display

DEEPEST = 4  # bars beside each other
BARS = ("hue-blue", "hue-green", "hue-orange", "hue-purple")
ALREADY_SEEN = 0.7  # share of quoted lines that occur earlier in the conversation, for a quotation to be folded
MOST_LINKS = 2_000

LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"“”«»\x00-\x20]{2,2000}|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"
    r"|(?<![\w+])\+\d(?:[ ()/.-]{0,2}\d){6,14}(?!\w)"
)
QUOTED = re.compile(r"^(?:>[ ]?)+")
ALIGNED = re.compile(r"^(?:\t| {4})\S|\S {3,}\S|\S\t+\S|^\s*[|+][-|+ ].*[|+]\s*$")
TRAILING = tuple(".,;:!?'\"*_>»”")
CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text in two parts: what is read, and the quotation that is folded behind "…" ("" where nothing is)."""

    text: SafeString
    quote: SafeString


def show(text: str, earlier: set[str] | None = None) -> Shown:
    """`text` as HTML. earlier: the lines that the conversation has said before, from `said`; without it nothing is folded."""
    text = display.clean_lines(text)
    cut = _fold_at(text, earlier) if earlier else len(text)
    return Shown(_html(text[:cut].split("\n")), _html(text[cut:].split("\n")))


def said(text: str) -> set[str]:
    """The lines of a text in the form by which quotations are recognised."""
    return {normal for line in display.clean_lines(text).split("\n") if (normal := _normal(line))}


def _normal(line: str) -> str:
    return " ".join(QUOTED.sub("", line).split()).casefold()


def _fold_at(text: str, earlier: set[str]) -> int:
    """Where a quotation begins that says nothing new; the text's length where none does."""
    before = 0
    for piece in quote.split(text):
        if piece.kind == "quoted":
            lines = [normal for line in piece.text.split("\n") if QUOTED.match(line) and (normal := _normal(line))]
            known = sum(line in earlier for line in lines)
            return before if lines and known >= ALREADY_SEEN * len(lines) else len(text)
        before += len(piece.text)
    return len(text)


def _html(lines: list[str]) -> SafeString:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    sign = next((n for n in range(len(lines) - 1, -1, -1) if lines[n] in ("-- ", "--")), len(lines))
    html = _blocks(lines[:sign])
    if sign < len(lines):
        html += f'\n<span class="signature">{_linked(chr(10).join(lines[sign:]))}</span>'
    return mark_safe(html)  # noqa: S308 - every line went through `_linked`, which escapes


def _blocks(lines: list[str]) -> str:
    """Quoted runs as blocks with a bar for each level. The blank lines around a block are its margin already."""
    runs = [
        (depth, [QUOTED.sub("", line, count=1) if depth else line for line in run]) for depth, run in groupby(lines, key=_depth)
    ]
    pieces = []
    for n, (depth, run) in enumerate(runs):
        html = "\n".join(_paragraphs(_stripped(run, before=n > 0, after=n < len(runs) - 1)))
        for level in range(depth - 1, -1, -1):
            html = f'<span class="cite {BARS[level % len(BARS)]}">{html}</span>'
        pieces.append(html)
    return "".join(pieces)


def _stripped(lines: list[str], *, before: bool, after: bool) -> list[str]:
    start, end = 0, len(lines)
    while before and start < end and not lines[start].strip():
        start += 1
    while after and start < end and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _depth(line: str) -> int:
    marks = QUOTED.match(line)
    return min(marks.group().count(">"), DEEPEST) if marks else 0


def _paragraphs(lines: list[str]) -> Iterable[str]:
    """Runs of three or more aligned lines are a table or code, and keep a fixed pitch."""
    for aligned, run in groupby(lines, key=lambda line: bool(ALIGNED.search(line[:500]))):
        block = list(run)
        html = _linked("\n".join(block))
        yield f'<span class="fixed">{html}</span>' if aligned and len(block) >= 3 else html


def _linked(text: str) -> str:
    """Escaped, with web and mail addresses as links."""
    pieces, at = [], 0
    for count, found in enumerate(LINK.finditer(text)):
        if count >= MOST_LINKS:
            break
        address = _untrailed(found.group())
        pieces += [escape(text[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return "".join([*pieces, escape(text[at:])])


def _untrailed(address: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside."""
    for _ in range(20):
        last = address[-1:]
        if not (last in TRAILING or (last in CLOSING and address.count(last) > address.count(CLOSING[last]))):
            break
        address = address[:-1]
    return address


def _link(address: str) -> str:
    shown = escape(display.clean(address))
    if address.startswith("+"):
        return f'<a href="tel:{"".join(sign for sign in address if sign in "+0123456789")}">{shown}</a>'
    if "://" not in address and "@" in address and not address.startswith("www."):
        return f'<a href="/compose?to={escape(quoted(address))}">{shown}</a>'
    href = address if "://" in address else f"http://{address}"
    return f'<a href="{escape(display.clean(href))}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'
