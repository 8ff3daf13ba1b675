"""Where in a mail's HTML the quotation begins that says nothing new, and the mail without it (product.md 4.6).

Hiding an answer is worse than showing a quotation twice: whatever its author may have written there keeps all of it in sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from mailsuite.protocol.attribution import is_attribution
from mailsuite.protocol.html_text import BLOCKS
from mailsuite.protocol.quote import FORWARDS, HEADER_LINE, ORIGINAL, RULE, SENDER_LINE
from webmail.rendering.markup import VOID, Tag, tags

ALREADY_SEEN = 0.7  # share of the quoted lines that the conversation has said before
RUN = 4  # words in a row by which a text is recognised
MOST_WORDS = 100_000
MOST_LINES = 20_000
MOST_HEADERS = 6  # lines of a header that a program writes above what it quotes
LONGEST_SIGNATURE = 15  # lines
LONGEST_INTRODUCTION = 400  # characters

WRAPPERS = {"gmail_quote", "gmail_quote_container", "protonmail_quote", "yahoo_quoted", "tutanota_quote", "moz-cite-prefix"}
WRAPPERS |= {"ms-outlook-mobile-reference-message"}
INDENTING = {"yahoo_quoted", "ms-outlook-mobile-reference-message"}  # they hold a quotation without a blockquote around it
OPENERS = {"m-divRplyFwdMsg", "m-appendonsend", "m-mail-editor-reference-message-container"}
INTRODUCING = {"gmail_attr", "moz-cite-prefix"}
FORWARDING = {"moz-forward-container"}
OUTLOOK_RULE = re.compile(r"border-top:\s*solid #(?:e1e1e1|b5c4df)", re.I)
WORD = re.compile(r"\w+")
PLACEHOLDER = re.compile(r"\[(?:image|cid|inline image)[:\s][^\]\n]{0,300}\]|<?https?://\S{1,2000}|<?mailto:\S{1,500}", re.I)
QUOTE_MARK = re.compile(r"^(?:>[ ]?)+")


@dataclass(slots=True)
class Line:
    """A line as a reader sees it. depth: quotations around it; introduces: it says who wrote what follows."""

    text: str
    start: int
    depth: int
    introduces: bool = False
    words: list[str] = field(default_factory=list)
    known: bool = False


@dataclass(slots=True)
class Read:
    """The lines of a mail, and the offsets where containers of quotations begin."""

    lines: list[Line] = field(default_factory=list)
    wrappers: list[int] = field(default_factory=list)
    openers: list[int] = field(default_factory=list)
    forward: bool = False


class Said:
    """What a conversation has said so far, so that a repetition of it is recognised, however its lines are broken."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._runs: set[int] = set()
        self._lines: set[str] = set()
        self._room = MOST_WORDS
        for text in texts:
            self.add(text)

    def __bool__(self) -> bool:
        return bool(self._runs or self._lines)

    def add(self, text: str) -> None:
        """A text that was said before; what has no room is as if it had not been said."""
        words: list[str] = []
        for line in text.split("\n"):
            found = _words(line)
            if found and not is_attribution(line.lstrip("> ")) and len(found) <= self._room:
                self._room -= len(found)
                self._lines.add(" ".join(found))
                words += found
        self._runs.update(hash(tuple(words[n : n + RUN])) for n in range(len(words) - RUN + 1))

    def mark(self, lines: Sequence[Line]) -> None:
        """Tell each line whether all of it was said: every word within a run of words that is known."""
        words = [word for line in lines for word in line.words]
        covered = bytearray(len(words))
        for n in range(len(words) - RUN + 1):
            if hash(tuple(words[n : n + RUN])) in self._runs:
                covered[n : n + RUN] = b"\1" * RUN
        at = 0
        for line in lines:
            end = at + len(line.words)
            line.known = all(covered[at:end]) or (len(lines) == 1 and " ".join(line.words) in self._lines)
            at = end


def _words(text: str) -> list[str]:
    return WORD.findall(PLACEHOLDER.sub(" ", QUOTE_MARK.sub("", text)).casefold())


MAY_QUOTE = re.compile(
    r"<blockquote|class=\"[^\"]*quote|m-divRply|m-append|m-mail-editor|reference-message|border-top|[:：]\s*(?:<|$)", re.I
)
MAY_QUOTE_TEXT = re.compile(r"^(?:>|[^\n]{0,400}[:：][ \t]{0,20}$|[-_]{5,})", re.M)


def may_quote(html: str) -> bool:
    """A quick look, so that the messages before it are read only where they matter."""
    return bool(MAY_QUOTE.search(html))


def may_quote_text(text: str) -> bool:
    """The same for plain text."""
    return bool(MAY_QUOTE_TEXT.search(text))


def fold_at(html: str, said: Said) -> int | None:
    """The offset in sanitised HTML where a quotation begins that may be folded away with all that follows; None: show it all."""
    if not said:
        return None
    read = _Reader(html).read
    if len(read.lines) > MOST_LINES or sum(len(line.words) for line in read.lines) > MOST_WORDS:
        return None
    if read.forward or any(FORWARDS.match(line.text[:200]) for line in read.lines if not line.depth):
        return None
    start, wrapped = _beginning(read)
    if start is None or not any(line.words for line in read.lines if line.start < start):
        return None  # who wrote nothing else sent it for what it quotes
    if not _is_old([line for line in read.lines if line.start >= start], said, wrapped=wrapped):
        return None
    return start


def without(html: str, start: int) -> str:
    """The HTML up to there, its open elements closed."""
    opened: list[str] = []
    for tag in tags(html):
        if tag.start >= start:
            break
        if tag.closing:
            del opened[max(len(opened) - 1, 0) :]
        elif tag.name not in VOID:
            opened.append(tag.name)
    return html[:start] + "".join(f"</{name}>" for name in reversed(opened))


