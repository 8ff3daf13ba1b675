"""Ports for processes that a test starts, which bind them only after a while."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 18_000, 29_999  # below those that systems give to whoever asks for any
LEDGER = Path(tempfile.gettempdir()) / f"mailsuite-test-ports-{os.getuid()}"


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, and that no other test, of whichever run on this machine, is given before all others were."""
    with LEDGER.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        said = file.read()
        at = int(said) if said.isdecimal() else FIRST
        found: list[int] = []
        while len(found) < count:
            at = at + 1 if FIRST <= at < LAST else FIRST
            if _is_free(at):
                found.append(at)
        file.truncate(0)
        file.write(str(at))
        return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
