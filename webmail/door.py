"""The web door: one ASGI application that serves `/events`, `/jmap/events` and `/img/` itself and hands all else to Django."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from webmail import cookies
from webmail.events import Events, refuse
from webmail.image_address import PREFIX
from webmail.images import Images
from webmail.jmap.push import Push, is_known
from webmail.request_body import Receive, Scope
from webmail.wsgi_bridge import Send, WsgiBridge

THREADS = 8  # pages at once in a process: the work is Python's and the database's, more threads would only wait for each other


class Door:
    """Events and pages behind one address."""

    def __init__(self, pages: Callable[..., Iterable[bytes]], *, most_body: int) -> None:
        self._events = Events()
        self._images = Images()
        self._push = Push(self._events.watch)
        self._pages = WsgiBridge(pages, threads=THREADS, most_body=most_body, knows=is_known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif cookies.is_too_long(scope):
            await refuse(send, 431, [(b"content-type", b"text/plain")], b"Too many cookies: delete those of this site.\n")
        else:
            await self._serve(cookies.without_escapes(scope), receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/events":
            await self._events(scope, receive, send)
        elif scope["path"] == "/jmap/events":
            await self._push(scope, receive, send)
        elif scope["path"].startswith(PREFIX):
            await self._images(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def hang_up(self) -> None:
        """End the streams, which would otherwise go on for ever; browsers call again."""
        self._events.watch.hang_up()

    async def _live(self, receive: Receive, send: Send) -> None:
        """ASGI's lifespan: nothing to prepare; at the end, let running requests finish."""
        while True:
            event = (await receive())["type"]
            if event == "lifespan.shutdown":
                await self._events.close()
                await self._images.close()
                self._pages.close()
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
