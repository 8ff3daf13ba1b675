"""Serve Django's WSGI handler from an ASGI server: requests run in a bounded pool of threads, each when its body is here.

Synchronous views under Django's own ASGI handler cost two to six times as much: it crosses between loop and threads several times
a request and makes a thread for each. Here a request crosses once, and the threads, with their database connections, stay.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from webmail.request_body import Body, ClientGone, Knows, Receive, Scope

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Environ = dict[str, Any]

AT_ONCE = 262_144  # bytes of a response gathered in one visit to a thread
TOO_LARGE = "webmail.body_too_large"  # set in environ when the body was longer than allowed and has been thrown away

log = logging.getLogger(__name__)


class WsgiBridge:
    """An ASGI application (HTTP only) in front of a WSGI one.

    most_body: bytes of request body that are kept of somebody whom `knows` knows; of others, far fewer. A longer one is read to
    its end (a browser shows our answer only then), thrown away, and the application sees an empty body and `environ[TOO_LARGE]`;
    past eight times the cap the connection is dropped.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int, most_body: int, knows: Knows) -> None:
        self._application = application
        self._most_body, self._knows = most_body, knows
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, too_large = await Body(scope, receive, self._knows, self._most_body).spooled()
        except ClientGone:
            return
        with body:
            environ = environ_of(scope, body)
            if too_large:
                environ[TOO_LARGE] = True
            await self._answer(_Exchange(self._application, environ), send, head_only=scope["method"] == "HEAD")

    async def _answer(self, exchange: _Exchange, send: Send, *, head_only: bool) -> None:
        run = asyncio.get_running_loop().run_in_executor
        try:
            chunk = await run(self._pool, exchange.begin)
            await send({"type": "http.response.start", "status": exchange.status, "headers": exchange.headers})
            bodiless = head_only or exchange.status in (204, 304)
            while not exchange.finished and not bodiless:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await run(self._pool, exchange.more)
            await send({"type": "http.response.body", "body": b"" if bodiless else chunk, "more_body": False})
        finally:
            if not exchange.closed:
                await run(self._pool, exchange.close)

    def close(self) -> None:
        """Let running requests end; take no more."""
        self._pool.shutdown(wait=True)


class _Exchange:
    """One request's way through the WSGI application. Each method runs in a thread of the pool, never two at once.

    A response that fits into AT_ONCE takes one visit. A longer one (a download) takes a visit for each AT_ONCE, so that a client
    that reads slowly holds no thread.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], environ: Environ) -> None:
        self._application, self._environ = application, environ
        self._response: Iterable[bytes] = ()
        self._chunks: Iterator[bytes] = iter(())
        self.status, self.headers = 500, []
        self.finished = self.closed = False

    def begin(self) -> bytes:
        """Run the application; returns the first bytes of the body."""
        self._response = self._application(self._environ, self._start)
        self._chunks = iter(self._response)
        return self.more()

    def more(self) -> bytes:
        """The next bytes of the body; with the last ones the response is closed here, in the same visit."""
        gathered, size = [], 0
        for chunk in self._chunks:
            gathered.append(chunk)
            size += len(chunk)
            if size >= AT_ONCE:
                return b"".join(gathered)
        self.finished = True
        self.close()
        return b"".join(gathered)

    def close(self) -> None:
        """WSGI's `close()`, once: Django gives files and database connections back here."""
        self.closed = True
        close = getattr(self._response, "close", None)
        if close is not None:
            close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info:
            log.error("error while answering", exc_info=exc_info)
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self._no_write

    @staticmethod
    def _no_write(_: bytes) -> None:
        raise NotImplementedError("write() of PEP 3333 is for old frameworks")


def environ_of(scope: Scope, body: IO[bytes]) -> Environ:
    """PEP 3333's environ for an ASGI HTTP scope, `body` standing at its start."""
    size = body.seek(0, 2)
    body.seek(0)
    host, port = scope.get("server") or ("localhost", 80)
    path = unquote_to_bytes(scope.get("raw_path") or b"") or scope["path"].encode()
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.split(b"?", 1)[0].decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    } | _headers(scope)


def _headers(scope: Scope) -> Environ:
    found: Environ = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper(), raw_value.decode("latin-1")
        if "_" in name or name in ("CONTENT-LENGTH", "TRANSFER-ENCODING"):
            continue  # `X_Real_Ip` must not pass for `X-Real-Ip`; the length is the spooled one
        key = "CONTENT_TYPE" if name == "CONTENT-TYPE" else "HTTP_" + name.replace("-", "_")
        joint = "; " if name == "COOKIE" else ","
        found[key] = f"{found[key]}{joint}{value}" if key in found else value
    return found
