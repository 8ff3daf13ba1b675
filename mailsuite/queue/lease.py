"""Hold recipients for a while, so that one worker alone tries them; a worker that dies loses its hold and no mail.

`take` writes the count of attempts and the time of the next one before the attempt is made. What was held by a worker that died
comes back, and is suspected: it may be what killed him. The last time a suspect is tried with no other suspect beside it, so that
who has been there at three deaths is most likely guilty. It may still be innocent, where something else kills workers as often as
they start, so it is tried again after a minute and after an hour; at the fifth death it is set aside, its bytes kept, and never a
whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from mailsuite import maillog
from mailsuite.bridge import writing
from mailsuite.queue import owner as owners
from mailsuite.queue import schedule
from mailsuite.queue.intake import ring_for
from mailsuite.queue.models import Recipient

State = Recipient.State
MOST_CRASHES = 3
MOST_DEATHS = 5
PAUSES = {3: timedelta(minutes=1), 4: timedelta(hours=1)}  # after that death, until the next try
# From how many crashes on a recipient is tried without other suspects: mailboxes are served one after the other anyway; with
# other hosts many conversations go on at once, and only a last try is worth being alone.
ALONE_LOCAL = 1
ALONE_REMOTE = 2
SET_ASIDE = "Set aside: {} attempts to deliver it ended without a word. Its bytes are kept."


def take(owner: str, *, local: bool, limit: int, now: datetime, seconds: int | None = None) -> list[Recipient]:
    """Lease up to `limit` recipients that are due, the longest due first, with envelope and blob loaded.

    local: those with an account of ours, else those for other hosts. seconds: how long the lease lasts, LEASE_SECONDS if None.
    Returns [] where nothing is due, or only what must wait for another suspect.
    """
    if not due(local=local, now=now):
        return []
    with writing():
        ids = _claim(owner, _candidates(owner, local, limit, now), now, seconds or settings.LEASE_SECONDS)
    found = Recipient.objects.select_related("envelope__blob__packed").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def due(*, local: bool, now: datetime) -> bool:
    """Is anything due? A read, so that workers with nothing to do never ask for SQLite's one pen."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_due_sql('id', local)} LIMIT 1", [_moment(now)])
        return cursor.fetchone() is not None


def _due_sql(columns: str, local: bool, more: str = "") -> str:
    """Literals, not parameters: only then do both databases see that a partial index answers; SQLite must be told even so."""
    index, account = ("queue_due_local", "IS NOT NULL") if local else ("queue_due_remote", "IS NULL")
    hint = f" INDEXED BY {index}" if connection.vendor == "sqlite" else ""
    return (
        f"SELECT {columns} FROM queue_recipient{hint} WHERE state = 'due' AND account_id {account}"  # noqa: S608
        f" AND next_attempt_at <= %s{more} ORDER BY next_attempt_at, id"
    )


def _candidates(owner: str, local: bool, limit: int, now: datetime) -> list[tuple[int, int]]:
    """(id, attempts) of rows to lease, locked on PostgreSQL until the transaction ends; SQLite lets one writer in anyway.

    If the longest due is to be tried without other suspects, it comes alone, unless the owner is at such a one already.
    """
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    alone = ALONE_LOCAL if local else ALONE_REMOTE
    with connection.cursor() as cursor:
        cursor.execute(f"{_due_sql('id, attempts, crashes', local)} LIMIT 1{lock}", [_moment(now)])
        first = cursor.fetchone()
        if first and first[2] >= alone and not _at_a_suspect(owner, alone):
            return [first[:2]]
        trusted = _due_sql("id, attempts", local, f" AND crashes < {alone}")
        cursor.execute(f"{trusted} LIMIT %s{lock}", [_moment(now), limit])
        return cursor.fetchall()


def _at_a_suspect(owner: str, alone: int) -> bool:
    return Recipient.objects.filter(state=State.LEASED, lease_owner=owner, crashes__gte=alone).exists()


