"""Each client's view, kept from untagged responses alone, equals what the mailbox holds: sequence numbers never lie."""

from __future__ import annotations

import os
import random
import re

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, placement, selected
from mailsuite.mailstore.models import Membership, Message
from mailsuite.protocol.imap import responses
from tests.imapd.conftest import Client, Connect, deliver, letter, mailbox

EXISTS, EXPUNGE = re.compile(rb"\* (\d+) EXISTS"), re.compile(rb"\* (\d+) EXPUNGE")
FETCH = re.compile(rb"\* (\d+) FETCH \((.*)\)", re.DOTALL)
SILENT = re.compile(r"STORE (\d+):?(\d+)? ([+-])FLAGS.SILENT \((.*)\)")
FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")


SEEDS = int(os.environ.get("MAILSUITE_SEEDS", "6"))  # more of them find what is rare


class View:
    """What a client can know: a list of UIDs (None: not known yet) and of flags."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.uids: list[int | None] = []
        self.flags: list[set[bytes] | None] = []
        self.say("SELECT INBOX")

    def say(self, command: str) -> bool:
        lines = self.client.say(command)
        if (silent := SILENT.match(command)) and b" OK" in lines[-1][:12]:
            self._reckon(*silent.groups())
        for line in lines:
            self._heard(line)
        return b" OK" in lines[-1][:12]

    def compare(self, held: dict[int, set[bytes]]) -> None:
        """No message that is still there has other flags than the client knows. held: flags by UID."""
        for uid, flags in zip(self.uids, self.flags, strict=True):
            assert None in (uid, flags) or held.get(uid, flags) == flags, uid

    def _reckon(self, first: str, last: str | None, sign: str, named: str) -> None:
        """We are not told what became of our own change: that is what we asked for."""
        low, high = sorted((int(first), int(last or first)))
        for flags in self.flags[low - 1 : high]:
            if flags is not None:
                (flags.add if sign == "+" else flags.discard)(named.encode())

    def _heard(self, line: bytes) -> None:
        if match := EXISTS.match(line):
            more = int(match[1]) - len(self.uids)
            assert more >= 0, "EXISTS never takes messages away"
            self.uids += [None] * more
            self.flags += [None] * more
        elif match := EXPUNGE.match(line):
            del self.uids[int(match[1]) - 1], self.flags[int(match[1]) - 1]
        elif match := FETCH.match(line):
            self._fetched(int(match[1]) - 1, match[2])

    def _fetched(self, index: int, items: bytes) -> None:
        if uid := re.search(rb"UID (\d+)", items):
            assert self.uids[index] in (None, int(uid[1])), "a number names one message until EXPUNGE says otherwise"
            self.uids[index] = int(uid[1])
        if flags := FLAGS.search(items):
            self.flags[index] = set(flags[1].split())


def inbox(alice: Account) -> dict[int, set[bytes]]:
    rows = selected.rows_between(mailbox(alice, "INBOX").pk, 1, 1_000_000, ("uid", "marks"))
    return {uid: set(responses.flags(*selected.split_marks(marks))[1:-1].split()) for uid, marks in rows}


def act(dice: random.Random, view: View, alice: Account, n: int) -> None:
    count = len(view.uids)
    some = f"{dice.randint(1, count)}:{dice.randint(1, count)}" if count else "1:*"
    one = dice.randint(1, count) if count else 0
    commands = [
        "NOOP",
        f"FETCH {some} (FLAGS)",
        f"FETCH {some} (UID FLAGS)",
        "UID FETCH 1:* (FLAGS)",
        f"FETCH {one or '1:*'} BODY[TEXT]",
        f"STORE {some} +FLAGS (\\Seen k{n % 3})",
        f"STORE {some} -FLAGS.SILENT (\\Seen)",
        f"STORE {one or '1:*'} +FLAGS (\\Deleted)",
        f"STORE {one or '1:*'} +FLAGS.SILENT (\\Deleted)",
        "EXPUNGE",
        "UID EXPUNGE 1:40",
        "SEARCH ALL",
        f"COPY {some} Work",
        f"MOVE {one or '1:*'} Work",
        f"UID MOVE {dice.randint(1, 60)} Archive",
        "CHECK",
    ]
    chosen = dice.randrange(len(commands) + 3)
    if chosen < len(commands):
        if view.say(commands[chosen]):  # a command that ends well tells all there is to tell, but for EXPUNGE
            view.compare(inbox(alice))
    elif chosen == len(commands):
        deliver(alice, letter(1_000 + n))
    elif chosen == len(commands) + 1:
        held = list(Membership.objects.filter(mailbox=mailbox(alice, "Work")).values_list("uid", flat=True))
        placement.move(mailbox(alice, "Work"), held[:2], mailbox(alice, "INBOX"))
    else:
        threads = Message.objects.filter(account=alice).order_by("pk").values_list("thread_id", flat=True)
        actions.star(alice.pk, [dice.choice(threads)])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_two_random_clients_and_the_web_never_disagree(seed: int, alice: Account, connect: Connect) -> None:
    dice = random.Random(seed)
    deliver(alice, *(letter(n) for n in range(1, 21)))
    views = [View(connect().login()) for _ in range(2)]
    views[0].say("CREATE Work")
    views[seed % 2].say("ENABLE CONDSTORE")
    for view in views:
        view.say("FETCH 1:* (UID FLAGS)")
    for n in range(80):
        act(dice, dice.choice(views), alice, n)
    for view in views:
        view.say("NOOP")
        fresh = View(connect().login())
        fresh.say("FETCH 1:* (UID FLAGS)")
        assert len(view.uids) == len(fresh.uids)
        for known, uid in zip(view.uids, fresh.uids, strict=True):
            assert known in (None, uid)
        for known, flags in zip(view.flags, fresh.flags, strict=True):
            assert known is None or known == flags
