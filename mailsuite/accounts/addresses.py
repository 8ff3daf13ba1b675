"""Which account does an address reach, and which addresses may an account write as?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from mailsuite.accounts.models import Account, Address, AliasTarget, Domain, OutsideAddress
from mailsuite.protocol.address import domain_ascii

FOR_A_STEWARD = ("postmaster", "abuse")  # RFC 5321 §4.5.1, RFC 2142 §4: somebody reads these in every domain
ALIAS_DEPTH = 10  # aliases that point to aliases; deeper ones lead nowhere
IN_ORDER = Prefetch("targets", AliasTarget.objects.order_by("pk"))
MOST_DESTINATIONS = 1_000  # one alias never becomes more recipients than one transaction may name


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a copy goes: into an account of ours, or on to an address elsewhere (account_id is None)."""

    address: str
    account_id: int | None
    original: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An author an account may write as."""

    name: str
    address: str


def normalise_domain(domain: str) -> str:
    """The form in which domains are compared: lower case A-labels, no final dot (RFC 5890). Raises UnicodeError."""
    domain = domain.rstrip(".").lower()
    if domain.isascii():
        return domain
    # As SMTP reads it: Python's own codec is older (RFC 3490) and takes `straße` for `strasse`, which is somebody else's.
    labels = domain_ascii(domain)
    if labels is None:
        raise UnicodeError(f"{domain!r} is not a domain name")
    return labels


def split(address: str) -> tuple[str, str]:
    """(case-folded local part without quotes, normalised domain); ("", "") where it is no address."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or len(address) > 320:
        return "", ""
    if len(local) >= 2 and local[0] == local[-1] == '"':
        local = local[1:-1].replace("\\", "")
    try:
        return local.casefold(), normalise_domain(domain)
    except UnicodeError:
        return "", ""


def untagged(local_part: str) -> str:
    """The local part without its +tag (plus addressing); a leading plus is no tag."""
    base, plus, _ = local_part.partition("+")
    return base if plus and base else local_part


def is_local_domain(domain: str) -> bool:
    """Is this domain one of ours?"""
    try:
        return Domain.objects.filter(name=normalise_domain(domain)).exists()
    except UnicodeError:
        return False


def resolve(address: str) -> list[Destination]:
    """Where mail for this address goes; an empty list is nobody.

    Exact address, then without its +tag, then the domain's catch-all. Aliases are followed ten deep, each address once, so that
    a circle of aliases ends. `postmaster` of a domain of ours always reaches somebody (RFC 5321 §4.5.1).
    """
    found: dict[tuple[int | None, str], Destination] = {}
    seen: set[str] = set()
    wanted = [address]
    for _ in range(ALIAS_DEPTH):
        fresh: dict[str, str] = {}
        for one in wanted:
            if one.casefold() not in seen:
                fresh.setdefault(one.casefold(), one)
        following: list[str] = []
        for one, account_id, targets in _look_up(list(fresh.values())[:MOST_DESTINATIONS], top=not seen):
            if len(found) >= MOST_DESTINATIONS:
                break
            if account_id is not None:
                # A person whom two aliases reach gets one copy, at the address that was named first.
                found.setdefault((account_id, ""), Destination(one, account_id, address))
            elif targets is None:
                found.setdefault((None, one.casefold()), Destination(one, None, address))
            else:
                following += targets
        seen |= fresh.keys()
        wanted = following
        if not wanted:
            break
    return list(found.values())


def _look_up(wanted: Sequence[str], *, top: bool) -> Iterator[tuple[str, int | None, list[str] | None]]:
    """For each address the account that it reaches, or the targets of the alias that it is, or neither for one elsewhere.

    Nobody is an alias without targets. Three queries, however many addresses: a stranger may name an alias of hundreds, with a
    different tag, a thousand times.
    """
    parts = {one: split(one) for one in wanted}
    ours = Domain.objects.filter(name__in={name for _, name in parts.values()}).select_related("catch_all")
    domains = {row.name: row for row in ours}
    names = {name for local, _ in parts.values() for name in (local, untagged(local))}
    here = Address.objects.filter(domain__in=domains.values(), local_part__in=names)
    rows = {(row.domain_id, row.local_part): row for row in here.select_related("account").prefetch_related(IN_ORDER)}
    for one, (local, name) in parts.items():
        domain = domains.get(name)
        if not local:
            yield one, None, []
        elif domain is None:
            yield one, None, [] if top else None
        elif row := rows.get((domain.pk, local)) or rows.get((domain.pk, untagged(local))):
            yield one, *_leads_to(row)
        else:
            yield one, _fallback(domain, untagged(local)), []


def _leads_to(row: Address) -> tuple[int | None, list[str]]:
    if row.account is not None:
        return row.account_id if row.account.is_active else None, []
    return None, [str(target) for target in row.targets.all()]


def _fallback(domain: Domain, local: str) -> int | None:
    """The account that takes what no address of the domain names: the catch-all; of the names in FOR_A_STEWARD, a steward."""
    if domain.catch_all is not None and domain.catch_all.is_active:
        return domain.catch_all_id
    if local not in FOR_A_STEWARD:
        return None
    here = Account.objects.filter(is_active=True, addresses__domain=domain)
    return (here.order_by("-is_steward", "pk").values_list("pk", flat=True).first()) or (
        Account.objects.filter(is_active=True).order_by("-is_steward", "pk").values_list("pk", flat=True).first()
    )


def identities(account_id: int) -> list[Identity]:
    """Every author address of an account, its login first: its own, aliases that reach it alone, then those elsewhere."""
    account = Account.objects.get(pk=account_id)
    found = [Identity(account.display_name, address) for address in dict.fromkeys(str(row) for row in authors(account))]
    return found + [Identity(row.name or account.display_name, row.address) for row in outside(account_id)]


def outside(account_id: int) -> list[OutsideAddress]:
    """Addresses elsewhere that the account proved to read. A domain that became ours since gives its addresses out itself."""
    found = OutsideAddress.objects.filter(account_id=account_id).order_by("pk")
    ours = set(Domain.objects.filter(name__in={split(row.folded)[1] for row in found}).values_list("name", flat=True))
    return [row for row in found if split(row.folded)[1] not in ours]


def authors(account: Account) -> list[Address]:
    """The rows of those addresses, in the same order."""
    own = list(Address.objects.filter(account=account).select_related("domain").order_by("pk"))
    return sorted(own + _sole_aliases(map(str, own)), key=lambda row: str(row) != account.login)


def _sole_aliases(own: Iterable[str]) -> list[Address]:
    """Aliases whose every target is one of these addresses: nobody else could be meant by them."""
    own = {address.casefold() for address in own}
    candidates = Address.objects.filter(account=None, targets__target__in=own).select_related("domain").distinct()
    return [row for row in candidates if all(str(target).casefold() in own for target in row.targets.all())]


def may_author(account_id: int, address: str) -> bool:
    """May this account write as this address? Plus tags of its own addresses here included."""
    local, domain = split(address)
    if not local:
        return False
    allowed = {split(identity.address) for identity in identities(account_id)}
    return (local, domain) in allowed or ((untagged(local), domain) in allowed and is_local_domain(domain))
