"""Clients that keep their view of INBOX from untagged responses alone, each kind with other extensions, and act at random."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from mailsuite.protocol.imap.sequence import SequenceSet, compact
from tests.imapd.conftest import Client, Connect, letter

NUMBER = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE|RECENT|FETCH|UIDFETCH)(?: \((.*)\))?", re.DOTALL)
VANISHED = re.compile(rb"\* VANISHED (\(EARLIER\) )?([0-9:,]+)")
HIGHEST = re.compile(rb"\S+ OK \[HIGHESTMODSEQ (\d+)\]")
SILENT = re.compile(r"(UID )?STORE (\S+) (?:\(UNCHANGEDSINCE \d+\) )?([+-])FLAGS.SILENT \((.*)\)")
MODIFIED = re.compile(rb"\[MODIFIED ([0-9:,]+)\]")
UID, FLAGS, MODSEQ = re.compile(rb"UID (\d+)"), re.compile(rb"FLAGS \(([^)]*)\)"), re.compile(rb"MODSEQ \((\d+)\)")
HOLDING = ("FETCH", "STORE", "SEARCH")  # while they are answered no number may change (RFC 9051 §7.5.1)


@dataclass
class Entry:
    """A message as a client knows it; None is what it was not told yet."""

    uid: int | None = None
    flags: set[bytes] | None = None
    modseq: int | None = None


def members(numbers: bytes) -> list[int]:
    return [n for low, high in SequenceSet.parse(numbers).ranges for n in range(low, high + 1)]


class Follower:
    """A plain client. `say` takes in all that is told; `steps` counts commands."""

    enables = ""

    def __init__(self, connect: Connect, dice: random.Random) -> None:
        self.connect, self.dice = connect, dice
        self.entries: list[Entry] = []
        self.idling = ""
        self.steps = self.resyncs = 0
        self.start()

    def start(self) -> None:
        self.client: Client = self.connect().login()
        if self.enables:
            self.client.ok(f"ENABLE {self.enables}")
        self.entries = []
        self.select()

    def select(self) -> None:
        self.entries = []
        self.say("SELECT INBOX")
        self.say("UID FETCH 1:* (FLAGS)")

    # -- talking --

    def say(self, command: str) -> bool:
        """Say a command and hear its answers; whether it ended well."""
        self.steps += 1
        lines = self.client.say(command)
        return self._hear_all(command, lines)

    def _hear_all(self, command: str, lines: list[bytes]) -> bool:
        well = b" OK" in lines[-1][:12]
        if (silent := SILENT.match(command)) and (well or b"[MODIFIED" in lines[-1]):
            self._reckon(bool(silent[1]), silent[2], silent[3], silent[4], lines[-1])
        for line in lines:
            self.hear(line, command)
        return well

    def _reckon(self, by_uid: bool, numbers: str, sign: str, named: str, last: bytes) -> None:
        """We are not told what became of our own change: that is what we asked for."""
        refused = set(members(found[1])) if (found := MODIFIED.search(last)) else set()
        chosen = set(self._chosen(numbers, by_uid)) - refused
        for number, entry in enumerate(self.entries, 1):
            if (entry.uid if by_uid else number) in chosen and entry.flags is not None:
                (entry.flags.add if sign == "+" else entry.flags.discard)(named.encode())

    def _chosen(self, numbers: str, by_uid: bool) -> list[int]:
        largest = max([entry.uid or 0 for entry in self.entries], default=0) if by_uid else len(self.entries)
        return [n for low, high in SequenceSet.parse(numbers.encode()).merged(largest) for n in range(low, high + 1)]

    # -- hearing --

    def hear(self, line: bytes, command: str) -> None:
        if match := VANISHED.match(line):
            self.vanished(members(match[2]), earlier=bool(match[1]), command=command)
        elif match := NUMBER.match(line):
            number = int(match[1])
            match match[2]:
                case b"EXISTS":
                    assert number >= self.count, "EXISTS never takes messages away"
                    self.exists(number)
                case b"EXPUNGE":
                    assert not command.startswith(HOLDING), (command, line)
                    self.expunged(number)
                case b"FETCH" | b"UIDFETCH":
                    self.fetched(number, match[3], by_uid=match[2] == b"UIDFETCH")

    @property
    def count(self) -> int:
        return len(self.entries)

    def exists(self, number: int) -> None:
        self.entries += [Entry() for _ in range(number - self.count)]

    def expunged(self, number: int) -> None:
        del self.entries[number - 1]

    def vanished(self, uids: list[int], *, earlier: bool, command: str) -> None:
        raise AssertionError("nobody asked for VANISHED")

    def fetched(self, number: int, items: bytes, *, by_uid: bool) -> None:
        assert not by_uid
        entry = self.entries[number - 1]
        if uid := UID.search(items):
            assert entry.uid in (None, int(uid[1])), "a number names one message until EXPUNGE says otherwise"
            entry.uid = int(uid[1])
        learn(entry, items)

    # -- acting --

    def act(self) -> None:
        """Do something."""
        if self.idling:
            self.wake()
        elif self.dice.random() < 0.08:
            self.idling = f"i{self.steps}"
            self.client.send(f"{self.idling} IDLE\r\n".encode())
        else:
            command = self.dice.choice(self.commands())
            self.say(command) if isinstance(command, str) else command()

    def wake(self) -> None:
        """End IDLE, and hear what it told."""
        tag, self.idling = self.idling.encode(), ""
        self.client.send(b"DONE\r\n")
        lines = [self.client.read()]
        while not lines[-1].startswith(tag + b" "):
            assert lines[-1], lines
            lines.append(self.client.read())
        self.steps += 1
        self._hear_all("IDLE", lines)

    def some(self) -> str:
        count = self.count
        return f"{self.dice.randint(1, count)}:{self.dice.randint(1, count)}" if count else "1:*"

    def one(self) -> str:
        return str(self.dice.randint(1, self.count)) if self.count else "1:*"

    def uids(self) -> str:
        known = [entry.uid for entry in self.entries if entry.uid]
        return compact(sorted(self.dice.sample(known, min(len(known), self.dice.randint(1, 6))))) or "1:*"

    def commands(self) -> list:
        """What may be said now. Empty sets are said too: they are BAD, and nothing happens."""
        return [*self.by_uid(), *self.by_number()]

    def by_uid(self) -> list:
        k = f"k{self.steps % 3}"
        return [
            "NOOP",
            "CHECK",
            "EXPUNGE",
            self.append,
            self.select,
            "UID FETCH 1:* (FLAGS)",
            f"UID FETCH {self.uids()} (FLAGS BODY[HEADER.FIELDS (SUBJECT)])",
            f"UID STORE {self.uids()} +FLAGS (\\Flagged {k})",
            f"UID STORE {self.uids()} -FLAGS.SILENT (\\Flagged)",
            f"UID STORE {self.uids()} +FLAGS.SILENT (\\Deleted)",
            f"UID EXPUNGE {self.uids()}",
            f"UID MOVE {self.uids()} Work",
            f"UID COPY {self.uids()} Work",
            "UID SEARCH ALL",
        ]

    def by_number(self) -> list:
        k = f"k{self.steps % 3}"
        return [
            f"FETCH {self.some()} (FLAGS)",
            f"FETCH {self.some()} (UID FLAGS)",
            f"FETCH {self.one()} BODY[TEXT]",
            f"STORE {self.some()} +FLAGS (\\Seen {k})",
            f"STORE {self.some()} -FLAGS.SILENT (\\Seen)",
            f"STORE {self.one()} -FLAGS ({k})",
            f"STORE {self.one()} +FLAGS (\\Deleted)",
            f"STORE {self.one()} FLAGS (\\Answered)",
            f"STORE {self.one()} +FLAGS.SILENT ($Junk)",
            f"MOVE {self.one()} Archive",
            f"COPY {self.some()} Work",
            "SEARCH UNSEEN",
        ]

    def append(self) -> None:
        content = letter(self.dice.randrange(10**9))
        self.say(f"APPEND INBOX (k1) {{{len(content)}+}}\r\n{content.decode()}")

    # -- at the end --

    def settle(self) -> None:
        if self.idling:
            self.wake()
        self.say("NOOP")

    def compare(self, fresh: list[Entry]) -> None:
        """What is known is as it is; and nothing is missing."""
        assert len(self.entries) == len(fresh), (type(self).__name__, self.entries, fresh)
        for known, real in zip(self.entries, fresh, strict=True):
            assert known.uid in (None, real.uid)
            assert known.flags is None or known.flags == real.flags, (type(self).__name__, known, real)
            assert known.modseq is None or known.modseq == real.modseq, (type(self).__name__, known, real)


class Conditional(Follower):
    """A client with CONDSTORE: it changes what it knows, and nothing else; whatever changes, it hears the modseq."""

    enables = "CONDSTORE"

    def commands(self) -> list:
        known = max([entry.modseq or 0 for entry in self.entries], default=0)
        since = self.dice.choice([0, known, max(known - 3, 0)])
        return [
            *super().commands(),
            *[f"STORE {self.some()} (UNCHANGEDSINCE {since}) +FLAGS.SILENT ({flag})" for flag in ("\\Seen", "k2")],
            f"UID STORE {self.uids()} (UNCHANGEDSINCE {since}) -FLAGS (\\Seen)",
            f"FETCH {self.some()} (FLAGS MODSEQ)",
            f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {since})",
        ]


class ByUid(Conditional):
    """A client with UIDONLY: it knows UIDs, and how many messages there are (RFC 9586)."""

    enables = "UIDONLY CONDSTORE"

    def select(self) -> None:
        self.known: dict[int, Entry] = {}
        self.total = 0
        super().select()

    @property
    def count(self) -> int:
        return self.total

    def hear(self, line: bytes, command: str) -> None:
        assert not re.match(rb"\* \d+ (FETCH|EXPUNGE)", line), line
        self.total = take_in(line, self.known, self.total)
        self.entries = list(self.known.values())

    def commands(self) -> list:
        return [one for one in super().commands() if not str(one).startswith((*HOLDING, "COPY", "MOVE"))]

    def compare(self, fresh: list[Entry]) -> None:
        assert self.total == len(fresh)
        there = {real.uid: real for real in fresh}
        assert self.known.keys() <= there.keys()
        self.entries = list(self.known.values())
        for known in self.entries:
            real = there[known.uid]
            assert (known.flags or real.flags, known.modseq or real.modseq) == (real.flags, real.modseq), (known, real)


class Resyncing(Conditional):
    """A client with QRESYNC: it is cut off anywhere, and comes back with what it heard until then (RFC 7162 §6)."""

    enables = "QRESYNC"
    validity = 0
    highest = 0

    def _hear_all(self, command: str, lines: list[bytes]) -> bool:
        """RFC 7162 §6: what is known of modseqs counts when a command has ended."""
        if found := re.search(rb"UIDVALIDITY (\d+)", b"".join(lines)):
            self.validity, self.highest = int(found[1]), 0
        said = [int(found[1]) for line in lines if (found := HIGHEST.match(line))]
        seen = [int(found[1]) for line in lines if b"FETCH" in line and (found := MODSEQ.search(line))]
        self.highest = said[-1] if said else max([self.highest, *seen])
        return super()._hear_all(command, lines)

    def vanished(self, uids: list[int], *, earlier: bool, command: str) -> None:
        assert not command.startswith(HOLDING), command
        for uid in uids:
            at = next((n for n, entry in enumerate(self.entries) if entry.uid == uid), None)
            if earlier:
                assert at is None, "what is in the view did not vanish before"
            else:
                del self.entries[self._unknown(uid) if at is None else at]

    def _unknown(self, uid: int) -> int:
        """Where a message stands that we know of, and not its UID: behind all that have lower ones."""
        lower = max((n for n, entry in enumerate(self.entries) if entry.uid and entry.uid < uid), default=-1)
        assert self.entries[lower + 1].uid is None, "VANISHED names what we were told of"
        return lower + 1

    def commands(self) -> list:
        vanished = f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {self.highest} VANISHED)"
        return [*super().commands(), vanished, *[self.come_back] * 4, *[self.cut_off] * 2]

    def cut_off(self) -> None:
        """The connection breaks after a few lines of an answer."""
        self.client.send(f"x STORE {self.one()} +FLAGS (k0)\r\n".encode())
        for _ in range(self.dice.randint(0, 3)):
            if (line := self.client.read()).startswith(b"x "):
                break
            self.hear(line, "STORE")
        self.come_back()

    def come_back(self) -> None:
        """A new connection; what is known of the mailbox is brought up to date with one command, and what is new is asked for."""
        self.resyncs += 1
        self.steps += 3
        self.client.close()
        self.client = self.connect().login()
        self.client.ok(f"ENABLE {self.enables}")
        known = {entry.uid: entry for entry in self.entries if entry.uid}
        first_unknown = next((n for n, entry in enumerate(self.entries) if entry.uid is None), len(self.entries))
        lowest = self.entries[first_unknown - 1].uid if first_unknown else 0
        lines = self.client.say(f"SELECT INBOX (QRESYNC ({self.validity} {self.highest}{self._knows()}))")
        assert b" OK" in lines[-1], lines
        self.highest = [int(found[1]) for line in lines if (found := HIGHEST.match(line))][-1]
        lines += self.client.say(f"UID FETCH {lowest + 1}:* (UID FLAGS MODSEQ)")
        total = 0
        for line in lines:
            total = take_in(line, known, total)
        assert len(known) <= total, ("what is gone was not all told", sorted(known), total, lines)
        self.entries = [*(known[uid] for uid in sorted(known)), *(Entry() for _ in range(total - len(known)))]

    def _knows(self) -> str:
        """Known UIDs, and where they stood among all messages, be their UIDs known or not."""
        pairs = [(number, entry.uid) for number, entry in enumerate(self.entries, 1) if entry.uid]
        if not pairs or self.dice.random() < 0.3:
            return ""
        numbers, uids = (compact(one) for one in zip(*pairs, strict=True))
        return f" {uids} ({numbers} {uids})" if self.dice.random() < 0.5 else f" {uids}"


def take_in(line: bytes, known: dict[int, Entry], total: int) -> int:
    """What a client that thinks in UIDs learns of a line; how many messages there are then."""
    if match := VANISHED.match(line):
        for uid in members(match[2]):
            known.pop(uid, None)
        return total - (0 if match[1] else len(members(match[2])))
    if not (match := NUMBER.match(line)):
        return total
    if match[2] == b"EXISTS":
        assert int(match[1]) >= total
        return int(match[1])
    if match[2] in (b"FETCH", b"UIDFETCH"):
        uid = int(match[1]) if match[2] == b"UIDFETCH" else int(UID.search(match[3])[1])  # type: ignore[index]
        learn(known.setdefault(uid, Entry(uid)), match[3])
    return total


def learn(entry: Entry, items: bytes) -> None:
    if flags := FLAGS.search(items):
        entry.flags = set(flags[1].split())
    if modseq := MODSEQ.search(items):
        entry.modseq = int(modseq[1])
