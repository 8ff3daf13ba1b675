"""Content transfer encodings undone, however broken (RFC 2045 §6, and uuencode)."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, a2b_uu

NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
SOFT_BREAK = re.compile(rb"=[ \t]++(\r?\n)")
UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?$", re.M)
UU_NAMES = {"x-uuencode", "uuencode", "x-uue", "uue"}


def decode(data: bytes, encoding: str) -> bytes:
    """`data` decoded; an unknown encoding leaves it as it is (RFC 2045 §6.4). Never raises, linear."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return a2b_qp(SOFT_BREAK.sub(rb"=\1", data) if b"= " in data or b"=\t" in data else data)
    if encoding in UU_NAMES:
        return decode_uu(data)
    return data


def decode_base64(data: bytes) -> bytes:
    """Base64 with strange bytes skipped, missing padding borne, and joined pieces (padding in the middle) all decoded."""
    padding = data.find(b"=")
    if padding < 0 or not data[padding:].strip(b"=\r\n \t"):
        try:
            return a2b_base64(data)
        except Error:
            pass
    return b"".join(_piece(piece) for piece in re.split(rb"=+", data.translate(None, NO_BASE64)) if piece)


def _piece(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


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
