"""`/events`: who may listen, what is heard, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from mailsuite import wakeup
from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.mailstore import changes
from mailsuite.management.broker import binary
from tests.webmail.store import Letter, conversation, member
from webmail import events
from webmail.events import Events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None) -> Account:
    return member("alice")


@pytest.fixture
def cookie(alice: Account) -> str:
    client = Client()
    client.force_login(alice)
    return f"other=1; {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
async def application() -> AsyncIterator[Events]:
    application = Events()
    yield application
    await application.close()


class Ear:
    """A browser's end of a stream."""

    def __init__(self) -> None:
        self.status = 0
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: dict) -> None:
        self.status = event.get("status", self.status)
        for line in event.get("body", b"").decode().split("\n"):
            if line.startswith("data: "):
                self.heard.put_nowait(line[6:])

    async def next(self) -> int:
        return int(await asyncio.wait_for(self.heard.get(), 20))


def scope(cookie: str, method: str = "GET") -> dict:
    return {"type": "http", "method": method, "path": "/events", "headers": [(b"cookie", cookie.encode())]}


@asynccontextmanager
async def listening(application: Events, cookie: str) -> AsyncIterator[Ear]:
    ear = Ear()
    task = asyncio.create_task(application(scope(cookie), ear.receive, ear.send))
    try:
        yield ear
    finally:
        ear.gone.set()
        await asyncio.wait_for(task, 20)


async def test_a_stream_that_comes_while_the_server_stops_ends_at_once(application: Events, cookie: str) -> None:
    application.watch.hang_up()
    ear = Ear()
    await asyncio.wait_for(application(scope(cookie), ear.receive, ear.send), 10)
    assert ear.status == 200


@pytest.mark.parametrize("cookie", ["", "session=forged", "session=", "\x00=;;=", "csrf=x"])
async def test_a_stranger_hears_nothing(application: Events, alice: Account, cookie: str) -> None:
    ear = Ear()
    await application(scope(cookie), ear.receive, ear.send)
    assert ear.status == 401


async def test_a_session_is_found_behind_a_cookie_that_takes_for_ever_to_unquote(
    application: Events, alice: Account, cookie: str
) -> None:
    async with listening(application, f'other="{chr(92) * 4_000_000}"; {cookie}') as ear:
        assert await ear.next() == await in_db(changes.state, alice.pk)


async def test_only_get_is_answered(application: Events, cookie: str) -> None:
    ear = Ear()
    await application(scope(cookie, "POST"), ear.receive, ear.send)
    assert ear.status == 405


async def test_a_stream_begins_with_how_far_the_account_is(application: Events, alice: Account, cookie: str) -> None:
    async with listening(application, cookie) as ear:
        assert await ear.next() == await in_db(changes.state, alice.pk)
        assert ear.status == 200


async def test_a_change_is_heard_though_redis_is_away(application: Events, alice: Account, cookie: str) -> None:
    async with listening(application, cookie) as ear:
        before = await ear.next()
        await in_db(conversation, alice, "Roof", Letter())
        assert await ear.next() > before


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    address = tmp_path / "redis.sock"
    command = [str(binary()), "--port", "0", "--unixsocket", str(address), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    monkeypatch.setattr(settings, "REDIS_URL", f"unix://{address}")
    wakeup._client.cache_clear()
    yield
    process.terminate()
    process.wait(20)
    wakeup._client.cache_clear()


async def test_a_change_is_heard_over_redis_by_its_own_account_alone(
    application: Events, alice: Account, cookie: str, redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(events, "_modseqs", lambda ids: asked.append(ids) or [(pk, 1) for pk in ids])
    async with listening(application, cookie) as ear:
        assert await ear.next() == 1
        while not await in_db(_listeners):
            await asyncio.sleep(0.05)
        await in_db(wakeup.publish, {alice.pk + 1: 99})
        await in_db(wakeup.publish, {alice.pk: 7})
        assert await ear.next() == 7
        assert ear.heard.empty()


def _listeners() -> int:
    try:
        return dict(wakeup._client().pubsub_numsub(wakeup.CHANNEL))[wakeup.CHANNEL.encode()]
    except Exception:
        return 0


async def test_a_stream_ends_when_its_session_does(
    application: Events, alice: Account, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    ear = Ear()
    task = asyncio.create_task(application(scope(cookie), ear.receive, ear.send))
    await ear.next()
    await in_db(Session.objects.all().delete)
    await asyncio.wait_for(task, 20)


async def test_a_stream_that_always_has_news_ends_when_its_session_does(
    application: Events, alice: Account, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    async with listening(application, cookie) as ear:
        await ear.next()
        [stream] = application.watch.streams[alice.pk]
        await in_db(Session.objects.all().delete)
        while application.watch.streams:
            stream.tell(stream.modseq + 1)
            await asyncio.sleep(0.001)


async def test_an_account_has_only_so_many_streams(application: Events, cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 1)
    async with listening(application, cookie) as first:
        await first.next()
        second = Ear()
        await application(scope(cookie), second.receive, second.send)
        assert second.status == 429


async def test_a_client_that_goes_away_leaves_nothing_behind(application: Events, cookie: str) -> None:
    async with listening(application, cookie) as ear:
        await ear.next()
        assert application.watch.streams
    assert not application.watch.streams
