"""The crossing from asyncio into the ORM: connections last, and commits are shared."""

from __future__ import annotations

import asyncio
import fcntl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from mailsuite import bridge
from mailsuite.accounts.models import Domain
from mailsuite.bridge import GroupCommit, in_db


def _connection() -> int:
    connection.ensure_connection()
    return id(connection.connection)


@pytest.mark.usefixtures("transactional_db")
async def test_a_thread_keeps_its_connection() -> None:
    found = {await in_db(_connection) for _ in range(40)}
    assert len(found) <= 4  # one for each thread


def _break() -> None:
    """PostgreSQL ends the session; SQLite, which has none, only stumbles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())" if connection.vendor == "postgresql" else "SELECT nothing")


@pytest.mark.usefixtures("transactional_db")
async def test_a_connection_in_trouble_does_not_stay_so() -> None:
    for _ in range(8):
        with pytest.raises(DatabaseError):
            await in_db(_break)
    assert [await in_db(Domain.objects.count) for _ in range(8)] == [0] * 8


def _add(names: Sequence[str]) -> list[int]:
    _groups.append(len(names))
    if "bad.example" in names:
        raise ValueError("bad.example")
    return [row.pk for row in Domain.objects.bulk_create([Domain(name=name) for name in names])]


_groups: list[int] = []


@pytest.mark.usefixtures("transactional_db")
async def test_what_comes_together_is_committed_together_and_one_bad_item_hurts_only_its_caller() -> None:
    _groups.clear()
    commit = GroupCommit(_add)
    names = [f"d{n}.example" for n in range(30)] + ["bad.example"]
    results = await asyncio.gather(*(commit(name) for name in names), return_exceptions=True)
    assert isinstance(results[-1], ValueError)
    assert sum(isinstance(result, int) for result in results) == 30
    assert max(_groups) > 10
    assert await in_db(Domain.objects.count) == 30


@pytest.mark.usefixtures("transactional_db")
async def test_a_caller_is_told_before_what_follows_the_commit() -> None:
    """Who waits for a 250 does not wait for a broker that is slow to answer."""
    told = threading.Event()

    def add(names: Sequence[str]) -> list[int]:
        transaction.on_commit(lambda: late.append(told.wait(10)))
        return [row.pk for row in Domain.objects.bulk_create([Domain(name=name) for name in names])]

    late: list[bool] = []
    commit = GroupCommit(add)
    assert await commit("one.example") > 0
    told.set()
    assert await commit("two.example") > 0
    assert late[:1] == [True]


@pytest.mark.usefixtures("transactional_db")
async def test_what_is_on_disk_is_not_written_again_because_something_failed_afterwards() -> None:
    groups: list[list[str]] = []

    def fail() -> None:
        raise OSError("no bell")

    def add(names: Sequence[str]) -> list[int]:
        groups.append(list(names))
        transaction.on_commit(fail)
        return [row.pk for row in Domain.objects.bulk_create([Domain(name=name) for name in names])]

    commit = GroupCommit(add)
    names = [f"d{n}.example" for n in range(5)]
    assert len(set(await asyncio.gather(*(commit(name) for name in names)))) == 5
    assert sorted(name for group in groups for name in group) == names
    assert any(len(group) > 1 for group in groups)


@contextmanager
def _somebodys_turn() -> Iterator[bool]:
    """Another process has its turn to write; yields whether it got it at once."""
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.RUN_DIR / "writer").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


@pytest.mark.django_db(transaction=True)
def test_a_turn_to_write_is_waited_for_and_never_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never ends, as of a stopped process, delays others by PATIENCE and does not stop them."""
    monkeypatch.setattr(bridge, "PATIENCE", 0.05)
    with _somebodys_turn(), bridge.writing():
        assert list(Domain.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_where_nobody_can_have_a_turn_the_database_decides_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "writer").mkdir()
    (tmp_path / "file").touch()
    for number, folder in enumerate([tmp_path, tmp_path / "file"]):
        monkeypatch.setattr(settings, "RUN_DIR", folder)
        with bridge.writing(durable=True):
            _add([f"d{number}.example"])
    assert Domain.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_turn_to_write_ends_with_the_commit() -> None:
    """What happens afterwards, as ringing for a worker, keeps nobody waiting."""
    turns: list[bool] = []

    def ask() -> None:
        with _somebodys_turn() as taken:
            turns.append(taken)

    with bridge.writing():
        transaction.on_commit(ask)
        if connection.vendor == "sqlite":
            ask()
    assert turns == ([False, True] if connection.vendor == "sqlite" else [True])
