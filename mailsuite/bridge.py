"""The one crossing from asyncio into the synchronous ORM."""

from __future__ import annotations

import asyncio
import fcntl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import IO, Any, Generic, TypeVar

from django.conf import settings
from django.db import connection, connections, transaction

Item = TypeVar("Item")
Result = TypeVar("Result")

# Four threads: SQLite has one writer, and a read is short. Each thread keeps one connection for the life of the process.
THREADS = 4
PATIENCE = 10.0  # seconds
_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="db")
# Groups commit one after the other anyway. In a thread of their own they find the pages of the last one still in its cache.
_pen = ThreadPoolExecutor(max_workers=1, thread_name_prefix="db-pen")


async def in_db(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Run a synchronous function that uses the ORM in a thread that owns a connection. Cross once per operation."""
    return await _crossing(_pool, function, *args, **kwargs)


def _crossing(threads: ThreadPoolExecutor, function: Callable[..., Result], *args: Any, **kwargs: Any) -> asyncio.Future[Result]:
    return asyncio.get_running_loop().run_in_executor(threads, lambda: _with_fresh_connection(function, *args, **kwargs))


def _with_fresh_connection(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    look_to_connections()
    return function(*args, **kwargs)


def look_to_connections() -> None:
    """Let go of this thread's connections that broke, and keep the others. Call it where a piece of work begins."""
    for one in connections.all(initialized_only=True):
        # Django would close it after each use (CONN_MAX_AGE is for requests): a millisecond, and a checkpoint of the WAL.
        one.close_at = None
        one.close_if_unusable_or_obsolete()


@contextmanager
def writing(*, durable: bool = False) -> Iterator[None]:
    """The transaction of a busy process, which on SQLite waits for the other processes' turns without dozing.

    SQLite has one writer, and whoever waits for it sleeps ever longer, up to 100 ms after the lock is free. Waiting here costs at
    most a millisecond of that. A courtesy, and no lock that anything depends on: after PATIENCE seconds SQLite decides. The turn
    ends with the commit, before the other things that are to happen then.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(durable=durable):
            yield
        return
    with ExitStack() as turn:
        with suppress(OSError):  # a folder of another user's, or a file system without locks: SQLite decides alone
            turn.enter_context(_turn())
        with transaction.atomic(durable=durable):
            transaction.on_commit(turn.close, robust=True)
            yield


def _turn() -> IO[str]:
    """A file that is locked, or that we have waited for long enough. Raises OSError where there can be none."""
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as failed:
        file = failed.enter_context((settings.RUN_DIR / "writer").open("w"))
        end = time.monotonic() + PATIENCE
        while not _taken(file) and time.monotonic() < end:
            time.sleep(0.001)
        failed.pop_all()
    return file


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def close() -> None:
    """Close the threads' connections and end the threads. Nothing crosses afterwards."""
    together = threading.Barrier(THREADS)  # so that each thread takes one of the calls
    for _ in range(THREADS):
        _pool.submit(lambda: (together.wait(5), connections.close_all()))
    _pen.submit(connections.close_all)
    for threads in (_pool, _pen):
        threads.shutdown()


class GroupCommit(Generic[Item, Result]):
    """Commit the work of many callers with one transaction, and so with one fsync.

    `function` takes a list of items and returns a list of results in the same order; it runs inside one `atomic()`. While one
    group commits, the next gathers. An item whose group fails is tried again alone: a bad item hurts only its caller. What is
    on disk, though something failed that was to follow the commit, is never tried again.
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
            await self._settle(group)

    async def _settle(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        tell = partial(asyncio.get_running_loop().call_soon_threadsafe, _answer, [future for _, future in group])
        try:
            await _crossing(_pen, self._commit, [item for item, _ in group], tell)
        except Exception as error:
            open_still = [one for one in group if not one[1].done()]  # the others are on disk, or nobody waits for them any more
            if len(group) == 1:
                for _, future in open_still:
                    future.set_exception(error)
                return
            for single in open_still:
                await self._settle([single])

    def _commit(self, items: list[Item], tell: Callable[[Sequence[Result]], object]) -> None:
        results: list[Result] = []
        with writing(durable=True):
            # The first thing to happen once it is on disk: whoever waits for a 250 need not wait for a bell to be rung.
            transaction.on_commit(lambda: tell(results), robust=True)
            results += self._function(items)


def _answer(futures: list[asyncio.Future[Result]], results: Sequence[Result]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)
