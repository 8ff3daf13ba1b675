"""A real IMAP server in a thread of its own, alice and bob of example.org, and a client that says what it is told to say."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections

from mailsuite import bridge
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.imapd.server import Server, make_door
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Mailbox
from mailsuite.net import tls

SECRET = "correct horse"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LETTER = (
    "From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Letter {n}\r\nMessage-ID: <{n}@example.org>\r\n"
    "Date: Mon, 23 Nov 2026 12:00:0{digit} +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is letter {n}.\r\n"
)


def letter(n: int) -> bytes:
    return LETTER.format(n=n, digit=n % 10).encode()


def account(name: str) -> Account:
    found = Account(login=f"{name}@example.org")
    found.set_password(SECRET)
    found.save()
    mailboxes.ensure(found.pk)
    return found


def deliver(owner: Account, *contents: bytes, role: str = "inbox", **values: object) -> list[messages.Message]:
    """Put these contents into a mailbox of the account, a minute apart."""
    kept = store.save([(store.draft(content), 0) for content in contents])
    return messages.append(
        [
            messages.NewMessage(owner.pk, blob, content, received_at=NOON + timedelta(minutes=n), role=role, **values)
            for n, (blob, content) in enumerate(zip(kept, contents, strict=True))
        ]
    )  # type: ignore[return-value]


def mailbox(owner: Account, name: str) -> Mailbox:
    return mailboxes.find(owner.pk, name)


class RunningServer:
    """The door on ports that were free. `imap` speaks STARTTLS, `imaps` TLS at once."""

    def __init__(self) -> None:
        self.imap = self.imaps = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="imapd")
        self.door = make_door(tls.server_context())
        self.server = Server(self.door)

    def start(self) -> None:
        self._thread.start()
        plain, encrypted = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        self.imap, self.imaps = plain.getsockname()[1], encrypted.getsockname()[1]
        self.run(self.server.listen([plain], [encrypted]))

    def run(self, work: object) -> object:
        """Run a coroutine in the server's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.run(self.server.close())
        self.run(_close_connections())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _close_connections() -> None:
    """The database's threads give up their connections, so that the test database can go."""
    barrier = threading.Barrier(4)

    def close() -> None:
        barrier.wait(10)
        connections.close_all()

    await asyncio.gather(*(bridge.in_db(close) for _ in range(4)))


class Client:
    """A raw connection. `say` sends a command with a tag of its own, and returns all lines up to the tagged one."""

    def __init__(self, port: int, *, encrypted: bool = False) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 20)
        if encrypted:
            self._wrap()
        self._file = self._socket.makefile("rb")
        self.step = 0  # octets sent at a time; 0: all at once
        self._tag = 0

    def _wrap(self) -> None:
        self._socket = tls.client_context(verify=False).wrap_socket(self._socket)

    def start_tls(self) -> None:
        self._wrap()
        self._file = self._socket.makefile("rb")

    def read(self) -> bytes:
        """A line without its end; b"" where the server has closed."""
        try:
            return self._file.readline().removesuffix(b"\r\n")
        except (ConnectionResetError, ssl.SSLEOFError):
            return b""

    def octets(self, count: int) -> bytes:
        return self._file.read(count)

    def send(self, octets: bytes) -> None:
        if not self.step:
            self._socket.sendall(octets)
            return
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(octets), self.step):
            self._socket.sendall(octets[start : start + self.step])

    def say(self, command: str | bytes) -> list[bytes]:
        self._tag += 1
        tag = b"t%d" % self._tag
        self.send(tag + b" " + (command.encode() if isinstance(command, str) else command) + b"\r\n")
        lines = [self.read()]
        while not lines[-1].startswith(tag + b" "):
            assert lines[-1], (command, lines)
            if lines[-1].endswith(b"}") and (size := lines[-1].rpartition(b"{")[2][:-1]).isdigit():
                lines[-1] += b"\r\n" + self.octets(int(size)) + self.read()
                continue
            lines.append(self.read())
        return lines

    def ok(self, command: str | bytes) -> list[bytes]:
        """As `say`, for what must go well; the untagged lines."""
        *untagged, last = self.say(command)
        assert b" OK" in last[:12], (command, last)
        return untagged

    def login(self, name: str = "alice") -> Client:
        self.read()
        self.ok(f'LOGIN {name}@example.org "{SECRET}"')
        return self

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def alice(transactional_db: None) -> Account:
    settings.BLOB_DIR.mkdir(parents=True, exist_ok=True)
    return account("alice")


@pytest.fixture
def bob(transactional_db: None) -> Account:
    return account("bob")


@pytest.fixture
def server(alice: Account) -> Iterator[RunningServer]:
    running = RunningServer()
    running.start()
    yield running
    running.stop()


Connect = Callable[..., Client]


@pytest.fixture
def connect(server: RunningServer) -> Iterator[Connect]:
    """Open a connection to the plain port; `connect(encrypted=True)` to the other."""
    clients: list[Client] = []

    def open_one(*, encrypted: bool = False) -> Client:
        clients.append(Client(server.imaps if encrypted else server.imap, encrypted=encrypted))
        return clients[-1]

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture
def inbox(connect: Connect, alice: Account) -> Client:
    """alice, logged in, with five letters in the selected INBOX."""
    deliver(alice, *(letter(n) for n in range(1, 6)))
    client = connect().login()
    client.ok("SELECT INBOX")
    return client
