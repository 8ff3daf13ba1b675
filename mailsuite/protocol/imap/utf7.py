"""Mailbox names as IMAP4rev1 writes them: modified UTF-7 (RFC 3501 §5.1.3)."""

from __future__ import annotations

import binascii
import re

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_SHIFTED_OCTETS = re.compile(_SHIFTED.pattern.encode())
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def decode(name: bytes) -> str:
    """The name as text. A name in UTF-8 (RFC 6855, and clients that break the rule) is taken as it is.

    Raises ValueError where it is neither: a program that writes & for itself would not know its mailbox in LIST again.
    """
    if not name.isascii():
        return name.decode("utf-8")
    if b"&" in _SHIFTED_OCTETS.sub(b"", name):
        raise ValueError("& stands before what is shifted")
    return _SHIFTED.sub(lambda match: _unshift(match[1]), name.decode())


def encode(name: str) -> bytes:
    """The name in modified UTF-7: printable US-ASCII stands for itself, & is &-."""
    return _UNPRINTABLE.sub(lambda match: _shift(match[0]), name.replace("&", "&-")).encode()


def _unshift(base64: str) -> str:
    if not base64:
        return "&"
    padded = base64.replace(",", "/") + "=" * (-len(base64) % 4)
    try:
        return binascii.a2b_base64(padded).decode("utf-16-be")
    except binascii.Error as error:
        raise ValueError("not modified UTF-7") from error


def _shift(text: str) -> str:
    base64 = binascii.b2a_base64(text.encode("utf-16-be", "surrogatepass"), newline=False).decode()
    return "&" + base64.rstrip("=").replace("/", ",") + "-"
