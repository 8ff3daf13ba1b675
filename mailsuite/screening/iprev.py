"""Does the client's address have a name that leads back to it? It proves nothing of the author (RFC 8601 §3)."""

from __future__ import annotations

from mailsuite.net.dns import Resolver
from mailsuite.protocol import iprev
from mailsuite.protocol.authres import MethodResult
from mailsuite.protocol.iprev import IprevResult
from mailsuite.screening.lookups import answered

QUESTIONS, SECONDS = 1 + iprev.MOST_NAMES, 10


async def check(resolver: Resolver, client_ip: str) -> IprevResult:
    """Check the address of a client, in text form."""
    return await answered(iprev.check(client_ip), resolver.limited(QUESTIONS, SECONDS))


def method_result(result: IprevResult, client_ip: str) -> MethodResult:
    """For Authentication-Results (RFC 8601 §2.7.3)."""
    return MethodResult("iprev", result.result, result.reason, {"policy.iprev": client_ip})
