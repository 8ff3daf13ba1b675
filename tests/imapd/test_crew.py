"""Several processes on one port: one dies, the others go on; together they start, hear and stop."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator

import pytest

from mailsuite.accounts.models import Account
from mailsuite.imapd.limits import Limits
from mailsuite.imapd.tally import SLOTS, Shared
from mailsuite.net import ports
from tests.imapd.conftest import Client, deliver, letter
from tests.valkey import Process, Valkey, manage, wait_until

COUNT = 3


class Running:
    """`manage.py imapd` in several processes."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            self.port, other = (probe.getsockname()[1] for probe in (one, two))
        more = {"MAILSUITE_IMAP_PORT": str(self.port), "MAILSUITE_IMAPS_PORT": str(other), "MAILSUITE_IMAP_PROCESSES": str(COUNT)}
        self.parent: Process = manage("imapd", **more)
        wait_until(lambda: ports.answers("127.0.0.1", self.port))

    def children(self) -> list[int]:
        with open(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children") as file:
            return [int(word) for word in file.read().split()]


@pytest.fixture
def running(alice: Account, valkey: Valkey) -> Iterator[Running]:
    found = Running()
    yield found
    found.parent.remove()


def idler(port: int) -> Client:
    client = Client(port).login()
    client.ok("SELECT INBOX")
    client.send(b"x IDLE\r\n")
    assert client.read().startswith(b"+ ")
    return client


def test_one_dies_and_is_replaced_and_the_others_notice_nothing(running: Running, alice: Account) -> None:
    clients = [Client(running.port) for _ in range(40)]
    for client in clients:
        assert client.read().startswith(b"* OK")
    before = running.children()
    assert len(before) == COUNT
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(running.children()) == COUNT and before[0] not in running.children())
    answers = [_alive(client) for client in clients]
    assert True in answers
    assert False in answers
    for _ in range(20):
        fresh = Client(running.port)
        assert fresh.read().startswith(b"* OK")
        fresh.close()
    log = running.parent.log.read_text()
    assert re.search(rf"process-died door=imapd process=\d pid={before[0]} status=-9", log)
    for client in clients:
        client.close()


def _alive(client: Client) -> bool:
    try:
        client.send(b"x NOOP\r\n")
    except OSError:
        return False
    return client.read().startswith(b"x OK")


def test_all_hear_what_comes_and_say_bye(running: Running, alice: Account) -> None:
    clients = [idler(running.port) for _ in range(12)]
    for n in range(1, 4):
        deliver(alice, letter(n))
        assert [client.read() for client in clients] == [b"* %d EXISTS" % n] * len(clients)
    running.parent.send_signal(signal.SIGHUP)
    wait_until(lambda: running.parent.log.read_text().count("certificate-read") == COUNT)
    running.parent.send_signal(signal.SIGTERM)
    assert [client.read()[:5] for client in clients] == [b"* BYE"] * len(clients)
    assert running.parent.wait(30) == 0
    log = running.parent.log.read_text()
    assert "Traceback" not in log
    assert "stopped door=imapd" in log
    for client in clients:
        client.close()


def test_when_the_first_is_killed_none_is_left_behind(running: Running) -> None:
    client = Client(running.port)
    client.read()
    children = running.children()
    running.parent.kill()
    assert client.read().startswith(b"* BYE")
    wait_until(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))


def test_a_taken_port_is_told_and_not_shared(running: Running) -> None:
    with pytest.raises(ports.PortUnavailable):
        ports.listen_together("127.0.0.1", running.port, "MAILSUITE_IMAP_PORT", 2)


def test_limits_hold_over_all_processes_and_the_dead_hold_nothing() -> None:
    shared = Shared(3)
    here, there, elsewhere = (Limits(by_account=3, strangers=4, shared=shared, row=row) for row in range(3))
    assert [one.connect("192.0.2.1") for one in (here, there, here, there, elsewhere)] == [True] * 4 + [False]
    assert [one.log_in("192.0.2.1", 7) for one in (here, there, here, there)] == [True] * 3 + [False]
    assert elsewhere.connect("192.0.2.1"), "who is in is no stranger any more"
    shared.clear(0)
    assert there.log_in("192.0.2.1", 7)
    there.disconnect("192.0.2.1", 7)
    there.disconnect("192.0.2.1", 7)
    elsewhere.disconnect("192.0.2.1", None)
    assert not any(shared._counts[row * SLOTS + slot] for row in (1, 2) for slot in range(SLOTS))
