"""The loop that serves all other hosts: slow ones hinder nobody, and every outcome is settled as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from mailsuite.bridge import in_db
from mailsuite.delivery import attempt
from mailsuite.delivery.route import Letter, Outcome, Remote
from mailsuite.protocol.reply import Reply
from mailsuite.queue import inspect, lease
from mailsuite.queue.models import Attempt, Envelope, Recipient
from tests.queued import account, queued, states

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = {"ok": Reply(250, "2.0.0", "taken"), "later": Reply(451, "4.7.1", "not now"), "no": Reply(550, "5.1.1", "nobody")}


class World:
    """Other hosts, as `remote.deliver` meets them: the local part says what is answered, `slow` hosts wait for `release`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.release = asyncio.Event()
        self.busy = self.most_busy = 0

    async def deliver(self, hop: Remote, letters: Sequence[Letter]) -> AsyncIterator[Sequence[Outcome]]:
        self.calls.append((hop.domain, sum(len(letter.recipients) for letter in letters)))
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            for letter in letters:
                if hop.domain.startswith("slow"):
                    await self.release.wait()
                if hop.domain.startswith("poison"):
                    raise ValueError("cannot be spoken to")
                yield [self.outcome(row) for row in letter.recipients]
        finally:
            self.busy -= 1

    def outcome(self, row: Recipient) -> Outcome:
        return Outcome(row, ANSWERS[row.address.partition("@")[0].rstrip("0123456789")], "mx [192.0.2.1]")


async def run(world: World) -> int:
    return await attempt.remote("me", world.deliver, lambda: True)


async def test_each_outcome_is_settled_and_a_failure_is_bounced() -> None:
    await in_db(account)
    await in_db(queued, "ok@x.example", "later@x.example", "no@x.example", reverse_path="alice@example.org")
    assert await run(World()) == 3
    assert await in_db(states) == ["delivered", "due", "failed", "due"]
    assert await in_db(Attempt.objects.count) == 3
    assert (await in_db(Envelope.objects.last)).origin == "report"


async def test_leases_go_on_being_renewed_after_the_database_was_busy(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    settings.LEASE_SECONDS = 0.03
    world, asked = World(), []
    await in_db(queued, "ok@slow.example")

    def renew(*_: object) -> None:
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError("database is locked")
        world.release.set()

    monkeypatch.setattr(lease, "renew", renew)
    assert await asyncio.wait_for(run(world), 60) == 1
    assert await in_db(states) == ["delivered"]


async def test_recipients_of_one_domain_share_a_conversation() -> None:
    for number in range(5):
        await in_db(queued, f"ok{number}@x.example", f"ok{number}@y.example")
    world = World()
    await run(world)
    assert sorted(world.calls) == [("x.example", 5), ("y.example", 5)]


async def test_a_slow_host_hinders_nobody() -> None:
    world = World()
    await in_db(queued, *[f"ok{n}@slow{n}.example" for n in range(5)])
    running = asyncio.create_task(run(world))
    await in_db(queued, *[f"ok{n}@quick.example" for n in range(5)])
    while (await in_db(inspect.counts))["delivered"] < 5:
        await asyncio.sleep(0.02)
    world.release.set()
    assert await running == 10
    assert set(await in_db(states)) == {"delivered"}


async def test_no_more_conversations_than_allowed(settings: object) -> None:
    settings.REMOTE_CONNECTIONS = 4
    world = World()
    await in_db(queued, *[f"ok{n}@slow{n}.example" for n in range(12)])
    running = asyncio.create_task(run(world))
    await asyncio.sleep(0.3)
    world.release.set()
    await running
    assert world.most_busy == 4
    assert set(await in_db(states)) == {"delivered"}


async def test_what_our_client_stumbles_over_is_set_aside_at_the_third_time_and_the_rest_goes_on() -> None:
    await in_db(queued, "ok@poison.example", "ok@x.example")
    for _ in range(3):
        await in_db(lambda: Recipient.objects.filter(state="due").update(next_attempt_at=now()))
        await run(World())
    assert await in_db(states) == ["held", "delivered"]


async def test_when_told_to_stop_it_gives_back_what_it_had_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "DRAIN", 0.2)
    await in_db(queued, "ok@slow.example")
    going = True
    world = World()
    running = asyncio.create_task(attempt.remote("me", world.deliver, lambda: going))
    while not world.calls:
        await asyncio.sleep(0.02)
    going = False
    await running
    row = await in_db(Recipient.objects.get)
    assert (row.state, row.attempts, row.crashes) == ("due", 0, 0)


async def test_an_address_that_became_ours_is_delivered_here() -> None:
    alice = await in_db(account)
    await in_db(queued, "alice@example.org", "nobody@example.org", reverse_path="")
    await run(World())
    rows = await in_db(lambda: list(Recipient.objects.order_by("pk")))
    assert [(row.account_id, row.state) for row in rows] == [(alice.pk, "due"), (None, "failed")]
    assert await in_db(attempt.local_batch, "me") == 1
