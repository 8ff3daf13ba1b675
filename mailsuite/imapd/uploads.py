"""Messages on their way in: the literals of an APPEND or REPLACE, as the client sends them (RFC 9051 §6.3.12)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from mailsuite.imapd.outcome import Goodbye
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem


class Client(Protocol):
    """Who sends them: `session.Session`."""

    connection: imap.Connection

    def send(self, octets: bytes) -> None: ...

    async def next_event(self) -> imap.Event: ...

    def parser(self, command: imap.Command | imap.Upload) -> Parser: ...


class Uploads:
    """Those of the command that runs. announced: the one that comes next, and was neither accepted nor refused yet."""

    __slots__ = ("_client", "_coming", "_rest_due", "announced")

    def __init__(self, client: Client) -> None:
        self._client = client
        self.announced: imap.Upload | None = None
        self._coming = self._rest_due = False

    def begin(self, event: imap.Command | imap.Upload) -> None:
        """A command came, or goes on."""
        self.announced = event if isinstance(event, imap.Upload) else None

    async def octets(self) -> AsyncIterator[bytes]:
        """The announced one, as it comes."""
        assert self.announced
        if self.announced.synchronising:
            self._client.send(b"+ Go ahead\r\n")
        self._client.connection.accept_upload()
        self.announced, self._coming, self._rest_due = None, True, True
        while self._coming:
            event = await self._client.next_event()
            assert isinstance(event, imap.Octets)
            self._coming = not event.last
            yield event.octets

    async def rest(self) -> Parser:
        """What follows it; a further one is `announced` then. Raises SyntaxProblem, and Goodbye."""
        self._rest_due = False
        event = await self._client.next_event()
        if isinstance(event, imap.Malformed):
            if event.fatal:
                raise Goodbye("Too much")
            raise SyntaxProblem(event.text)
        assert isinstance(event, imap.Command | imap.Upload)
        self.begin(event)
        return self._client.parser(event)

    async def past(self) -> None:
        """Leave nothing of them in the stream, whatever became of the command. Raises Goodbye where that cannot be."""
        while self._coming:
            event = await self._client.next_event()
            self._coming = isinstance(event, imap.Octets) and not event.last
        if self._rest_due:
            with suppress(SyntaxProblem):  # the command is answered already
                await self.rest()
        if self.announced:
            self.announced = None
            if not self._client.connection.refuse_upload():
                raise Goodbye("Too much")
