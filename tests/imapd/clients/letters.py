"""The mailbox that every program meets first: a hundred letters, some of them awkward, in folders with awkward names."""

from __future__ import annotations

import base64
from collections.abc import Iterator

TRACE = (
    b"Return-Path: <bob@example.org>\r\n"
    b"Received: from mx.elsewhere.example\r\n\tby mail.example.org; Mon, 23 Nov 2026 12:00:00 +0000\r\n"
)
LABELS = ("Büro", "Rechnungen/2026/März", "日本語", "R&D")
PLAIN = 100


def plain(n: int, text: str = "This is letter {n}.") -> bytes:
    head = (
        f"From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Letter {n}\r\nMessage-ID: <letter.{n}@example.org>\r\n"
        f"Date: Mon, 23 Nov 2026 12:{n % 60:02}:00 +0000\r\n"
    )
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text.format(n=n)}\r\n".encode()


def head(n: int, subject: str, *fields: str) -> bytes:
    lines = [
        "From: =?utf-8?q?Jos=C3=A9?= <jose@elsewhere.example>",
        "To: alice@example.org",
        f"Subject: {subject}",
        f"Message-ID: <awkward.{n}@elsewhere.example>",
        f"Date: Mon, 23 Nov 2026 11:{n:02}:00 +0000",
        "MIME-Version: 1.0",
        *fields,
    ]
    return "\r\n".join(lines).encode() + b"\r\n"


def with_attachment(n: int) -> bytes:
    picture = base64.encodebytes(bytes(range(256)) * 400).replace(b"\n", b"\r\n")
    return (
        head(n, "=?utf-8?b?UXVpdHR1bmcgZsO8ciBNw6Ryeg==?=", 'Content-Type: multipart/mixed; boundary="=_1"')
        + b"\r\n--=_1\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + b"Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
        + b"--=_1\r\nContent-Type: image/png; name*=utf-8''M%C3%A4rz.png\r\nContent-Disposition: attachment;\r\n"
        + b" filename*=utf-8''M%C3%A4rz.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + picture
        + b"--=_1--\r\n"
    )


def forwarded(n: int) -> bytes:
    return (
        head(n, "Fwd: Letter 1", 'Content-Type: multipart/mixed; boundary="=_2"')
        + b"\r\n--=_2\r\nContent-Type: message/rfc822\r\n\r\n"
        + plain(1)
        + b"--=_2--\r\n"
    )


def awkward() -> Iterator[bytes]:
    """What breaks programs and servers: each is a letter that people do get."""
    yield with_attachment(1)
    yield forwarded(2)
    yield head(3, "8bit without a word about it") + b"\r\nGr\xfc\xdfe aus M\xfcnchen, 5 \x80\r\n"
    yield head(4, "Ein nackter Umlaut: \u00e4\u00f6\u00fc", "Content-Type: text/plain; charset=utf-8") + "\r\nÄpfel\r\n".encode()
    ids = "\r\n\t".join(f"<{n:040}@list.elsewhere.example>" for n in range(900))
    yield head(5, "A huge header", f"References: {ids}", *(f"X-Hop-{n}: {'h' * 200}" for n in range(80))) + b"\r\nSmall.\r\n"
    yield head(6, "A long line") + b"\r\n" + b"x" * 60_000 + b"\r\n"
    yield head(7, "No body at all")
    yield head(8, "Folded\r\n over\r\n\tthree lines") + b"\r\nFrom the start of a line\r\n.\r\n..dots\r\nFrom again\r\n"
    yield head(9, "No line end at its end") + b"\r\nno end"
    yield b"X-Nothing: else\r\n\r\nA letter of nobody, without a date.\r\n"


def with_label() -> Iterator[tuple[str, bytes]]:
    """(name of the label, letter): filed long ago, and no longer in INBOX."""
    for number, name in enumerate(LABELS):
        for n in range(3):
            yield name, plain(200 + 10 * number + n)
