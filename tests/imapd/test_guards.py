"""What strangers, fools and attackers may not do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from mailsuite.accounts.authenticate import Refused
from mailsuite.accounts.models import Account
from mailsuite.imapd import limits, session
from mailsuite.imapd.commands import login
from mailsuite.protocol.imap import search
from tests.imapd.conftest import SECRET, Client, Connect, RunningServer, deliver, letter

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_sent_before_tls_acts_after_it(connect: Connect, alice: Account) -> None:
    client = connect()
    client.read()
    client.send(b'a1 STARTTLS\r\na2 LOGIN alice@example.org "correct horse"\r\n')
    assert client.read().startswith(b"a1 OK")
    client.start_tls()
    (answer,) = client.say("SELECT INBOX")
    assert b"BAD Not in this state" in answer
    assert b"STARTTLS" not in client.ok("CAPABILITY")[0]
    assert client.ok(f'LOGIN alice@example.org "{SECRET}"') == []


def test_a_stranger_from_afar_cannot_log_in_without_tls(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    address = _own_address()
    if address is None:  # then nobody can come from afar, and who comes from near is taken for one who did
        monkeypatch.setattr(session, "is_loopback", lambda client: False)
    listener = socket.create_server((address or "127.0.0.1", 0))
    server.run(server.server.listen([listener], []))
    client = Client.__new__(Client)
    client._socket = socket.create_connection(listener.getsockname(), 20)
    client._file, client.step, client._tag = client._socket.makefile("rb"), 0, 0
    greeting = client.read()
    assert b"LOGINDISABLED" in greeting
    assert b"AUTH=PLAIN" not in greeting
    assert b"NO [PRIVACYREQUIRED]" in client.say(f'LOGIN alice@example.org "{SECRET}"')[-1]
    assert b"NO [PRIVACYREQUIRED]" in client.say("AUTHENTICATE PLAIN AGFsaWNl")[-1]
    client.ok("STARTTLS")
    client.start_tls()
    client.ok(f'LOGIN alice@example.org "{SECRET}"')
    client.close()


def _own_address() -> str | None:
    """The address of this machine that is not loopback, if it has one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if found.startswith("127.") else found


def test_many_wrong_secrets_end_the_connection_and_then_close_the_door_for_a_while(connect: Connect) -> None:
    client = connect()
    client.read()
    answers = [client.say(f"LOGIN alice@example.org guess{n}")[-1] for n in range(limits.BAD_BEFORE_LOGIN - 1)]
    assert all(b"NO [AUTHENTICATIONFAILED]" in answer for answer in answers)
    client.send(b"x LOGIN alice@example.org guess\r\n")
    assert client.read().startswith(b"* BYE")
    assert client.read() == b""
    again = connect()
    again.read()
    assert b"NO [UNAVAILABLE]" in again.say(f'LOGIN alice@example.org "{SECRET}"')[-1]


