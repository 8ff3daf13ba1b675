"""Everything that happens by the clock, on one page; `clock` runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.utils.timezone import now

from mailsuite import maillog, wakeup
from mailsuite.accounts import outside, vacation
from mailsuite.blobs import store
from mailsuite.delivery import scheduled
from mailsuite.images import cache as images
from mailsuite.mailstore import drafts, purge, snooze, uploads
from mailsuite.queue import lease
from mailsuite.queue import upkeep as queue_upkeep

WAKING = 15  # seconds: what was put off comes back within the minute that was named
BLOB_GRACE = 24 * 3600  # seconds: longer than any upload or transaction takes


@dataclass(frozen=True, slots=True)
class Entry:
    """What is done every so many seconds. It is written so that doing it twice, or on two hosts at once, does no harm."""

    name: str
    every: float
    work: Callable[[], object]


def entries() -> list[Entry]:
    """The timetable."""
    return [
        Entry("sweep", settings.SWEEP_INTERVAL, sweep),
        Entry("wake", WAKING, snooze.wake),
        Entry("upkeep", 3600, upkeep),
    ]


def sweep() -> None:
    """Bring back what is due again, and ring for all that is due: for the bells that nobody heard."""
    moment = now()
    scheduled.look_again(moment)
    lease.reclaim(moment)
    for local, task in ((True, "deliver_local"), (False, "deliver_remote")):
        if lease.due(local=local, now=now()):
            wakeup.ring(task)


def upkeep() -> None:
    """Forget settled mail after a week, old Trash and Spam, ended sessions, images of the web after a month, and after a day what
    was uploaded and not used, and bytes that nobody refers to."""
    envelopes = queue_upkeep.purge(now())
    mail = purge.purge(now())
    unused = uploads.sweep(now())
    drafts.forget_gone(now())
    vacation.forget(now())
    outside.forget(now())
    call_command("clearsessions")
    blobs, pictures = store.sweep(BLOB_GRACE), images.sweep()
    if envelopes or unused or blobs or pictures or any(astuple(mail)):
        maillog.event("upkeep", envelopes=envelopes, uploads=unused, blobs=blobs, images=pictures, **asdict(mail))


def unheard(local: bool) -> bool:
    """Is something due that no bell brings to a worker? Without a broker, all; else what waits longer than it ever should."""
    if not lease.due(local=local, now=now()):
        return False
    return not wakeup.reachable() or lease.due(local=local, now=now() - timedelta(seconds=3 * settings.SWEEP_INTERVAL))
