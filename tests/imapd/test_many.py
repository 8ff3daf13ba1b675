"""Many connections at once: nearly all are idle and hear of each delivery, some work, and the door's memory stays as it was.

MANY_CONNECTIONS and MANY_SECONDS change the long one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import socket
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from django.db import transaction

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_app_password
from mailsuite.bridge import in_db
from mailsuite.mailstore import mailboxes
from mailsuite.net import ports
from tests.imapd.conftest import deliver, letter
from tests.valkey import Process, Valkey, manage, wait_until

ACCOUNTS = 10
WORKING = 10  # one connection in so many works
PAUSE = 0.5  # seconds between a working client's commands
BETWEEN_DELIVERIES = 0.2
PATIENCE = 60.0
GROWTH_KB = 10_240


class Talk:
    """A client on a pair of streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._tags = itertools.count()

    async def line(self) -> bytes:
        found = await asyncio.wait_for(self._reader.readline(), 300)
        assert found.endswith(b"\r\n"), "the server has hung up"
        return found[:-2]

    async def ok(self, command: str, literal: bytes = b"") -> list[bytes]:
        """All lines of the answer; literals in it are lines, too."""
        tag = f"t{next(self._tags)}"
        self.writer.write(f"{tag} {command}\r\n".encode() + (literal + b"\r\n" if literal else b""))
        lines = [await self.line()]
        while not lines[-1].startswith(tag.encode()):
            lines.append(await self.line())
        assert lines[-1].startswith(f"{tag} OK".encode()), lines[-1]
        return lines


@contextlib.asynccontextmanager
async def talking(port: int, owner: Account, secret: str) -> AsyncIterator[Talk]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    talk = Talk(reader, writer)
    await talk.line()
    await talk.ok(f"LOGIN {owner.login} {secret}")
    try:
        yield talk
    finally:
        writer.close()


class Crowd:
    """The clients, what was delivered, and what each idler has heard."""

    def __init__(self, port: int, members: list[tuple[Account, str]]) -> None:
        self.port, self.members = port, members
        self.sent = [0] * len(members)
        self.last = [-1] * len(members)  # the delivery after which an idler may go
        self.heard: list[tuple[int, list[int]]] = []  # account, [number]
        self.delays: list[float] = []
        self.commands = 0
        self._waiting: dict[tuple[int, int], tuple[int, float]] = {}  # (account, number): idlers to come, and since when
        self.over = asyncio.Event()

    async def idle(self, whose: int, ready: asyncio.Barrier) -> None:
        heard = [0]
        async with talking(self.port, *self.members[whose]) as talk:
            await talk.ok("SELECT INBOX")
            self.heard.append((whose, heard))
            talk.writer.write(b"i IDLE\r\n")
            assert (await talk.line()).startswith(b"+ ")
            await ready.wait()
            while not (line := await talk.line()).startswith(b"i "):
                if match := re.fullmatch(rb"\* (\d+) EXISTS", line):
                    self._note(whose, heard, int(match[1]))
                    if heard[0] == self.last[whose]:
                        talk.writer.write(b"DONE\r\n")
                        return

    def _note(self, whose: int, heard: list[int], number: int) -> None:
        assert number > heard[0], "what exists only grows"
        for one in range(heard[0] + 1, number + 1):
            to_come, since = self._waiting[whose, one]
            self._waiting[whose, one] = to_come - 1, since
            if to_come == 1:
                self.delays.append(time.monotonic() - since)
        heard[0] = number

    async def work(self, whose: int, ready: asyncio.Barrier) -> None:
        async with talking(self.port, *self.members[whose]) as talk:
            await talk.ok("SELECT Trash")
            await ready.wait()
            for n in itertools.count(1_000_000):  # none of which is delivered, too
                text = letter(n)
                answer = await talk.ok(f"APPEND Trash {{{len(text)}+}}", text)
                uid = re.search(rb"APPENDUID \d+ (\d+)", answer[-1])[1].decode()  # type: ignore[index]
                for command in (
                    f"UID FETCH {uid} (FLAGS ENVELOPE BODY.PEEK[])",
                    f"UID STORE {uid} +FLAGS (\\Seen \\Deleted)",
                    "UID SEARCH SUBJECT letter SEEN",
                    f"UID EXPUNGE {uid}",  # in Trash: for ever
                ):
                    await talk.ok(command)
                    self.commands += 1
                    if self.over.is_set():
                        return
                    await asyncio.sleep(PAUSE)

    async def deliver(self, seconds: float) -> None:
        idlers = [sum(whose == n for whose, _ in self.heard) for n in range(len(self.members))]
        ends = time.monotonic() + seconds
        for n in itertools.cycle(range(len(self.members))):
            number = self.sent[n] + 1
            await in_db(deliver_one, self, n, number, idlers[n])
            if time.monotonic() > ends:
                return
            await asyncio.sleep(BETWEEN_DELIVERIES)


