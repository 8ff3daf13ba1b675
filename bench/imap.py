"""IMAP as clients ask it, beside Dovecot with Maildir and with sdbox: the same messages, every side in turn, ratios."""

from __future__ import annotations

import itertools
import random
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import load, seed
from bench.dovecot import Dovecot
from bench.imap_link import Link
from bench.watching import quantile
from mailsuite.management.demo import prose
from tests.stories.suite import ROOT, Suite, descendants

IDLERS = 200
ARRIVALS = 50
APPENDED = 1_000
DEVICE = "ABCD-EFGH-JKLM-NPQR"
# Mail programs log in with a secret of their own, of which SHA-256 is kept; the member's password costs a slow hash.
MAKE_DEVICE = f"""
from mailsuite.accounts.authenticate import secret_digest
from mailsuite.accounts.models import Account, AppPassword
AppPassword.objects.create(account=Account.objects.get(login="{seed.LOGIN}"), label="bench", digest=secret_digest("{DEVICE}"))
"""


class Mailsuite:
    """All of Mailsuite over a copy of the seed; All Mail is what Dovecot has in INBOX."""

    name = "Mailsuite"
    login, password, mailbox = seed.LOGIN, DEVICE, "All Mail"

    def __init__(self, folder: Path, source: Path) -> None:
        self.house = Suite(seed.copy(source, folder))
        self.imap, self.smtp = self.house.ports["IMAP"], self.house.ports["SMTP"]

    def start(self) -> None:
        words = [sys.executable, "manage.py", "shell", "-c", MAKE_DEVICE]
        subprocess.run(words, cwd=ROOT, env=self.house.environment, stdout=subprocess.DEVNULL, check=True)
        self.house.start()

    def stop(self) -> None:
        self.house.stop()

    def processes(self) -> list[int]:
        """Of the IMAP door: what else runs does not grow with its connections."""
        return [pid for parent in self.house.pids("imapd") for pid in (parent, *descendants(parent))]


Side = Dovecot | Mailsuite


@dataclass(frozen=True, slots=True)
class Task:
    """Something to measure. once: gives milliseconds, or kilobytes for memory; times: how often, after one shown apart."""

    name: str
    times: int
    once: Callable[[Side], Iterator[float]]


def run(messages: int, searches: int) -> None:
    """Print a table: the first time and the median of the others for each side, and the peers' medians as multiples of ours."""
    source = seed.seed(messages, maildir=True)
    with tempfile.TemporaryDirectory(prefix="mailsuite-bench-", ignore_cleanup_errors=True) as folder, ExitStack() as running:
        sides: list[Side] = [Dovecot(Path(folder, form), source, form) for form in ("maildir", "sdbox")]
        sides.append(Mailsuite(Path(folder, "ours"), source))
        for side in sides:
            side.start()
            running.callback(side.stop)
        print(f"{messages:,} messages made, {', '.join(str(_held(side)) for side in sides)} in the mailbox")
        print(f"{'milliseconds: first, median':32}" + "".join(f"{side.name:>21}" for side in sides) + f"{'ratio to each':>18}")
        for task in tasks(searches):
            compare(task, sides)


def _held(side: Side) -> int:
    link = _connect(side)
    held = link.select(side.mailbox)
    link.close()
    return held


def compare(task: Task, sides: list[Side]) -> None:
    """One line of the table."""
    found = [list(itertools.islice(task.once(side), task.times + 1)) for side in sides]
    middles = [statistics.median(values[1:] or values) for values in found]
    cells = "".join(f"{values[0]:>10.1f} {middle:>10.1f}" for values, middle in zip(found, middles, strict=True))
    ratios = " ".join(f"{middle / middles[-1]:>8.2f}" for middle in middles[:-1])
    print(f"{task.name:32}{cells} {ratios}", flush=True)
    if "p99" in task.name:
        tails = [quantile(values, 0.99) for values in found]
        print(f"{'  p99':32}" + "".join(f"{'':>10} {tail:>10.1f}" for tail in tails), flush=True)


