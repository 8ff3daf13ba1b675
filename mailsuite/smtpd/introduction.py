"""A named proxy introduces its client, before SMTP and before TLS; whoever else connects speaks for himself.

aiosmtpd reads PROXY headers too, but of all peers of a port or of none, within the session (so after the TLS handshake of port
465, where a proxy has sent it long before), and forgets the client's address with STARTTLS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from django.conf import settings

from mailsuite import maillog
from mailsuite.protocol import ip, proxy
from mailsuite.protocol.reply import Reply

SECONDS = 10.0  # a proxy sends its header with the first packet
NOT_INTRODUCED = Reply(421, "4.7.0", "The proxy did not say for whom it speaks")

Client = tuple[str, int]
Making = Callable[[Client | None], asyncio.BaseProtocol]


class Introductions:
    """The factory of one port. `make` makes the protocol that goes on, told the client that a proxy named, or None."""

    def __init__(self, make: Making, *, in_the_clear: bool) -> None:
        """in_the_clear: whoever is refused can read why; within TLS nobody could."""
        self._make = make
        self.last_words = NOT_INTRODUCED.wire() if in_the_clear else b""
        self.waiting: set[_Awaited] = set()

    def __call__(self) -> asyncio.BaseProtocol:
        return _Awaited(self) if settings.PROXY_PEERS else self._make(None)

    def proceed(self, transport: asyncio.Transport, client: Client | None, rest: bytes = b"") -> None:
        """Go on with the protocol of this port, to which `rest` has been said already."""
        protocol = self._make(client)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        _feed(protocol, rest)

    def stop(self) -> None:
        """Leave those who have not introduced anybody yet."""
        for one in list(self.waiting):
            one.give_up()


class _Awaited(asyncio.Protocol):
    """A connection until it is known for whom it speaks."""

    def __init__(self, port: Introductions) -> None:
        self._port = port
        self._heard = bytearray()
        self._peer = ""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, name = transport, transport.get_extra_info("peername")
        self._peer = name[0] if isinstance(name, tuple) else ""
        if not _is_named(self._peer):
            return self._port.proceed(transport, None)
        self._port.waiting.add(self)
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self._refuse, "nothing came")
        return None

    def data_received(self, data: bytes) -> None:
        self._heard += data
        try:
            found = proxy.read(self._heard)
        except proxy.BadIntroduction as bad:
            return self._refuse(str(bad))
        if found is not None and self._transport is not None:
            self._done()
            self._port.proceed(self._transport, found.source, bytes(self._heard[found.length :]))
        return None

    def connection_lost(self, error: Exception | None) -> None:
        self._done()

    def give_up(self) -> None:
        """The server stops."""
        self._done()
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, reason: str) -> None:
        maillog.problem("turned-away", client=self._peer, reason=f"a proxy without introduction: {reason}")
        self._done()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._port.last_words)
            self._transport.close()

    def _done(self) -> None:
        self._port.waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()


def _is_named(peer: str) -> bool:
    try:
        address = ip.parse(peer)
    except ValueError:
        return False
    return any(address in network for network in settings.PROXY_PEERS)


def _feed(protocol: asyncio.BaseProtocol, rest: bytes) -> None:
    """As the transport would: TLS has us fill a buffer of its own."""
    if isinstance(protocol, asyncio.Protocol):
        if rest:
            protocol.data_received(rest)
        return
    assert isinstance(protocol, asyncio.BufferedProtocol)
    while rest:
        buffer = protocol.get_buffer(len(rest))
        piece, rest = rest[: len(buffer)], rest[len(buffer) :]
        buffer[: len(piece)] = piece  # type: ignore[index]
        protocol.buffer_updated(len(piece))