@transaction.atomic
def deliver_one(crowd: Crowd, n: int, number: int, idlers: int) -> None:
    """The clock starts with the commit, before the bell is rung."""

    def committed() -> None:
        crowd._waiting[n, number] = idlers, time.monotonic()

    transaction.on_commit(committed)
    crowd.sent[n] = number
    deliver(crowd.members[n][0], letter(number))


def member(n: int) -> tuple[Account, str]:
    """An account without a password of its own: its app password costs no slow hash."""
    found = Account.objects.create(login=f"m{n}@example.org", password="!")
    mailboxes.ensure(found.pk)
    return found, add_app_password(found, "test")


def resident(process: int) -> int:
    """kB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1])  # type: ignore[index]


@pytest.fixture
def door(transactional_db: None, valkey: Valkey) -> Iterator[tuple[Process, int]]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        port, other = (probe.getsockname()[1] for probe in (one, two))
    more = {"MAILSUITE_IMAP_PORT": str(port), "MAILSUITE_IMAPS_PORT": str(other), "MAILSUITE_IMAP_PROCESSES": "1"}
    process = manage("imapd", MAILSUITE_LOG_LEVEL="WARNING", **more)
    wait_until(lambda: ports.answers("127.0.0.1", port))
    yield process, port
    process.remove()


async def crowded(process: Process, port: int, connections: int, seconds: float) -> Crowd:
    """Hold them all for so long; the door's memory may have grown by `GROWTH_KB` since a quarter of the time."""
    crowd = Crowd(port, [await in_db(member, n) for n in range(ACCOUNTS)])
    ready = asyncio.Barrier(connections + 1)
    async with asyncio.TaskGroup() as group:
        # A stranger's address may have 200 connections that are not logged in; these come one after another.
        for n in range(connections):
            turn = crowd.work if n % WORKING == 0 else crowd.idle
            group.create_task(turn((n // WORKING + n % WORKING) % ACCOUNTS, ready))
            await asyncio.sleep(0.01)
        await ready.wait()
        await crowd.deliver(seconds / 4)
        warm = resident(process.pid)
        await crowd.deliver(seconds * 3 / 4)
        crowd.over.set()
        for n in range(ACCOUNTS):
            crowd.last[n] = crowd.sent[n] + 1
            await in_db(deliver_one, crowd, n, crowd.sent[n] + 1, sum(whose == n for whose, _ in crowd.heard))
        end = resident(process.pid)
    print(
        f"\n{connections} connections, {seconds:.0f} s: {sum(crowd.sent)} deliveries, {crowd.commands} commands, "
        f"RSS {warm} -> {end} kB, to the last idler {1000 * statistics.median(crowd.delays):.1f} ms (median), "
        f"{1000 * max(crowd.delays):.0f} ms (worst)"
    )
    assert end - warm < GROWTH_KB
    assert {heard[0] - crowd.sent[whose] for whose, heard in crowd.heard} == {0}
    log = process.log.read_text()
    assert not re.search("Traceback|ERROR", log), log
    return crowd


async def test_every_idler_hears_every_delivery_while_others_work(door: tuple[Process, int]) -> None:
    await crowded(*door, connections=60, seconds=3)


@pytest.mark.system
@pytest.mark.timeout(1_200)
async def test_five_hundred_connections_for_five_minutes(door: tuple[Process, int]) -> None:
    seconds = float(os.environ.get("MANY_SECONDS", "300"))
    await crowded(*door, connections=int(os.environ.get("MANY_CONNECTIONS", "500")), seconds=seconds)
