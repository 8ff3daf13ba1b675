"""A man in the middle who only listens: between a program that speaks TLS and a door in a process of its own."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import zlib
from pathlib import Path

from tests.imapd.clients.trace import Trace

LITERAL = re.compile(rb"\{(\d+)\+?\}\Z")
COMMAND = re.compile(rb"[A-Za-z0-9.]+ +((?:UID )?[A-Za-z]+\b.*)", re.DOTALL | re.IGNORECASE)


class Recorder:
    """Listens on `port` with the door's certificate, and passes everything on to the door's plain port."""

    def __init__(self, trace: Trace, door: int, tls: Path) -> None:
        self._trace, self._door = trace, door
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(tls / "cert.pem", tls / "key.pem")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            near = self._context.wrap_socket(client, server_side=True)
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", self._door))
        heard = Conversation(self._trace)
        threading.Thread(target=_pass, args=(far, near, heard.answered), daemon=True).start()
        _pass(near, far, heard.said)


def _pass(source: socket.socket, goal: socket.socket, heard: object) -> None:
    try:
        while octets := source.recv(65_536):
            heard(octets)  # type: ignore[operator]
            goal.sendall(octets)
    except OSError:
        pass
    finally:
        for end in (source, goal):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Conversation:
    """Lines out of what passes, literals left out; inflated from the moment that both have agreed on COMPRESS."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._parts: dict[str, bytes] = {"C": b"", "S": b""}
        self._skip = {"C": 0, "S": 0}
        self._inflate: dict[str, object] = {}
        self._asked = b""

    def said(self, octets: bytes) -> None:
        for line in self._lines("C", octets):
            if match := COMMAND.match(line):
                self._trace.said(self, match[1])
                if match[1].upper().startswith(b"COMPRESS"):
                    self._asked = line.split()[0]

    def answered(self, octets: bytes) -> None:
        for line in self._lines("S", octets):
            self._trace.answered(self, line)
            if self._asked and line.startswith(self._asked + b" OK"):
                self._asked = b""
                self._inflate = {side: zlib.decompressobj(-15) for side in "CS"}

    def _lines(self, side: str, octets: bytes) -> list[bytes]:
        if inflate := self._inflate.get(side):
            octets = inflate.decompress(octets)  # type: ignore[attr-defined]
        found, rest = [], self._parts[side] + octets
        while rest:
            skipped = min(self._skip[side], len(rest))
            self._skip[side] -= skipped
            rest = rest[skipped:]
            line, end, after = rest.partition(b"\r\n")
            if not end:
                break
            found.append(line)
            rest = after
            if literal := LITERAL.search(line):
                self._skip[side] = int(literal[1])
        self._parts[side] = rest
        return found
