"""The web door as a process, and what strangers do to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from mailsuite.net.ports import allow_many
from tests.webmail.browser import ROOT, door
from tests.webmail.store import Letter, conversation
from tests.webmail.test_wsgi_bridge import SCOPE
from tests.webmail.test_wsgi_bridge import Client as Caller
from webmail.cookies import MOST
from webmail.door import Door
from webmail.server import STOP_WITHIN


@pytest.mark.django_db(transaction=True)
def test_a_crowd_that_never_finishes_its_requests_keeps_nobody_out(alice: Account, tmp_path: Path) -> None:
    allow_many()  # the crowd's sockets are ours
    with door(tmp_path) as address:
        port = int(address.rpartition(":")[2])
        crowd = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(1_500)]
        try:
            for one in crowd:
                one.sendall(b"GET / HTTP/1.1\r\nHost: local")
            with socket.create_connection(("127.0.0.1", port), 5) as somebody:
                somebody.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert somebody.recv(100).startswith(b"HTTP/1.1 200")
        finally:
            for one in crowd:
                one.close()


@pytest.mark.django_db(transaction=True)
def test_a_download_that_never_ends_is_cut_short_in_one_line_when_the_door_closes(
    alice: Account, capfd: pytest.CaptureFixture[str]
) -> None:
    letter = Letter("Ana <ana@elsewhere.example>", files=[("a.bin", "application/octet-stream", bytes(20_000_000))])
    conversation(alice, "Plans", letter)
    client = Client()
    client.force_login(alice)
    head = f"Host: localhost\r\nCookie: {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    with socket.socket() as slow, door(settings.DATA_DIR) as address:
        slow.connect(("127.0.0.1", int(address.rpartition(":")[2])))
        slow.sendall(f"GET /m/{Message.objects.get().pk}/message.eml HTTP/1.1\r\n{head}\r\n\r\n".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        time.sleep(0.5)  # as much is under way as the system takes
        began = time.monotonic()
    assert time.monotonic() - began < 2 * STOP_WITHIN
    said = capfd.readouterr().err
    assert "cut-short door=web" in said
    assert "manage.py" not in said


class Pages:
    """In Django's place: notes what cookies came to it."""

    def __init__(self) -> None:
        self.cookies: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.cookies.append(environ.get("HTTP_COOKIE", ""))
        start("200 OK", [])
        return [b"page"]


async def answered(pages: Pages, path: str, *cookies: bytes) -> int:
    """The status of what the door says to these cookies."""
    caller, door = Caller(), Door(pages, most_body=1_000)
    headers = [(b"host", b"mail.example.org"), *((b"cookie", cookie) for cookie in cookies)]
    await door(
        {**SCOPE, "method": "GET", "path": path, "raw_path": path.encode(), "headers": headers}, caller.receive, caller.send
    )
    return caller.sent[0]["status"]


@pytest.mark.parametrize("path", ["/", "/events", "/jmap/events", "/img/x"])
async def test_more_cookies_than_anybody_has_reach_no_thread(path: str) -> None:
    pages = Pages()
    assert await answered(pages, path, b"session=" + b"x" * MOST) == 431
    assert await answered(pages, path, b"a=" + b"x" * (MOST // 2), b"b=" + b"x" * (MOST // 2)) == 431
    assert pages.cookies == []


async def test_a_cookie_with_escapes_is_left_out_and_those_beside_it_are_read() -> None:
    pages = Pages()
    assert await answered(pages, "/", b'session=abc; other="' + b'\\"' * 3_000 + b'"; csrf=def', b'session="\\""') == 200
    assert pages.cookies == ["session=abc; csrf=def; "]


@pytest.mark.django_db(transaction=True)
def test_a_second_door_on_the_same_port_says_who_has_it_and_does_not_open(tmp_path: Path) -> None:
    with door(tmp_path) as address:
        port = address.rpartition(":")[2]
        environment = os.environ | {"MAILSUITE_DATA_DIR": str(tmp_path), "MAILSUITE_WEB_PORT": port}
        second = subprocess.run(
            [sys.executable, "manage.py", "web"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode == 1
    assert f"Port {port}" in second.stderr
    assert "MAILSUITE_WEB_PORT" in second.stderr
