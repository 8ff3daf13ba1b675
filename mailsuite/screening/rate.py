"""How a source's deeds bear on what it sends now: slowed down, put off, or asked about on blocklists.

Reputation never refuses for good, and content never decides here: who is put off may come again, and who has long sent what was
welcome is hardly slowed.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from django.conf import settings

from mailsuite import maillog
from mailsuite.accounts.authenticate import network_of
from mailsuite.net.dns import Resolver
from mailsuite.protocol import ip
from mailsuite.protocol.reply import Reply
from mailsuite.screening import blocklist
from mailsuite.screening.tally import Deed, Deeds, Seen, Tally
from mailsuite.screening.verdict import ACCEPT, Action, Verdict

SLOWED_AT, PUT_OFF_AT = 10, 50  # bad deeds in an hour, where they are more than the good ones
KNOWN_AT = 20  # good messages in 30 days, with at most a tenth as many in Junk
PATIENCE_WITH_KNOWN = 10  # times as much: a provider's network has a thief in it now and then
UNWANTED = "Too much unwanted mail came from there lately; try again later"
TOO_MUCH = "More mail came from there in an hour than is taken; try again later"
LISTED = "The address of your host is on a blocklist; try again later"


def is_known(seen: Seen) -> bool:
    """Has it long sent what was welcome?"""
    return seen.long.good >= KNOWN_AT and seen.long.junked * 10 <= seen.long.good


def is_slowed(seen: Seen) -> bool:
    """Did it do so much harm that it has to wait for each answer?"""
    return _harm(seen.lately) >= SLOWED_AT * _patience(seen)


def put_off(seen: Seen) -> str:
    """Why it has to come again later; "" where it need not."""
    if _harm(seen.lately) >= PUT_OFF_AT * _patience(seen):
        return UNWANTED
    limit = settings.NETWORK_MESSAGES * _patience(seen)
    return TOO_MUCH if 0 < limit <= seen.lately.messages else ""


def _harm(deeds: Deeds) -> float:
    return deeds.bad if deeds.bad > deeds.good else 0


def _patience(seen: Seen) -> int:
    return PATIENCE_WITH_KNOWN if is_known(seen) else 1


class Standing:
    """The standing of one client: of its network (/24, /48), and of the domains that it proves to speak for."""

    def __init__(self, tally: Tally, resolver: Resolver, client_ip: str) -> None:
        """client_ip: in text form; this machine itself is not counted, nor what has no address."""
        self._tally, self._resolver, self._client_ip = tally, resolver, client_ip
        unknown = client_ip in ("", "0.0.0.0") or ip.is_loopback(client_ip)  # noqa: S104 - an address, not a place to listen
        self._network = "" if unknown else f"network:{network_of(client_ip)}"
        self._seen = Seen()

    async def at_mail(self) -> Verdict:
        """May it begin a message now? Who has done harm waits for the answer."""
        if not self._network:
            return ACCEPT
        self._seen = await self._tally.seen(self._network)
        if is_slowed(self._seen):
            await asyncio.sleep(settings.TARPIT_SECONDS)
        why = put_off(self._seen)
        return self._later(ACCEPT, why, self._network) if why else ACCEPT

    async def count(self, deed: Deed) -> None:
        """It did this, whoever it speaks for."""
        if self._network:
            await self._tally.count(self._network, deed)

    async def weigh(self, verdict: Verdict, domain: str) -> Verdict:
        """The last stage: reputation changes what would be accepted, and learns from what becomes of it.

        domain: the one that the message is proven to come from, "" where nothing is proven.
        """
        if not self._network:
            return verdict
        source = f"domain:{domain.lower()[:253]}" if domain else ""
        if verdict.action is Action.ACCEPT:
            verdict = await self._reputed(verdict, source)
        deed = {Action.ACCEPT: Deed.GOOD, Action.JUNK: Deed.JUNKED, Action.REFUSE: Deed.REFUSED}.get(verdict.action)
        for one in filter(None, (self._network, source) if deed else ()):
            await self._tally.count(one, deed)  # type: ignore[arg-type]
        return verdict

    async def _reputed(self, verdict: Verdict, source: str) -> Verdict:
        seen = await self._tally.seen(source) if source else Seen()
        if why := put_off(seen):
            return self._later(verdict, why, source)
        if is_known(seen) or is_known(self._seen):
            return verdict  # decided: blocklists are for those of whom nothing is known
        zone = await blocklist.listed(self._resolver, self._client_ip, settings.BLOCKLISTS)
        if not zone:
            return verdict
        verdict = replace(verdict, results=verdict.results | {"blocklist": zone})
        if settings.BLOCKLISTED == "defer":
            return self._later(verdict, LISTED, zone)
        return replace(verdict, action=Action.JUNK, reason=f"The sender's host is on the blocklist {zone}.")

    def _later(self, verdict: Verdict, why: str, source: str) -> Verdict:
        maillog.event("put-off", client=self._client_ip, source=source, reason=why)
        return replace(verdict, action=Action.DEFER, reply=Reply(450, "4.7.1", why), reason=f"{source}: {why}")
