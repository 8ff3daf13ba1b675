"""One counter orders the changes of an account: take the next value, tell watchers after the commit, ask what is new since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.timezone import now

from mailsuite import wakeup
from mailsuite.bulk import insert_many
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Message, Thread, email_id


class _Turn:
    """The modseqs that a transaction took. It waits among the commit hooks: a rollback throws it away, a commit publishes it."""

    def __init__(self, modseqs: dict[int, int]) -> None:
        self.modseqs = modseqs
        self._savepoints = list(connection.savepoint_ids)

    def __call__(self) -> None:
        wakeup.publish(self.modseqs)

    def is_of_now(self) -> bool:
        """Whether the transaction that took them is the one that is open.

        Where Django's TestCase keeps a transaction of its own around a test, the outermost savepoints in it stand for ours.
        """
        around = sum(block._from_testcase for block in connection.atomic_blocks)
        return not around or any(one in connection.savepoint_ids for one in self._savepoints[around - 1 : around])


def begin(account_ids: Iterable[int]) -> dict[int, int]:
    """Lock these accounts for writing and give each the modseq of this transaction: {account id: modseq}.

    Called again in the same transaction it gives the same values. The rows are locked in the order of their ids: a transaction
    that writes several accounts names them all at once, and never waits for one that waits for it. Watchers hear of the change
    after the commit.
    """
    wanted = set(account_ids)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A change needs a transaction: its log and its rows belong together.")
    taken = _taken()
    if fresh := sorted(wanted - taken.keys()):
        turn = _Turn(_next(fresh))
        transaction.on_commit(turn, robust=True)
        taken |= turn.modseqs
    return {account_id: taken[account_id] for account_id in wanted}


def _taken() -> dict[int, int]:
    taken: dict[int, int] = {}
    for _, function, *_ in connection.run_on_commit:
        if isinstance(function, _Turn) and function.is_of_now():
            taken |= function.modseqs
    return taken


def _next(account_ids: list[int]) -> dict[int, int]:
    found = _count_up(account_ids)
    if missing := [account_id for account_id in account_ids if account_id not in found]:
        AccountState.objects.bulk_create([AccountState(account_id=pk) for pk in missing], ignore_conflicts=True)
        found |= _count_up(missing)
    return found


def _count_up(account_ids: list[int]) -> dict[int, int]:
    """Lock in order, then count: one statement, for it begins every write."""
    table = connection.ops.quote_name(AccountState._meta.db_table)
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    chosen = f"account_id IN ({', '.join(['%s'] * len(account_ids))})"
    locked = f"SELECT account_id FROM {table} WHERE {chosen} ORDER BY account_id {lock}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET modseq = modseq + 1 WHERE account_id IN ({locked}) RETURNING account_id, modseq",  # noqa: S608
            account_ids,
        )
        return dict(cursor.fetchall())


class Hole(NamedTuple):
    """The values of a `Change`."""

    account_id: int
    modseq: int
    kind: str
    email_id: str = ""
    thread_id: int | None = None
    mailbox_id: int | None = None
    uid: int | None = None


def record(holes: Iterable[Hole]) -> None:
    """Write what is gone into the log, in the transaction that took it away."""
    at = now()
    insert_many(Change, (*Hole._fields, "at"), [(*hole, at) for hole in holes])


@dataclass
class Difference:
    """Ids of one kind of object that came, changed and went."""

    created: list = field(default_factory=list)
    updated: list = field(default_factory=list)
    destroyed: list = field(default_factory=list)


@dataclass
class Changes:
    """What happened in an account after a modseq, up to and with `modseq`. `emails` are EMAILIDs, the others row ids."""

    modseq: int
    emails: Difference
    threads: Difference
    mailboxes: Difference


def state(account_id: int) -> int:
    """The modseq of the account's last change; 1 where nothing ever happened."""
    return AccountState.objects.filter(account_id=account_id).values_list("modseq", flat=True).first() or 1


def lock(account_id: int) -> int:
    """Lock the account until the transaction ends, and give its state: what is decided by it stays true. Takes no modseq."""
    rows = AccountState.objects.filter(account_id=account_id)
    if not rows.exists():
        AccountState.objects.bulk_create([AccountState(account_id=account_id)], ignore_conflicts=True)
    return rows.select_for_update().values_list("modseq", flat=True).get()


