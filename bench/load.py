"""A load of SMTP: many sessions that each send message after message, as plainly as Postfix's smtp-source does."""

from __future__ import annotations

import base64
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


LETTER = 10_000  # bytes: people seldom write more than that; what is larger came with a picture


def message(size: int, number: int, *, words: bool = False) -> bytes:
    """A believable message of about `size` bytes, ended by CRLF, no line begins with a dot; the same for the same number.

    Up to LETTER bytes it is text, beyond that a letter of 5 kB with a picture attached; with `words` always text.
    """
    chance = random.Random(number)
    head = (
        f"From: Carol Diaz <carol@elsewhere.example>\r\nTo: Alice <alice@example.org>\r\n"
        f"Subject: {' '.join(chance.choices(WORDS, k=5))} {number}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <{number}.{size}.{chance.random()}@elsewhere.example>\r\nMIME-Version: 1.0\r\n"
    )
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    if words or size <= LETTER:
        return (head + plain + _text(chance, size - len(head) - len(plain))).encode()
    divider = f"=_{chance.randbytes(12).hex()}"
    parts = [
        plain + _text(chance, 5_000),
        'Content-Type: image/jpeg; name="roof.jpg"\r\nContent-Disposition: attachment; filename="roof.jpg"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{_picture(chance, size - 5_000)}",
    ]
    body = "".join(f"--{divider}\r\n{part}\r\n" for part in parts)
    return f'{head}Content-Type: multipart/mixed; boundary="{divider}"\r\n\r\n{body}--{divider}--\r\n'.encode()


def _text(chance: random.Random, size: int) -> str:
    lines, length = [], 0
    while length < size:
        line = " ".join(chance.choices(WORDS, k=11)) + "\r\n"
        lines.append(line)
        length += len(line)
    return "".join(lines)


def _picture(chance: random.Random, size: int) -> str:
    """Bytes that no program can make smaller, as base64 in lines of 76: about `size` bytes."""
    return base64.encodebytes(chance.randbytes(size * 57 // 78)).decode().replace("\n", "\r\n")


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
