"""The promise over a power cut: what was answered with 250 is there when the light comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import with_postgres
from tests.stories.power import Disk, missing
from tests.stories.suite import Suite, descendants
from tests.stories.test_kill import Sender, owed, tokens_in

CUTS = 3
pytestmark = [pytest.mark.system, pytest.mark.timeout(1_200)]


@pytest.mark.skipif(bool(missing()), reason=missing() or "it can run here")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_answered_is_there_after_power_cuts(database: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    disk = Disk(tmp_path / "disk", 1_024)
    postgres = new_postgres(disk) if database == "postgresql" else None
    environment = {"DATABASE_URL": postgres.url} if postgres else {}
    house = Suite(disk.folder / "data", MAILSUITE_LEASE_SECONDS="5", **environment)
    answered: set[bytes] = set()
    try:
        house.found("alice")
        for number in range(CUTS):
            house.start()
            answered |= send_until_the_cut(house, disk, postgres, number)
        house.start()
        house.wait_for(lambda: owed(house) == 0, "the queue to be empty", 240)
        arrived = tokens_in(house)
        house.manage("checkstore")
    finally:
        house.stop()
        if postgres:
            postgres.stop()
            postgres.remove()
        disk.remove()
    with capsys.disabled():
        twice = sum(count - 1 for count in arrived.values())
        print(f"\n{database}, {CUTS} power cuts: {len(answered)} answered with 250, {len(arrived)} arrived, {twice} twice")
    assert answered
    assert not answered - set(arrived), "a message that was answered with 250 is lost"


def new_postgres(disk: Disk) -> with_postgres.Server:
    folder = disk.folder / "postgres"
    folder.mkdir()
    postgres = with_postgres.Server(folder, durable=True)
    postgres.create()
    os.sync()
    postgres.start()
    return postgres


def send_until_the_cut(house: Suite, disk: Disk, postgres: with_postgres.Server | None, number: int) -> set[bytes]:
    """Send over ten connections, cut the power in the middle, and take every process with it."""
    senders = [PatientSender(house, number * 100 + connection) for connection in range(10)]
    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(sender.run) for sender in senders]
        time.sleep(3)
        disk.cut_power()
        before = [list(sender.answered) for sender in senders]
        for sender in senders:
            sender.stopped.set()
        kill_all(house, postgres)
        for one in running:
            one.result()
    house.log.clear()
    time.sleep(1)
    disk.restore()
    if postgres:
        postgres.start_after_a_power_cut()
    return {token.encode() for tokens in before for token in tokens}


def kill_all(house: Suite, postgres: with_postgres.Server | None) -> None:
    assert house.process
    for pid in [house.process.pid, *descendants(house.process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    house.process.wait()
    if postgres:
        postgres.kill()


class PatientSender(Sender):
    """Sends until it is stopped."""

    each = 10**6
