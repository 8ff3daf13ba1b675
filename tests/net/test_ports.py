"""A port that is taken is explained in one sentence."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mailsuite.net import ports

ROOT = Path(__file__).resolve().parents[2]


def test_a_free_port_listens() -> None:
    with ports.listen("127.0.0.1", 0, "MAILSUITE_SMTP_PORT") as listener:
        socket.create_connection(listener.getsockname()[:2]).close()


def test_a_door_may_have_more_connections_than_a_shell_allows() -> None:
    told = "from resource import *; from mailsuite.net import ports; ports.allow_many(700); print(*getrlimit(RLIMIT_NOFILE))"
    shell = f"ulimit -Sn 256; ulimit -Hn 2000; exec {sys.executable} -c '{told}'"
    assert subprocess.run(["sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "700 2000\n"


def test_a_taken_port_names_itself_its_setting_and_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        with pytest.raises(ports.PortUnavailable) as refused:
            ports.listen("127.0.0.1", number, "MAILSUITE_SMTP_PORT")
    sentence = str(refused.value)
    assert f"Port {number} on 127.0.0.1 is taken by " in sentence
    assert f"(process {os.getpid()})" in sentence
    assert "MAILSUITE_SMTP_PORT" in sentence


def test_an_address_of_another_machine_is_explained() -> None:
    with pytest.raises(ports.PortUnavailable, match="MAILSUITE_BIND"):
        ports.listen("192.0.2.1", 0, "MAILSUITE_SMTP_PORT")


def test_a_low_port_names_the_right_that_is_missing() -> None:
    denied = OSError(errno.EACCES, os.strerror(errno.EACCES))
    assert "CAP_NET_BIND_SERVICE" in ports._sentence(denied, "127.0.0.1", 25, "MAILSUITE_SMTP_PORT")


def test_the_smtpd_command_ends_with_that_sentence_and_a_failure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        environment = {"MAILSUITE_DATA_DIR": str(tmp_path), "MAILSUITE_SMTP_PORT": str(number), "PATH": os.environ["PATH"]}
        run = subprocess.run(
            [sys.executable, "manage.py", "smtpd"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    assert run.returncode != 0
    assert f"Port {number} on 127.0.0.1 is taken by" in run.stderr
    assert "Traceback" not in run.stderr
