"""One client's socket: octets in and out with back-pressure, TLS and compression on demand. It knows nothing of IMAP."""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from mailsuite.imapd.deflate import Deflate
from mailsuite.net import handshakes, tls

PAUSE_AT = 262_144  # received octets that wait for us before we stop reading
FLUSH_AT = 32_768  # octets to send that are gathered before they go to the socket
SEALED_AT_ONCE = 8_192  # octets that go to TLS, which keeps for ever as much memory as the most it had to seal
DRAIN_SECONDS = 300  # a client that takes nothing for so long is gone
HANDSHAKE_SECONDS = 30
QUIET_SECONDS = 2  # of a silent client, then the compressor gives its memory back


class Gone(ConnectionError):
    """The client is: it hung up, takes nothing, or cannot agree on TLS."""


class Silent(TimeoutError):
    """The client was, for as long as it was waited for."""


class Reader(Protocol):
    """Takes what arrives: `connection.Connection`."""

    @property
    def waiting(self) -> int: ...

    def receive_data(self, octets: bytes) -> None: ...

    def clear(self) -> None: ...


class Wire(asyncio.Protocol):
    """A plain asyncio protocol: cheaper while idle than a pair of streams, and STARTTLS leaves nothing unread behind.

    on_connect is called once with the wire, when the transport (and implicit TLS) is up.
    """

    def __init__(self, reader: Reader, on_connect: Callable[[Wire], None]) -> None:
        self._reader = reader
        self._on_connect = on_connect
        self._transport: asyncio.Transport | None = None
        self._stirred = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._paused = False
        self._out: list[bytes] = []
        self._gathered = 0
        self._deflate: Deflate | None = None
        self._end_point = b""  # of the certificate that was shown
        self.closed = False

    # -- called by asyncio --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._end_point = transport, tls.end_point()
        # asyncio sets this itself only where the listening socket was made with its protocol named.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_connect(self)

    def data_received(self, data: bytes) -> None:
        self._receive(data)
        if self._full and self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._stirred.set()

    @property
    def _full(self) -> bool:
        """Is there as much as we hold for a session that does not read?"""
        return self._reader.waiting > PAUSE_AT or (self._deflate is not None and self._deflate.more)

    def _receive(self, data: bytes) -> None:
        """Hand it to the reader; of what is compressed only as much as the reader may hold, however small it came."""
        if not self._deflate:
            self._reader.receive_data(data)
            return
        try:
            if data:
                self._deflate.take(data)
            while self._deflate.more and self._reader.waiting <= PAUSE_AT:
                self._reader.receive_data(self._deflate.piece())
        except zlib.error:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._stirred.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # -- called by the session --

    @property
    def peer(self) -> str:
        """The client's IP address."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else ""

    @property
    def encrypted(self) -> bool:
        return bool(self._transport and self._transport.get_extra_info("ssl_object"))

    @property
    def bindings(self) -> dict[str, bytes]:
        """What binds a login to this TLS connection, by the type's name (RFC 5929); nothing without TLS."""
        secured = self._transport.get_extra_info("ssl_object") if self._transport else None
        return tls.bindings(secured, self._end_point) if secured else {}

    @property
    def compressed(self) -> bool:
        """Is anything between us and the client compressed, by us or by TLS?"""
        secured = self._transport.get_extra_info("ssl_object") if self._transport else None
        return self._deflate is not None or bool(secured and secured.compression())

    def stir(self) -> None:
        """Wake the session that waits, as if something had arrived."""
        self._stirred.set()

    async def wait(self, seconds: float) -> None:
        """Until octets arrive or somebody stirs. May return early without reason.

        Raises Silent and Gone.
        """
        self.flush()
        if self._deflate and self._deflate.more:
            self._receive(b"")
            self._stirred.set()
            await asyncio.sleep(0)  # what was sent as a kilobyte may be a megabyte: the others have their turns in between
        if self._paused and self._transport and not self._full and not self.closed:
            self._paused = False
            self._transport.resume_reading()
        if not self._stirred.is_set() and not self.closed:
            await self._stirring(seconds)
        self._stirred.clear()
        if self.closed:
            raise Gone("the client is gone")

    async def _stirring(self, seconds: float) -> None:
        if self._deflate and self._deflate.warm and seconds > QUIET_SECONDS:
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._stirred.wait()
                    return
            self._deflate.rest()
            seconds -= QUIET_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            raise Silent from None

    def write(self, octets: bytes) -> None:
        """Send; what is small waits for `drain`, `wait` or `close`, and goes together with its neighbours."""
        self._out.append(octets)
        self._gathered += len(octets)
        if self._gathered > FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Send what was written."""
        if self._out and self._transport and not self._transport.is_closing():
            octets = b"".join(self._out)
            self._send(self._deflate.squeeze(octets) if self._deflate else octets)
        self._out.clear()
        self._gathered = 0

    def _send(self, octets: bytes) -> None:
        assert self._transport
        if not self.encrypted or len(octets) <= SEALED_AT_ONCE:
            self._transport.write(octets)
            return
        whole = memoryview(octets)
        for start in range(0, len(octets), SEALED_AT_ONCE):
            self._transport.write(whole[start : start + SEALED_AT_ONCE])

    async def drain(self) -> None:
        """Until the client has taken most of what was written. Raises Gone when it will not."""
        self.flush()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._writable.wait()
        except TimeoutError:
            self.abort()
        if self.closed:
            raise Gone("the client is gone")

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Switch to TLS. What was received before is forgotten; there is no moment in which more of it can slip in.

        Raises Gone.
        """
        assert self._transport
        self.flush()
        self._reader.clear()
        self._stirred.clear()
        try:
            self._transport = await asyncio.get_running_loop().start_tls(
                self._transport, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (ssl.SSLError, ConnectionError) as error:
            raise Gone("no TLS") from error
        handshakes.share_buffer(self._transport)
        self._end_point = tls.end_point()

    def compress(self) -> None:
        """What is written from now on, and received from now on, is compressed. Nothing may wait for the reader now."""
        self.flush()
        self._deflate = Deflate()

    def close(self) -> None:
        """Send what is written, and end."""
        self.flush()
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        self.closed = True
        if self._transport:
            self._transport.abort()
