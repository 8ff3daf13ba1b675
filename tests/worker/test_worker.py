"""The worker as it runs: real processes, a real Valkey, real kills."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils.timezone import now

from mailsuite.mailstore.models import Message
from mailsuite.queue.models import Recipient
from tests.queued import LETTER, account, queued, states
from tests.valkey import Process, Valkey, manage, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
Start = Callable[..., Process]
SELDOM = {"MAILSUITE_SWEEP_INTERVAL": "3600"}  # so that only a bell can bring the worker


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Process] = []

    def begin(*words: str | Path, **more: str) -> Process:
        started.append(Process(*words, **more) if words else manage("worker", **more))
        return started[-1]

    yield begin
    for child in started:
        child.remove()


def letters(number: int, word: str = "fine") -> None:
    alice = account()
    for n in range(number):
        queued("alice@example.org", account=alice, content=LETTER + f"{word} {n}".encode())


def all_delivered() -> bool:
    return set(states()) == {"delivered"}


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_bell_brings_a_worker_at_once(valkey: Valkey, start: Start) -> None:
    start(**SELDOM)
    letters(3)
    wait_until(all_delivered)
    queued("alice@example.org", account=Message.objects.first().account, content=LETTER + b"later")
    wait_until(all_delivered, 10)
    assert Message.objects.count() == 4


def test_without_a_broker_mail_is_delivered_by_the_sweep(start: Start) -> None:
    letters(3)
    start()
    wait_until(all_delivered)
    assert Message.objects.count() == 3


def test_when_the_broker_comes_back_bells_are_heard_again(valkey: Valkey, start: Start) -> None:
    worker = start(MAILSUITE_SWEEP_INTERVAL="1")
    letters(1)
    wait_until(all_delivered)
    valkey.kill()
    queued("alice@example.org", account=Message.objects.first().account, content=LETTER + b"no broker")
    wait_until(all_delivered)
    valkey.start()
    queued("alice@example.org", account=Message.objects.first().account, content=LETTER + b"broker again")
    wait_until(all_delivered)
    assert worker.poll() is None


def test_sigterm_lets_it_finish_and_leaves_nothing_leased(valkey: Valkey, start: Start) -> None:
    worker = start(**SELDOM)
    letters(150)
    wait_until(lambda: "delivered" in states())
    worker.terminate()
    assert worker.wait(20) == 0
    assert "leased" not in states()
    assert Message.objects.count() == states().count("delivered")


def test_killed_workers_lose_nothing_and_deliver_nothing_twice(valkey: Valkey, start: Start) -> None:
    worker = start()
    letters(400)
    for _ in range(3):
        wait_until(lambda: len(children(worker.pid)) == 2)
        time.sleep(0.3)
        for pid in children(worker.pid):
            os.kill(pid, signal.SIGKILL)
    wait_until(all_delivered, 60)
    assert Message.objects.count() == 400


def test_a_worker_that_is_killed_whole_leaves_no_child_and_its_successor_goes_on(valkey: Valkey, start: Start) -> None:
    worker = start()
    letters(50)
    wait_until(lambda: len(children(worker.pid)) == 2)
    orphans = children(worker.pid)
    worker.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and _runs(pid) for pid in orphans))
    start()
    wait_until(all_delivered)
    assert Message.objects.count() == 50


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_a_message_that_kills_its_worker_is_set_aside_and_the_rest_arrives(valkey: Valkey, start: Start) -> None:
    letters(20)
    alice = Recipient.objects.first().account
    [poison] = queued("alice@example.org", account=alice, content=LETTER + b"poison")
    queued("alice@example.org", account=alice, content=LETTER + b"after it")
    start(Path(__file__).with_name("poisoned.py"))

    def settled() -> bool:
        Recipient.objects.filter(state="due").update(next_attempt_at=now())  # the schedule's minutes are not waited for
        return states().count("delivered") == 21 and states().count("held") == 1

    wait_until(settled, 90)
    poison.refresh_from_db()
    assert (poison.state, poison.crashes) == ("held", 5)
    assert "Set aside" in poison.last_reply
    assert Message.objects.count() == 21
