"""`/jmap/events`: what is heard, by whom, and when it ends (RFC 8620 §7.3). The door is a real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from mailsuite.accounts import provision
from mailsuite.accounts.authenticate import still_admits
from mailsuite.accounts.models import Account, AppPassword
from mailsuite.mailstore import actions, changes
from tests.webmail.browser import door
from tests.webmail.jmap.conftest import basic
from tests.webmail.store import PASSWORD, Letter, conversation, member
from webmail import events
from webmail.events import Watch
from webmail.jmap import ids, push
from webmail.jmap.push import Push

pytestmark = pytest.mark.django_db(transaction=True)
STATES = {"Mailbox", "Thread", "Email"}


@pytest.fixture(scope="module")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running door."""
    with door(tmp_path_factory.mktemp("door")) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def alice(transactional_db: None) -> Account:
    return member("alice")


@pytest.fixture
def headers(alice: Account) -> dict[str, str]:
    """A program of alice's."""
    return basic("alice@example.org", provision.add_app_password(alice, "a program"))


class Stream:
    """The client's end."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self.status, self.type = response.status, response.headers["Content-Type"]

    def next(self) -> dict[str, Any]:
        """The next event, comments passed over; empty at the end of the stream."""
        event: dict[str, Any] = {}
        while line := self._response.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                event[name] = json.loads(value) if name == "data" else value
            elif event:
                return event
        return {}

    def body(self) -> bytes:
        return self._response.read()


@contextmanager
def listening(address: str, query: str, headers: dict[str, str], method: str = "GET") -> Iterator[Stream]:
    connection = HTTPConnection(address, timeout=60)
    try:
        connection.request(method, f"/jmap/events{query}", headers=headers)
        yield Stream(connection.getresponse())
    finally:
        connection.close()


def test_a_program_hears_that_mail_came_and_that_it_was_read(address: str, alice: Account, headers: dict[str, str]) -> None:
    me = ids.name("A", alice.pk)
    with listening(address, "?types=*&closeafter=no&ping=0", headers) as stream:
        assert (stream.status, stream.type) == (200, "text/event-stream")
        first, before = stream.next(), str(changes.state(alice.pk))
        assert first == {
            "event": "state",
            "id": before,
            "data": {"@type": "StateChange", "changed": {me: dict.fromkeys(STATES, before)}},
        }
        roof = conversation(alice, "Roof", Letter(seen=False))
        came, now = stream.next(), str(changes.state(alice.pk))
        assert came["data"]["changed"] == {me: dict.fromkeys((*STATES, "EmailDelivery"), now)}
        actions.mark_read(alice.pk, [roof.pk])
        assert set(stream.next()["data"]["changed"][me]) == STATES


def test_a_browser_comes_in_by_its_session(address: str, alice: Account) -> None:
    client = Client()
    client.force_login(alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    with listening(address, "?types=Email", {"Cookie": cookie}) as stream:
        assert set(stream.next()["data"]["changed"][ids.name("A", alice.pk)]) == {"Email"}


def test_one_state_is_the_end_where_one_was_asked_for(address: str, alice: Account, headers: dict[str, str]) -> None:
    with listening(address, "?types=Mailbox,Nothing&closeafter=state&ping=0", headers) as stream:
        conversation(alice, "Roof", Letter())
        assert set(stream.next()["data"]["changed"][ids.name("A", alice.pk)]) == {"Mailbox"}
        assert stream.next() == {}


def test_who_comes_again_hears_what_it_missed(address: str, alice: Account, headers: dict[str, str]) -> None:
    before = changes.state(alice.pk)
    conversation(alice, "Roof", Letter())
    query = "?types=EmailDelivery&closeafter=state&ping=0"
    with listening(address, query, headers | {"Last-Event-ID": str(before)}) as stream:
        assert set(stream.next()["data"]["changed"][ids.name("A", alice.pk)]) == {"EmailDelivery"}
        assert stream.next() == {}
    for nonsense in ("99999999999", "x", "9" * 40):
        with listening(address, "?types=Email", headers | {"Last-Event-ID": nonsense}) as stream:
            assert stream.next()["id"] == str(changes.state(alice.pk))


def test_nobody_hears_of_another_account(address: str, alice: Account, headers: dict[str, str]) -> None:
    bob = member("bob")
    with listening(address, "?types=*&closeafter=state", headers) as stream:
        conversation(bob, "Roof", Letter())
        conversation(alice, "Cellar", Letter())
        assert set(stream.next()["data"]["changed"]) == {ids.name("A", alice.pk)}


@pytest.mark.parametrize(
    ("query", "method", "given", "status"),
    [
        ("", "GET", {}, 401),
        ("", "GET", {"Cookie": "session=forged"}, 401),
        ("", "GET", basic("alice@example.org", "wrong"), 401),
        ("", "GET", {"Authorization": "Basic " + "A" * 20_000}, 401),
        ("?ping=-1", "GET", None, 400),
        ("?ping=" + "9" * 5_000, "GET", None, 400),
        ("?closeafter=never", "GET", None, 400),
        ("", "POST", None, 405),
    ],
)
def test_what_makes_no_sense_is_refused(
    address: str, headers: dict[str, str], query: str, method: str, given: dict[str, str] | None, status: int
) -> None:
    with listening(address, query, headers if given is None else given, method) as stream:
        assert stream.status == status
        if status == 400:
            assert json.loads(stream.body())["status"] == 400


def test_an_account_has_only_so_many_streams(address: str, headers: dict[str, str], alice: Account) -> None:
    crowd = [HTTPConnection(address, timeout=60) for _ in range(events.MOST_STREAMS + 1)]
    try:
        for one in crowd:
            one.request("GET", "/jmap/events?types=Email", headers=headers)
        assert sorted(one.getresponse().status for one in crowd) == [200] * events.MOST_STREAMS + [429]
    finally:
        for one in crowd:
            one.close()


class Ear:
    """The client's end of an application without a door."""

    def __init__(self, application: Push, headers: dict[str, str], query: bytes = b"") -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": "/jmap/events", "headers": raw, "query_string": query}
        self.task = asyncio.create_task(application(scope, asyncio.Event().wait, self._send))

    async def _send(self, event: dict[str, Any]) -> None:
        if body := event.get("body"):
            self.heard.put_nowait(body.decode())


