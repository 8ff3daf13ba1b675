"""`/events`: tell open pages at once that their account changed, as server-sent events.

It runs in the event loop itself, without Django's request machinery: a stream that waits for hours must hold neither a thread nor
a database connection. One subscription a process is fanned out to the streams by account. An event carries the account's modseq
and no mail; the page then asks for what it shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from mailsuite import wakeup
from mailsuite.bridge import in_db
from mailsuite.mailstore.models import AccountState
from webmail.cookies import value_of
from webmail.request_body import Receive, Scope
from webmail.wsgi_bridge import Send

HEARTBEAT = 25.0  # seconds; proxies close what is silent for longer, and a session that was ended is noticed here
MOST_STREAMS = 30  # an account's in one process: browsers share one among their tabs
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
END = {"type": "http.response.body", "body": b"", "more_body": False}


class Stream:
    """One open page: the newest modseq it should know of."""

    def __init__(self) -> None:
        self.modseq = 0
        self.news = asyncio.Event()
        self.over = False

    def tell(self, modseq: int) -> None:
        if modseq > self.modseq:
            self.modseq = modseq
            self.news.set()

    def end(self) -> None:
        self.over = True
        self.news.set()


class Watch:
    """The process's one ear on the change bus, and the streams that wait for it."""

    def __init__(self) -> None:
        self.streams: dict[int, set[Stream]] = defaultdict(set)
        self._over = False
        self._listening: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def joined(self, account_id: int) -> Any:
        """A stream that hears of this account while the context lasts."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        stream = Stream()
        if self._over:  # it came while the server stops: a browser calls again only where its stream began well
            stream.end()
        self.streams[account_id].add(stream)
        try:
            yield stream
        finally:
            self.streams[account_id].discard(stream)
            if not self.streams[account_id]:
                del self.streams[account_id]

    def is_full(self, account_id: int) -> bool:
        """Has the account as many streams as it may?"""
        return len(self.streams.get(account_id, ())) >= MOST_STREAMS

    async def _listen(self) -> None:
        async for account_id, modseq in wakeup.listen():
            if account_id:
                self._tell(account_id, modseq)
            elif self.streams:  # changes may have been missed; while Redis is away this comes every second
                with contextlib.suppress(Exception):
                    for missed in await in_db(_modseqs, list(self.streams)):
                        self._tell(*missed)

    def hang_up(self) -> None:
        """End every stream, and each that still comes: a server that stops would wait for them."""
        self._over = True
        for stream in [stream for streams in self.streams.values() for stream in streams]:
            stream.end()

    def _tell(self, account_id: int, modseq: int) -> None:
        for stream in self.streams.get(account_id, ()):
            stream.tell(modseq)

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening


class Events:
    """The ASGI application at `/events`."""

    def __init__(self) -> None:
        self.watch = Watch()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await refuse(send, 405)
        cookies = cookies_of(scope)
        who = await in_db(identify, cookies)
        if who is None:
            return await refuse(send, 401)
        if self.watch.is_full(who[0]):
            return await refuse(send, 429)
        with self.watch.joined(who[0]) as stream:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            stream.tell(who[1])
            await until_gone(receive, _speak(stream, send, cookies, who[0]))

    async def close(self) -> None:
        self.watch.hang_up()
        await self.watch.close()


async def until_gone(receive: Receive, speaking: Any) -> None:
    """Run `speaking` until it ends or the client closes the connection."""
    gone = asyncio.create_task(_gone(receive))
    task = asyncio.create_task(speaking)
    try:
        await asyncio.wait([gone, task], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (gone, task):
            each.cancel()
        await asyncio.gather(gone, task, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _speak(stream: Stream, send: Send, cookies: str, account_id: int) -> None:
    """Send each newer modseq, and a comment now and then; ends when the session does."""
    asked = time.monotonic()
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stream.news.wait(), max(0.0, asked + HEARTBEAT - time.monotonic()))
        if stream.over:
            return await send(END)
        line = ""
        if time.monotonic() >= asked + HEARTBEAT:  # also where there is always news: who is signed out hears no more of it
            who = await in_db(identify, cookies)
            if who is None or who[0] != account_id:
                return await send(END)
            stream.tell(who[1])
            asked, line = time.monotonic(), ":\n\n"
        if stream.news.is_set():
            stream.news.clear()
            line = f"event: changed\nid: {stream.modseq}\ndata: {stream.modseq}\n\n"
        if line:
            await send({"type": "http.response.body", "body": line.encode(), "more_body": True})


async def refuse(send: Send, status: int, headers: Sequence[tuple[bytes, bytes]] = (), body: bytes = b"") -> None:
    """Answer with this status and no stream."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


def cookies_of(scope: Scope) -> str:
    """The Cookie header."""
    return b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")


async def is_signed_in(scope: Scope) -> bool:
    """Does the request come with the session of a member? A stranger without a cookie costs no look into the database."""
    cookies = cookies_of(scope)
    return bool(cookies) and await in_db(identify, cookies) is not None


def identify(cookies: str) -> tuple[int, int] | None:
    """(account id, modseq) of the session these cookies name; None where there is none."""
    request = HttpRequest()
    key = value_of(cookies, settings.SESSION_COOKIE_NAME)
    if key is None:
        return None
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    account = get_user(request)
    if not account.is_authenticated:
        return None
    found = _modseqs([account.pk])
    return account.pk, found[0][1] if found else 0


def _modseqs(account_ids: list[int]) -> list[tuple[int, int]]:
    return list(AccountState.objects.filter(account_id__in=account_ids).values_list("account_id", "modseq"))
