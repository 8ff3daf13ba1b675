"""The worker and other hosts: real DNS, a real SMTP server, real kills."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from mailsuite.protocol.dsn import parse_report
from mailsuite.queue.models import Attempt, Recipient
from tests.dns_server import DnsServer
from tests.ports import free_ports
from tests.queued import LETTER, account, queued, states
from tests.valkey import Valkey, manage, wait_until
from tests.worker.test_worker import Start, children, start  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


class Elsewhere:
    """The mail host of elsewhere.example; nobody lives at nobody@, and `pause` slows it down."""

    def __init__(self) -> None:
        self.got: Counter[bytes] = Counter()
        self.pause = 0.0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        time.sleep(self.pause)
        self.got[envelope.original_content] += 1
        return "250 2.0.0 kept"


@pytest.fixture
def elsewhere(nameserver: DnsServer) -> Iterator[tuple[Elsewhere, dict[str, str]]]:
    """The host, and the environment in which a worker of ours finds it."""
    nameserver.add("elsewhere.example", "MX", "10 mx.elsewhere.example.")
    nameserver.add("mx.elsewhere.example", "A", "127.0.0.1")
    [port] = free_ports(1)
    host = Elsewhere()
    controller = Controller(host, hostname="127.0.0.1", port=port)
    controller.start()
    yield host, {"MAILSUITE_RESOLVER": nameserver.address, "MAILSUITE_REMOTE_PORT": str(port)}
    controller.stop()


def letters(number: int) -> list[bytes]:
    contents = [LETTER + b"%d\r\n" % n for n in range(number)]
    for content in contents:
        queued("carol@elsewhere.example", content=content, reverse_path="alice@example.org")
    return contents


def test_letters_leave_and_what_is_refused_comes_back_as_a_report(
    valkey: Valkey,
    start: Start,  # noqa: F811
    elsewhere: tuple[Elsewhere, dict[str, str]],
) -> None:
    host, where = elsewhere
    account()
    contents = letters(20)
    queued("nobody@elsewhere.example", reverse_path="alice@example.org")
    start(**where)
    wait_until(lambda: Counter(states()) == {"delivered": 21, "failed": 1})
    assert host.got == Counter(contents)
    report = parse_report(messages.content(Message.objects.get()))
    assert [(fate.address, fate.status) for fate in report.fates] == [("nobody@elsewhere.example", "5.1.1")]
    assert Attempt.objects.filter(host__contains="mx.elsewhere.example").count() == 21


def test_a_killed_worker_loses_no_letter(
    valkey: Valkey,
    start: Start,  # noqa: F811
    elsewhere: tuple[Elsewhere, dict[str, str]],
) -> None:
    host, where = elsewhere
    host.pause = 0.01
    contents = letters(120)
    worker = manage("worker", **where)
    try:
        for _ in range(2):
            had = len(host.got)
            wait_until(lambda had=had: len(host.got) > had and len(children(worker.pid)) == 2)
            for pid in children(worker.pid):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: set(states()) == {"delivered"}, 90)
    finally:
        worker.remove()
    assert set(host.got) == set(contents)
    twice = sum(host.got.values()) - len(contents)
    print(f"{twice} of {len(contents)} letters arrived twice")
    assert twice <= 2 * 3, "at most what was under way when the kill came"


def test_dns_that_is_away_defers_and_never_bounces(
    valkey: Valkey,
    start: Start,  # noqa: F811
    elsewhere: tuple[Elsewhere, dict[str, str]],
    nameserver: DnsServer,
) -> None:
    _, where = elsewhere
    nameserver.fail("elsewhere.example", "SERVFAIL")
    account()
    letters(1)
    start(**where)
    wait_until(lambda: Recipient.objects.get().last_reply.startswith("4"))
    assert states() == ["due"]
