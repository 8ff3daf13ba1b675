"""IMAP responses read into values, by none of our own code: quoted or literal, upper or lower case of a keyword are the same."""

from __future__ import annotations

import re
import socket
from typing import Any

TOKEN = re.compile(
    rb'([()])|"((?:[^"\\]|\\.)*)"|~?\{(\d+)\}\r\n|(\d+)(?=[ ()\r])|([^\s()"{\[]+(?:\[[^\]]*\])?(?:<\d+>)?)| +', re.S
)


class Refused(Exception):
    """NO or BAD, with its text."""


class Link:
    """A connection that is logged in. Where the server hangs up in the midst of an answer, the question is refused."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self._who = port, f'LOGIN {login} "{password}"'
        self._number = 0
        self._open()
        ((_, *words),) = [line for line in self.ask("CAPABILITY") if line[0] == b"CAPABILITY"]
        self.capabilities = set(words)

    def _open(self) -> None:
        port, login = self._who
        self._socket = socket.create_connection(("127.0.0.1", port), 120)
        self._file = self._socket.makefile("rb")
        self._file.readline()
        self.ask(login)

    def _reopen(self) -> None:
        self.close()
        self._open()
        self.ask("SELECT INBOX")

    def ask(self, line: str, literal: bytes | None = None) -> list[list[Any]]:
        """The untagged responses, each as a list of values. Raises Refused."""
        self._number += 1
        tag = b"q%d" % self._number
        tail = b"" if literal is None else b" {%d+}\r\n%b" % (len(literal), literal)
        self._socket.sendall(tag + b" " + line.encode() + tail + b"\r\n")
        found = []
        while not (answer := self._response()).startswith(tag):
            if answer.startswith(b"* BYE"):
                self._reopen()
                raise Refused(answer.decode("latin-1").strip())
            if answer[:5] not in (b"* OK ", b"* NO "):
                found.append(values(answer[2:]))
        if not answer[len(tag) + 1 :].startswith(b"OK"):
            raise Refused(answer[len(tag) + 1 :].decode("latin-1").strip())
        return found

    def _response(self) -> bytes:
        """One response, with the literals in it."""
        whole = b""
        while True:
            line = self._file.readline()
            if not line:
                raise ConnectionError(f"hung up after {whole[:200]!r}")
            whole += line
            announced = re.search(rb"\{(\d+)\}\r\n\Z", line)
            if not announced:
                return whole
            whole += self._file.read(int(announced[1]))

    def fetch(self, number: int, items: str) -> dict[bytes, Any]:
        """What FETCH says of a message, by item in upper case."""
        found: dict[bytes, Any] = {}
        for answer in self.ask(f"FETCH {number} {items}"):
            if answer[:2] == [number, b"FETCH"]:
                pairs = answer[2]
                found |= {pairs[at].upper(): pairs[at + 1] for at in range(0, len(pairs), 2)}
        return found

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def values(line: bytes) -> list[Any]:
    """Strings and atoms as bytes, numbers as int, NIL as None, lists as lists. Raises ValueError where that cannot be."""
    stack: list[list[Any]] = [[]]
    at = 0
    line = line.removesuffix(b"\r\n") + b"\r"
    while at < len(line) - 1:
        token = TOKEN.match(line, at)
        if not token:
            raise ValueError(line[max(at - 40, 0) : at + 40])
        at = token.end()
        bracket, quoted, literal, number, atom = token.groups()
        if bracket == b"(":
            stack.append([])
        elif bracket:
            done = stack.pop()
            stack[-1].append(done)
        elif quoted is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted))
        elif literal is not None:
            stack[-1].append(line[at : at + int(literal)])
            at += int(literal)
        elif number is not None:
            stack[-1].append(int(number))
        elif atom is not None:
            stack[-1].append(None if atom.upper() == b"NIL" else atom)
    if len(stack) != 1:
        raise ValueError("parentheses")
    return stack[0]
