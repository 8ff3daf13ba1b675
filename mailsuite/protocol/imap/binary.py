"""BINARY: a body part without its transfer encoding (RFC 3516, RFC 9051 §6.4.5)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from mailsuite.protocol import mime, transfer

BARE_LF = re.compile(rb"(?<!\r)\n")
WIDE = ("utf-16", "utf-32", "ucs", "iso-10646-ucs")  # charsets in which the byte 10 need not be a line end


class UnknownEncoding(ValueError):
    """NO [UNKNOWN-CTE]: nobody knows how to decode the part."""


def pieces(content: transfer.Sliced, part: mime.Part) -> Iterator[bytes]:
    """The part's body decoded, piece by piece. Raises UnknownEncoding at once.

    What holds further parts is not encoded (RFC 2046 §5.2.1), and comes as it stands.
    """
    if part.children:
        return transfer.decode_pieces(content, part.body_start, part.end, "binary")
    if part.encoding not in transfer.KNOWN:
        raise UnknownEncoding(part.encoding)
    decoded = transfer.decode_pieces(content, part.body_start, part.end, part.encoding)
    return _with_crlf(decoded) if _has_lines(part) else decoded


def _has_lines(part: mime.Part) -> bool:
    return part.type == "text" and not part.parameters.get("charset", "").lower().startswith(WIDE)


def _with_crlf(found: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 9051 §6.4.5: lines of text end in CRLF, whatever the sender encoded. With NUL in it, it is no text."""
    found = iter(found)
    first = next(found, b"")
    if b"\0" in first:
        yield first
        yield from found
        return
    before = b""
    for piece in itertools.chain([first], found):
        lines = BARE_LF.sub(b"\r\n", piece)
        yield lines[1:] if before == b"\r" and piece.startswith(b"\n") else lines
        before = piece[-1:] or before


def measure(found: Iterable[bytes]) -> tuple[int, bool]:
    """How many octets, and whether NUL is among them."""
    size, nul = 0, False
    for piece in found:
        size += len(piece)
        nul = nul or b"\0" in piece
    return size, nul


def announcement(size: int, *, nul: bool) -> bytes:
    """What comes before the octets: a literal where a string can hold them, else a literal8."""
    return b"%b{%d}\r\n" % (b"~" if nul else b"", size)
