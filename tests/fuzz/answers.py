"""What every answer of an IMAP server must look like, whatever it was asked: read without our own code (RFC 9051 §7, §9)."""

from __future__ import annotations

import re

_LITERAL = re.compile(rb"~?\{([0-9]+)\}\Z")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS = re.compile(rb"(?:\*|[!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+) (?:OK|NO|BAD|BYE|PREAUTH) .+", re.S)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\["\\])*+"')
_SECTION = re.compile(rb"\[[^\]]*\]")


class Misshapen(AssertionError):
    """A client could not read this answer, or would read something else than was meant."""


def check(octets: bytes, *, utf8: bool = False) -> list[list[bytes]]:
    """The responses, each as text and literals in turn. utf8: may text be more than ASCII? Raises Misshapen."""
    responses = []
    while octets:
        pieces, octets = _response(octets)
        _check_response(pieces, utf8=utf8)
        responses.append(pieces)
    return responses


def _response(octets: bytes) -> tuple[list[bytes], bytes]:
    pieces = []
    while True:
        text, end, octets = octets.partition(b"\r\n")
        if not end:
            raise Misshapen("the last line has no end", text[-200:])
        pieces.append(text)
        literal = _LITERAL.search(text)
        if not literal:
            return pieces, octets
        size = int(literal[1])
        if len(octets) < size:
            raise Misshapen("a literal is shorter than it says", text[-200:])
        pieces.append(octets[:size])
        octets = octets[size:]


def _check_response(pieces: list[bytes], *, utf8: bool) -> None:
    text = b"".join(pieces[::2])
    if _CONTROL.search(text) or not (utf8 or text.isascii()):
        raise Misshapen("characters that no line may have", text[:300])
    if _STATUS.fullmatch(text):
        return
    if not text.startswith((b"* ", b"+ ")):
        raise Misshapen("neither tagged nor untagged", text[:300])
    if text.startswith(b"* "):
        _check_nesting(b"x".join(_LITERAL.sub(b"", piece) for piece in pieces[::2]))


def _check_nesting(text: bytes) -> None:
    bare = _QUOTED.sub(b"q", text)
    if b'"' in bare:
        raise Misshapen("a quoted string without its end", text[:300])
    depth = 0
    for octet in re.findall(rb"[()]", _SECTION.sub(b"", bare)):
        depth += 1 if octet == b"(" else -1
        if depth < 0:
            break
    if depth:
        raise Misshapen("parentheses that do not match", text[:300])
