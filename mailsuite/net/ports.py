"""Listening sockets, and a plain sentence where a port cannot be had."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

BACKLOG = 512


class PortUnavailable(OSError):
    """A port that we cannot listen on; the text is one sentence for the operator."""


def allow_many(files: int = 65_536) -> None:
    """Let this process have so many sockets and files open, or as many as it may: the usual soft limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files if hard == resource.RLIM_INFINITY else min(files, hard)
    while soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return
        except (ValueError, OSError):  # macOS may say that there is no hard limit, and have one
            wanted //= 2


def listen_together(host: str, port: int, setting: str, count: int) -> list[socket.socket]:
    """As many sockets as processes, all on one port, among which the system spreads the connections (Linux).

    All are opened by the one that starts the processes, and stay open in it: when a process dies, those who wait at its socket
    wait for the next one. Elsewhere than on Linux all have the same socket, and take from it who is quickest.
    """
    first = listen(host, port, setting)  # which fails where somebody else has the port, though he might share it
    if count == 1 or not sys.platform.startswith("linux"):
        return [first] * count
    number = first.getsockname()[1]
    first.close()
    return [listen(host, number, setting, shared=True) for _ in range(count)]


def listen(host: str, port: int, setting: str, *, shared: bool = False) -> socket.socket:
    """A listening, non-blocking TCP socket. `::` listens on IPv4 too. Raises PortUnavailable, naming port, setting and holder.

    shared: others of ours may listen on the same port.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, number)
    except OSError as error:
        raise PortUnavailable(f"MAILSUITE_BIND is {host!r}, which is no address to listen on: {error.strerror}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise PortUnavailable(_sentence(error, host, port, setting)) from error
    return listener


def answers(host: str, port: int) -> bool:
    """Does somebody take connections there?"""
    # The wildcard is an address to listen on, and no destination everywhere.
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    with contextlib.suppress(OSError), socket.create_connection((reachable, port), 0.5):
        return True
    return False


def _sentence(error: OSError, host: str, port: int, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by {owner(port)}; stop it, or set {setting} to another port."
    if error.errno == errno.EACCES:
        return (
            f"Port {port} needs the right to bind low ports (CAP_NET_BIND_SERVICE); grant it, or set {setting} to 1024 or more."
        )
    return f"Port {port} on {host} cannot be opened ({error.strerror}); see MAILSUITE_BIND and {setting}."


def owner(port: int) -> str:
    """`program (process 123)` that listens on a TCP port of this machine, as far as /proc tells this user."""
    inodes = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _listening(Path("/proc/net") / table, port)}
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            if any(os.readlink(descriptor) in inodes for descriptor in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"{words[:80]} (process {process.name})"
    return "another program"


def _listening(table: Path, port: int) -> Iterator[str]:
    """Inodes of the sockets that listen on this port: proc(5), net/tcp, state 0A, the local port in hex."""
    with contextlib.suppress(OSError):
        for row in table.read_text().splitlines()[1:]:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                yield columns[9]
