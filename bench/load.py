"""A load of SMTP: many sessions that each send message after message, as plainly as Postfix's smtp-source does."""

from __future__ import annotations

import random
import socket
import threading
import time

WORDS = [
    "the",
    "house",
    "garden",
    "roof",
    "meeting",
    "bicycle",
    "letter",
    "answer",
    "morning",
    "key",
    "soup",
    "winter",
    "invoice",
    "cellar",
    "choir",
    "planned",
    "again",
    "quiet",
    "under",
    "because",
    "with",
    "from",
    "about",
    "window",
    "neighbours",
    "money",
    "water",
    "bread",
    "number",
    "river",
    "lamp",
    "stone",
    "market",
    "ticket",
    "yellow",
    "table",
    "winter",
]


def message(size: int, number: int) -> bytes:
    """A believable text message of about `size` bytes, dot-stuffed, ended by CRLF; the same for the same number."""
    chance = random.Random(number)
    head = (
        f"From: Carol Diaz <carol@elsewhere.example>\r\nTo: Alice <alice@example.org>\r\n"
        f"Subject: {' '.join(chance.choices(WORDS, k=5))} {number}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <{number}.{size}.{chance.random()}@elsewhere.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    lines, length = [head], len(head)
    while length < size:
        line = " ".join(chance.choices(WORDS, k=11)) + "\r\n"
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()


class Session(threading.Thread):
    """One connection. A second thread per message would cost the machine what is to be measured."""

    def __init__(self, port: int, recipient: str, letters: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.port, self.recipient, self.letters = port, recipient, letters
        self.accepted = 0
        self.error = ""

    def run(self) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 60) as link:
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader = link.makefile("rb")
                self._reply(reader, b"220")
                self._ask(link, reader, b"HELO load.elsewhere.example\r\n", b"250")
                for letter in self.letters:
                    self._ask(link, reader, b"MAIL FROM:<carol@elsewhere.example>\r\n", b"250")
                    self._ask(link, reader, f"RCPT TO:<{self.recipient}>\r\n".encode(), b"250")
                    self._ask(link, reader, b"DATA\r\n", b"354")
                    self._ask(link, reader, letter + b".\r\n", b"250")
                    self.accepted += 1
        except (OSError, AssertionError) as error:
            self.error = str(error)

    def _ask(self, link: socket.socket, reader, words: bytes, expected: bytes) -> None:  # type: ignore[no-untyped-def]
        link.sendall(words)
        self._reply(reader, expected)

    def _reply(self, reader, expected: bytes) -> None:  # type: ignore[no-untyped-def]
        while (line := reader.readline())[3:4] == b"-":
            pass
        assert line.startswith(expected), line


def send(port: int, recipient: str, letters: list[bytes], sessions: int) -> tuple[int, float]:
    """Send all letters over so many sessions; (accepted, seconds)."""
    threads = [Session(port, recipient, letters[n::sessions]) for n in range(sessions)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    errors = {thread.error for thread in threads if thread.error}
    if errors:
        raise SystemExit(f"the load broke off: {errors}")
    return sum(thread.accepted for thread in threads), seconds
