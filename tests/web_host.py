"""A stranger's web server for tests: raw bytes on a loopback port, as honest or as hostile as an answer is written.

    with WebHost({"/a.png": respond(PNG, "image/png")}) as host:
        host.url("/a.png")             # http://127.0.0.1:40123/a.png
        host.url("/a.png", "img.example")
        host.endpoint                  # ("127.0.0.1", 40123), fit for settings.FETCH_PERMITS
        host.heard                     # the requests, as bytes
An answer is bytes, or a function that is given the socket.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

Answer = bytes | Callable[[socket.socket], None]


def respond(body: bytes = b"", kind: str = "image/png", *, status: str = "200 OK", more: str = "") -> bytes:
    """A whole answer; `more` are further header lines, each with its CRLF."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return respond(status=status, more=f"Location: {to}\r\n")


class WebHost:
    """Answers by path; 404 for what it does not have."""

    def __init__(
        self, answers: Mapping[str, Answer] | None = None, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ):
        self.answers: dict[str, Answer] = dict(answers or {})
        self.heard: list[bytes] = []
        self._address, self._tls = address, tls
        self.over = threading.Event()

    def url(self, path: str, host: str = "") -> str:
        return f"{'https' if self._tls else 'http'}://{host or self.endpoint[0]}:{self.endpoint[1]}{path}"

    @property
    def endpoint(self) -> tuple[str, int]:
        return self._server.server_address[0], self._server.server_address[1]

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [one.split(b" ")[1].decode() for one in self.heard]

    def answer(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            connection.settimeout(30)
            asked = _read(connection)
            self.heard.append(asked)
            found = self.answers.get(asked.split(b" ")[1].decode() if asked else "", respond(status="404 Not Found"))
            connection.sendall(found) if isinstance(found, bytes) else found(connection)
            connection.close()

    def __enter__(self) -> Self:
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                owner.answer(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server((self._address, 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


def _read(connection: socket.socket) -> bytes:
    """A request, with as much body as it announces."""
    asked = b""
    while b"\r\n\r\n" not in asked and (more := connection.recv(65_536)):
        asked += more
    head, _, body = asked.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]) and (more := connection.recv(65_536)):
        asked, body = asked + more, body + more
    return asked
