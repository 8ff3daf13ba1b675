"""What is kept of an app password so that it can be proven without being sent: SCRAM verifiers (RFC 5802 §3)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

from mailsuite.accounts.models import AppPassword
from mailsuite.protocol import scram
from mailsuite.protocol.scram import Verifier

SALT_OCTETS = 16


def salt_of(login: str) -> bytes:
    """The salt of all secrets of a login, in small letters. One that does not exist has one too, and always the same."""
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, b"scram salt\0" + login.encode("utf-8", "replace"), hashlib.sha256)[:SALT_OCTETS]


def kept(login: str, secret: str) -> dict[str, object]:
    """What `AppPassword.scram` keeps: a verifier of each way in which people type an app password."""
    salt = salt_of(login)
    pairs = [[_encoded(part) for part in scram.verifier(one, salt)] for one in _ways(secret)]
    return {"salt": _encoded(salt), "keys": pairs}


def current(login: str, app_password: AppPassword) -> list[Verifier]:
    """Its verifiers; none where it has none, or was given them under another key of the instance or another login."""
    if app_password.scram.get("salt") != _encoded(salt_of(login)):
        return []
    return [Verifier(*map(base64.b64decode, pair)) for pair in app_password.scram["keys"]]


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _ways(secret: str) -> list[str]:
    """As it was shown, without its hyphens, with blanks instead; and each in small letters."""
    plain = "".join(secret.split()).replace("-", "").upper()
    groups = [plain[start : start + 5] for start in range(0, len(plain), 5)]
    forms = ["-".join(groups), plain, " ".join(groups)]
    return forms + [form.lower() for form in forms]
