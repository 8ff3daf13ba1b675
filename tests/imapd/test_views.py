"""Each client's view, kept from untagged responses alone, equals what the mailbox holds: sequence numbers never lie.

MAILSUITE_SEEDS: how many short runs (more of them find what is rare); MAILSUITE_SOAK_SECONDS: how long the long one is.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils.timezone import now

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes, placement, purge, selected
from mailsuite.mailstore.models import AccountState, Membership, Message
from mailsuite.protocol.imap import responses
from tests.imapd.conftest import Connect, RunningServer, deliver, letter, mailbox
from tests.imapd.followers import ByUid, Conditional, Entry, Follower, Resyncing

SEEDS = int(os.environ.get("MAILSUITE_SEEDS", "4"))
SOAK_SECONDS = int(os.environ.get("MAILSUITE_SOAK_SECONDS", "600"))
KINDS = (Follower, Conditional, Resyncing, ByUid)
ACTS = ("star", "unstar", "mark_read", "mark_unread", "archive", "to_inbox")


class Web:
    """What happens beside mail programs: mail arrives, members act in the browser, old changes are forgotten."""

    def __init__(self, alice: Account, dice: random.Random) -> None:
        self.alice, self.dice, self.acts = alice, dice, 0

    def act(self) -> None:
        self.acts += 1
        self.dice.choice([self._deliver, self._deliver, self._member, self._member, self._move_back, self._forget])()

    def _deliver(self) -> None:
        deliver(self.alice, *(letter(self.dice.randrange(10**9)) for _ in range(self.dice.randint(1, 3))))

    def _member(self) -> None:
        threads = list(Message.objects.filter(account=self.alice).order_by("-pk").values_list("thread_id", flat=True)[:40])
        actions.do(self.alice.pk, self.dice.choice(ACTS), self.dice.sample(threads, min(len(threads), 2)))

    def _move_back(self) -> None:
        held = list(Membership.objects.filter(mailbox=mailbox(self.alice, "Work")).values_list("uid", flat=True)[:2])
        placement.move(mailbox(self.alice, "Work"), held, mailbox(self.alice, "INBOX"))

    def _forget(self) -> None:
        if self.dice.random() < 0.3:
            purge._old_changes(now() + timedelta(days=1_000))


def held(alice: Account) -> list[Entry]:
    """INBOX as it is."""
    rows = selected.rows_between(mailbox(alice, "INBOX").pk, 1, 2**32 - 1, ("uid", "marks", "modseq"))
    return [Entry(uid, set(responses.flags(*selected.split_marks(marks))[1:-1].split()), modseq) for uid, marks, modseq in rows]


def check(followers: list[Follower], connect: Connect, alice: Account) -> None:
    """All clients are told all there is, and then know the same, be it that one looks for the first time."""
    for follower in followers:
        follower.settle()
    real = held(alice)
    fresh = Conditional(connect, random.Random(0))
    fresh.say("FETCH 1:* (UID FLAGS MODSEQ)")
    fresh.client.close()
    for follower in [*followers, fresh]:
        follower.compare(real)
    assert None not in [value for entry in fresh.entries for value in (entry.uid, entry.flags, entry.modseq)]
    assert (
        AccountState.objects.get(pk=alice.pk).modseq
        >= mailbox(alice, "INBOX").modseq
        >= max([one.modseq or 0 for one in real], default=0)
    )


def settled(alice: Account) -> None:
    """So few messages that a run stays quick, and enough to act on."""
    deliver(alice, *(letter(n) for n in range(1, 21)))
    mailboxes.create(alice.pk, "Work")


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kinds", [KINDS[:2], KINDS], ids=["two", "four"])
def test_random_clients_and_the_web_never_disagree(kinds: tuple, seed: int, alice: Account, connect: Connect) -> None:
    dice = random.Random(seed)
    settled(alice)
    followers = [kind(connect, dice) for kind in kinds]
    for _ in range(3):
        for _ in range(40):
            dice.choice([*followers, Web(alice, dice)]).act()
        check(followers, connect, alice)


@pytest.mark.system
@pytest.mark.timeout(SOAK_SECONDS * 2 + 300)
def test_clients_that_act_at_once_never_disagree(alice: Account, connect: Connect, server: RunningServer) -> None:
    """Four clients and the web, each in a thread of its own, for ten minutes; every few seconds all stand still and compare."""
    seed = int(os.environ.get("MAILSUITE_SEED", time.time()))
    settled(alice)
    server.door.limits.by_account = server.door.limits.by_address = 10**9
    followers = [kind(connect, random.Random(f"{seed}{kind}")) for kind in KINDS]
    web, counts, ends = Web(alice, random.Random(seed)), Counter[str](), time.monotonic() + SOAK_SECONDS
    with ThreadPoolExecutor(len(followers) + 1) as threads:
        while time.monotonic() < ends:
            work = [threads.submit(_act, actor, 30) for actor in followers] + [threads.submit(_act, web, 10)]
            for one in work:
                one.result()
            check(followers, connect, alice)
            counts["comparisons"] += 1
            _level(alice)
    counts.update({type(one).__name__: one.steps for one in followers}, web=web.acts)
    counts["resyncs"] = sum(one.resyncs for one in followers)
    print(f"seed {seed}: {dict(counts)}, INBOX up to UID {mailbox(alice, 'INBOX').uidnext - 1}")


def _act(actor: Follower | Web, times: int) -> None:
    try:
        for _ in range(times):
            actor.act()
    finally:
        connections.close_all()


def _level(alice: Account) -> None:
    """A mailbox that only grew would make each round slower than the one before, and in an empty one nothing happens."""
    uids = [entry.uid or 0 for entry in held(alice)]
    placement.move(mailbox(alice, "INBOX"), uids[: max(len(uids) - 60, 0)], mailbox(alice, "Trash"))
    if len(uids) < 20:
        deliver(alice, *(letter(n) for n in range(20)))
