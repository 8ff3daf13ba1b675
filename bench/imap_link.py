"""A raw IMAP connection that reads as fast as it can and understands nothing: what it measures is the server."""

from __future__ import annotations

import re
import socket


class Link:
    """A connection to a side of the benchmark, logged in."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 900)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._number = 0
        self.until(b"* OK")
        self.ask(f'LOGIN {login} "{password}"')

    def ask(self, line: str, literal: bytes | None = None) -> bytes:
        """Send a command, with a literal at its end; everything up to its tagged OK."""
        self._number += 1
        tag = b"a%d" % self._number
        sent = tag + b" " + line.encode()
        self.socket.sendall(sent + (b"" if literal is None else b" {%d+}\r\n" % len(literal) + literal) + b"\r\n")
        return self._answer(b"\r\n" + tag + b" ")

    def _answer(self, mark: bytes) -> bytes:
        parts, tail = [], b"\r\n"
        while True:
            received = self.socket.recv(1 << 20)
            if not received:
                raise SystemExit(f"The server hung up: {b''.join(parts)[-200:]!r}")
            parts.append(received)
            tail = (tail + received)[-600:]
            if received.endswith(b"\r\n") and (at := tail.rfind(mark)) >= 0:
                if not tail.startswith(b"OK", at + len(mark)):
                    raise SystemExit(tail[at:].decode("utf-8", "replace"))
                return b"".join(parts)

    def until(self, word: bytes) -> None:
        """Read until a whole line with this word is here."""
        seen = b""
        while word not in seen or not seen.endswith(b"\r\n"):
            received = self.socket.recv(1 << 16)
            if not received:
                raise SystemExit("The server hung up")
            seen += received

    def select(self, mailbox: str) -> int:
        """How many messages are in it."""
        found = re.search(rb"\* (\d+) EXISTS", self.ask(f'SELECT "{mailbox}"'))
        return int(found[1]) if found else 0

    def idle(self) -> None:
        self.socket.sendall(b"i IDLE\r\n")
        self.until(b"+ ")

    def close(self) -> None:
        self.socket.close()
