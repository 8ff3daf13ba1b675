"""Divides a text into what its author wrote, what is only quoted, and the signature (product.md 4.6).

Only a quotation at the end counts as quoted. Whoever answers between the lines is never hidden: then everything is visible,
and so is a forwarded message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from mailsuite.protocol.attribution import is_attribution

Kind = Literal["visible", "quoted", "signature"]

# CSS selectors of what mail programs put quotations into.
CONTAINERS = (
    "blockquote[type=cite]",
    ".gmail_quote",
    ".gmail_quote_container",
    ".protonmail_quote",
    ".moz-cite-prefix",
    ".moz-cite-prefix + blockquote",
    "#divRplyFwdMsg",
    "#appendonsend",
    "#mail-editor-reference-message-container",
    ".yahoo_quoted",
    ".tutanota_quote",
    ".ms-outlook-mobile-reference-message",
    "div[style*='border-top:solid #E1E1E1']",
    "div[style*='border-top:solid #B5C4DF']",
)
FORWARDS = re.compile(
    r"-{2,} ?(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|mensagem encaminhada"
    r"|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|przekazana wiadomość|пересланное сообщение"
    r"|转发的邮件|転送メッセージ) ?-{2,}|begin forwarded message:|anfang der weitergeleiteten nachricht:"
    r"|début du message (?:transféré|réexpédié) ?:|inicio del mensaje reenviado:|inizio messaggio inoltrato:",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"-{2,} ?(?:original message|ursprüngliche nachricht|original-nachricht|message d'origine|message original|mensaje original"
    r"|mensagem original|messaggio originale|oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse"
    r"|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|původní zpráva|pôvodná správa|исходное сообщение"
    r"|оригинальное сообщение|eredeti üzenet|orijinal mesaj|原始邮件|原始郵件|元のメッセージ) ?-{2,}",
    re.IGNORECASE,
)
# The header that Outlook writes above what it quotes; three such lines in a row, of which one names the sender.
SENDER_LINE = re.compile(
    r"\*?(?:from|von|de|da|van|från|fra|lähettäjä|od|от|від|feladó|kimden|发件人|寄件者|差出人|보낸 사람|من|מאת|από)\*?\s?[:：]",
    re.IGNORECASE,
)
HEADER_LINE = re.compile(r"\*?[^\W\d_][\w '’-]{0,24}\*?\s?[:：]\*? ?\S")
RULE = re.compile(r"_{10,}|-{10,}")
LONGEST_SIGNATURE = 15  # lines
MOST_LINES = 20_000


class Piece(NamedTuple):
    """A run of whole lines; the pieces put together are the text."""

    kind: Kind
    text: str


def split(text: str, *, forward: bool = False) -> list[Piece]:
    """The text in pieces, in order. `forward`: it passes a message on, so that nothing of it is a quotation."""
    lines = text.splitlines(keepends=True)
    bare = [line.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029") for line in lines]
    first, last = (len(bare), len(bare)) if forward or len(bare) > MOST_LINES else _quotation(bare)
    kinds: list[Kind] = ["visible"] * len(lines)
    kinds[first:last] = ["quoted"] * (last - first)
    for start, end in ((_signature(bare, 0, first), first), (_signature(bare, last, len(bare)), len(bare))):
        kinds[start:end] = ["signature"] * (end - start)
    return _pieces(lines, kinds)


def visible_text(text: str, *, forward: bool = False) -> str:
    """What the author of this message wrote, without quotation and signature; everything, if that would be nothing."""
    own = "".join(piece.text for piece in split(text, forward=forward) if piece.kind == "visible").strip()
    return own or text.strip()


def known_share(quoted: str, earlier: Iterable[str]) -> float:
    """Which share of the quoted lines, from 0 to 1, stands in earlier messages of the conversation."""
    known = {_normal(line) for text in earlier for line in text.splitlines()}
    asked = [form for line in quoted.splitlines() if not is_attribution(line) and (form := _normal(line))]
    return sum(line in known for line in asked) / len(asked) if asked else 1.0


def _normal(line: str) -> str:
    return "".join(line.lstrip("> ").split()).casefold()


def _pieces(lines: Sequence[str], kinds: Sequence[Kind]) -> list[Piece]:
    found: list[tuple[Kind, list[str]]] = []
    for line, kind in zip(lines, kinds, strict=True):
        if not found or found[-1][0] != kind:
            found.append((kind, []))
        found[-1][1].append(line)
    return [Piece(kind, "".join(piece)) for kind, piece in found]


def _quotation(lines: Sequence[str]) -> tuple[int, int]:
    """First line of the quotation and the one after its last; two times the number of lines where there is none to hide."""
    nothing = len(lines), len(lines)
    if any(FORWARDS.match(line.strip()[:200]) for line in lines if not line.startswith(">")):
        return nothing
    if (start := _outlook(lines)) is not None:
        inside = any(line.startswith(">") for line in lines[:start])
        return nothing if inside or not _says_something(lines[:start]) else (start, len(lines))
    start = at = end = _end_of_quotation(lines)
    while at > 0 and (_is_quoted(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
        start = at if _is_quoted(lines[at]) else start
    if start == end or any(_is_quoted(line) for line in lines[:start]):  # nothing quoted, or answered between the lines
        return nothing
    start = _with_attribution(lines, start)
    return (start, end) if _says_something(lines[:start]) or end < len(lines) else nothing


def _is_quoted(line: str) -> bool:
    return line.startswith(">")


def _end_of_quotation(lines: Sequence[str]) -> int:
    """After the last quoted line, if below it is nothing but blank lines and a signature; else 0."""
    end = len(lines)
    while end > 0 and not _is_quoted(lines[end - 1]):
        end -= 1
    below = [line for line in lines[end : _signature(lines, end, len(lines))] if line.strip()]
    return 0 if below else end


def _with_attribution(lines: Sequence[str], start: int) -> int:
    """The first line of the quotation, the line that introduces it included; programs break that into up to three."""
    at = start
    while at > 0 and not lines[at - 1].strip() and start - at < 2:
        at -= 1
    for count in (1, 2, 3):
        head = lines[max(at - count, 0) : at]
        if len(head) < count or not all(line.strip() for line in head):
            break
        alone = count == 1 and " " in head[0].strip()  # "Bob wrote:" is enough right above a quotation, "wrote:" is not
        if is_attribution(" ".join(head), dated=not alone):
            return at - count - int(at > count and _is_first_half(lines[at - count - 1], head[0]))
    return start


def _is_first_half(line: str, rest: str) -> bool:
    """Whether an attribution that was recognised began a line earlier: "On 3 October 2026" above "Ana <ana@x> wrote:"."""
    if not line.strip() or len(line) > 100 or line.rstrip().endswith((".", "!", "?", ":")):
        return False
    return any(map(str.isdigit, line)) and not any(map(str.isdigit, rest.partition("<")[0]))


def _outlook(lines: Sequence[str]) -> int | None:
    """Where what Outlook and its like append begins: a line that says so, or the header of the message it quotes."""
    for at, line in enumerate(lines):
        stripped = line.strip()
        if ORIGINAL.match(stripped[:200]):
            return at
        if SENDER_LINE.match(stripped[:60]) and all(HEADER_LINE.match(one.strip()[:100]) for one in lines[at : at + 3]):
            if len(lines) < at + 4 or (at and lines[at - 1].strip() and not RULE.fullmatch(lines[at - 1].strip())):
                continue
            return at - 1 if at and RULE.fullmatch(lines[at - 1].strip()) else at
    return None


def _says_something(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def _signature(lines: Sequence[str], start: int, end: int) -> int:
    """Where in lines[start:end] the signature begins (RFC 3676 §4.3); `end` where there is none."""
    for at in range(end - 1, max(start, end - LONGEST_SIGNATURE - 6) - 1, -1):
        if lines[at] in ("-- ", "--") and sum(1 for line in lines[at + 1 : end] if line.strip()) <= LONGEST_SIGNATURE:
            return at
    return end
