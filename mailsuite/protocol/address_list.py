"""An address field taken apart, byte by byte as it stands: what ENVELOPE shows, and what `address.parse_list` decodes.

RFC 5322 §3.4 with the obsolete forms of §4.4, and with what is really written: semicolons for commas, missing brackets,
addresses behind names without brackets, names in comments. One pass over tokens; nothing goes back.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_BYTES = 256 * 1024

# The usual form, several times quicker than the tokens below.
USUAL = re.compile(
    rb"""[\s,]*+(?:(?:"([^"\\\r\n]*+)"|([^"<>@,;:()\\\[\]\r\n]*+))\s*+<([^\s<>@,;:()"\\\[\]]++)@([^\s<>@,;:()"\\\[\]]++)>
         |([^\s<>@,;:()"\\\[\]]++)@([^\s<>@,;:()"\\\[\]]++))\s*+(?:,|\Z)""",
    re.X,
)
TOKEN = re.compile(
    rb"""(?P<blank>\s++)
       |"(?P<quoted>(?:[^"\\]|\\.)*+)(?:"|\Z)
       |(?P<comment>\()
       |(?P<literal>\[[^\[\]\s<>,;"]*+\])
       |(?P<special>[<>,;:@])
       |(?P<atom>(?:[^\s"()<>,;:@\[\\]|\\.)++)
       |(?P<stray>.)""",
    re.X | re.S,
)
IN_COMMENT = re.compile(rb"[^()\\]++|\\.|[()]|\\", re.S)
ESCAPE = re.compile(rb"\\(.)", re.S)
BLANKS = re.compile(rb"\s+")


class Entry(NamedTuple):
    """One entry. A group begins with (b"", its name, None) and ends with (b"", None, None), as in ENVELOPE."""

    name: bytes
    local: bytes | None
    domain: bytes | None


def entries(raw: bytes, most: int = 1000) -> list[Entry]:
    """At most `most` entries of an address field, in order; encoded words and 8-bit bytes are left as they are."""
    raw = raw[:MOST_BYTES]
    found: list[Entry] = []
    position = 0
    while len(found) < most:
        usual = USUAL.match(raw, position)
        if not usual:
            break
        quoted, plain, local, domain, bare_local, bare_domain = usual.groups()
        if local is not None:
            found.append(Entry(quoted if quoted is not None else (plain or b"").strip(), local, domain))
        else:
            found.append(Entry(b"", bare_local, bare_domain))
        position = usual.end()
    if len(found) < most and position < len(raw) and not raw[position:].isspace():
        found += _Reader(raw, position, most - len(found)).read()
    return found


class _Reader:
    """The general form, token by token."""

    def __init__(self, raw: bytes, position: int, most: int) -> None:
        self.raw, self.position, self.most = raw, position, most
        self.found: list[Entry] = []
        self.in_group = False
        self._begin()

    def _begin(self) -> None:
        self.words: list[bytes] = []  # outside of < >; b" " stands for blanks
        self.quoted: set[int] = set()  # which of them were quoted strings
        self.angle: list[bytes] | None = None
        self.in_angle = False
        self.has_at = False  # outside of < >
        self.comment = b""

    def read(self) -> list[Entry]:
        raw, end = self.raw, len(self.raw)
        while self.position < end and len(self.found) < self.most:
            token = TOKEN.match(raw, self.position)
            if token is None:  # cannot be: the last alternative takes any byte
                break
            self.position = token.end()
            self._take(token.lastgroup or "", token[0], token)
        self._flush()
        if self.in_group:
            self.found.append(Entry(b"", None, None))
        return self.found

    def _take(self, kind: str, text: bytes, token: re.Match[bytes]) -> None:
        if kind == "special":
            self._special(text)
        elif kind == "comment":
            self._skip_comment()
        elif kind == "quoted":
            self._word(ESCAPE.sub(rb"\1", BLANKS.sub(b" ", token["quoted"])), quoted=True)
        elif kind == "blank":
            self._word(b" ")
        elif kind in ("atom", "literal"):
            self._word(text)

    def _word(self, word: bytes, *, quoted: bool = False) -> None:
        if self.in_angle and self.angle is not None:
            if word != b" ":
                self.angle.append(word)
            return
        if quoted:
            self.quoted.add(len(self.words))
        self.words.append(word)

    def _special(self, text: bytes) -> None:
        if self.in_angle and self.angle is not None:
            self._special_in_angle(text)
        elif text == b"<":
            self.in_angle, self.angle = True, []
        elif text == b",":
            self._flush()
        elif text == b";":
            self._flush()
            if self.in_group:
                self.found.append(Entry(b"", None, None))
                self.in_group = False
        elif text == b":" and not self.has_at and not self.in_group and self.angle is None:
            name = self._text(self.words)
            self._begin()
            self.found.append(Entry(b"", name, None))
            self.in_group = True
        elif text != b">":
            self.has_at |= text == b"@"
            self.words.append(text)

    def _special_in_angle(self, text: bytes) -> None:
        angle = self.angle if self.angle is not None else []
        if text == b">":
            self.in_angle = False
        elif text == b":":  # RFC 5322 §4.4: what stood before was a route
            angle.clear()
        elif text in b",;" and angle[:1] != [b"@"]:  # the bracket was forgotten
            self.in_angle = False
            self._special(text)
        elif text == b"@" or (text == b"," and angle):
            angle.append(text)

    def _skip_comment(self) -> None:
        """Past a comment, which may hold comments; its text names the address where nothing else does (RFC 822 habit)."""
        depth, start = 1, self.position
        while depth:
            token = IN_COMMENT.match(self.raw, self.position)
            if token is None:
                break
            self.position = token.end()
            depth += (token[0] == b"(") - (token[0] == b")")
        text = self.raw[start : self.position - (depth == 0)]
        if not self.comment:
            self.comment = ESCAPE.sub(rb"\1", BLANKS.sub(b" ", text)).strip()
        if not self.in_angle:
            self.words.append(b" ")

    def _flush(self) -> None:
        words, angle, comment, quoted, has_at = self.words, self.angle, self.comment, self.quoted, self.has_at
        self._begin()
        if angle is not None:
            local, domain = _divided(angle)
            name = self._text(words)
            if local or domain or name:
                self.found.append(Entry(name or comment, local, domain))
        elif has_at:
            self._bare(words, quoted, comment)
        elif text := self._text(words):  # a comment on its own is nobody (RFC 5322 §3.2.2)
            # Neither bracket nor @: one word is a local part ("root"), several are a name.
            one = b" " not in text and not quoted
            self.found.append(Entry(comment, text, b"") if one else Entry(text, b"", b""))

    def _bare(self, words: list[bytes], quoted: set[int], comment: bytes) -> None:
        """`bob@example.org`, perhaps with words around: what touches the last @ is the address, the rest is the name."""
        at = len(words) - 1 - words[::-1].index(b"@")
        first, last = at, at
        while first > 0 and self._touch(words, first - 1, first, quoted):
            first -= 1
        while last + 1 < len(words) and self._touch(words, last, last + 1, quoted):
            last += 1
        local, domain = (b"".join(words[a:b]).replace(b" ", b"") for a, b in ((first, at), (at + 1, last + 1)))
        if first + 1 == at and first in quoted:
            local = words[first]
        name = self._text(words[:first] + words[last + 1 :])
        self.found.append(Entry(name or comment, local, domain))

    @staticmethod
    def _touch(words: list[bytes], left: int, right: int, quoted: set[int]) -> bool:
        """Whether neighbours belong to one address; RFC 5322 §4.4 allows blanks around @ and dots."""
        near = b"@", b"."
        if words[left] == b" ":
            return words[right][:1] in near or (left > 0 and words[left - 1][-1:] in near)
        if words[right] == b" ":
            return words[left][-1:] in near or (right + 1 < len(words) and words[right + 1][:1] in near)
        return not {left, right} & quoted or b"@" in (words[left], words[right])

    @staticmethod
    def _text(words: list[bytes]) -> bytes:
        return BLANKS.sub(b" ", b"".join(words)).strip()


def _divided(words: list[bytes]) -> tuple[bytes, bytes]:
    """The words between < and > at the last @."""
    if b"@" not in words:
        return b"".join(words), b""
    at = len(words) - 1 - words[::-1].index(b"@")
    return b"".join(words[:at]), b"".join(words[at + 1 :])
