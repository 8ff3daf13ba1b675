"""A login by SCRAM: of whoever proves to know an app password (RFC 5802, RFC 7677).

An account's own password is kept as a slow hash alone, so whoever comes with it this way is refused as for a wrong one.
"""

from __future__ import annotations

import secrets

from django.utils import timezone

from mailsuite.accounts import verifiers
from mailsuite.accounts.authenticate import Refused, admitted, hold_off, network_of, normalised, remember, used
from mailsuite.accounts.models import Account, AppPassword
from mailsuite.protocol.scram import Exchange, Unacceptable, Verifier

LEAST = 64  # verifiers that are tried: the time taken tells nothing of how many an account has, or whether there is one
_NOBODYS = Verifier(secrets.token_bytes(32), secrets.token_bytes(32))


def challenge(exchange: Exchange) -> bytes:
    """The server's first message, whoever asks."""
    return exchange.challenge(secrets.token_urlsafe(18), verifiers.salt_of(normalised(exchange.login)))


def authenticate(exchange: Exchange, final: bytes, *, client: str) -> tuple[Account, bytes]:
    """The account, and the server's last message. Raises Refused, as `authenticate.authenticate` does.

    A wrong proof counts towards the same throttle. It does not tell which secret it was made of, so all of a login from one
    network count as one wrong secret: a phone with a revoked one locks nobody out, and a hundred bits cannot be guessed.
    """
    login, network, now = normalised(exchange.login), network_of(client), timezone.now()
    hold_off(login, network, now)
    rows = AppPassword.objects.filter(account__login=login, revoked_at=None).select_related("account")
    tried = [(row, one) for row in rows for one in verifiers.current(login, row)]
    try:
        found = exchange.accept(final, [one for _, one in tried] + [_NOBODYS] * (LEAST - len(tried)))
    except Unacceptable as problem:
        raise Refused(f"SCRAM: {problem}") from problem
    if found is None or found[0] >= len(tried):
        remember(login, network, "scram", now)
        raise Refused("a wrong proof")
    row = tried[found[0]][0]
    used(row, now)
    row.account.app_password_id = row.pk
    return admitted(row.account), found[1]