def since(account_id: int, modseq: int) -> Changes | None:
    """What happened after `modseq`; None where that cannot be told, because the log was compacted since or `modseq` never was.

    What came and went in between is not named; what came and changed is only in `created`.
    """
    row = AccountState.objects.filter(account_id=account_id).first() or AccountState(account_id=account_id)
    if not row.floor <= modseq <= row.modseq:
        return None
    changes = Changes(row.modseq, Difference(), Difference(), Difference())
    messages = Message.objects.filter(account_id=account_id, modseq__gt=modseq).order_by("modseq", "id")
    _sort_in(
        changes.emails,
        modseq,
        ((email_id(*key), born) for *key, born in messages.values_list("id", "incarnation", "created_modseq")),
    )
    for model, into in ((Thread, changes.threads), (Mailbox, changes.mailboxes)):
        rows = model._default_manager.filter(account_id=account_id, modseq__gt=modseq).order_by("modseq", "id")
        _sort_in(into, modseq, rows.values_list("id", "created_modseq"))
    _holes(changes, account_id, modseq)
    return changes


def _sort_in(into: Difference, modseq: int, rows: Iterable[tuple]) -> None:
    for name, born in rows:
        (into.created if born > modseq else into.updated).append(name)


def _holes(changes: Changes, account_id: int, modseq: int) -> None:
    kinds = Change.Kind
    gone = Change.objects.filter(account_id=account_id, modseq__gt=modseq).exclude(kind=kinds.EXPUNGED).order_by("modseq", "id")
    for kind, email, thread, mailbox in gone.values_list("kind", "email_id", "thread_id", "mailbox_id"):
        if kind == kinds.DESTROYED:
            changes.emails.destroyed.append(email)
        elif kind == kinds.DISSOLVED:
            changes.threads.destroyed.append(thread)
        elif kind == kinds.DROPPED:
            changes.mailboxes.destroyed.append(mailbox)


@dataclass(frozen=True, slots=True)
class Some:
    """What happened to one kind of object, up to and with `modseq`; `more` happened after that."""

    modseq: int
    more: bool
    difference: Difference


KINDS = {
    "emails": (Message, ("id", "incarnation"), Change.Kind.DESTROYED, "email_id"),
    "threads": (Thread, ("id",), Change.Kind.DISSOLVED, "thread_id"),
    "mailboxes": (Mailbox, ("id",), Change.Kind.DROPPED, "mailbox_id"),
}


def some_since(account_id: int, modseq: int, kind: str, most: int | None = None) -> Some | None:
    """What happened to one kind of object (of `KINDS`) after `modseq`, in at most `most` ids; ids as in `Changes`.

    Where that is not all, it is what the first transactions did. None where it cannot be told: as in `since`, or because one
    transaction alone touched more. What changed again later is told again later.
    """
    row = AccountState.objects.filter(account_id=account_id).first() or AccountState(account_id=account_id)
    if not row.floor <= modseq <= row.modseq:
        return None
    living, gone = list(_living(account_id, modseq, kind)), list(_gone(account_id, modseq, kind))
    if AccountState.objects.filter(account_id=account_id, floor__gt=modseq).exists():  # compacted while we read
        return None
    last = _last_that_fits(modseq, living, gone, most, row.modseq)
    if last is None:
        return None
    found = Difference(
        [name for name, born, _ in living if modseq < born <= last],
        [name for name, born, at in living if born <= modseq and at <= last],
        [name for name, at in gone if at <= last],
    )
    return Some(last, last < row.modseq, found)


def _living(account_id: int, modseq: int, kind: str) -> Iterator[tuple[Any, int, int]]:
    """(id, modseq of its making, modseq of its last change) of what is there and changed, in order of the change."""
    model, key, _, _ = KINDS[kind]
    rows = model._default_manager.filter(account_id=account_id, modseq__gt=modseq).order_by("modseq", "id")
    for *parts, born, at in rows.values_list(*key, "created_modseq", "modseq"):
        yield (email_id(*parts) if kind == "emails" else parts[0]), born, at


def _gone(account_id: int, modseq: int, kind: str) -> Iterator[tuple[Any, int]]:
    """(id, modseq of its end)."""
    _, _, ended, name = KINDS[kind]
    holes = Change.objects.filter(account_id=account_id, modseq__gt=modseq, kind=ended).order_by("modseq", "id")
    yield from holes.values_list(name, "modseq")


def _last_that_fits(modseq: int, living: list, gone: list, most: int | None, end: int) -> int | None:
    """The last modseq up to which at most `most` ids were touched: `end` where that is all, None where the first has more."""
    if most is None:
        return end
    events = [(born, name) for name, born, _ in living if born > modseq]
    events += [(at, name) for name, _, at in living] + [(at, name) for name, at in gone]
    seen: set[Any] = set()
    last = None
    for at, group in groupby(sorted(event for event in events if event[0] <= end), key=itemgetter(0)):
        seen.update(name for _, name in group)
        if len(seen) > most:
            return last
        last = at
    return end
