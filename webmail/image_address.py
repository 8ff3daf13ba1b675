"""Addresses of our own for images of the web: signed, so that nobody can make us fetch what no message of his asks for."""

from __future__ import annotations

import base64
import binascii
import hmac
import re

from django.utils.crypto import salted_hmac

from mailsuite.net.http import LONGEST_URL

PREFIX = "/img/"
SHAPE = re.compile(r"/img/([A-Za-z0-9_-]{43})/([1-9]\d{0,17})/([A-Za-z0-9_-]{1,6000})")


def address(account_id: int, message_id: int, url: str) -> str | None:
    """Where this account's browser gets the image that this message refers to; None for a URL that is too long to be one."""
    if len(url) > LONGEST_URL or not url.isascii():
        return None
    packed = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return f"{PREFIX}{_signature(account_id, message_id, url)}/{message_id}/{packed}"


def read(path: str, account_id: int) -> str | None:
    """The URL behind one of our addresses; None where we did not make it for this account."""
    found = SHAPE.fullmatch(path)
    if not found:
        return None
    signature, message_id, packed = found.groups()
    try:
        url = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return url if hmac.compare_digest(signature, _signature(account_id, int(message_id), url)) else None


def _signature(account_id: int, message_id: int, url: str) -> str:
    made = salted_hmac("webmail.image_address", f"{account_id}:{message_id}:{url}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
