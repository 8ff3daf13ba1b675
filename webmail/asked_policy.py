"""What a domain asks receivers to do with mail that it did not send itself: said before a member writes in its name (F82)."""

from __future__ import annotations

import asyncio

from mailsuite.net.dns import get_resolver
from mailsuite.protocol import dmarc
from mailsuite.screening.lookups import answered

QUESTIONS, SECONDS = 12, 3.0
UNKNOWN = "unknown"


def policy_of(domain: str) -> str:
    """none, quarantine or reject; "" where it asks for nothing; "unknown" where DNS does not answer."""
    result = asyncio.run(_judged(domain))
    if result.result == "temperror":
        return UNKNOWN
    return result.policy if result.result == "fail" else ""


async def _judged(domain: str) -> dmarc.DmarcResult:
    """As a receiver would judge mail that nothing proves to be the domain's."""
    return await answered(dmarc.evaluate(domain, []), get_resolver().limited(QUESTIONS, SECONDS))
