"""Ask a stranger's web server for something: one request, bounded in time, bytes and redirects, never into our own network.

The name is looked up once, every address it has is checked, and the connection goes to an address that was checked: an answer of
DNS that changes in between changes nothing. Each redirect begins anew. No cookies, no referrer, nothing that says who asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin, urlsplit

import h11

from mailsuite.net import reachable
from mailsuite.net.dns import DnsTrouble, NoSuchName, get_resolver
from mailsuite.net.tls import client_context

AGENT = "Mozilla/5.0 (compatible)"  # what everybody's looks like; ours would tell the host which program the reader uses
LONGEST_URL = 4_096  # characters
MOST_HEADER = 32_768  # bytes of one response's header
MOST_ADDRESSES = 8  # of a name that are tried
CONNECT_SECONDS = 3.0  # for one of them
CHUNK = 65_536
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63})*\.?\Z")
REDIRECTS = {301, 302, 303, 307, 308}
KEPT_IN_PATH = "%/:=&?~#+!$,;'@()*[]|"


class Unfetchable(Exception):
    """Nothing came of it. `temporary`: the same may succeed later."""

    def __init__(self, reason: str, *, temporary: bool = False) -> None:
        super().__init__(reason)
        self.temporary = temporary


@dataclass(frozen=True, slots=True)
class Limits:
    """How far we go for one answer: seconds in all, bytes of its body, and how often we let ourselves be sent elsewhere."""

    seconds: float = 10.0
    most_bytes: int = 10_000_000
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked. A `form` is posted (application/x-www-form-urlencoded); without one it is a GET."""

    url: str
    accept: str = "*/*"
    form: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host said. `url`: where it was in the end."""

    url: str
    status: int
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart, as far as a request needs it."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


async def fetch(ask: Ask, limits: Limits | None = None) -> Answer:
    """Ask, and give what came; any status but a redirect that is followed. Raises Unfetchable."""
    limits = limits or Limits()
    try:
        async with asyncio.timeout(limits.seconds):
            return await _follow(ask, limits)
    except TimeoutError:
        raise Unfetchable(f"no whole answer within {limits.seconds:g} seconds", temporary=True) from None
    except (OSError, EOFError, ValueError) as error:
        raise Unfetchable(f"{type(error).__name__}: {error}", temporary=True) from error
    except h11.ProtocolError as error:
        raise Unfetchable(f"not HTTP: {error}") from error


async def _follow(ask: Ask, limits: Limits) -> Answer:
    for _ in range(limits.redirects + 1):
        answer, location = await _once(ask, limits.most_bytes)
        if location is None or not limits.redirects:
            return answer
        ask = replace(ask, url=urljoin(ask.url, location), form=None)
    raise Unfetchable(f"more than {limits.redirects} redirects")


async def _once(ask: Ask, most: int) -> tuple[Answer, str | None]:
    target = _target(ask.url)
    async with _connected(target) as (reader, writer):
        exchange = _Exchange(reader, most)
        writer.write(exchange.request(target, ask))
        await writer.drain()
        return await exchange.answer(ask.url)


def _target(url: str) -> _Target:
    if len(url) > LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Unfetchable("no usable address")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
        path = quote(parts.path or "/", safe=KEPT_IN_PATH) + (f"?{quote(parts.query, safe=KEPT_IN_PATH)}" if parts.query else "")
    except ValueError:
        raise Unfetchable("no usable address") from None
    if parts.scheme.lower() not in ("http", "https") or parts.username is not None or not host:
        raise Unfetchable("no usable address")
    secure = parts.scheme.lower() == "https"
    return _Target(secure, host, port if port is not None else 443 if secure else 80, path)


@asynccontextmanager
async def _connected(target: _Target) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to one of the host's addresses, all of which were found to be public first."""
    addresses = await _addresses(target.host)
    if not addresses:
        raise Unfetchable(f"{target.host} has no address")
    if not all(reachable.may_call(one, target.port) for one in addresses):
        raise Unfetchable(f"{target.host} port {target.port} is not on the public web")
    reader, writer = await _connect(target, addresses[:MOST_ADDRESSES])
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # nothing is left to say, and nobody gets to make us wait for a goodbye


async def _addresses(host: str) -> list[str]:
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    if not HOST.match(host):
        raise Unfetchable("no usable address")
    resolver = get_resolver().limited(4, 8.0)
    found = await asyncio.gather(resolver.a(host), resolver.aaaa(host), return_exceptions=True)
    addresses = [address for one in found if isinstance(one, list) for address in one]
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, DnsTrouble | NoSuchName):
            raise one
    if not addresses and any(isinstance(one, DnsTrouble) for one in found):
        raise Unfetchable(f"{host} cannot be looked up now", temporary=True)
    return addresses


async def _connect(target: _Target, addresses: list[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = client_context(verify=True) if target.secure else None
    name = target.host.rstrip(".") if target.secure else None
    trouble: Exception = OSError("no address answers")
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(address, target.port, ssl=context, server_hostname=name, limit=CHUNK)
        except (OSError, TimeoutError) as error:
            trouble = error
    raise OSError(f"{target.host}: {trouble or type(trouble).__name__}")


class _Exchange:
    """One request and its answer on a connection."""

    def __init__(self, reader: asyncio.StreamReader, most: int) -> None:
        self._reader, self._most = reader, most
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEADER)
        self._heard = 0

    def request(self, target: _Target, ask: Ask) -> bytes:
        headers = [("Host", target.authority), ("User-Agent", AGENT), ("Accept", ask.accept)]
        headers += [("Accept-Encoding", "identity"), ("Connection", "close")]
        if ask.form is not None:
            headers += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(ask.form)))]
        events = [h11.Request(method="GET" if ask.form is None else "POST", target=target.path, headers=headers)]
        events += [h11.Data(data=ask.form)] if ask.form else []
        return b"".join(self._http.send(event) or b"" for event in [*events, h11.EndOfMessage()])

    async def answer(self, url: str) -> tuple[Answer, str | None]:
        """What came, and where to go instead, if anywhere; the body of a redirect is not read."""
        event = await self._next()
        while not isinstance(event, h11.Response):  # 1xx
            event = await self._next()
        headers = {name.decode("ascii"): value.decode("utf-8", "replace") for name, value in event.headers}
        location = headers.get("location") if event.status_code in REDIRECTS else None
        content = b"" if location is not None else await self._body(headers)
        return Answer(url, event.status_code, headers.get("content-type", ""), content), location

    async def _body(self, headers: dict[str, str]) -> bytes:
        # A body that we asked not to be packed, and that is, may unpack to anything.
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise Unfetchable("packed, though we asked for it plain")
        if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")[:20]) > self._most:
            raise Unfetchable(f"larger than {self._most} bytes")
        content = bytearray()
        while isinstance(event := await self._next(), h11.Data):
            content += event.data
            if len(content) > self._most:
                raise Unfetchable(f"larger than {self._most} bytes")
        return bytes(content)

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            heard = await self._reader.read(CHUNK)
            self._heard += len(heard)
            if self._heard > 2 * self._most + MOST_HEADER:  # headers and chunks' own lines, without end
                raise Unfetchable("more words than answer")
            self._http.receive_data(heard)
        if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            raise EOFError("the connection ended early")
        return event
