"""Is a port free, and if not, who has it?"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path


def answers(host: str, port: int) -> bool:
    """Does somebody take connections there?"""
    with contextlib.suppress(OSError), socket.create_connection((_reachable(host), port), 0.5):
        return True
    return False


def _reachable(host: str) -> str:
    """An address to connect to for one to listen on: the wildcard is no destination everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def trouble(host: str, port: int) -> str | None:
    """Why we cannot listen there, as the end of a sentence; None where we can. Port 0 is always free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return "needs privileges this user lacks (ports below 1024)"
        except OSError as error:
            return f"is taken by {owner(port)}" if error.errno == 98 else f"cannot be used: {error.strerror}"
    return None


def owner(port: int) -> str:
    """`program (process 123)` that listens on a TCP port, as far as /proc tells this user."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(link) in inodes for link in (folder / "fd").iterdir()):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"{words[:80]} (process {folder.name})"
    return "another program"


def _listening(port: int) -> list[str]:
    """Inodes of sockets that listen on the port: proc(5), net/tcp, state 0A."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    found.append(fields[9])
    return found