def test_many_logins_at_once_keep_nobody_from_his_mail(connect: Connect, inbox: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check of a secret takes a thread for long, as if for ever here: there are threads left for those who are in."""
    answered = threading.Event()

    def slow(*_: object, **__: object) -> None:
        answered.wait(60)
        raise Refused("too late")

    monkeypatch.setattr(login, "authenticate", slow)
    waiting = [connect() for _ in range(12)]
    try:
        for client in waiting:
            client.read()
            client.send(b'x LOGIN bob@example.org "secret"\r\n')
        for client in waiting:
            client.send(b"y NOOP\r\n")
        for _ in range(20):
            assert inbox.ok("STATUS Archive (MESSAGES)")
    finally:
        answered.set()


def test_nonsense_ends_the_connection(connect: Connect) -> None:
    client = connect()
    client.read()
    client.send(b"GET / HTTP/1.1\r\nHost: imap\r\n\r\n" * 10)
    lines = []
    while line := client.read():
        lines.append(line)
    assert lines[-1].startswith(b"* BYE")
    assert len(lines) <= limits.BAD_BEFORE_LOGIN + 1


def test_a_megabyte_of_parentheses_is_one_bad_command(inbox: Client) -> None:
    inbox.send(b"x SEARCH " + b"(" * 1_000_000 + b"\r\n")
    assert inbox.read().startswith(b"x BAD")
    for hostile in (b"SEARCH " + b"(" * 60_000, b"SEARCH " + b"NOT " * 15_000 + b"ALL", b"FETCH 1 " + b"(" * 60_000):
        assert b" BAD " in inbox.say(hostile)[-1]
    assert len(inbox.ok("FETCH " + ",".join(["1:*"] * 10_000) + " UID")) == 5
    assert inbox.ok("SEARCH " + " ".join(["SEEN"] * search.MAX_KEYS)) == [b"* SEARCH"]
    assert b" BAD " in inbox.say("SEARCH " + " ".join(["SEEN"] * (search.MAX_KEYS + 1)))[-1]
    assert inbox.ok("SEARCH " + " ".join(f'TEXT "word{n}"' for n in range(search.MAX_TEXTS))) == [b"* SEARCH"]
    assert inbox.ok("SEARCH UID " + ",".join(str(n) for n in range(1, 12_000, 2))) == [b"* SEARCH 1 3 5"]


def test_a_fetch_of_nearly_all_of_a_message_many_times_needs_memory_for_one(inbox: Client, alice: Account) -> None:
    text = b"0123456789" * 300_000
    deliver(alice, b"Subject: large\r\n\r\n" + text)
    inbox.ok("NOOP")
    uid = inbox.ok("UID SEARCH SUBJECT large")[0].split()[-1].decode()
    items = " ".join(f"BODY.PEEK[TEXT]<{n}.9999999>" for n in range(50))
    tracemalloc.start()
    try:
        inbox.send(f"big UID FETCH {uid} (FLAGS {items})\r\n".encode())
        assert b"FLAGS" in inbox.read()
        for n in range(50):
            assert inbox.octets(len(text) - n) == text[n:]
            rest = inbox.read()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rest == b")"
    assert inbox.read().startswith(b"big OK")
    assert peak < 20 * len(text)


def test_a_stranger_may_not_send_large_literals(connect: Connect) -> None:
    client = connect()
    client.read()
    assert b"BAD" in client.say("LOGIN {5000}")[-1]
    client.send(b"x LOGIN {99999999999+}\r\n")
    assert client.read().startswith(b"x BAD")
    assert client.read().startswith(b"* BYE")


def test_an_address_and_an_account_have_so_many_connections_and_no_more(server: RunningServer, connect: Connect) -> None:
    server.door.limits.by_account = 2
    server.door.limits.by_address = 4
    clients = [connect().login(), connect().login()]
    third = connect()
    third.read()
    third.send(f'x LOGIN alice@example.org "{SECRET}"\r\n'.encode())
    assert third.read().startswith(b"* BYE")
    clients[0].ok("LOGOUT")
    assert clients[0].read() == b""
    _until(lambda: len(server.door.sessions) == 1)
    connect().login()
    others = [connect(), connect()]
    assert [one.read()[:5] for one in others] == [b"* OK ", b"* OK "]
    assert connect().read().startswith(b"* BYE")


def test_whoever_has_ipv6_is_one_client_however_many_addresses_he_uses() -> None:
    guard = limits.Limits(strangers=3)
    let_in = [guard.connect(f"2001:db8:1:{n}::{n}") for n in range(4)]
    assert let_in == [True, True, True, False]
    assert guard.connect("2001:db8:2::1")
    assert guard.log_in("2001:db8:1:0::9", 1)
    assert guard.connect("2001:db8:1:9::1")
    for account_id in (1, None, None, None):
        guard.disconnect("2001:db8:1:1::1", account_id)
    guard.disconnect("2001:db8:2::1", None)
    assert not guard._addresses + guard._strangers
    assert [guard.connect(f"192.0.2.{n}") for n in range(4)] == [True] * 4


def _until(holds: object) -> None:
    for _ in range(500):
        if holds():  # type: ignore[operator]
            return
        time.sleep(0.02)
    raise AssertionError("it never came true")


def test_a_silent_client_is_let_go(connect: Connect, monkeypatch: pytest.MonkeyPatch, alice: Account) -> None:
    client = connect().login()
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.2)
    client.ok("NOOP")
    assert client.read().startswith(b"* BYE")
    assert client.read() == b""


def test_a_stranger_has_only_so_long(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOGIN_SECONDS", 0.2)
    client = connect()
    assert client.read().startswith(b"* OK")
    assert client.read().startswith(b"* BYE")


def test_a_client_that_vanishes_leaves_nothing_behind(server: RunningServer, connect: Connect, alice: Account) -> None:
    deliver(alice, letter(1))
    for command in (b"x IDLE\r\n", b"x APPEND INBOX {1000}\r\n", b"x FETCH 1 BODY[]\r\n", b"x LOGIN {5}\r\n"):
        client = connect().login()
        client.ok("SELECT INBOX")
        client.send(command)
        client.close()
    _until(lambda: not server.door.sessions)
    assert not server.door.limits._addresses
    assert not server.door.watch._watchers


def test_everybody_hears_bye_when_the_server_goes(server: RunningServer, connect: Connect) -> None:
    idle, busy, stranger = connect().login(), connect().login(), connect()
    stranger.read()
    idle.send(b"x IDLE\r\n")
    assert idle.read().startswith(b"+ ")
    server.run(server.server.close())
    for client in (idle, busy, stranger):
        assert client.read().startswith(b"* BYE")
        assert client.read() == b""


def test_the_command_starts_and_stops_on_sigterm(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [str(probe.getsockname()[1]) for probe in (one, two)]
    environment = {
        **os.environ,
        "MAILSUITE_DATA_DIR": str(tmp_path),
        "MAILSUITE_IMAP_PORT": ports[0],
        "MAILSUITE_IMAPS_PORT": ports[1],
    }
    running = subprocess.Popen([sys.executable, "manage.py", "imapd"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        _until(lambda: _answers(int(ports[0])))
        client = Client(int(ports[1]), encrypted=True)
        assert client.read().startswith(b"* OK [CAPABILITY IMAP4rev1")
        running.send_signal(signal.SIGTERM)
        assert client.read().startswith(b"* BYE")
        assert running.wait(20) == 0
        assert b"Traceback" not in running.stderr.read()  # type: ignore[union-attr]
    finally:
        running.kill()
        running.stderr.close()  # type: ignore[union-attr]


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
