"""How long reading a message takes at delivery, beside the standard library: `python -m bench.reading`."""

from __future__ import annotations

import email
import email.policy
import time
from base64 import encodebytes
from collections.abc import Callable

from mailsuite.protocol.summary import summarise

HEADER = b"""\
Received: from mx.elsewhere.example (mx.elsewhere.example [192.0.2.10])\r
\tby mail.example.org with ESMTPS id 4FzX9q\r
\tfor <bob@example.org>; Mon, 23 Nov 2026 10:00:00 +0000 (UTC)\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=elsewhere.example; s=x;\r
\th=from:to:subject:date:message-id; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;\r
\tb=Lk0bXqvDsP2xv7zjmGYB8m0RkM8wMvI0YqX8a5l0nUqT5m2nbYw1Z7oWlW0sZ7i6\r
From: Carol Example <carol@elsewhere.example>\r
To: Bob <bob@example.org>, "Alice, the first" <alice@example.org>\r
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the garden\r
Date: Mon, 23 Nov 2026 11:00:00 +0100\r
Message-ID: <20261123100000.abc@elsewhere.example>\r
In-Reply-To: <1@example.org>\r
References: <0@example.org> <1@example.org>\r
MIME-Version: 1.0\r
"""
LINE = b"The quick brown fox jumps over the lazy dog and again.\r\n"
PLAIN = HEADER + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + LINE * 75
HTML = (
    b"<html><body>"
    + b"<p style='x'>Hello <b>world</b> and <img src=\"cid:1@example.org\"> more</p>\r\n" * 250
    + b"</body></html>"
)
MIXED = b"".join(
    [
        HEADER,
        b"Content-Type: multipart/mixed; boundary=mm\r\n\r\n--mm\r\nContent-Type: multipart/alternative; boundary=aa\r\n\r\n",
        b"--aa\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + LINE * 100,
        b"--aa\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + HTML + b"\r\n--aa--\r\n",
        b'--mm\r\nContent-Type: application/pdf; name="report.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n',
        encodebytes(bytes(range(256)) * 220).replace(b"\n", b"\r\n") + b"--mm--\r\n",
    ]
)
ONLY_HTML = HEADER + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + HTML


def _walk(content: bytes, policy: email.policy.Policy) -> None:
    """What the standard library does for less: fields and decoded parts, without offsets, envelope or preview."""
    message = email.message_from_bytes(content, policy=policy)
    for name in ("from", "to", "subject", "date", "message-id", "references"):
        str(message[name])
    for part in message.walk():
        part.get_payload(decode=True)


def _milliseconds(work: Callable[[], object], times: int = 50) -> float:
    best = float("inf")
    for _ in range(7):
        before = time.process_time()
        for _ in range(times):
            work()
        best = min(best, time.process_time() - before)
    return best * 1000 / times


def main() -> None:
    """Prints CPU milliseconds a message, the best of seven rounds."""
    print(f"{'message':22}{'bytes':>8}{'summarise':>12}{'compat32':>12}{'policy.default':>16}")
    for name, content in (("plain", PLAIN), ("HTML only", ONLY_HTML), ("multipart, one file", MIXED)):
        ours = _milliseconds(lambda content=content: summarise(content))
        old = _milliseconds(lambda content=content: _walk(content, email.policy.compat32), 20)
        new = _milliseconds(lambda content=content: _walk(content, email.policy.default), 10)
        print(f"{name:22}{len(content):8}{ours:12.3f}{old:12.3f}{new:16.3f}")


if __name__ == "__main__":
    main()
