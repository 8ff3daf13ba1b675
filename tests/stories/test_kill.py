"""The promise: once we answer 250, the message is never lost; at worst it is delivered twice. Shown with kill -9."""

from __future__ import annotations

import collections
import imaplib
import itertools
import json
import os
import re
import smtplib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import with_postgres
from tests.stories.suite import PASSWORD, Suite, suite

CONNECTIONS = 20
EACH = int(os.environ.get("MAILSUITE_STORY_MESSAGES", "2000")) // CONNECTIONS
BETWEEN = CONNECTIONS * EACH // 15  # messages answered from one kill to the next
VICTIMS = ("smtpd", "worker", "valkey", "web")
LETTER = (
    "From: carol@elsewhere.example\r\nTo: alice@example.org\r\nSubject: {token}\r\n"
    "Message-ID: <{token}@elsewhere.example>\r\nX-Token: {token}\r\n\r\n{text}"
)


class Sender:
    """Sends its letters over one connection, which it opens anew whenever it breaks, until each got its 250."""

    each = EACH

    def __init__(self, house: Suite, number: int) -> None:
        self.house, self.number = house, number
        self.stopped = threading.Event()
        self.answered: list[str] = []
        self.unsure = 0  # tries that broke off without an answer: these may have been accepted, and so arrive twice

    def run(self) -> None:
        link: smtplib.SMTP | None = None
        for n in itertools.takewhile(lambda _: not self.stopped.is_set(), range(self.each)):
            token = f"t{self.number}x{n}"
            while token not in self.answered[-1:] and not self.stopped.is_set():
                try:
                    link = link or smtplib.SMTP("127.0.0.1", self.house.ports["SMTP"], timeout=30)
                    text = f"Letter {n}.\r\n" * 60
                    link.sendmail("carol@elsewhere.example", ["alice@example.org"], LETTER.format(token=token, text=text))
                    self.answered.append(token)
                except (OSError, smtplib.SMTPException):
                    self.unsure += 1
                    link = None
                    time.sleep(0.2)


def kill_in_turn(house: Suite, senders: list[Sender], done: threading.Event) -> collections.Counter[str]:
    """The next one each time so many more messages were answered: as often on a quick machine as on a slow one."""
    killed: collections.Counter[str] = collections.Counter()
    for number, victim in enumerate(itertools.cycle(VICTIMS), 1):
        while sum(len(sender.answered) for sender in senders) < number * BETWEEN:
            if done.wait(0.01):
                return killed
        killed[victim] += house.kill(victim)
    return killed


def tokens_in(house: Suite, mailbox: str = "INBOX") -> collections.Counter[str]:
    with imaplib.IMAP4("127.0.0.1", house.ports["IMAP"]) as link:
        link.login("alice@example.org", PASSWORD)
        link.select(mailbox, readonly=True)
        _, parts = link.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (X-TOKEN)])")
    return collections.Counter(re.findall(rb"X-Token: (\w+)", b"".join(p[1] for p in parts if isinstance(p, tuple))))


def owed(house: Suite) -> int:
    rows = json.loads(house.manage("queue", "list", "--json") or "[]")
    return len(rows)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_answered_message_arrives_though_every_program_is_killed_in_turn(
    database: str, capsys: pytest.CaptureFixture
) -> None:
    if database == "postgresql":
        if with_postgres.programs() is None:
            pytest.skip("PostgreSQL is not installed: apt install postgresql")
        with with_postgres.server(durable=True) as url:
            _story(capsys, database, DATABASE_URL=url)
    else:
        _story(capsys, database)


def _story(capsys: pytest.CaptureFixture, database: str, **environment: str) -> None:
    # Who was killed is known by his lock. A short lease would only take from the living, on a busy machine, what they are at.
    with suite("alice", MAILSUITE_LEASE_SECONDS="30", **environment) as house:
        senders, done = [Sender(house, number) for number in range(CONNECTIONS)], threading.Event()
        with ThreadPoolExecutor(CONNECTIONS + 1) as pool:
            killer = pool.submit(kill_in_turn, house, senders, done)
            sending = [pool.submit(sender.run) for sender in senders]
            for one in sending:
                one.result()
            done.set()
            killed = killer.result()
        answered = {token.encode() for sender in senders for token in sender.answered}
        try:
            house.wait_for(lambda: owed(house) == 0, "the queue to be empty", 240)
        except AssertionError as error:
            raise AssertionError(f"{error}\n\nOwed: {house.manage('queue', 'list')[-2000:]}") from None
        arrived = tokens_in(house)
        house.manage("checkstore")
        twice = sum(count - 1 for count in arrived.values())
        with capsys.disabled():
            print(
                f"\n{database}: {len(answered)} answered with 250, {len(arrived)} arrived, {twice} twice; "
                f"killed {dict(killed)}; {sum(sender.unsure for sender in senders)} tries broke off"
            )
        assert len(answered) == CONNECTIONS * EACH
        assert not answered - set(arrived), "a message that was answered with 250 is lost"
        assert all(killed[victim] >= 2 for victim in VICTIMS)
        assert not house.tracebacks()