def tasks(searches: int) -> Iterator[Task]:
    """searches: how often the peers look through all bodies: half a minute each at 100,000."""
    # Before all else: what an answer of 100,000 lines has left free in a process hides what a connection needs.
    yield Task(f"kB an idle connection, of {IDLERS}", 0, _memory)
    yield Task("LOGIN, SELECT", 10, _login_and_select)
    yield Task("FETCH 1:* (UID FLAGS)", 5, _asked("FETCH 1:* (UID FLAGS)"))
    yield Task("FETCH 1:* (ENVELOPE BODYSTRUCTURE)", 2, _asked("FETCH 1:* (ENVELOPE BODYSTRUCTURE)"))
    yield Task("FETCH last 50, as a list", 20, _last_fifty)
    yield Task("FETCH n BODY.PEEK[]", 300, _one_body)
    yield Task("STORE 1:1000 +-FLAGS", 6, _stored)
    yield Task(f"APPEND {APPENDED} (one by one)", 1, _appended)
    yield Task("SEARCH SUBJECT", searches, _searched("SUBJECT"))
    yield Task("SEARCH BODY", searches, _searched("BODY"))
    yield Task("SORT (REVERSE DATE) ALL", 3, _asked("UID SORT (REVERSE DATE) UTF-8 ALL"))
    yield Task("THREAD REFERENCES ALL", 3, _asked("UID THREAD REFERENCES UTF-8 ALL"))
    yield Task("250 to EXISTS in IDLE (and p99)", ARRIVALS, _arrivals)


def _connect(side: Side) -> Link:
    return Link(side.imap, side.login, side.password)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def _login_and_select(side: Side) -> Iterator[float]:
    def once() -> None:
        link = _connect(side)
        link.select(side.mailbox)
        link.close()

    while True:
        yield _timed(once)


def _asked(line: str) -> Callable[[Side], Iterator[float]]:
    def ask(side: Side) -> Iterator[float]:
        link = _connect(side)
        link.select(side.mailbox)
        while True:
            yield _timed(lambda: link.ask(line))

    return ask


def _last_fifty(side: Side) -> Iterator[float]:
    link = _connect(side)
    held = link.select(side.mailbox)
    while True:
        yield _timed(
            lambda: link.ask(f"FETCH {max(held - 49, 1)}:{held} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        )


def _one_body(side: Side) -> Iterator[float]:
    link, chance = _connect(side), random.Random(7)
    held = link.select(side.mailbox)
    while True:
        number = chance.randint(1, held)
        yield _timed(lambda number=number: link.ask(f"FETCH {number} BODY.PEEK[]"))


def _stored(side: Side) -> Iterator[float]:
    link = _connect(side)
    link.select(side.mailbox)
    for sign in itertools.cycle("+-"):
        yield _timed(lambda sign=sign: link.ask(f"STORE 1:1000 {sign}FLAGS (bench)"))


def _appended(side: Side) -> Iterator[float]:
    link = _connect(side)
    for turn in itertools.count():
        link.ask(f"CREATE bench{turn}")
        letters = [load.message(5_000, turn * APPENDED + number) for number in range(APPENDED)]
        yield _timed(lambda letters=letters, turn=turn: [link.ask(f"APPEND bench{turn}", one) for one in letters])


def _searched(key: str) -> Callable[[Side], Iterator[float]]:
    """Each time another word, neither rare nor in every letter."""

    def search(side: Side) -> Iterator[float]:
        link = _connect(side)
        link.select(side.mailbox)
        for word in prose.words("en")[0][300:]:
            yield _timed(lambda word=word: link.ask(f'UID SEARCH {key} "{word}"'))

    return search


def _arrivals(side: Side) -> Iterator[float]:
    """From the 250 of the door that takes mail (LMTP of Dovecot, SMTP of Mailsuite) to the EXISTS in an IDLE."""
    watcher = _connect(side)
    watcher.select("INBOX")
    watcher.idle()
    chance = random.Random(7)
    door = smtplib.LMTP("127.0.0.1", side.lmtp) if isinstance(side, Dovecot) else smtplib.SMTP("127.0.0.1", side.smtp)
    for number in itertools.count(1_000_000):
        time.sleep(0.2 + chance.random() / 5)
        door.sendmail("carol@elsewhere.example", [seed.LOGIN], load.message(5_000, number))
        yield _timed(lambda: watcher.until(b"EXISTS"))


def _memory(side: Side) -> Iterator[float]:
    held = [_idle(side)]  # what the first one loads is not what each needs
    before = proportional(side.processes())
    held += [_idle(side) for _ in range(IDLERS - 1)]
    time.sleep(1)
    yield (proportional(side.processes()) - before) / (IDLERS - 1)
    for link in held:
        link.close()


def _idle(side: Side) -> Link:
    link = _connect(side)
    link.select("INBOX")
    link.idle()
    return link


def proportional(pids: list[int]) -> float:
    """Memory of these processes in kB, what they share counted once: Pss of proc(5), smaps_rollup."""
    total = 0.0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(float(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total
