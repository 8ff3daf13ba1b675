"""The IMAP door: listens on its two ports until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import Sequence
from socket import socket

from django.conf import settings

from mailsuite import maillog
from mailsuite.imapd import conversation, dismissal
from mailsuite.imapd.commands.table import COMMANDS
from mailsuite.imapd.crew import Crew
from mailsuite.imapd.limits import Limits
from mailsuite.imapd.pace import Pace
from mailsuite.imapd.quirks import Quirks
from mailsuite.imapd.session import Door, Session
from mailsuite.imapd.tally import Shared
from mailsuite.imapd.watch import Watch
from mailsuite.imapd.wire import Wire
from mailsuite.net import handshakes, ports, tls
from mailsuite.protocol.imap.connection import Connection

CERTIFICATE_SECONDS = 10  # between looks at its files
FAREWELL_SECONDS = 5  # for commands that run when the door closes


class Server:
    """Accepts connections, and runs a session for each."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[asyncio.Server] = []

    async def listen(self, plain: Sequence[socket], encrypted: Sequence[socket]) -> None:
        """Take connections from these sockets; on `encrypted` ones TLS comes first (RFC 8314)."""
        loop = asyncio.get_running_loop()
        for listening in plain:
            self._listeners.append(await loop.create_server(self._protocol, sock=listening))
        for listening in encrypted:
            secured = handshakes.Handshakes(self.door.tls).before(self._protocol)
            self._listeners.append(await loop.create_server(secured, sock=listening))
        self._spawn(self.door.watch.run())
        self._spawn(dismissal.mind(self.door.sessions))
        self._spawn(_mind_certificate())

    def _protocol(self) -> Wire:
        connection = Connection()
        return Wire(connection, lambda wire: self._met(wire, connection))

    def _met(self, wire: Wire, connection: Connection) -> None:
        if self.door.closing or not self.door.limits.connect(wire.peer):
            wire.write(b"* BYE Too many connections; try again later\r\n")
            wire.close()
            return
        self._spawn(self._serve(Session(self.door, wire, connection)))

    async def _serve(self, session: Session) -> None:
        self.door.sessions.add(session)
        try:
            await conversation.hold(session, COMMANDS)
        finally:
            self.door.sessions.discard(session)
            self.door.limits.disconnect(session.client, session.account.pk if session.account else None)

    def _spawn(self, work: asyncio.coroutines.Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """No new connections; BYE to everybody, after the command that runs (RFC 9051 §7.1.5)."""
        self.door.closing = True
        for listener in self._listeners:
            listener.close()
        for session in list(self.door.sessions):
            session.wire.stir()
        ends = asyncio.get_running_loop().time() + FAREWELL_SECONDS
        while self.door.sessions and asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(0.02)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(list(self._tasks), timeout=1)


def make_door(context: ssl.SSLContext, limits: Limits | None = None) -> Door:
    """The door as the settings have it."""
    return Door(
        context,
        limits or Limits(),
        Watch(),
        size_limit=settings.MESSAGE_SIZE_LIMIT,
        scram=settings.SCRAM,
        jmap=settings.WEB_URL and f"{settings.WEB_URL}/.well-known/jmap",
        quirks=Quirks(nobody=settings.IMAP_HIDDEN),
        pace=Pace(settings.IMAP_COMMANDS),
        compression=settings.IMAP_COMPRESSION,
    )


def run() -> int:
    """Serve in as many processes as the settings say, until SIGTERM or SIGINT; the exit status. Raises PortUnavailable."""
    count = settings.IMAP_PROCESSES
    plain = ports.listen_together(settings.BIND, settings.IMAP_PORT, "MAILSUITE_IMAP_PORT", count)
    encrypted = ports.listen_together(settings.BIND, settings.IMAPS_PORT, "MAILSUITE_IMAPS_PORT", count)
    numbers = ",".join(str(one[0].getsockname()[1]) for one in (plain, encrypted))
    maillog.event("listening", door="imapd", host=settings.BIND, ports=numbers, processes=count)
    status = 0
    if count == 1:
        asyncio.run(serve(plain[0], encrypted[0], Limits()))
    else:
        shared = Shared(count)

        def work(row: int, lifeline: int) -> None:
            asyncio.run(serve(plain[row], encrypted[row], Limits(shared=shared, row=row), lifeline))

        status = Crew(count, work, ended=shared.clear).run()
    maillog.event("stopped", door="imapd")
    return status


async def serve(plain: socket, encrypted: socket, limits: Limits, lifeline: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, or until the pipe `lifeline` is closed; SIGHUP reads the certificate again."""
    ports.allow_many()
    handshakes.spare_memory()
    server = Server(make_door(tls.server_context(), limits))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _reload_certificate)
    if lifeline is not None:
        # Once: a pipe that has ended has something to read for ever.
        loop.add_reader(lifeline, lambda: (loop.remove_reader(lifeline), stop.set()))
    await server.listen([plain], [encrypted])
    await stop.wait()
    loop.call_later(2 * FAREWELL_SECONDS, os._exit, 1)  # whatever still holds on: what was answered OK is on disk
    await server.close()


async def _mind_certificate() -> None:
    """A renewed certificate is used within seconds; the connections that stand keep theirs."""
    while True:
        await asyncio.sleep(CERTIFICATE_SECONDS)
        if tls.changed():
            _reload_certificate()


def _reload_certificate() -> None:
    try:
        tls.reload()
        maillog.event("certificate-read", door="imapd")
    except (OSError, ssl.SSLError) as error:
        maillog.problem("certificate-kept", door="imapd", reason=error)
