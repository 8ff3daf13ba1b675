"""Base subjects as IMAP sorts and threads by them, and the order of its strings (RFC 5256 §2.1, RFC 5051)."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1_000  # characters of a subject that are looked at
COLLATED = 500  # characters of a string that decide its place: normalising many combining marks takes quadratic time

_BLANKS = re.compile(r"[ \t\r\n]+")
_BLOB = r"\[[^\[\]]*\][ ]*+"
_LEADER = re.compile(rf"[ ]|(?:{_BLOB})*(?P<reply>re|fwd?)[ ]*+(?:{_BLOB})?:", re.I)
_ONE_BLOB = re.compile(_BLOB)
_TRAILER = re.compile(r"(?P<reply>\(fwd\))\Z", re.I)
_FORWARDED = re.compile(r"\[fwd:(.*)\]\Z", re.I | re.S)


def base_subject(subject: str) -> tuple[str, bool]:
    """What is left of a decoded subject, as written, and whether it was that of a reply or forward (RFC 5256 §2.1)."""
    text, replied = _BLANKS.sub(" ", subject[:LONGEST]).strip(" "), False
    while True:
        while found := _TRAILER.search(text):  # step 2
            text, replied = text[: found.start()].rstrip(" "), True
        start, led = _after_leaders(text)
        text, replied = text[start:], replied or led
        wrapped = _FORWARDED.match(text)  # step 6
        if not wrapped:
            return text, replied
        text, replied = wrapped[1].strip(" "), True


def _after_leaders(text: str) -> tuple[int, bool]:
    """RFC 5256 §2.1 steps 3 to 5: where the subject begins, and whether a Re: or Fwd: stood before it."""
    start, replied = 0, False
    while True:
        if found := _LEADER.match(text, start):
            start, replied = found.end(), replied or found["reply"] is not None
        elif (blob := _ONE_BLOB.match(text, start)) and blob.end() < len(text):
            start = blob.end()
        else:
            return start, replied


def collated(text: str) -> str:
    """What two strings are compared by: i;unicode-casemap (RFC 5051 §2). Order of code points is order of UTF-8 octets."""
    text = text[:COLLATED]
    if text.isascii():
        return text.upper()
    return unicodedata.normalize("NFKD", "".join(map(_titled, text)))


def _titled(character: str) -> str:
    """RFC 5051 §2 maps one character to one."""
    titled = character.title()
    return titled if len(titled) == 1 else character
