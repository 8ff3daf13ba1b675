"""May this client send for this reverse-path? SPF while the client still talks (RFC 7208)."""

from __future__ import annotations

from mailsuite.net.dns import Resolver
from mailsuite.protocol.authres import MethodResult
from mailsuite.protocol.spf import SpfResult, check_host
from mailsuite.screening.lookups import answered

QUESTIONS, SECONDS = 150, 20  # RFC 7208 §4.6.4 asks for at least 20 seconds


async def check(resolver: Resolver, client_ip: str, ehlo: str, reverse_path: str) -> SpfResult:
    """Check the reverse-path's domain; for the null reverse-path the name in EHLO (RFC 7208 §2.4)."""
    domain = reverse_path.rpartition("@")[2] if reverse_path else ehlo
    sender = reverse_path or f"postmaster@{ehlo}"
    return await answered(check_host(client_ip, domain, sender, ehlo), resolver.limited(QUESTIONS, SECONDS))


def method_result(result: SpfResult, ehlo: str, reverse_path: str) -> MethodResult:
    """For Authentication-Results."""
    identity = {"smtp.mailfrom": reverse_path} if reverse_path else {"smtp.helo": ehlo}
    return MethodResult("spf", result.result, result.reason, identity)
