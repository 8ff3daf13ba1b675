"""The two canonical forms of header fields and bodies that DKIM signs (RFC 6376 §3.4), in linear time on any input."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

WSP = b" \t"
FIELD_END = re.compile(rb"\r\n(?![ \t])")
REVERSED_CRLFS = re.compile(rb"(?:\n\r)*")


def split(content: bytes) -> tuple[bytes, int]:
    """(header block with its last CRLF, offset of the body). Only CRLF ends a line: RFC 6376 §2.8."""
    if content.startswith(b"\r\n"):
        return b"", 2
    end = content.find(b"\r\n\r\n")
    return (content, len(content)) if end < 0 else (content[: end + 2], end + 4)


def raw_fields(header_block: bytes) -> list[bytes]:
    """The fields with their folding, without their last CRLF."""
    return [field for field in FIELD_END.split(header_block) if field]


def field_name(field: bytes) -> bytes:
    return field.partition(b":")[0].rstrip(WSP).lower()


def relaxed_field(field: bytes) -> bytes:
    """RFC 6376 §3.4.2; takes and gives a field without its last CRLF."""
    name, _, value = field.partition(b":")
    return name.strip(WSP).lower() + b":" + squeeze(value.replace(b"\r\n", b"")).strip(b" ")


def simple_field(field: bytes) -> bytes:
    """RFC 6376 §3.4.1: as it is."""
    return field


def squeeze(text: bytes) -> bytes:
    """Every run of blanks and tabs as one blank."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:  # a run of n takes log2(n) rounds
        text = text.replace(b"  ", b" ")
    return text


class Body:
    """The canonical body, hashed with SHA-256 while its parts come in.

    What could still turn out to be the white end of a line, or of the body, is held back until something else follows it.
    """

    def __init__(self, relaxed: bool) -> None:
        self._relaxed = relaxed
        self._white = b" \t\r\n" if relaxed else b"\r\n"
        self._held: list[bytes] = []
        self._hash = hashlib.sha256()
        self.length = 0  # bytes in canonical form; l= is compared with this

    def update(self, chunk: bytes) -> None:
        solid = len(chunk.rstrip(self._white))
        if not solid:
            self._held.append(chunk)
            return
        self._emit(self._canonical(b"".join((*self._held, chunk[:solid]))))
        self._held = [chunk[solid:]]

    def digest(self) -> bytes:
        """The SHA-256 of the body; ends the reading."""
        tail = b"".join(self._held)
        if tail and not tail.endswith(b"\r\n"):
            tail += b"\r\n"
        self._emit(_without_last_crlfs(self._canonical(tail)))
        if self.length or not self._relaxed:  # RFC 6376 §3.4.3: an empty body is CRLF in simple form, nothing in relaxed form
            self._emit(b"\r\n")
        self._held = []
        return self._hash.digest()

    def _canonical(self, text: bytes) -> bytes:
        return squeeze(text).replace(b" \r\n", b"\r\n") if self._relaxed else text

    def _emit(self, text: bytes) -> None:
        self._hash.update(text)
        self.length += len(text)


def hash_body(chunks: Iterable[bytes], relaxed: bool) -> tuple[bytes, int]:
    """(SHA-256, length) of a body in canonical form."""
    body = Body(relaxed)
    for chunk in chunks:
        body.update(chunk)
    return body.digest(), body.length


def select(fields: list[bytes], names: Iterable[bytes]) -> Iterator[bytes]:
    """The fields that a list of names signs: each mention takes the lowest one left (RFC 6376 §5.4.2)."""
    left: dict[bytes, list[bytes]] = {}
    for field in fields:
        left.setdefault(field_name(field), []).append(field)
    for name in names:
        if found := left.get(name.lower()):
            yield found.pop()


def _without_last_crlfs(text: bytes) -> bytes:
    end = REVERSED_CRLFS.match(text[len(text.rstrip(b"\r\n")) :][::-1])
    return text[: len(text) - (end.end() if end else 0)]
