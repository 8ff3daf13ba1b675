"""A real server on ports of its own, alice and bob of example.org, and a client that speaks raw SMTP."""

from __future__ import annotations

import asyncio
import base64
import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from django.conf import settings
from django.contrib.auth.hashers import make_password

from mailsuite.accounts.models import Account, Address, AliasTarget, Domain
from mailsuite.blobs import store
from mailsuite.bridge import GroupCommit, in_db
from mailsuite.delivery.accept import accept_many
from mailsuite.net import tls
from mailsuite.queue.models import Envelope
from mailsuite.smtpd.mx import Mx
from mailsuite.smtpd.server import Port, Server
from mailsuite.smtpd.submission import Submission
from tests.dns_server import DnsServer

LETTER = b"From: carol@elsewhere.example\r\nTo: alice@example.org\r\nSubject: tea\r\n\r\nFour o'clock?\r\n"


class Client:
    """Says what it is told to say, byte for byte, and reads replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def read(self) -> str:
        """One whole reply, its lines joined by newlines; "" where the server has closed."""
        lines = []
        while line := (await asyncio.wait_for(self.reader.readline(), 20)).decode().rstrip("\r\n"):
            lines.append(line)
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    def write(self, content: bytes) -> None:
        self.writer.write(content)

    async def say(self, line: str | bytes) -> str:
        self.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.read()

    async def envelope(self, *recipients: str, sender: str = "carol@elsewhere.example", options: str = "") -> None:
        assert (await self.say(f"MAIL FROM:<{sender}>{options}")).startswith("250 2.1.0")
        for recipient in recipients:
            assert (await self.say(f"RCPT TO:<{recipient}>")).startswith("250 2.1.5")

    async def send(self, content: bytes, *recipients: str, sender: str = "carol@elsewhere.example") -> str:
        """A whole transaction; `content` is already dot-stuffed. The reply to its end."""
        await self.envelope(*(recipients or ("alice@example.org",)), sender=sender)
        assert (await self.say("DATA")).startswith("354")
        self.write(content + b".\r\n")
        return await self.read()

    async def starttls(self) -> None:
        assert (await self.say("STARTTLS")).startswith("220 2.0.0")
        await self.writer.start_tls(tls.client_context(verify=False))

    async def login(self, name: str = "alice@example.org", secret: str = "correct horse") -> str:
        return await self.say("AUTH PLAIN " + base64.b64encode(f"\0{name}\0{secret}".encode()).decode())

    async def gone(self) -> bool:
        """Has the server closed?"""
        return await asyncio.wait_for(self.reader.read(1), 20) == b""


@functools.cache
def hashed() -> str:
    """Argon2 is slow on purpose; once is enough."""
    return make_password("correct horse")


@pytest.fixture
def members(transactional_db: None) -> dict[str, Account]:
    """alice and bob of example.org; `team` stands for both, `away` for carol elsewhere."""
    settings.BLOB_DIR.mkdir(parents=True, exist_ok=True)
    domain = Domain.objects.create(name="example.org")
    found = {}
    for name in ("alice", "bob"):
        account = Account(login=f"{name}@example.org", display_name=name.title())
        account.password = hashed()
        account.save()
        Address.objects.create(domain=domain, local_part=name, account=account)
        found[name] = account
    team = Address.objects.create(domain=domain, local_part="team")
    away = Address.objects.create(domain=domain, local_part="away")
    for address, target in (
        (team, "alice@example.org"),
        (team, "bob@example.org"),
        (away, "carol@elsewhere.example"),
    ):
        AliasTarget.objects.create(address=address, target=target)
    return found


@pytest_asyncio.fixture
async def server(members: dict[str, Account], nameserver: DnsServer) -> AsyncIterator[Server]:
    """MX, submission and submissions, in this process, on ports that were free."""
    submission = Submission()
    running = Server(
        "127.0.0.1",
        [
            Port(Mx(GroupCommit(accept_many)), 0, "MAILSUITE_SMTP_PORT"),
            Port(submission, 0, "MAILSUITE_SUBMISSION_PORT"),
            Port(submission, 0, "MAILSUITE_SUBMISSIONS_PORT", implicit_tls=True),
        ],
    )
    await running.start()
    yield running
    await running.stop(1)


Connect = Callable[..., Awaitable[Client]]


@pytest_asyncio.fixture
async def connect(server: Server) -> AsyncIterator[Connect]:
    """Open a connection to port number 0 (MX), 1 (submission) or 2 (submissions), greeted with EHLO unless told not to."""
    clients: list[Client] = []

    async def open_one(port: int = 0, *, ehlo: bool = True) -> Client:
        context: ssl.SSLContext | None = tls.client_context(verify=False) if port == 2 else None
        client = Client(*await asyncio.open_connection("127.0.0.1", server.numbers[port], ssl=context))
        clients.append(client)
        assert (await client.read()).startswith("220 ")
        if ehlo:
            assert "250" in await client.say("EHLO client.elsewhere.example")
        return client

    yield open_one
    for client in clients:
        client.writer.close()


async def accepted() -> list[tuple[Envelope, bytes, list[str]]]:
    """Everything in the queue: envelope, content, recipients."""

    def read() -> list[tuple[Envelope, bytes, list[str]]]:
        return [
            (envelope, store.read(envelope.blob), [row.address for row in envelope.recipients.order_by("pk")])
            for envelope in Envelope.objects.select_related("blob").order_by("pk")
        ]

    return await in_db(read)
