"""The promise over a power cut: what was answered with 250 is there when the light comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.stories.power import Disk, missing
from tests.stories.suite import Suite, descendants
from tests.stories.test_kill import Sender, owed, tokens_in

CUTS = 3
pytestmark = [pytest.mark.system, pytest.mark.timeout(1_200)]


@pytest.mark.skipif(bool(missing()), reason=missing() or "it can run here")
def test_what_was_answered_is_there_after_power_cuts(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    disk = Disk(tmp_path / "disk")
    house = Suite(disk.folder / "data", MAILSUITE_LEASE_SECONDS="5")
    answered: set[bytes] = set()
    try:
        house.found("alice")
        for number in range(CUTS):
            house.start()
            answered |= send_until_the_cut(house, disk, number)
        house.start()
        house.wait_for(lambda: owed(house) == 0, "the queue to be empty", 240)
        arrived = tokens_in(house)
        house.manage("checkstore")
    finally:
        house.stop()
        disk.remove()
    with capsys.disabled():
        twice = sum(count - 1 for count in arrived.values())
        print(f"\n{CUTS} power cuts: {len(answered)} answered with 250, {len(arrived)} arrived, {twice} twice")
    assert answered
    assert not answered - set(arrived), "a message that was answered with 250 is lost"


def send_until_the_cut(house: Suite, disk: Disk, number: int) -> set[bytes]:
    """Send over ten connections, cut the power in the middle, and take every process with it."""
    senders = [PatientSender(house, number * 100 + connection) for connection in range(10)]
    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(sender.run) for sender in senders]
        time.sleep(3)
        disk.cut_power()
        before = [list(sender.answered) for sender in senders]
        assert house.process
        pids = [house.process.pid, *descendants(house.process.pid)]
        for sender in senders:
            sender.stopped.set()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        house.process.wait()
        for one in running:
            one.result()
    house.log.clear()
    time.sleep(1)
    disk.restore()
    return {token.encode() for tokens in before for token in tokens}


class PatientSender(Sender):
    """Sends until it is stopped."""

    each = 10**6
