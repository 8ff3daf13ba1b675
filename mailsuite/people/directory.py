"""Fellow members: who else has an address in the domains of an account."""

from __future__ import annotations

from django.conf import settings

from mailsuite.accounts.models import Address

MOST = 5_000


def fellows(account_id: int) -> list[tuple[str, str]]:
    """(name, address) of each other member with an address in one of the account's domains; none where the co-op has said no.

    Of each member the address of the login, or else the first: what further ones are for is nobody's business.
    """
    if not settings.MEMBER_DIRECTORY:
        return []
    mine = Address.objects.filter(account_id=account_id).values("domain_id")
    rows = Address.objects.filter(domain_id__in=mine, account__is_active=True).exclude(account_id=account_id)
    found: dict[int, tuple[str, str]] = {}
    for row in rows.select_related("domain", "account").order_by("account_id", "pk")[: MOST * 4]:
        if row.account_id not in found or str(row) == row.account.login:
            found[row.account_id] = (row.account.display_name, str(row))
    return list(found.values())[:MOST]
