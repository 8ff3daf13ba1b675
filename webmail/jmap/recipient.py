"""Recipient/check: what can be known of addresses before a letter leaves: is there such a domain, was another one meant?"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from django.core.cache import cache

from mailsuite.accounts import addresses
from mailsuite.accounts.models import Domain
from mailsuite.net.dns import DnsTrouble, get_resolver
from mailsuite.net.mail_domain import takes_mail
from mailsuite.people.models import Person
from mailsuite.protocol.address import domain_ascii, parse_path
from webmail import guards
from webmail.jmap import ids
from webmail.jmap.arguments import only, strings
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

MOST = 50  # addresses a call
SECONDS = 2.0  # that a call may wait for DNS
QUESTIONS = 6  # of one domain
A_MINUTE = 60  # domains that one account may have us ask for
KEPT = 600  # seconds for which an answer holds
UNKNOWN = "unknown"


def check(context: Context, arguments: Json) -> Json:
    """Of each address whether it can be written to, as far as can be known at once, and which was most likely meant."""
    only(arguments, "accountId", "emails")
    account_id, emails = context.account_id(arguments), strings(arguments, "emails")
    if emails is None:
        raise invalid("emails is missing")
    if len(emails) > MOST:
        raise MethodError("requestTooLarge", f"at most {MOST} addresses")
    domains = {email: domain_of(email) for email in emails}
    ours = set(Domain.objects.filter(name__in=set(domains.values())).values_list("name", flat=True))
    taking = _taking(account_id, {domain for domain in domains.values() if domain and domain not in ours})
    said = [
        {
            "email": email,
            "status": _status(email, domains[email], ours, taking),
            "meant": _meant(account_id, email, domains[email]),
            "isRead": not guards.nobody_reads(email),
        }
        for email in emails
    ]
    return {"accountId": ids.name("A", account_id), "list": said}


def domain_of(email: str) -> str:
    """The domain as A-labels, in lower case; "" for what is no address, or names a host by its number."""
    if len(email) > 320 or parse_path(email) is None or email.endswith("]"):
        return ""
    return (domain_ascii(email.rpartition("@")[2]) or "").lower()


def _status(email: str, domain: str, ours: Collection[str], taking: dict[str, str]) -> str:
    if not domain:
        return UNKNOWN if parse_path(email) is not None else "invalid"
    if domain in ours:
        return "ok" if addresses.resolve(email) else "nobody"
    return taking.get(domain, UNKNOWN)


def _meant(account_id: int, email: str, domain: str) -> str | None:
    """The address with the domain that was most likely meant. A domain that was written to before was meant then too."""
    found = guards.meant(domain, Domain.objects.values_list("name", flat=True)) if domain else ""
    written = Person.objects.filter(account_id=account_id, written__gt=0, folded__endswith=f"@{domain}")
    if not found or written.exists():
        return None
    return f"{email.rpartition('@')[0]}@{found}"


def _taking(account_id: int, domains: Iterable[str]) -> dict[str, str]:
    """Of each domain whether it takes mail; those that are not known, and may not be asked for just now, are left out."""
    keys = {f"takes-mail:{domain}": domain for domain in domains}
    found = {keys[key]: value for key, value in cache.get_many(keys).items()}
    wanted = sorted({*keys.values()} - found.keys())[: _allowance(account_id, len(keys) - len(found))]
    fresh = asyncio.run(_asked(wanted)) if wanted else {}
    cache.set_many({f"takes-mail:{domain}": value for domain, value in fresh.items()}, KEPT)
    return found | fresh


def _allowance(account_id: int, wanted: int) -> int:
    """How many of so many domains the account may still ask for in this minute."""
    key = f"takes-mail-asked:{account_id}"
    cache.add(key, 0, 60)
    try:
        asked = cache.incr(key, wanted)
    except ValueError:  # the minute ended just now
        return wanted
    return max(0, wanted - max(0, asked - A_MINUTE))


async def _asked(domains: list[str]) -> dict[str, str]:
    """All at once, and none for longer than SECONDS; whose DNS does not answer is left out."""
    resolver = get_resolver()
    asking = [takes_mail(resolver.limited(QUESTIONS, SECONDS), domain) for domain in domains]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, DnsTrouble):
            raise answer
    return {domain: answer for domain, answer in zip(domains, answers, strict=True) if isinstance(answer, str)}
