"""Lines to and from a remote host, with patience that ends; every failure becomes a `Gone` that says what happened."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Self, TypeVar

from mailsuite.net import tls
from mailsuite.protocol.reply import BadReply, Reply, ReplyReader, parse

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait, as RFC 5321 §4.5.3.2 asks, or a little less: a lease and other mail wait behind it."""

    connect: float = 30
    greeting: float = 120
    command: float = 300
    block: float = 180
    end_of_data: float = 600
    quit: float = 5


class Gone(Exception):
    """The connection is of no use any more, and nothing was handed over by the transaction under way.

    `reply` tells the tale; `heard` is True where the host said it, False where these are our own words.
    """

    def __init__(self, reply: Reply, *, heard: bool = False) -> None:
        super().__init__(str(reply))
        self.reply = reply
        self.heard = heard


class TlsBroken(Gone):
    """TLS was offered and could not be had: RFC 7435 says to try once more without."""


class Channel:
    """One connection: commands out, replies in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: Patience) -> None:
        self._reader, self._writer, self.patience = reader, writer, patience
        self.open = True

    @classmethod
    async def connect(cls, address: str, port: int, context: ssl.SSLContext | None, name: str, patience: Patience) -> Self:
        """With `context` TLS comes first (RFC 8314). Raises Gone."""
        try:
            async with asyncio.timeout(patience.connect):
                pair = await asyncio.open_connection(address, port, ssl=context, server_hostname=name if context else None)
        except (TimeoutError, OSError, ValueError) as error:
            raise Gone(Reply(451, "4.4.1", f"No connection: {_reason(error)}")) from error
        return cls(*pair, patience)

    @property
    def tls(self) -> str:
        """Version and cipher; "" is plain text."""
        return tls.described(self._writer.get_extra_info("ssl_object"))

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """The handshake after a reply to STARTTLS. Raises TlsBroken; the connection is closed then."""
        try:
            self._nothing_slipped_in()
            async with asyncio.timeout(self.patience.greeting):
                await self._writer.start_tls(context, server_hostname=name)
            self._nothing_slipped_in()
        except (TimeoutError, OSError, ValueError) as error:
            self.close()
            raise TlsBroken(Reply(454, "4.7.5", f"TLS failed: {_reason(error)}")) from error

    def _nothing_slipped_in(self) -> None:
        """CVE-2026-55558: replies that an attacker sends in plain text must not be read as if said inside TLS."""
        if self._reader._buffer:  # type: ignore[attr-defined]
            raise ConnectionAbortedError("the host said more before TLS began than it may")

    async def command(self, line: str) -> Reply:
        """Send a line and read the reply to it. Raises Gone."""
        return await self.exchange(line.encode() + b"\r\n", self.patience.command)

    async def exchange(self, wire: bytes, seconds: float) -> Reply:
        """Send bytes and read the reply to them, within so many seconds. Raises Gone."""
        await self.write(wire)
        return await self.read(seconds)

    def send(self, wire: bytes) -> None:
        """Send bytes without waiting for the other side to take them."""
        self._writer.write(wire)

    async def write(self, wire: bytes) -> None:
        """Send bytes; returns when the other side takes them. Raises Gone."""
        self._writer.write(wire)
        await self._patiently(self._writer.drain(), self.patience.block)

    async def read(self, seconds: float) -> Reply:
        """The next reply, within so many seconds for all of it: one byte a second is no conversation."""
        return await self._patiently(self._read_reply(), seconds)

    async def _read_reply(self) -> Reply:
        reader = ReplyReader()
        while line := await self._reader.readline():
            if (reply := reader.feed(line)) is not None:
                return reply
        raise ConnectionResetError("the host closed the connection")

    def last_words(self) -> Reply | None:
        """What a host that hung up had said before: it is still in the buffer, though the stream reports only the end."""
        try:
            return parse(bytes(self._reader._buffer))  # type: ignore[attr-defined]
        except BadReply:
            return None

    async def _patiently(self, work: Awaitable[Result], seconds: float) -> Result:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            self.close()
            raise Gone(Reply(451, "4.4.2", f"No answer within {seconds:g} seconds")) from error
        except (OSError, ValueError) as error:  # ValueError: BadReply, or a line without end
            self.close()
            text = str(error) if isinstance(error, BadReply) else f"The connection was lost: {_reason(error)}"
            raise Gone(Reply(451, "4.4.2" if isinstance(error, OSError) else "4.5.0", text)) from error

    def close(self) -> None:
        """Close without a word."""
        self.open = False
        self._writer.transport.abort()


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
