"""Questions to DNS: asynchronous, cached for as long as the answer allows, with limits on time and number."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename
from django.conf import settings

CACHE_SIZE = 10_000  # answers
LARGEST_KEPT = 4_096  # bytes of an answer; strangers choose what we ask for, and must not fill our memory
SILENT_AFTER = 2  # questions in a row without any answer: then DNS is taken to be away
PROBE_SECONDS = 0.5  # for a question while DNS is away: mail must not wait for it minute after minute
LONGEST_TTL = 3_600  # seconds; an operator who mends a record need not wait for a day


class DnsTrouble(Exception):
    """No answer could be had now: a time-out, SERVFAIL, REFUSED, nonsense, or a limit of ours. Ask again later."""

    temporary = True


class NoSuchName(Exception):
    """The name does not exist (NXDOMAIN), or cannot exist (a label of 64 characters). Final."""

    temporary = False


class Questions:
    """The questions that can be asked. All raise NoSuchName and DnsTrouble; a name without such records gives []."""

    async def ask(self, name: str, rdtype: str) -> tuple[Any, ...]:
        """The records of one type at a name (A-labels, with or without the final dot), CNAMEs followed, as dnspython's rdata."""
        raise NotImplementedError

    async def txt(self, name: str) -> list[bytes]:
        """The TXT records, the strings of each joined."""
        return [b"".join(record.strings) for record in await self.ask(name, "TXT")]

    async def mx(self, name: str) -> list[tuple[int, str]]:
        """(preference, host), the best first; [(0, "")] is the null MX of RFC 7505."""
        return sorted((record.preference, _host(record.exchange)) for record in await self.ask(name, "MX"))

    async def a(self, name: str) -> list[str]:
        return [record.address for record in await self.ask(name, "A")]

    async def aaaa(self, name: str) -> list[str]:
        return [record.address for record in await self.ask(name, "AAAA")]

    async def ptr(self, ip: str) -> list[str]:
        """The names that an IP address claims; anybody can claim any name for his own addresses."""
        name = dns.reversename.from_address(str(ipaddress.ip_address(ip)))
        return [_host(record.target) for record in await self.ask(name.to_text(omit_final_dot=True), "PTR")]


class Resolver(Questions):
    """Asks the DNS servers at hand; same questions asked at the same time are asked once.

    server: (host, port) of the only server to ask; None reads /etc/resolv.conf.
    timeout, lifetime: seconds for one try, and for a question with all its tries.
    """

    def __init__(self, server: tuple[str, int] | None = None, *, timeout: float = 2.0, lifetime: float = 5.0) -> None:
        self._resolver = _configured(server)
        self._resolver.timeout, self._lifetime = timeout, lifetime
        self._unanswered = 0  # questions in a row
        self._known: OrderedDict[tuple[str, str], tuple[float, tuple[Any, ...] | None]] = OrderedDict()
        self._asked: dict[tuple[str, str], asyncio.Task[tuple[Any, ...] | None]] = {}

    async def ask(self, name: str, rdtype: str) -> tuple[Any, ...]:
        key = (name.rstrip(".").lower(), rdtype)
        expires, records = self._known.get(key, (0.0, None))
        if expires <= time.monotonic():
            records = await self._join(key)
        if records is None:
            raise NoSuchName(key[0])
        return records

    def limited(self, questions: int, seconds: float) -> Limited:
        """The same resolver and cache, for at most so many questions and until so many seconds from now."""
        return Limited(self, questions, seconds)

    def forget(self) -> None:
        """Drop every kept answer."""
        self._known.clear()

    async def _join(self, key: tuple[str, str]) -> tuple[Any, ...] | None:
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._query(key))
            task.add_done_callback(lambda done: _retrieve(done, self._asked.pop(key, None)))
        # Shielded: who gives up waiting must not take the answer from the others who wait for it.
        return await asyncio.shield(task)

    async def _query(self, key: tuple[str, str]) -> tuple[Any, ...] | None:
        name = _name(key[0])
        try:
            records, ttl = await self._resolve(name, key[1])
        except dns.resolver.LifetimeTimeout as error:
            self._unanswered += 1
            raise DnsTrouble(f"{key[0]} {key[1]}: no answer") from error
        except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
            raise DnsTrouble(f"{key[0]} {key[1]}: {type(error).__name__}") from error
        self._unanswered = 0
        self._keep(key, records, ttl)
        return records

    async def _resolve(self, name: dns.name.Name, rdtype: str) -> tuple[tuple[Any, ...] | None, int]:
        """(records, or None where the name does not exist; for how many seconds that holds)."""
        try:
            answer = await self._resolver.resolve(name, rdtype, raise_on_no_answer=False, search=False, lifetime=self._patience())
        except dns.resolver.NXDOMAIN as error:
            return None, _negative_ttl(error)
        return tuple(answer.rrset or ()), answer.chaining_result.minimum_ttl

    def _patience(self) -> float:
        away = self._unanswered >= SILENT_AFTER
        return min(PROBE_SECONDS, self._lifetime) if away else self._lifetime

    def _keep(self, key: tuple[str, str], records: tuple[Any, ...] | None, ttl: int) -> None:
        if ttl <= 0 or sum(len(record.to_wire() or b"") for record in records or ()) > LARGEST_KEPT:
            return
        self._known[key] = (time.monotonic() + min(ttl, LONGEST_TTL), records)
        self._known.move_to_end(key)
        if len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)


