"""Which hosts to call for a domain, in which order, at which addresses (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import groupby, zip_longest

from django.conf import settings

from mailsuite.delivery.route import Remote
from mailsuite.net.dns import DnsTrouble, NoSuchName, get_resolver
from mailsuite.protocol.reply import Reply

MOST_HOSTS = 10  # names of one domain that are tried in one attempt
MOST_ADDRESSES = 4  # of one host


@dataclass(frozen=True, slots=True)
class Target:
    """A host at one of its addresses."""

    name: str
    address: str
    port: int

    @property
    def server_name(self) -> str:
        """For SNI and for its certificate."""
        return self.address if self.name.startswith("[") else self.name

    def __str__(self) -> str:
        return f"{self.name} [{self.address}]:{self.port}"


class NoHost(Exception):
    """Nobody to call; `reply` says why, and whether that may change."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(code, enhanced, text)


async def targets(hop: Remote) -> AsyncIterator[Target]:
    """Where to call, best first, addresses looked up as they are needed. Raises NoHost, at once or after the last."""
    port = hop.smarthost[1] if hop.smarthost else settings.REMOTE_PORT
    names = [hop.smarthost[0]] if hop.smarthost else await _mail_hosts(hop.domain)
    trouble: NoHost | None = None
    found = False
    for name in names[:MOST_HOSTS]:
        try:
            addresses = await _addresses(name)
        except NoHost as error:
            trouble = error if trouble is None or error.reply.temporary else trouble
            continue
        for address in addresses:
            found = True
            yield Target(name, address, port)
    if trouble is not None and not found:
        raise trouble


async def _mail_hosts(domain: str) -> list[str]:
    if domain.startswith("["):
        return [domain]
    try:
        records = await get_resolver().mx(domain)
    except NoSuchName:
        raise NoHost(550, "5.1.2", f"The domain {domain} does not exist") from None
    except DnsTrouble as error:
        raise NoHost(451, "4.4.3", f"The mail hosts of {domain} could not be looked up: {error}") from error
    if not records:
        return [domain]  # RFC 5321 §5.1: a domain without MX is its own mail host
    if all(host == "" for _, host in records):
        raise NoHost(556, "5.1.10", f"The domain {domain} takes no mail (null MX, RFC 7505)")
    return _in_order(_not_ourselves(domain, [record for record in records if record[1]]))


def _not_ourselves(domain: str, records: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """RFC 5321 §5.1: where we are a mail host of the domain, only better ones may be called, or mail goes in circles."""
    own = min((preference for preference, host in records if host == settings.HOSTNAME), default=None)
    better = [record for record in records if own is None or record[0] < own]
    if not better:
        raise NoHost(554, "5.4.6", f"Mail for {domain} comes back to this host, which does not take it")
    return better


def _in_order(records: list[tuple[int, str]]) -> list[str]:
    """By preference; equals in random order, which spreads the load."""
    names: list[str] = []
    for _, equals in groupby(sorted(records), key=lambda record: record[0]):
        hosts = [host for _, host in equals]
        random.shuffle(hosts)
        names += hosts
    return list(dict.fromkeys(names))


async def _addresses(name: str) -> list[str]:
    """IPv6 and IPv4 by turns: a broken family costs one try, not all of them."""
    if literal := _literal(name):
        return [literal]
    found: list[list[str]] = []
    trouble: NoHost | None = None
    for ask in (get_resolver().aaaa, get_resolver().a):
        try:
            found.append(await ask(name))
        except NoSuchName:
            continue
        except DnsTrouble as error:
            trouble = NoHost(451, "4.4.3", f"The address of {name} could not be looked up: {error}")
    both = [one for pair in zip_longest(*found) for one in pair if one]
    if not both:
        raise trouble or NoHost(550, "5.4.4", f"The mail host {name} has no address")
    return both[:MOST_ADDRESSES]


def _literal(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]").removeprefix("IPv6:")))
    except ValueError:
        return ""
