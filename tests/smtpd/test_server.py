"""The process that operators start: it serves, reads its certificate again, and stops without losing anything."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`manage.py smtpd` with a database of its own."""
    numbers = free_ports(3)
    names = ("MAILSUITE_SMTP_PORT", "MAILSUITE_SUBMISSION_PORT", "MAILSUITE_SUBMISSIONS_PORT")
    environment = {"PATH": os.environ["PATH"], "MAILSUITE_DATA_DIR": str(tmp_path), "MAILSUITE_RESOLVER": "127.0.0.1:9"}
    environment |= {name: str(number) for name, number in zip(names, numbers, strict=True)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    running = subprocess.Popen(
        [sys.executable, "manage.py", "smtpd"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert "listening" in running.stderr.readline()
    yield running, numbers
    running.kill()
    running.wait()
    running.stderr.close()


def test_the_process_serves_until_it_is_told_to_stop(process: tuple[subprocess.Popen[str], list[int]]) -> None:
    running, numbers = process
    with smtplib.SMTP("127.0.0.1", numbers[0], timeout=20) as client:
        assert client.ehlo()[0] == 250
        assert client.has_extn("starttls")
        running.send_signal(signal.SIGHUP)
        assert client.mail("carol@elsewhere.example")[0] == 250
        assert client.rcpt("alice@example.org")[0] == 550
        running.terminate()
        assert client.getreply()[0] == 421
    assert running.wait(20) == 0
    assert running.stderr is not None
    printed = running.stderr.read()
    assert "certificate-read" in printed
    assert "Traceback" not in printed
