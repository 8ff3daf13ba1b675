"""HTML to the text a person would read: for the index and previews, never for display.

A tokenizer and no tree, because tree builders of HTML take quadratic time on deep nesting (Lexbor: 10 s for 500 kB of `<div>`),
and this runs at delivery on whatever strangers send. What a browser would swallow (an open comment or script) is swallowed here.
"""

from __future__ import annotations

import re
from html import unescape

from mailsuite.protocol.unseen import UNSEEN

MOST_CHARACTERS = 1_000_000  # of HTML that are looked at
RAW = {"script", "style", "title", "textarea", "template", "xmp", "iframe", "noembed", "noframes"}  # skipped with contents
BLOCKS = {
    *("address", "article", "aside", "blockquote", "center", "div", "fieldset", "figcaption", "figure", "footer", "form"),
    *("header", "main", "nav", "p", "pre", "section", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("dd", "dl", "dt", "li", "ol", "ul", "table", "tr", "body", "title"),
}
CELLS = {"td", "th"}
BREAK = "\v"  # between lines; line ends in the source are blanks

TOKEN = re.compile(
    r"""([^<]++)
    |<(/?)([a-zA-Z][^\s/>]*+)(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>   # quotes count only behind =
    |<!--.*?-->
    |<[!?/][^>]*+>
    |<(?![a-zA-Z!?/])""",
    re.X | re.S,
)
PADDING = re.compile(f"[{UNSEEN}]+")  # senders pad hidden previews with these


def html_to_text(html: str, most: int = 200_000, *, read: int = MOST_CHARACTERS) -> str:
    """The text, a line for each block, lines in a blockquote behind `> `; at most `most` characters of the first `read` of HTML.

    Linear, never raises.
    """
    text = unescape("".join(_pieces(html[:read], most)))
    if not text.isascii():
        text = PADDING.sub("", text)
    lines = (" ".join(line.split()) for line in text.split(BREAK))
    return "\n".join(line for line in lines if line.strip("> "))[:most]


def _pieces(html: str, most: int) -> list[str]:
    pieces: list[str] = []
    position = length = depth = 0
    match = TOKEN.match
    while length < most and (token := match(html, position)):  # None: the end, or a tag that never closes
        position = token.end()
        if token.lastindex == 1:
            words = token[1]
            length += len(words)
            pieces.append(words)
        elif token.lastindex:
            tag = token[3].lower()
            if tag in BLOCKS:
                if tag == "blockquote":
                    depth = depth + 1 if not token[2] else max(depth - 1, 0)
                pieces.append(BREAK + "> " if depth else BREAK)
            elif tag in CELLS:
                pieces.append(" ")
            if tag in RAW and not token[2]:
                position = _behind(html, tag, position)
        elif token[0] == "<":
            pieces.append("<")
    return pieces


def _behind(html: str, tag: str, position: int) -> int:
    """Where the end tag of a raw text element begins; the end where it has none."""
    found = re.compile(rf"</{tag}(?=[\s/>])", re.I).search(html, position)
    return found.start() if found else len(html)