@pytest.fixture
async def application() -> Any:
    application = Push(Watch())
    yield application
    application._watch.hang_up()
    await application._watch.close()


async def test_a_ping_comes_where_nothing_else_does(application: Push, headers: dict[str, str], monkeypatch: Any) -> None:
    monkeypatch.setattr(push, "LEAST_PING", 1)
    ear = Ear(application, headers, b"types=Nothing&ping=1")
    for _ in range(2):
        assert await ear.heard.get() == 'event: ping\ndata: {"interval": 1}\n\n'
    application._watch.hang_up()
    await ear.task


async def test_a_stream_ends_when_its_app_password_is_revoked(
    application: Push, headers: dict[str, str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    ear = Ear(application, headers)
    assert "StateChange" in await ear.heard.get()
    assert await ear.heard.get() == ":\n\n"
    await events.in_db(AppPassword.objects.update, revoked_at="2026-01-01T00:00Z")
    await ear.task
    assert not application._watch.streams


async def test_a_stream_ends_when_its_session_does(application: Push, alice: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    client = Client()
    await events.in_db(client.force_login, alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    ear = Ear(application, {"Cookie": cookie})
    assert "StateChange" in await ear.heard.get()
    await events.in_db(Session.objects.all().delete)
    await ear.task


def test_a_secret_that_changed_admits_no_longer(alice: Account) -> None:
    secret = provision.add_app_password(alice, "a program")
    assert still_admits(alice, PASSWORD)
    assert still_admits(alice, secret)
    provision.set_password(Account.objects.get(pk=alice.pk), "another horse battery")
    assert not still_admits(alice, PASSWORD)
    assert still_admits(alice, secret)
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    assert not still_admits(alice, secret)
