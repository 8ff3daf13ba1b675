"""Whom an account knows, as far as somebody could pose as them: members, roles, people written to, and everybody's banks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from mailsuite.accounts.models import Address, Domain
from mailsuite.people.models import Person
from mailsuite.protocol.organisation import registrable

MOST_PEOPLE = 2_000  # whom the account wrote to, the most often first
# Names of roles that every shop's mail carries too say nothing.
GENERAL = set(
    "info contact office hello hi mail news newsletter team support help helpdesk service services sales billing accounts admin "
    "administrator webmaster hostmaster postmaster abuse noreply no-reply list lists members all everyone press jobs".split()
)
# What is imitated most; their own other endings are theirs, so only look-alikes and added words count.
WELL_KNOWN = (
    "paypal.com", "amazon.com", "apple.com", "icloud.com", "microsoft.com", "office365.com", "outlook.com", "google.com",
    "gmail.com", "facebook.com", "instagram.com", "linkedin.com", "netflix.com", "spotify.com", "dropbox.com", "docusign.com",
    "adobe.com", "dhl.com", "fedex.com", "ups.com", "usps.com", "coinbase.com", "binance.com", "stripe.com",
    "wise.com", "revolut.com",
    "chase.com", "wellsfargo.com", "bankofamerica.com", "citibank.com", "hsbc.com", "barclays.co.uk", "deutsche-bank.de",
    "commerzbank.de", "sparkasse.de", "postbank.de", "bnpparibas.com", "santander.com", "bbva.com", "ing.com", "whatsapp.com",
    "github.com", "ebay.com", "steampowered.com", "booking.com", "airbnb.com", "zoom.us", "intuit.com", "mailchimp.com",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody by name, and where they write from."""

    name: str
    addresses: tuple[str, ...]
    is_member: bool


def own_domains() -> list[str]:
    """The domains of the co-op."""
    return list(Domain.objects.values_list("name", flat=True))


def by_name(account_id: int, name: str) -> Acquaintance | None:
    """The member, role or person written to that goes by this name; None where nobody does, or several."""
    name = " ".join(name.split())
    if len(name) < 3:
        return None
    return _member(account_id, name) or _role(account_id, name) or _written_to(account_id, name)


def domains_written_to(account_id: int) -> set[str]:
    """The registrable domains of people the account wrote to."""
    people = Person.objects.filter(account_id=account_id, written__gt=0).order_by("-written")
    return {registrable(folded.rpartition("@")[2]) for folded in people.values_list("folded", flat=True)[:MOST_PEOPLE]}


def _member(account_id: int, name: str) -> Acquaintance | None:
    if not settings.MEMBER_DIRECTORY:  # then nobody is told who else is a member
        return None
    found = _in_my_domains(account_id).filter(account__display_name__iexact=name, account__is_active=True)
    addresses = tuple(map(str, found[:50]))
    return Acquaintance(name, addresses, is_member=True) if addresses else None


def _role(account_id: int, name: str) -> Acquaintance | None:
    local = name.casefold()
    if local in GENERAL or " " in local or not settings.MEMBER_DIRECTORY:
        return None
    addresses = tuple(map(str, _in_my_domains(account_id).filter(account=None, local_part=local, targets__isnull=False)[:20]))
    return Acquaintance(name, addresses, is_member=True) if addresses else None


def _in_my_domains(account_id: int) -> QuerySet[Address]:
    mine = Address.objects.filter(account_id=account_id).values("domain_id")
    return Address.objects.filter(domain_id__in=mine).select_related("domain").order_by("pk").distinct()


def _written_to(account_id: int, name: str) -> Acquaintance | None:
    if " " not in name:  # half the world is called Ana
        return None
    rows = Person.objects.filter(account_id=account_id, name__iexact=name, written__gt=0).values_list("address", flat=True)
    addresses = list(rows[:20])
    return Acquaintance(name, tuple(addresses), is_member=False) if addresses else None


def any_known(addresses: Iterable[str], domain: str) -> bool:
    """Is one of these addresses of this registrable domain?"""
    return any(registrable(one.rpartition("@")[2]) == domain for one in addresses)
