"""HTML to the text a person would read: for the index and previews, never for display."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_CHARACTERS = 1_000_000  # of HTML that are parsed
SKIPPED = {"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "iframe", "select", "textarea"}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "center", "div", "fieldset", "figcaption", "figure", "footer", "form"),
    *("header", "main", "nav", "p", "pre", "section", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("dd", "dl", "dt", "li", "ol", "ul", "table", "tr"),
}
BLANKS = re.compile(r"[^\S\n]+")
BLANK_LINES = re.compile(r" ?\n[ \n]*")
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u034f\u00ad\u180e]+")  # senders pad hidden previews with these


def html_to_text(html: str, most: int = 200_000) -> str:
    """The visible text, a line for each block, at most `most` characters. Linear in its input, never raises."""
    root = LexborHTMLParser(html[:MOST_CHARACTERS]).root
    if root is None:
        return ""
    pieces: list[str] = []
    length = 0
    node = root
    while node is not None and length < most:
        tag = node.tag
        if tag == "-text":
            words = node.text_content or ""
            pieces.append(BLANKS.sub(" ", words.replace("\n", " ")))
            length += len(words)
        elif tag in BLOCKS:
            pieces.append("\n")
        elif tag in ("td", "th"):
            pieces.append(" ")
        node = _following(node, root, pieces, descend=tag not in SKIPPED)
    text = BLANK_LINES.sub("\n", BLANKS.sub(" ", INVISIBLE.sub("", "".join(pieces))))
    return text[:most].strip()


def _following(node: LexborNode, root: LexborNode, pieces: list[str], *, descend: bool) -> LexborNode | None:
    """The next node in the order of the document; leaving a block ends its line."""
    if descend and (child := node.child) is not None:
        return child
    while node is not None and node.next is None:
        node = node.parent
        if node is None or node.tag == root.tag:
            return None
        if node.tag in BLOCKS:
            pieces.append("\n")
    return node.next if node is not None else None
