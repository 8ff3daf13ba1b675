"""TLS from the first byte (RFC 8314): so many handshakes wait at once, and whoever has waited longest makes way for the next.

asyncio tells a protocol of a connection when its handshake is done, so a door that counts its guests does not see those who never
begin one: 6,000 of them held 1.2 GB.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from asyncio import sslproto
from collections.abc import Callable

MOST = 1_000  # handshakes under way on a port; an honest one takes less than a second
SECONDS = 30.0
SHUTDOWN_SECONDS = 5.0
BUFFER = 32_768  # octets; a TLS record has 16,384

Factory = Callable[[], asyncio.BaseProtocol]


def spare_memory() -> None:
    """asyncio reads TLS into a buffer of 256 KiB for each connection: measured, an idle one costs 290 kB, and 46
    with this and `share_buffer`.
    """
    if hasattr(sslproto.SSLProtocol, "max_size"):
        sslproto.SSLProtocol.max_size = BUFFER  # type: ignore[misc]


_threads = threading.local()  # an event loop stays in its thread


def share_buffer(secured: object) -> None:
    """Let it receive into a buffer that all connections of its event loop have: what comes is passed on before anything else.

    secured: an SSLProtocol, or the transport that `start_tls` gives. Saves 32 kB of each connection.
    """
    if not hasattr(_threads, "buffer"):
        _threads.buffer = memoryview(bytearray(BUFFER))
    protocol = getattr(secured, "_ssl_protocol", secured)
    if hasattr(protocol, "_ssl_buffer_view"):
        protocol._ssl_buffer, protocol._ssl_buffer_view = _threads.buffer.obj, _threads.buffer


class Handshakes:
    """The handshakes of one port. Listen without `ssl=`, and with `before(factory)` in place of the factory."""

    def __init__(self, context: ssl.SSLContext, *, most: int = MOST) -> None:
        self._context, self._most = context, most
        self._under_way: dict[_Secured, None] = {}  # the longest first

    def before(self, factory: Factory) -> Factory:
        """A factory of TLS connections; the protocols that `factory` makes speak inside them."""
        return lambda: _Secured(self, self._context, factory())

    def begun(self, one: _Secured) -> None:
        """A client has connected."""
        self._under_way[one] = None
        if len(self._under_way) > self._most:
            next(iter(self._under_way)).give_up()

    def ended(self, one: _Secured) -> None:
        """Its handshake is done, or will never be."""
        self._under_way.pop(one, None)


class _Secured(sslproto.SSLProtocol):
    """What `create_server(ssl=…)` puts between socket and protocol; it says when the handshake begins and ends.

    Private names of asyncio that are used here: _on_handshake_complete, _ssl_buffer, _ssl_buffer_view.
    """

    def __init__(self, handshakes: Handshakes, context: ssl.SSLContext, protocol: asyncio.BaseProtocol) -> None:
        super().__init__(
            asyncio.get_running_loop(),
            protocol,
            context,
            None,
            server_side=True,
            ssl_handshake_timeout=SECONDS,
            ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )
        share_buffer(self)
        self._handshakes = handshakes
        self._socket: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = transport
        self._handshakes.begun(self)
        super().connection_made(transport)

    def _on_handshake_complete(self, error: BaseException | None) -> None:
        self._handshakes.ended(self)
        super()._on_handshake_complete(error)

    def connection_lost(self, error: Exception | None) -> None:
        self._handshakes.ended(self)
        super().connection_lost(error)

    def give_up(self) -> None:
        """Another one needs the place."""
        self._handshakes.ended(self)
        if self._socket is not None:
            self._socket.abort()  # type: ignore[attr-defined]
