"""Whoever would not be let in any more is not left in either (product.md F4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from django.db import OperationalError

from mailsuite.accounts.models import Account
from mailsuite.accounts.provision import add_app_password, revoke_app_password, set_password
from mailsuite.imapd import dismissal, limits
from tests.imapd.conftest import Client, Connect, RunningServer, deliver
from tests.imapd.test_scram import Scram, log_in


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dismissal, "EVERY", 0.05)
    monkeypatch.setattr(limits, "IDLE_SECONDS", 60)


def revoke(alice: Account) -> None:
    assert revoke_app_password(alice, alice.app_passwords.get(label="phone").pk)


def change_password(alice: Account) -> None:
    set_password(Account.objects.get(pk=alice.pk), "another horse battery")


def pause(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(is_active=False)


def by_app_password(connect: Connect, alice: Account, label: str = "phone") -> Client:
    client = connect()
    client.read()
    client.ok(f'LOGIN {alice.login} "{add_app_password(alice, label)}"')
    return client


def by_scram(connect: Connect, alice: Account) -> Client:
    client = connect()
    client.read()
    assert log_in(client, Scram(alice.login, add_app_password(alice, "phone"))).startswith(b"x OK")
    return client


def by_password(connect: Connect, alice: Account) -> Client:
    return connect().login()


WAYS = [
    (by_app_password, revoke),
    (by_scram, revoke),
    (by_password, change_password),
    (by_app_password, pause),
    (by_password, pause),
]


@pytest.mark.parametrize(("enter", "end"), WAYS)
def test_a_session_ends_with_what_let_it_in(
    enter: Callable[[Connect, Account], Client],
    end: Callable[[Account], None],
    server: RunningServer,
    connect: Connect,
    alice: Account,
    bob: Account,
) -> None:
    server.door.scram = True
    idle, other = enter(connect, alice), connect().login("bob")
    idle.ok("SELECT INBOX")
    idle.send(b"x IDLE\r\n")
    assert idle.read().startswith(b"+ ")
    end(alice)
    assert idle.read().startswith(b"* BYE What you logged in with")
    assert idle.read() == b""
    other.ok("NOOP")


def test_who_came_with_another_secret_stays(server: RunningServer, connect: Connect, alice: Account) -> None:
    phone, tablet = by_app_password(connect, alice), by_app_password(connect, alice, "tablet")
    own = connect().login()
    revoke(alice)
    assert phone.read().startswith(b"* BYE")
    own.ok("NOOP")
    change_password(alice)
    assert own.read().startswith(b"* BYE")
    server.run(dismissal.dismiss(server.door.sessions))
    tablet.ok("NOOP")


def test_a_long_answer_ends_too(server: RunningServer, connect: Connect, alice: Account) -> None:
    deliver(alice, b"Subject: large\r\n\r\n" + b"0123456789" * 100_000)
    client = connect().login()
    client.ok("SELECT INBOX")
    count = 200
    client.send(b"x FETCH 1 BODY.PEEK[]\r\n" * count)
    client.read()
    pause(alice)
    rest = client._file.read()
    assert b"* BYE What you logged in with" in rest[-200:]
    assert len(rest) < count * 1_000_000


async def test_a_store_that_does_not_answer_ends_neither_the_sessions_nor_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    again = asyncio.Event()

    async def busy(sessions: object) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            again.set()
        raise OperationalError("database is locked")

    monkeypatch.setattr(dismissal, "dismiss", busy)
    task = asyncio.create_task(dismissal.mind([]))
    await asyncio.wait_for(again.wait(), 10)
    task.cancel()