def _claim(owner: str, candidates: list[tuple[int, int]], now: datetime, seconds: int) -> list[int]:
    """Lease the rows that are still due; one statement for all with the same number of attempts."""
    groups: dict[int, list[int]] = {}
    for pk, attempts in candidates:
        groups.setdefault(attempts, []).append(pk)
    for attempts, ids in groups.items():
        Recipient.objects.filter(pk__in=ids, state=State.DUE).update(
            state=State.LEASED,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=seconds),
            attempts=attempts + 1,
            next_attempt_at=now + schedule.delay(attempts + 1, ids[0]),
        )
    return [pk for pk, _ in candidates]


def _moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def held_by(owner: str, recipients: Iterable[Recipient]) -> Any:
    """The rows of these recipients that this owner still holds, as a query to update."""
    return Recipient.objects.filter(pk__in=[row.pk for row in recipients], state=State.LEASED, lease_owner=owner)


def renew(owner: str, recipients: Iterable[Recipient], now: datetime, seconds: int | None = None) -> int:
    """Hold them longer, from now; returns how many this owner still held."""
    expires = now + timedelta(seconds=seconds or settings.LEASE_SECONDS)
    return held_by(owner, recipients).update(lease_expires_at=expires)


def give_back(owner: str, recipients: Iterable[Recipient], now: datetime) -> int:
    """Return what was not tried: due at once, and the attempt does not count. For a worker that stops, or lost its database."""
    return held_by(owner, recipients).update(
        state=State.DUE, lease_owner="", lease_expires_at=None, next_attempt_at=now, attempts=F("attempts") - 1
    )


def resume(owner: str, *, local: bool, now: datetime) -> int:
    """Give back what this owner still holds of one kind: a run of it that ended badly. Call it where a new run begins."""
    mine = Recipient.objects.filter(state=State.LEASED, lease_owner=owner, account__isnull=not local)
    return give_back(owner, list(mine.only("pk")), now) if mine.exists() else 0


def crashed(recipients: Sequence[Recipient], reason: str, now: datetime) -> None:
    """Our handler raised. They come back at the time that `take` wrote; the third time they are set aside."""
    with transaction.atomic():
        _count_crash(Q(pk__in=[row.pk for row in recipients]), reason, most=MOST_CRASHES)


def reclaim(now: datetime) -> int:
    """Bring back what is ours to try again: leases that ran out, leases of workers that died here, and holds whose time came.

    Reads first and writes only where there is something; returns how many rows became due or were set aside.
    """
    holds = Recipient.objects.filter(state=State.HELD, hold_until__lte=now)
    leased = Recipient.objects.filter(state=State.LEASED)
    dead = [name for name in leased.values_list("lease_owner", flat=True).distinct() if not owners.alive(name)]
    lost = Q(lease_expires_at__lte=now) | Q(lease_owner__in=dead)
    if not holds.exists() and not leased.filter(lost).exists():
        return 0
    with transaction.atomic():
        freed = holds.update(state=State.DUE, next_attempt_at=now)
        # Due again at once: most of a lost batch is innocent, and what is guilty is set aside before it can go on for ever.
        leased.filter(lost).update(next_attempt_at=now)
        for crashes, pause in PAUSES.items():
            leased.filter(lost, crashes=crashes - 1).update(next_attempt_at=now + pause)
        freed += _count_crash(lost, "the worker died or did not come back", most=MOST_DEATHS)
        ring_for(Recipient.objects.filter(state=State.DUE, next_attempt_at__lte=now).only("account_id")[:1000])
    return freed


def _count_crash(which: Q, reason: str, most: int) -> int:
    leased = Recipient.objects.filter(which, state=State.LEASED)
    last = leased.filter(crashes__gte=most - 1)
    for pk, address, envelope in last.values_list("pk", "address", "envelope_id"):
        maillog.problem("set-aside", envelope=envelope, recipient=pk, address=address, crashes=most, reason=reason)
    free = {"lease_owner": "", "lease_expires_at": None, "crashes": F("crashes") + 1}
    words = f"{SET_ASIDE.format(most)} Last: {reason}"[:2000]
    ended = last.update(state=State.HELD, hold_until=None, last_reply=words, **free)
    return ended + leased.update(state=State.DUE, last_reply=reason[:2000], **free)
