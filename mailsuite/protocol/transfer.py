"""Content transfer encodings undone, however broken (RFC 2045 §6, and uuencode)."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, a2b_uu
from collections.abc import Iterator
from typing import Protocol

NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
TRAILING = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")  # begins only where blanks begin: linear
UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?$", re.M)
UU_NAMES = {"x-uuencode", "uuencode", "x-uue", "uue"}
KNOWN = {"7bit", "8bit", "binary", "base64", "quoted-printable"} | UU_NAMES
PADDING = re.compile(rb"=+")
STEP = 256 * 1024  # encoded bytes that are decoded at a time
REACH = 1_000  # bytes in which the end of an escape of quoted-printable is looked for, where a line has no end


def decode(data: bytes, encoding: str) -> bytes:
    """`data` decoded; an unknown encoding leaves it as it is (RFC 2045 §6.4). Never raises, linear."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return a2b_qp(_without_trailing(data).rstrip(b" \t"))
    if encoding in UU_NAMES:
        return decode_uu(data)
    return data


def _without_trailing(data: bytes) -> bytes:
    """RFC 2045 §6.7: blanks at the end of a line were put there on the way. Most mail has none."""
    there = b" \r\n" in data or b"\t\r\n" in data or b" \n" in data or b"\t\n" in data
    return TRAILING.sub(b"", data) if there else data


def decode_base64(data: bytes) -> bytes:
    """Base64 with strange bytes skipped, missing padding borne, and joined pieces (padding in the middle) all decoded."""
    padding = data.find(b"=")
    if padding < 0 or not data[padding:].strip(b"=\r\n \t"):
        try:
            return a2b_base64(data)
        except Error:
            pass
    return b"".join(_piece(piece) for piece in PADDING.split(data.translate(None, NO_BASE64)) if piece)


def _piece(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


class Sliced(Protocol):
    """Bytes, or what gives them by slices, from front to back."""

    def __getitem__(self, where: slice, /) -> bytes: ...


def decode_pieces(content: Sliced, start: int, end: int, encoding: str, step: int = STEP) -> Iterator[bytes]:
    """content[start:end] decoded as `decode` does, a step at a time: for what should not stand in memory twice."""
    if encoding == "base64":
        yield from _base64_pieces(content, start, end, step)
    elif encoding == "quoted-printable":
        while start < end:
            piece = content[start : min(start + step, end)]
            if start + len(piece) < end:
                piece = piece[: _quoted_stop(piece)]
                yield a2b_qp(_without_trailing(piece))
            else:
                yield decode(piece, encoding)
            start += len(piece)
    elif encoding in UU_NAMES:
        yield decode_uu(content[start:end])
    else:
        yield from (content[at : min(at + step, end)] for at in range(start, end, step))


def _base64_pieces(content: Sliced, start: int, end: int, step: int) -> Iterator[bytes]:
    carry = b""
    for at in range(start, end, step):
        letters = carry + content[at : min(at + step, end)].translate(None, NO_BASE64)
        *ended, rest = PADDING.split(letters)
        whole = len(rest) - len(rest) % 4
        yield b"".join([*(_piece(piece) for piece in ended if piece), a2b_base64(rest[:whole])])
        carry = rest[whole:]
    if carry:
        yield _piece(carry)


def _quoted_stop(piece: bytes) -> int:
    """Where quoted-printable can be divided: behind a line, or else before an escape that may not be whole."""
    if line := piece.rfind(b"\n") + 1:
        return line
    escape = piece.rfind(b"=", max(0, len(piece) - REACH))
    return escape if escape > 0 else len(piece)


def decoded_size(data: bytes, encoding: str) -> int:
    """How many bytes `decode` gives; for base64 counted, not decoded (exact wherever the encoding is clean)."""
    if encoding == "base64":
        return len(data.translate(None, b"\r\n= \t")) * 3 // 4
    return len(decode(data, encoding))


def decode_uu(data: bytes) -> bytes:
    """The first file in uuencoded text, or `data` where no file begins."""
    begin = UU_BEGIN.search(data)
    if not begin:
        return data
    out = []
    for line in data[begin.end() :].split(b"\n")[1:]:
        line = line.rstrip(b"\r")
        if line.startswith(b"end") or not line.strip(b"` "):
            break
        out.append(_uu_line(line))
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return a2b_uu(line)
    except Error:
        # Some encoders write too many letters in a line, some mailers cut trailing blanks.
        letters = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return a2b_uu(line[:letters].ljust(letters))
        except Error:
            return b""
