"""Under which names an account writes as each of its addresses, and with which signatures."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.accounts import addresses
from mailsuite.accounts.models import Account, OutsideAddress, Signature

Person = tuple[str, str]
ELSEWHERE = 1 << 40  # keys from here on are of addresses elsewhere
NAMES = ("name", "reply_to", "bcc", "text", "html")


@dataclass(frozen=True, slots=True)
class Persona:
    """An author that an account may be. `key` is the address's own and never another's; from ELSEWHERE on it is not of ours."""

    key: int
    address: str
    name: str
    reply_to: list[Person] | None
    bcc: list[Person] | None
    text: str
    html: str


def of(account: Account) -> list[Persona]:
    """All of an account's, that of its login first."""
    said = {one.address_id: one for one in Signature.objects.filter(account=account)}
    nothing = Signature()
    own = [_persona(account, row.pk, str(row), said.get(row.pk, nothing)) for row in addresses.authors(account)]
    return own + [_persona(account, ELSEWHERE + row.pk, row.address, row) for row in addresses.outside(account.pk)]


def _persona(account: Account, key: int, address: str, said: Signature | OutsideAddress) -> Persona:
    reply_to, bcc = (None if value is None else [(one[0], one[1]) for one in value] for value in (said.reply_to, said.bcc))
    return Persona(key, address, said.name or account.display_name, reply_to, bcc, said.text, said.html)


def change(account: Account, persona: Persona, **values: object) -> None:
    """Set some of NAMES of one of the account's own personas."""
    if persona.key >= ELSEWHERE:
        OutsideAddress.objects.filter(account=account, pk=persona.key - ELSEWHERE).update(**values)
        return
    Signature.objects.update_or_create(account=account, address_id=persona.key, defaults=values)
