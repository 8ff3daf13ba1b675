"""What FETCH asks for: its items and body sections (RFC 9051 §6.4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailsuite.protocol.imap.responses import astring
from mailsuite.protocol.imap.syntax import Parser

MAX_ITEMS = 200  # in one FETCH
MAX_FIELDS = 1_000  # named by one HEADER.FIELDS

_MACROS = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_PLAIN = {
    "ENVELOPE", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODY", "BODYSTRUCTURE", "UID", "MODSEQ", "EMAILID", "THREADID",
    "SAVEDATE", "PREVIEW",
}  # fmt: skip
_SPEC = re.compile(
    rb"([1-9][0-9]{0,4}(?:\.[1-9][0-9]{0,4}){0,99})?(\.?)(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?", re.I
)
_LAZY = re.compile(rb" +\(LAZY(?: +LAZY)*\)", re.I)
_PARTIAL = re.compile(rb"<([0-9]{1,19})\.([1-9][0-9]{0,18})>")
_PART = re.compile(rb"(?:[1-9][0-9]{0,4}(?:\.[1-9][0-9]{0,4}){0,99})?")


@dataclass(frozen=True, slots=True)
class Section:
    """BODY[part.text (fields)]. Everything empty names the whole message."""

    part: str = ""  # "1.2"
    text: str = ""  # HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME
    fields: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        spec = ".".join(word for word in (self.part, self.text) if word)
        return f"{spec} ({' '.join(astring(name).decode('latin-1') for name in self.fields)})" if self.fields else spec

    @property
    def whole(self) -> bool:
        return not self.part and not self.text

    @property
    def header_only(self) -> bool:
        """Can it be answered from the message's own header?"""
        return not self.part and self.text.startswith("HEADER")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to send for each message. `label` is its name in the response; sections only for what needs the octets."""

    name: str
    label: bytes
    section: Section | None = None
    peek: bool = True  # does not set \\Seen
    partial: tuple[int, int] | None = None  # first octet, most octets

    @property
    def needs_content(self) -> bool:
        """Must the message be read for it? BODY is BODYSTRUCTURE for the few who still ask so; it is not kept."""
        return self.section is not None or self.name == "BODY"


_RFC822 = {
    "RFC822": (Section(), False),
    "RFC822.HEADER": (Section(text="HEADER"), True),
    "RFC822.TEXT": (Section(text="TEXT"), False),
}


def parse(parser: Parser) -> list[Item]:
    """The items of a FETCH, in the order asked for; each once."""
    if parser.peek() != b"(":
        word = parser.word()
        if word in _MACROS:
            return [Item(name, name.encode()) for name in _MACROS[word]]
        return [_item(parser, word)]
    return list(dict.fromkeys(parser.listed(lambda one: _item(one, one.word()), MAX_ITEMS)))


def _item(parser: Parser, word: str) -> Item:
    if word in ("BODY", "BODY.PEEK") and parser.take(b"["):
        return _body(parser, peek=word == "BODY.PEEK")
    if word in ("BINARY", "BINARY.PEEK", "BINARY.SIZE"):
        return _binary(parser, word)
    if word in _RFC822:
        section, peek = _RFC822[word]
        return Item(word, word.encode(), section, peek)
    if word not in _PLAIN:
        raise parser.problem(f"Nothing is called {word[:40]} here")
    if word == "PREVIEW":
        parser.match(_LAZY)  # RFC 8970 §3.1: previews are kept, so that the lazy have them too
    return Item(word, word.encode())


def _body(parser: Parser, *, peek: bool) -> Item:
    section = _section(parser)
    parser.expect(b"]")
    return _cut(parser, Item("BODY[]", f"BODY[{section}]".encode("latin-1"), section, peek))


def _binary(parser: Parser, word: str) -> Item:
    parser.expect(b"[")
    part = parser.match(_PART)
    parser.expect(b"]")
    section = Section(part[0].decode() if part else "")
    if word == "BINARY.SIZE":
        return Item(word, f"BINARY.SIZE[{section}]".encode(), section)
    return _cut(parser, Item("BINARY", f"BINARY[{section}]".encode(), section, peek=word == "BINARY.PEEK"))


def _cut(parser: Parser, item: Item) -> Item:
    partial = parser.match(_PARTIAL)
    if not partial:
        return item
    first, most = int(partial[1]), int(partial[2])
    return replace(item, label=item.label + b"<%d>" % first, partial=(first, most))


def _section(parser: Parser) -> Section:
    match = parser.match(_SPEC)
    part, dot, text = (match[1] or b"").decode(), match[2], (match[3] or b"").decode().upper()  # type: ignore[index]
    if bool(dot) != bool(part and text) or (text == "MIME" and not part):
        raise parser.problem("There is no such section")
    if not text.startswith("HEADER.FIELDS"):
        return Section(part, text)
    parser.space()
    return Section(part, text, tuple(parser.listed(Parser.astring, MAX_FIELDS)))
