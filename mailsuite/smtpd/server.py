"""The SMTP server process: its ports, one event loop, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from dataclasses import dataclass

from django.conf import settings

from mailsuite import maillog
from mailsuite.bridge import GroupCommit
from mailsuite.delivery.accept import accept_many
from mailsuite.net import handshakes, ports, tls
from mailsuite.smtpd import limits
from mailsuite.smtpd.commands import Commands
from mailsuite.smtpd.conversation import Conversation
from mailsuite.smtpd.introduction import Client, Introductions, Making
from mailsuite.smtpd.mx import Mx
from mailsuite.smtpd.submission import Submission
from mailsuite.smtpd.transaction import Door

STOP_SECONDS = 10  # for commands under way, content that is being sent included


@dataclass
class Port:
    """One listening port. `implicit_tls`: TLS from the first byte (RFC 8314 §3.3)."""

    door: Door
    number: int
    setting: str
    implicit_tls: bool = False


class Server:
    """Listens on ports and holds their conversations."""

    def __init__(self, host: str, wanted: list[Port]) -> None:
        """Opens the ports. Raises ports.PortUnavailable, with none left open."""
        self._conversations: set[Conversation] = set()
        self._servers: list[asyncio.Server] = []
        self._wanted = wanted
        self._listeners: list[socket.socket] = []
        self._introductions: list[Introductions] = []
        try:
            for port in wanted:
                self._listeners.append(ports.listen(host, port.number, port.setting))
        except ports.PortUnavailable:
            for listener in self._listeners:
                listener.close()
            raise

    @property
    def numbers(self) -> list[int]:
        """The ports listened on, in the order wanted; they differ from what was wanted where that was 0."""
        return [listener.getsockname()[1] for listener in self._listeners]

    async def start(self) -> None:
        """Answer from now on."""
        loop = asyncio.get_running_loop()
        for port, listener in zip(self._wanted, self._listeners, strict=True):
            factory = Introductions(self._making(port), in_the_clear=not port.implicit_tls)
            self._introductions.append(factory)
            self._servers.append(await loop.create_server(factory, sock=listener))

    def _making(self, port: Port) -> Making:
        crowd = limits.Crowd()
        secured = handshakes.Handshakes(tls.server_context()) if port.implicit_tls else None

        def make(client: Client | None) -> asyncio.BaseProtocol:
            conversation = Commands(port.door, self._conversations, crowd, client)
            return secured.before(lambda: conversation)() if secured else conversation

        return make

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Take no more connections, tell every client, and wait for commands under way, at most so long."""
        for server in self._servers:
            server.close()
        for introductions in self._introductions:
            introductions.stop()
        for conversation in list(self._conversations):
            conversation.stop()
        deadline = asyncio.get_running_loop().time() + seconds
        while self._conversations and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for conversation in list(self._conversations):
            if conversation.transport is not None:
                conversation.transport.abort()  # type: ignore[attr-defined]


def standard_ports() -> list[Port]:
    """The three ports that the settings name."""
    submission = Submission()
    return [
        Port(Mx(GroupCommit(accept_many)), settings.SMTP_PORT, "MAILSUITE_SMTP_PORT"),
        Port(submission, settings.SUBMISSION_PORT, "MAILSUITE_SUBMISSION_PORT"),
        Port(submission, settings.SUBMISSIONS_PORT, "MAILSUITE_SUBMISSIONS_PORT", implicit_tls=True),
    ]


async def serve() -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reads the certificate again. Raises ports.PortUnavailable."""
    ports.allow_many()
    handshakes.spare_memory()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = Server(settings.BIND, standard_ports())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_signal_handler(signal.SIGHUP, _reload)
    await server.start()
    maillog.event("listening", door="smtpd", host=settings.BIND, ports=",".join(map(str, server.numbers)))
    await ended.wait()
    await server.stop()
    maillog.event("stopped", door="smtpd")


def _reload() -> None:
    try:
        tls.reload()
        maillog.event("certificate-read", door="smtpd")
    except (OSError, ssl.SSLError) as error:
        maillog.problem("certificate-kept", door="smtpd", reason=error)
