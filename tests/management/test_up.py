"""`manage.py up` as an operator meets it: quiet, clear about what is wrong, and gone when it is told to go."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.suite import ROOT, Suite, descendants


@pytest.fixture
def house(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def refused(house: Suite, **environment: str) -> str:
    """What `up` says where it must not start: one line, and nothing else."""
    words = [sys.executable, "manage.py", "up"]
    run = subprocess.run(words, cwd=ROOT, env=house.environment | environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    [sentence] = (run.stdout + run.stderr).strip().splitlines()
    return sentence


def test_it_starts_without_noise_and_stops_without_remains(house: Suite) -> None:
    house.start()
    assert house.process
    started = descendants(house.process.pid)
    assert len(started) >= 5
    up = next(i for i, line in enumerate(house.log) if line.startswith("Mailsuite is up"))
    assert not [line for line in house.log[:up] if line and "listen" not in line]
    house.stop()
    assert house.process.returncode == 0
    house.wait_for(lambda: "Mailsuite has stopped." in house.log, "its last word")
    assert not house.tracebacks()
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_taken_port_is_named_with_its_setting_and_its_holder(house: Suite) -> None:
    with socket.create_server(("127.0.0.1", house.ports["IMAPS"])) as taken:
        sentence = refused(house)
        for part in (str(taken.getsockname()[1]), "MAILSUITE_IMAPS_PORT", f"process {os.getpid()}"):
            assert part in sentence


def test_two_doors_cannot_share_a_port(house: Suite) -> None:
    sentence = refused(house, MAILSUITE_IMAP_PORT=str(house.ports["SMTP"]))
    assert "MAILSUITE_SMTP_PORT and MAILSUITE_IMAP_PORT" in sentence


def test_a_database_that_is_away_is_named_in_one_sentence(house: Suite) -> None:
    assert "DATABASE_URL" in refused(house, DATABASE_URL="postgresql://nobody@127.0.0.1:1/mail")


def test_a_second_one_on_the_same_folder_does_not_take_the_first_ones_place(house: Suite) -> None:
    house.start()
    assert house.process
    elsewhere = Suite(house.folder)  # its ports are free, as all are where both start at the same moment
    sentence = refused(elsewhere)
    assert f"process {house.process.pid}" in sentence
    assert "MAILSUITE_DATA_DIR" in sentence
    assert (house.folder / "run" / "valkey.sock").is_socket()
    house.stop()
    elsewhere.start()
    elsewhere.stop()
