"""Is a port free, and if not, who has it?"""

from __future__ import annotations

import contextlib
import socket

from mailsuite.net.ports import owner


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
