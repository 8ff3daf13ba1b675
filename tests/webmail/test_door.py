"""The web door as a process, and what strangers do to it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from mailsuite.accounts.models import Account
from mailsuite.net.ports import allow_many
from tests.webmail.browser import door


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
