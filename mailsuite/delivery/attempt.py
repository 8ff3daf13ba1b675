"""Attempt what is due: batches into mailboxes, and many conversations with other hosts at once.

`remote` is one loop for all destinations. It leases, groups by next hop, and keeps leasing while slow hosts talk, so that
nobody waits for somebody else's trouble. Outcomes are settled message by message, as soon as the other host has spoken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import OperationalError, transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.bridge import GroupCommit, in_db
from mailsuite.delivery import bounce, trouble
from mailsuite.delivery import local as mailboxes
from mailsuite.delivery.route import Letter, Local, Nowhere, Outcome, Remote, letters, next_hop
from mailsuite.queue import lease, settle
from mailsuite.queue.models import Recipient

BATCH = 100  # recipients leased at a time
# So many at once are a flood: a larger batch then costs each message far less, and leaves the writer's turn to the doors.
FLOOD = 5
GATHER = 0.1  # seconds between two leases of a flood
MOST_OPEN = 1_000  # recipients leased and not settled: beyond this, the network is the bottleneck
A_HOP = 3  # conversations with one next hop at once
DRAIN = 10.0  # seconds that conversations under way may take when we are to stop
SETTLE_PAUSES = (1, 5, 15)  # seconds: what another host accepted must not be sent twice because our database was busy

# Speaks SMTP with a next hop (`delivery.remote.deliver`): yields outcomes as soon as a letter's fate is known.
Client = Callable[[Remote, Sequence[Letter]], AsyncIterator[Sequence[Outcome]]]


def local_batch(owner: str) -> int:
    """Lease a batch for mailboxes and deliver it; returns how many were leased, 0 where nothing was due."""
    recipients = lease.take(owner, local=True, limit=BATCH, now=now())
    if recipients:
        mailboxes.deliver(owner, recipients)
    return len(recipients)


def local(owner: str, keep_going: Callable[[], bool]) -> bool:
    """Deliver into mailboxes until nothing is due, or `keep_going` says stop; True where it was stopped.

    One run at a time for each owner: what it still holds when a run begins, an earlier run left behind.
    """
    lease.resume(owner, local=True, now=now())
    while keep_going():
        began = time.monotonic()
        count = local_batch(owner)
        if not count:
            return False
        if FLOOD <= count < BATCH:
            time.sleep(max(0.0, began + GATHER - time.monotonic()))
    return True


async def remote(owner: str, client: Client, keep_going: Callable[[], bool]) -> int:
    """Deliver to other hosts until nothing is due, or `keep_going` says stop; returns how many recipients were tried.

    One run at a time for each owner, as with `local`.
    """
    await in_db(lease.resume, owner, local=False, now=now())
    return await _Round(owner, client, keep_going).run()


class _Round:
    """The state of one run of `remote`."""

    def __init__(self, owner: str, client: Client, keep_going: Callable[[], bool]) -> None:
        self._owner, self._client, self._keep_going = owner, client, keep_going
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: dict[int, Recipient] = {}  # leased, not settled
        self._slots = asyncio.Semaphore(settings.REMOTE_CONNECTIONS)
        self._hops: dict[Remote, asyncio.Semaphore] = {}
        self._settle = GroupCommit(_settle_many)
        self._tried = 0

    async def run(self) -> int:
        renewing = asyncio.create_task(self._renew())
        try:
            while self._keep_going():
                leased = await self._lease() if len(self._open) < MOST_OPEN else 0
                if not leased and not self._tasks:
                    break
                if not leased:
                    await asyncio.wait(self._tasks, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=DRAIN)
        finally:
            renewing.cancel()
            await self._cancel()
        return self._tried

    async def _lease(self) -> int:
        recipients, hops = await in_db(_take, self._owner)
        groups: dict[Local | Remote | Nowhere, list[Recipient]] = {}
        for recipient, hop in zip(recipients, hops, strict=True):
            self._open[recipient.pk] = recipient
            groups.setdefault(hop, []).append(recipient)
        for hop, rows in groups.items():
            task = asyncio.create_task(self._attempt(hop, rows))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._tried += len(recipients)
        return len(recipients)

    async def _attempt(self, hop: Local | Remote | Nowhere, recipients: list[Recipient]) -> None:
        """Try one batch for one next hop. What our own code stumbles over is counted, and at the third time set aside."""
        try:
            if isinstance(hop, Remote):
                async with self._hops.setdefault(hop, asyncio.Semaphore(A_HOP)), self._slots:
                    async for outcomes in self._client(hop, letters(recipients)):
                        await self._settled(outcomes)
            elif isinstance(hop, Nowhere):
                await self._settled([Outcome(recipient, hop.reply) for recipient in recipients])
            else:
                await in_db(_move_to_local, recipients, hop.account_id)
                self._forget(recipients)
        except Exception as error:
            await self._stumbled(recipients, error)

    async def _settled(self, outcomes: Sequence[Outcome]) -> None:
        for pause in (*SETTLE_PAUSES, None):
            try:
                await self._settle(outcomes)
                break
            except OperationalError:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        self._forget([outcome.recipient for outcome in outcomes])

    async def _stumbled(self, recipients: Sequence[Recipient], error: Exception) -> None:
        unsettled = [row for row in recipients if row.pk in self._open]
        reason = f"{type(error).__name__}: {error}"
        if trouble.is_machines(error):  # they stay in `_open`, and are given back when the round ends
            maillog.problem("interrupted", recipients=len(unsettled), reason=reason)
            return
        for row in unsettled:
            maillog.problem("crashed", envelope=row.envelope_id, recipient=row.pk, address=row.address, reason=reason)
        await in_db(lease.crashed, unsettled, reason, now())
        self._forget(unsettled)

    def _forget(self, recipients: Sequence[Recipient]) -> None:
        for recipient in recipients:
            self._open.pop(recipient.pk, None)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(settings.LEASE_SECONDS / 3)
            try:
                await in_db(lease.renew, self._owner, list(self._open.values()), now())
            except DatabaseTrouble as error:  # the next time comes before the leases run out
                maillog.problem("leases-not-renewed", recipients=len(self._open), reason=str(error))

    async def _cancel(self) -> None:
        """Break off what is still under way, and give back what has no outcome."""
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        if self._open:
            await in_db(lease.give_back, self._owner, list(self._open.values()), now())


def _take(owner: str) -> tuple[list[Recipient], list[Local | Remote | Nowhere]]:
    recipients = lease.take(owner, local=False, limit=BATCH, now=now())
    return recipients, [next_hop(recipient) for recipient in recipients]


def _move_to_local(recipients: Sequence[Recipient], account_id: int) -> None:
    """The address became ours while it waited: it goes on as local delivery."""
    Recipient.objects.filter(pk__in=[row.pk for row in recipients], state=Recipient.State.LEASED).update(
        account_id=account_id, state=Recipient.State.DUE, next_attempt_at=now(), lease_owner="", lease_expires_at=None
    )


def _settle_many(groups: Sequence[Sequence[Outcome]]) -> Sequence[None]:
    """Settle what several hosts said, with the reports that follow, in the caller's transaction."""
    moment = now()
    notices: list[settle.Notice] = []
    for outcomes in groups:
        for outcome in outcomes:
            notices += _settle_one(outcome, moment)
    bounce.notify(notices, moment)
    return [None] * len(groups)


def _settle_one(outcome: Outcome, moment: datetime) -> list[settle.Notice]:
    heard = settle.Heard(outcome.host, outcome.tls, outcome.dsn) if outcome.host else None
    if outcome.reply.positive:
        transaction.on_commit(lambda: settle.log_delivered([outcome.recipient], outcome.reply, heard), robust=True)
        return settle.delivered([outcome.recipient], outcome.reply, moment, heard=heard)
    end = settle.failed if outcome.reply.permanent else settle.deferred
    return end(outcome.recipient, outcome.reply, moment, heard=heard)
