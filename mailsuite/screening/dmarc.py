"""Is the author who the message says it is, and what does his domain ask for if not? (RFC 9989)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailsuite.net.dns import Resolver
from mailsuite.protocol import address, header
from mailsuite.protocol.authres import MethodResult
from mailsuite.protocol.dmarc import DmarcResult, Identifier, evaluate
from mailsuite.protocol.dmarc_record import POLICIES
from mailsuite.protocol.spf import SpfResult
from mailsuite.screening.dkim import DkimResult
from mailsuite.screening.lookups import answered

QUESTIONS, SECONDS = 100, 15
MOST_AUTHORS = 5  # domains in From that are judged; a message with more of them is hiding something
TOO_MANY = "The message names authors of too many domains."
LIKE_AN_ADDRESS = re.compile(r"\w@\w")
NO_ADDRESS = "What looks like the author's address is only a name."
IN_BRACKETS = re.compile(rb"<([^<>@\s\"]*+@[^<>\s\"]*+)>")


async def check(
    header_block: bytes, spf: SpfResult, signatures: Sequence[DkimResult], resolver: Resolver
) -> tuple[DmarcResult, str]:
    """(the result, in which way the author keeps in the dark: a sentence, "" where he does not).

    RFC 9989 §5.3.1 lets us go on where From names several domains: each is judged, and the worst counts, so that nobody
    escapes a policy by a second address.
    """
    domains = author_domains(header_block)
    if not domains:
        return DmarcResult("none", "", reason="no author domain"), _pretence(header_block)
    if len(domains) > MOST_AUTHORS:
        return DmarcResult("permerror", domains[0], reason=f"{len(domains)} author domains"), TOO_MANY
    limited = resolver.limited(QUESTIONS, SECONDS)
    identifiers = _identifiers(spf, signatures)
    judged = [await answered(evaluate(domain, identifiers), limited) for domain in domains]
    return max(judged, key=_badness), _pretence(header_block)


def author_domains(header_block: bytes) -> list[str]:
    """Every domain that some From field names, once, in order: as we read it, and as others may, who take another < >."""
    values = header.get_all(header.fields(header_block), "from")
    read = [mailbox.address for value in values for mailbox in address.parse_list(value)]
    bare = map(address.without_asides, values)
    others = [found.decode("utf-8", "replace") for value in bare for found in IN_BRACKETS.findall(value)]
    domains = (one.rpartition("@")[2].strip(" .:;,").lower() for one in (*read, *others))
    return list(dict.fromkeys(address.domain_ascii(domain) or domain for domain in domains if domain))


def _pretence(header_block: bytes) -> str:
    """Does it look like an author's address to some readers, and like none to us?"""
    if b"\0" in header_block:  # some drop it: "Fr\0om:" is a From field to them
        return "Its header holds NUL, which no header may."
    values = header.get_all(header.fields(header_block), "from")
    named = [mailbox for value in values for mailbox in address.parse_list(value)]
    if named:
        return NO_ADDRESS if any("@" in one.name for one in named) and not any(one.address for one in named) else ""
    # What stands in comments alone is no mailbox, and some show it.
    return NO_ADDRESS if any(LIKE_AN_ADDRESS.search(header.decode(value)) for value in values) else ""


def method_result(result: DmarcResult) -> MethodResult:
    """For Authentication-Results; policy.dmarc is what is to be done, as RFC 9989 §9.1 registers it."""
    properties = {"header.from": result.domain} if result.domain else {}
    if result.policy:
        properties["policy.dmarc"] = result.policy if result.result == "fail" else "none"
    asked = f"p={result.policy} at {result.policy_domain}" if result.policy else ""
    return MethodResult("dmarc", result.result, "; ".join(filter(None, (asked, result.reason))), properties)


def _identifiers(spf: SpfResult, signatures: Sequence[DkimResult]) -> list[Identifier]:
    found = [("spf", spf.result, spf.domain), *(("dkim", one.result, one.domain) for one in signatures)]
    return [
        Identifier(method, domain, proven=result == "pass")
        for method, result, domain in found
        if domain and result in ("pass", "temperror")
    ]


def _badness(result: DmarcResult) -> tuple[int, int]:
    order = ("pass", "none", "permerror", "temperror", "fail")
    return order.index(result.result), POLICIES.index(result.policy) if result.policy else 0
