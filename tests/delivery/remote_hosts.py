"""Other people's mail hosts for tests: a real one that keeps what it gets, and ones that misbehave as told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailsuite.protocol.dots import DotStream

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Kept:
    """An aiosmtpd handler that keeps every message; `refuse` maps a recipient to a reply."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[str], bytes]] = []
        self.options: list[list[str]] = []
        self.sessions: list[Session] = []
        self.refuse: dict[str, str] = {}
        self.end = "250 2.0.0 Kept, thank you"
        self.offers: list[str] = ["PIPELINING"]

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, name: str, words: list[str]) -> list[str]:
        session.host_name = name
        self.sessions.append(session)
        return [*words[:-1], *(f"250-{word}" for word in self.offers), words[-1]]

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.original_content, bytes)
        self.messages.append((str(envelope.mail_from), envelope.rcpt_tos, envelope.original_content))
        self.options.append(envelope.mail_options)
        return self.end


class Hosts:
    """Servers on loopback addresses 127.0.0.1, .2, … that share one port, as the MX hosts of a domain share port 25."""

    def __init__(self) -> None:
        self.port = 0
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def keep(self, address: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, **options: Any) -> Kept:
        """A proper host, by aiosmtpd."""
        kept, loop = Kept(), asyncio.get_running_loop()
        options = {"enable_SMTPUTF8": True, "hostname": "mx.elsewhere.example", "tls_context": tls} | options
        server = await loop.create_server(lambda: SMTP(kept, loop=loop, **options), address, self.port)
        self._register(server)
        return kept

    async def script(self, talk: Talk, address: str = "127.0.0.1") -> None:
        """A host that does what `talk` does, and then hangs up."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await talk(reader, writer)
                await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        self._register(await asyncio.start_server(handle, address, self.port))

    def _register(self, server: asyncio.Server) -> None:
        self.port = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    def close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()


async def polite(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answers: dict[str, str | None] | None = None,
    *,
    offers: str = "",
    heard: list[bytes] | None = None,
) -> None:
    """Speak SMTP with the answers given for a verb, `END` for the end of DATA, `220` for the greeting; None hangs up."""
    heard = [] if heard is None else heard
    standard = {"220": "220 hello", "EHLO": f"250{'-x' if offers else ' x'}{offers}", "DATA": "354 go on", "QUIT": "221 bye"}
    script = standard | (answers or {})

    async def say(word: str) -> bool:
        answer = script.get(word, "250 2.0.0 OK")
        if answer is not None:
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
        return answer is not None

    going = await say("220")
    while going and (line := await reader.readline()):
        heard.append(line)
        verb = (line.split() or [b""])[0].decode().upper()
        going = await say(verb) and verb != "QUIT"
        if going and verb == "DATA" and str(script["DATA"]).startswith("354"):
            heard.append(await content_of(reader))
            going = await say("END")


async def content_of(reader: asyncio.StreamReader) -> bytes:
    """What follows DATA, up to the lone dot."""
    stream, content = DotStream(), b""
    while not stream.finished:
        content += stream.feed(await reader.readexactly(1))
    return content
