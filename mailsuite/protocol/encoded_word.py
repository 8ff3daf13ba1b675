"""Encoded words: text beyond ASCII in header fields (RFC 2047)."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Callable

from mailsuite.protocol.charset import to_text

MOST_WORDS = 1000  # in one field; what follows stays as it was written

WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?(.*?)\?=", re.S)  # *language: RFC 2231 §5
NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
LONGEST = 75  # characters of an encoded word: RFC 2047 §2
WORD_BYTES = 45  # base64 of 45 bytes is 60 characters, which keeps a UTF-8 word within 75


def decode(text: str) -> str:
    """`text` with its encoded words decoded; blanks between two of them vanish (RFC 2047 §6.2). Linear, never raises."""
    return _decode(text, str)


def decode_bytes(raw: bytes) -> str:
    """The same for a value with 8-bit bytes, inside encoded words (where their charset reads them) or outside."""
    return _decode(raw.decode("latin-1"), lambda text: to_text(text.encode("latin-1")))


def _decode(text: str, plain: Callable[[str], str]) -> str:
    last = text.rfind("?=")
    if last < 0 or "=?" not in text:
        return plain(text)
    out: list[str] = []
    pending, charset, position = b"", "", 0
    for count, word in enumerate(WORD.finditer(text, 0, last + 2)):
        if count == MOST_WORDS:
            break
        between = text[position : word.start()]
        adjacent = position > 0 and not between.strip()
        # A character may be cut in two by careless writers: words of one charset are joined before they are decoded.
        if pending and not (adjacent and word[1].lower() == charset):
            out.append(to_text(pending, charset))
            pending = b""
        if not adjacent:
            out.append(plain(between))
        charset = word[1].lower()
        pending += word_bytes(word[2], word[3])
        position = word.end()
    out.append(to_text(pending, charset))
    out.append(plain(text[position:]))
    return "".join(out)


def word_bytes(encoding: str, text: str) -> bytes:
    """The bytes inside one encoded word."""
    if encoding in "qQ":
        return a2b_qp(_octets(text), header=True)
    letters = NO_BASE64.sub("", text)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return a2b_base64(letters + "=" * (-len(letters) % 4))
    except Error:  # pragma: no cover - the letters were cleaned
        return b""


def _octets(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def encode(text: str, room: int = LONGEST) -> list[str]:
    """UTF-8 encoded words, the first of at most `room` characters, the others of 75; no character is cut (RFC 2047 §5)."""
    words: list[str] = []
    current, limit = b"", max((room - 12) // 4 * 3, 6)
    for letter in text:
        encoded = letter.encode("utf-8", "replace")
        if len(current) + len(encoded) > limit:
            words.append(_word(current))
            current, limit = b"", WORD_BYTES
        current += encoded
    return [*words, _word(current)]


def _word(content: bytes) -> str:
    return f"=?utf-8?b?{b64encode(content).decode('ascii')}?="
