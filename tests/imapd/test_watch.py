"""One ear for the whole process wakes those whom a change concerns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from django.db import InterfaceError

from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.imapd import watch as watching
from mailsuite.imapd.watch import Watch
from mailsuite.mailstore import selected
from tests.imapd.conftest import Connect, deliver, letter


async def test_only_watchers_of_the_changed_account_are_woken_and_each_change_wakes_once(alice: Account, bob: Account) -> None:
    rung: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    woken: list[str] = []
    heard = asyncio.Event()

    async def bell() -> AsyncIterator[tuple[int, int]]:
        while True:
            yield await rung.get()
            heard.set()

    watch = Watch(bell)
    ears = {name: lambda name=name: woken.append(name) for name in ("alice", "alice too", "bob")}
    for name, owner in (("alice", alice), ("alice too", alice), ("bob", bob)):
        watch.add(owner.pk, ears[name])
    task = asyncio.create_task(watch.run())

    async def ring(account_id: int, modseq: int) -> list[str]:
        woken.clear()
        heard.clear()
        rung.put_nowait((account_id, modseq))
        await asyncio.wait_for(heard.wait(), 10)
        return sorted(woken)

    assert await ring(alice.pk, 1_000_001) == ["alice", "alice too"]
    assert await ring(alice.pk, 1_000_001) == []
    assert await ring(bob.pk, 1_000_001) == ["bob"]
    watch.remove(alice.pk, ears["alice too"])
    await in_db(deliver, alice, letter(1))
    assert await ring(0, 0) == ["alice", "bob"], "something may have been missed: the store is asked"
    assert await ring(0, 0) == [], "and says that nothing happened since"
    await in_db(deliver, bob, letter(1))
    assert await ring(0, 0) == ["bob"]
    task.cancel()
    watch.remove(alice.pk, ears["alice"])
    watch.remove(bob.pk, ears["bob"])
    assert not watch._watchers


async def test_a_database_that_hung_up_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    again = asyncio.Event()

    async def bell() -> AsyncIterator[tuple[int, int]]:
        yield 0, 0
        yield 0, 0
        await asyncio.Event().wait()

    async def look(watch: Watch) -> None:
        looked.append(1)
        if len(looked) == 1:
            raise InterfaceError("connection already closed")
        again.set()

    monkeypatch.setattr(Watch, "look", look)
    task = asyncio.create_task(Watch(bell).run())
    await asyncio.wait_for(again.wait(), 10)
    task.cancel()


async def test_a_watch_that_broke_says_so_and_listens_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "AGAIN_SECONDS", 0)
    begun = 0
    again = asyncio.Event()

    async def bell() -> AsyncIterator[tuple[int, int]]:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise ValueError("that is no number")
        again.set()
        yield 0, 0
        await asyncio.Event().wait()

    task = asyncio.create_task(Watch(bell).run())
    await asyncio.wait_for(again.wait(), 10)
    assert "that is no number" in caplog.text
    task.cancel()


async def test_a_watch_that_does_not_hear_its_end_is_told_again() -> None:
    listens, deaf = asyncio.Event(), asyncio.Event()

    async def bell() -> AsyncIterator[tuple[int, int]]:
        yield 0, 0
        listens.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            deaf.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Watch(bell).run())
    await asyncio.wait_for(listens.wait(), 10)
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert deaf.is_set()
    assert task.cancelled()


def test_all_who_wait_for_the_same_ask_the_store_once(connect: Connect, alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [connect().login() for _ in range(12)]
    for client in clients:
        client.ok("SELECT INBOX")
        client.send(b"x IDLE\r\n")
        assert client.read().startswith(b"+ ")
    asked: list[int] = []
    look = selected.changed_since

    def counted(*known: int) -> selected.Delta | None:
        asked.append(known[1])
        return look(*known)

    monkeypatch.setattr(selected, "changed_since", counted)
    for n in range(1, 6):
        deliver(alice, letter(n))
        assert [client.read() for client in clients] == [b"* %d EXISTS" % n] * len(clients)
    assert len(asked) < 5 * len(clients) / 2
