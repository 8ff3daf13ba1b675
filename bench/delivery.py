"""Accepted and in the mailbox per second, with CPU per message: Mailsuite beside Postfix + Dovecot, in turn."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.peers import Mailsuite, PostfixDovecot, cpu_seconds

NUMBERS = itertools.count()  # a letter that is held already would be taken for a copy of it


@dataclass
class Figures:
    """Of one run: messages a second until the last 250, until the last one is in the mailbox; CPU milliseconds a message."""

    accepted: float
    delivered: float
    cpu: float


def measure(side: PostfixDovecot | Mailsuite, letters: list[bytes], sessions: int) -> Figures:
    """Send the letters and wait until all are in the mailbox."""
    before, cpu_before = side.delivered(), cpu_seconds(side.processes())
    began = time.perf_counter()
    accepted, seconds = load.send(side.port, "alice@example.org", letters, sessions)
    while side.delivered() - before < accepted:
        if time.perf_counter() - began > 600:
            raise SystemExit(f"{side.name} did not deliver everything within ten minutes")
        time.sleep(0.05)
    until_delivered = time.perf_counter() - began
    cpu = cpu_seconds(side.processes()) - cpu_before
    return Figures(accepted / seconds, accepted / until_delivered, cpu / accepted * 1_000)


def run(messages: int, sizes: list[int], sessions: list[int], rounds: int, *, words: bool = False) -> None:
    """Print a table; each line is the median of `rounds` turns of both sides. words: large messages are all text."""
    with tempfile.TemporaryDirectory(prefix="mailsuite-bench-", ignore_cleanup_errors=True) as folder:
        sides = [PostfixDovecot(Path(folder, "peer")), Mailsuite(Path(folder, "ours"))]
        try:
            for side in sides:
                side.start()
            print(f"{'size':>6} {'sessions':>8}  {'':18} {'accepted/s':>11} {'delivered/s':>12} {'CPU ms each':>12}")
            for size in sizes:
                for count in sessions:
                    compare(sides, messages if size < 50 else messages // 2, size, count, rounds, words)
        finally:
            for side in sides:
                side.stop()


def compare(sides: list, messages: int, size: int, sessions: int, rounds: int, words: bool) -> None:  # type: ignore[type-arg]
    """One size and number of sessions: a line for each side, and the ratios."""
    found: dict[str, list[Figures]] = {side.name: [] for side in sides}
    for _ in range(rounds):
        letters = [load.message(size * 1_000, number, words=words) for number in itertools.islice(NUMBERS, messages)]
        for side in sides:
            found[side.name].append(measure(side, letters, sessions))
    middles = []
    for side in sides:
        rows = found[side.name]
        middle = Figures(*(statistics.median(getattr(row, name) for row in rows) for name in ("accepted", "delivered", "cpu")))
        middles.append(middle)
        print(f"{size:>4}kB {sessions:>8}  {side.name:18} {middle.accepted:>11.0f} {middle.delivered:>12.0f} {middle.cpu:>12.2f}")
    peer, ours = middles
    print(
        f"{'':>15}  {'ratio':18} {ours.accepted / peer.accepted:>11.2f} {ours.delivered / peer.delivered:>12.2f} "
        f"{ours.cpu / peer.cpu:>12.2f}",
        flush=True,
    )
