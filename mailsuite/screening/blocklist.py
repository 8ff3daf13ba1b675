"""Blocklists in DNS, asked for a client's address (RFC 5782). They are others' opinions, so they are asked last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from mailsuite import maillog
from mailsuite.net.dns import DnsTrouble, NoSuchName, Questions, Resolver
from mailsuite.protocol import ip

SECONDS = 5
LISTINGS = IPv4Network("127.0.0.0/8")  # RFC 5782 §2.1: whatever else comes is no answer of a blocklist
NOT_ASKED = IPv4Network("127.255.255.0/24")  # "by way of a public resolver", "too often": an answer to us, not about the client
NEVER = IPv4Address("127.0.0.1")  # some say so what others say by 127.255.255.x


async def listed(resolver: Resolver, client_ip: str, zones: Sequence[str]) -> str:
    """The first of these zones that lists an IP address in text form; "" where none does, or none could be asked."""
    try:
        reverse = ip.parse(client_ip).reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    except ValueError:
        return ""
    limited = resolver.limited(len(zones), SECONDS)
    answers = await asyncio.gather(*(_lists(limited, f"{reverse}.{zone}", zone) for zone in zones))
    return next((zone for zone, found in zip(zones, answers, strict=True) if found), "")


async def _lists(resolver: Questions, name: str, zone: str) -> bool:
    try:
        codes = [IPv4Address(code) for code in await resolver.a(name)]
    except (NoSuchName, DnsTrouble):
        return False
    if any(code in NOT_ASKED for code in codes):
        maillog.problem("blocklist-refuses", zone=zone, reason="it does not answer us: ask it by a resolver of your own, or less")
        return False
    return any(code in LISTINGS and code != NEVER for code in codes)