class Limited(Questions):
    """A resolver for one transaction: nobody's records can make us ask for ever."""

    def __init__(self, resolver: Resolver, questions: int, seconds: float) -> None:
        self._resolver = resolver
        self._left = questions
        self._until = time.monotonic() + seconds

    async def ask(self, name: str, rdtype: str) -> tuple[Any, ...]:
        self._left -= 1
        if self._left < 0:
            raise DnsTrouble(f"{name} {rdtype}: too many questions")
        try:
            async with asyncio.timeout(self._until - time.monotonic()):
                return await self._resolver.ask(name, rdtype)
        except TimeoutError:
            raise DnsTrouble(f"{name} {rdtype}: out of time") from None


_resolvers: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[object, Resolver]] = WeakKeyDictionary()


def get_resolver() -> Resolver:
    """The resolver of the running event loop, as settings.RESOLVER says."""
    loop = asyncio.get_running_loop()
    server, resolver = _resolvers.get(loop, (None, None))
    if resolver is None or server != settings.RESOLVER:
        resolver = Resolver(settings.RESOLVER)
        _resolvers[loop] = (settings.RESOLVER, resolver)
    return resolver


def _configured(server: tuple[str, int] | None) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=False)
    if server is None:
        try:
            resolver = dns.asyncresolver.Resolver()
        except (dns.resolver.NoResolverConfiguration, OSError):
            resolver.nameservers = ["127.0.0.1"]  # as the C library does
    else:
        resolver.nameservers = [socket.getaddrinfo(*server, type=socket.SOCK_DGRAM)[0][4][0]]
        resolver.port = server[1]
    resolver.cache = None  # ours keeps finished answers, which is quicker, and no longer than LONGEST_TTL
    resolver.use_edns(0, 0, 1232)
    return resolver


def _name(text: str) -> dns.name.Name:
    """Labels as they are: a backslash from a stranger's local part is no escape here."""
    try:
        labels = [label.encode("ascii") for label in text.split(".")] if text else []
        return dns.name.Name([*labels, b""])
    except (UnicodeEncodeError, dns.exception.DNSException):
        raise NoSuchName(text) from None


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name.labels != (b"",) else ""


def _negative_ttl(error: dns.resolver.NXDOMAIN) -> int:
    """RFC 2308 §5: for as long as the zone's SOA says."""
    try:
        return min(response.resolve_chaining().minimum_ttl for response in error.responses().values())
    except (dns.exception.DNSException, ValueError):
        return 0


def _retrieve(task: asyncio.Task[Any], _: object) -> None:
    """Look at the outcome, so that trouble nobody waits for any more leaves no warning in the log."""
    if not task.cancelled():
        task.exception()
