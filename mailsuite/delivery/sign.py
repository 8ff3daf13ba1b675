"""DKIM-sign what leaves our accounts, with the keys of the author's domain."""

from __future__ import annotations

from django.utils import timezone

from mailsuite.accounts.models import DkimKey
from mailsuite.protocol import dkim


def sign(content: bytes, author_domain: str) -> bytes:
    """The message (CRLF line ends) with a DKIM-Signature above it for each active key of a domain of ours.

    Sign last: a later change of body or signed fields breaks the signature. A domain without an active key signs nothing.
    """
    signed_at = int(timezone.now().timestamp())
    keys = DkimKey.objects.filter(domain__name=author_domain.lower(), state=DkimKey.State.ACTIVE).order_by("id")
    rows = keys.values_list("domain__name", "selector", "private_pem")
    return b"".join([*(dkim.sign(content, *row, signed_at=signed_at) for row in rows), content])
