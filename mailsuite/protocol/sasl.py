"""SASL PLAIN: who logs in, and with which secret (RFC 4616)."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple


class Credentials(NamedTuple):
    """What a client says of itself."""

    login: str
    secret: str


def text(encoded: bytes | str) -> str | None:
    """A client's answer, out of its base64; None where it is none, or no UTF-8."""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def plain(answer: str | None) -> Credentials | None:
    """Authorization identity, NUL, login, NUL, secret; None where it is not that, or asks to act for somebody else."""
    parts = (answer or "").split("\0")
    if len(parts) != 3 or not parts[1] or parts[0] not in ("", parts[1]):
        return None
    return Credentials(parts[1], parts[2])
