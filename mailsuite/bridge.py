"""The one crossing from asyncio into the synchronous ORM."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from django.db import connections, transaction

Item = TypeVar("Item")
Result = TypeVar("Result")

# Four threads: SQLite has one writer, and a read is short. Each thread keeps one connection for the life of the process.
THREADS = 4
_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="db")


async def in_db(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Run a synchronous function that uses the ORM in a thread that owns a connection. Cross once per operation."""
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: _with_fresh_connection(function, *args, **kwargs))


def _with_fresh_connection(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    for connection in connections.all(initialized_only=True):
        # Django would close it after each use (CONN_MAX_AGE is for requests): a millisecond, and a checkpoint of the WAL.
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
    return function(*args, **kwargs)


def close() -> None:
    """Close the threads' connections and end the threads. Nothing crosses afterwards."""
    together = threading.Barrier(THREADS)  # so that each thread takes one of the calls
    for _ in range(THREADS):
        _pool.submit(lambda: (together.wait(5), connections.close_all()))
    _pool.shutdown()


class GroupCommit(Generic[Item, Result]):
    """Commit the work of many callers with one transaction, and so with one fsync.

    `function` takes a list of items and returns a list of results in the same order; it runs inside one `atomic()`. While one
    group commits, the next gathers. An item whose group fails is tried again alone: a bad item hurts only its caller.
    """

    def __init__(self, function: Callable[[Sequence[Item]], Sequence[Result]], *, most: int = 100) -> None:
        self._function = function
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Hand in one item; returns its result when the group is on disk, raises what its own work raised."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            for future, outcome in await self._outcomes(group):
                if future.cancelled():
                    continue
                if isinstance(outcome, BaseException):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    async def _outcomes(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> list[tuple[asyncio.Future[Result], Any]]:
        futures = [future for _, future in group]
        try:
            results = await in_db(self._commit, [item for item, _ in group])
        except Exception as error:
            if len(group) == 1:
                return [(futures[0], error)]
            return [pair for single in group for pair in await self._outcomes([single])]
        return list(zip(futures, results, strict=True))

    def _commit(self, items: list[Item]) -> Sequence[Result]:
        with transaction.atomic(durable=True):
            return self._function(items)