def _beginning(read: Read) -> tuple[int | None, bool]:
    """The first mark of a quotation, and whether an element holds what is quoted; else everything below the mark is quoted."""
    marks = [*((at, True) for at in read.wrappers), *((at, False) for at in read.openers), *_written_marks(read.lines)]
    if not marks:
        return None, False
    start, wrapped = min(marks)
    before = [line for line in read.lines if line.start < start and line.words]
    if before and (before[-1].introduces or is_attribution(before[-1].text, dated=False)):
        start = before[-1].start
    return start, wrapped


def _written_marks(lines: Sequence[Line]) -> Iterator[tuple[int, bool]]:
    """What a program writes above a quotation, where no element tells."""
    for n, line in enumerate(lines):
        following = lines[n + 1 : n + 4]
        if ORIGINAL.match(line.text[:200]) or _is_header(lines, n):
            yield line.start, False
        elif line.depth == 0 and is_attribution(line.text, dated=False) and any(one.depth for one in following):
            yield line.start, True


def _is_header(lines: Sequence[Line], n: int) -> bool:
    return bool(SENDER_LINE.match(lines[n].text[:60])) and all(HEADER_LINE.match(one.text[:100]) for one in lines[n : n + 3])


def _is_old(tail: Sequence[Line], said: Said, *, wrapped: bool) -> bool:
    """Does all of it repeat, so that nobody misses it?"""
    last = max((n for n, line in enumerate(tail) if line.depth), default=-1) if wrapped else len(tail) - 1
    quoted, below = _written(tail[: last + 1]), _written(_unsigned(tail[last + 1 :]))
    said.mark(quoted)
    said.mark(below)
    if any(not line.known or len(line.words) < RUN for line in below):
        return False
    if wrapped and any(line.depth == 0 for line in quoted):
        return False  # between quotations: an answer, even one in words that somebody used before
    held = {line.depth for line in quoted if line.known} | {0}
    if any(not line.known and line.depth in held for line in quoted):
        return False
    return bool(quoted) and sum(line.known for line in quoted) >= ALREADY_SEEN * len(quoted)


def _written(tail: Sequence[Line]) -> list[Line]:
    """The lines that were written by somebody: without introductions and the headers that programs put there."""
    found, headers = [], 0
    for n, line in enumerate(tail):
        if _is_header(tail, n):
            headers = MOST_HEADERS
        headers = headers - 1 if headers and HEADER_LINE.match(line.text[:100]) else 0
        plain = line.words and not headers and not line.introduces
        if plain and not is_attribution(line.text, dated=False) and not ORIGINAL.match(line.text[:200]):
            found.append(line)
    return found


def _unsigned(lines: Sequence[Line]) -> Sequence[Line]:
    """What stands under a quotation, without the signature there."""
    for n, line in enumerate(lines):
        if line.text in ("--", "—") or line.text.startswith("-- ") or RULE.fullmatch(line.text):
            return lines[:n] if len(lines) - n <= LONGEST_SIGNATURE else lines
    return lines


@dataclass(slots=True)
class _Open:
    """An element that stands around what is read."""

    depth: int = 0
    introduces: bool = False


class _Reader:
    """One pass over the tags: lines end where blocks do. Start and end tags of sanitised HTML match."""

    def __init__(self, html: str) -> None:
        self.read = Read()
        self._stack = [_Open()]
        self._pieces: list[str] = []
        self._start = at = 0
        for tag in tags(html):
            self._text(html[at : tag.start], at)
            at = tag.end
            if tag.name in BLOCKS:
                self._end_line()
            self._tag(tag)
        self._text(html[at:], at)
        self._end_line()

    def _text(self, words: str, at: int) -> None:
        if words and (self._pieces or words.strip()):
            self._start = self._start if self._pieces else at + len(words) - len(words.lstrip())
            self._pieces.append(unescape(words))

    def _tag(self, tag: Tag) -> None:
        if tag.closing:
            del self._stack[max(len(self._stack) - 1, 1) :]
        elif tag.name == "img" and _is_picture(tag):
            self._start = self._start if self._pieces else tag.start
            self._pieces.append(" picture ")
        elif tag.name not in VOID:
            self._stack.append(_opened(tag, self._stack[-1], self.read))

    def _end_line(self) -> None:
        text = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        if text:
            marks, around = QUOTE_MARK.match(text), self._stack[-1]
            introduces = around.introduces and len(text) < LONGEST_INTRODUCTION and text.endswith((":", "："))
            depth = around.depth + (marks[0].count(">") if marks else 0)
            self.read.lines.append(Line(text, self._start, depth, introduces, _words(text)))


def _is_picture(tag: Tag) -> bool:
    attributes = tag.attributes
    return "src" in attributes and not {attributes.get("width"), attributes.get("height")} & {"0", "1", "2"}


def _opened(tag: Tag, parent: _Open, read: Read) -> _Open:
    attributes = tag.attributes if tag.written else {}
    classes = set(attributes.get("class", "").split())
    read.forward |= bool(classes & FORWARDING)
    if classes & WRAPPERS or (tag.name == "blockquote" and attributes.get("type") == "cite"):
        read.wrappers.append(tag.start)
    elif attributes.get("id") in OPENERS or OUTLOOK_RULE.search(attributes.get("style", "")):
        read.openers.append(tag.start)
    deeper = tag.name == "blockquote" or bool(classes & INDENTING)
    return _Open(parent.depth + deeper, parent.introduces or bool(classes & INTRODUCING))
