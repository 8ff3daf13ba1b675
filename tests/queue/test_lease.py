"""Leases: one worker at a time, nothing lost when he dies, and what kills workers set aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils.timezone import now

from mailsuite.queue import lease, owner
from mailsuite.queue.models import Recipient
from tests.queued import account, queued, states

ME = "me"


def take(local: bool = False, limit: int = 100, who: str = ME, at: object = None) -> list[Recipient]:
    return lease.take(who, local=local, limit=limit, now=at or now())


@pytest.mark.django_db
def test_what_is_due_is_leased_once_and_comes_with_its_message() -> None:
    first, second = queued("bob@elsewhere.example", "dan@elsewhere.example")
    assert [row.pk for row in take()] == [first.pk, second.pk]
    assert take() == []
    row = Recipient.objects.get(pk=first.pk)
    assert (row.state, row.lease_owner, row.attempts) == ("leased", ME, 1)
    assert row.next_attempt_at > now() + timedelta(seconds=50), "written before the attempt"
    assert row.envelope.blob.size


@pytest.mark.django_db
def test_mailboxes_and_other_hosts_are_leased_apart_and_the_limit_holds() -> None:
    queued("bob@elsewhere.example")
    queued("alice@example.org", account=account())
    assert [row.address for row in take(local=True)] == ["alice@example.org"]
    queued(*[f"n{n}@elsewhere.example" for n in range(9)])
    assert len(take(limit=4)) == 4
    assert len(take(limit=40)) == 6


@pytest.mark.django_db
def test_what_is_not_due_yet_is_left_alone() -> None:
    queued("bob@elsewhere.example", at=now() + timedelta(minutes=1))
    assert take() == []
    assert len(take(at=now() + timedelta(minutes=2))) == 1


@pytest.mark.django_db
def test_a_hold_ends_when_its_time_comes() -> None:
    until = now() + timedelta(seconds=30)
    queued("bob@elsewhere.example", hold_until=until)
    assert states() == ["held"]
    assert lease.reclaim(now()) == 0
    assert lease.reclaim(until) == 1
    assert len(take(at=until)) == 1


@pytest.mark.django_db
def test_a_renewed_lease_lasts_longer_and_a_lost_one_cannot_be_renewed() -> None:
    [row] = queued("bob@elsewhere.example")
    take()
    later = now() + timedelta(seconds=500)
    assert lease.renew(ME, [row], later) == 1
    assert lease.renew("somebody else", [row], later) == 0
    assert lease.reclaim(later + timedelta(seconds=500)) == 0
    assert lease.reclaim(later + timedelta(seconds=601)) == 1


@pytest.mark.django_db
def test_what_is_given_back_is_due_at_once_and_was_no_attempt() -> None:
    [row] = queued("bob@elsewhere.example")
    take()
    assert lease.give_back(ME, [row], now()) == 1
    [again] = take()
    assert again.attempts == 1


@pytest.mark.django_db
def test_an_expired_lease_is_due_again_at_once() -> None:
    queued("bob@elsewhere.example")
    moment = now()
    for crashes in (1, 2):
        take(at=moment)
        moment += timedelta(seconds=601)
        assert lease.reclaim(moment) == 1
        assert Recipient.objects.get().crashes == crashes
    [row] = take(at=moment)
    assert row.attempts == 3


@pytest.mark.django_db
def test_after_a_crash_each_of_a_batch_for_mailboxes_is_tried_alone() -> None:
    alice = account()
    queued(*[f"alice+{n}@example.org" for n in range(3)], account=alice)
    moment = now()
    assert len(take(local=True, at=moment)) == 3
    moment += timedelta(seconds=601)
    lease.reclaim(moment)
    queued("alice@example.org", account=alice, at=moment + timedelta(seconds=1))
    sizes = []
    for _ in range(5):
        rows = take(local=True, at=moment + timedelta(seconds=2))
        sizes.append([row.crashes for row in rows])
        Recipient.objects.filter(pk__in=[row.pk for row in rows]).update(state="delivered")
    assert sizes == [[1], [1], [1], [0], []]


@pytest.mark.django_db
def test_only_the_last_try_at_another_host_is_without_other_suspects() -> None:
    queued(*[f"n{n}@elsewhere.example" for n in range(4)])
    moment = now()
    for size in (4, 4):
        assert len(take(at=moment)) == size
        moment += timedelta(seconds=601)
        lease.reclaim(moment)
    queued("fresh@elsewhere.example", at=moment)
    assert [row.crashes for row in take(at=moment)] == [2]
    assert [row.crashes for row in take(at=moment)] == [0], "what nobody suspects goes on meanwhile"
    assert take(at=moment) == []
    moment += timedelta(seconds=601)
    lease.reclaim(moment)
    crashes = sorted(Recipient.objects.values_list("crashes", "next_attempt_at"))
    assert [count for count, _ in crashes] == [1, 2, 2, 2, 3]
    assert [at > moment for _, at in crashes] == [False] * 4 + [True], "one must wait, not the whole batch"


@pytest.mark.django_db
def test_who_is_there_at_three_deaths_must_wait_and_at_the_fifth_is_set_aside(caplog: pytest.LogCaptureFixture) -> None:
    [row] = queued("bob@elsewhere.example")
    moment = now()
    for deaths, pause in enumerate((timedelta(), timedelta(), timedelta(minutes=1), timedelta(hours=1)), 1):
        assert len(take(at=moment)) == 1
        moment += timedelta(seconds=601)
        lease.reclaim(moment)
        row.refresh_from_db()
        assert (row.state, row.crashes, row.next_attempt_at - moment) == ("due", deaths, pause)
        moment += pause
    assert len(take(at=moment)) == 1
    lease.reclaim(moment + timedelta(seconds=601))
    row.refresh_from_db()
    assert (row.state, row.hold_until, row.crashes) == ("held", None, 5)
    assert "Set aside" in row.last_reply
    assert row.envelope.blob.references == 1
    assert lease.reclaim(moment + timedelta(days=99)) == 0
    assert "set-aside" in caplog.text


@pytest.mark.django_db
def test_an_exception_counts_as_a_crash_too() -> None:
    [row] = queued("bob@elsewhere.example")
    moment = now()
    for _ in range(3):
        lease.crashed(take(at=moment), "ValueError: no", moment)
        moment += timedelta(hours=1)
    row.refresh_from_db()
    assert row.state == "held"
    assert "ValueError: no" in row.last_reply


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_never_lease_a_row_twice() -> None:
    for _ in range(4):
        queued(*[f"n{n}@elsewhere.example" for n in range(75)])
    start, found, failures = threading.Barrier(6), Counter(), []

    def work(number: int) -> None:
        try:
            start.wait()
            while rows := take(limit=7, who=f"worker {number}"):
                found.update(row.pk for row in rows)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(found) == 300
    assert set(found.values()) == {1}
    assert set(Recipient.objects.values_list("attempts", flat=True)) == {1}


HOLDER = """
import sys, time, pathlib, django
from django.conf import settings
settings.configure(DATA_DIR=pathlib.Path(sys.argv[1]), INSTALLED_APPS=[])
from mailsuite.queue import owner
print(owner.name(), flush=True)
time.sleep(60)
"""


def test_an_owner_is_alive_until_its_process_is_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLDER, django_settings.DATA_DIR], stdout=subprocess.PIPE, text=True)
    name = child.stdout.readline().strip()
    try:
        assert owner.alive(name)
        assert owner.alive(owner.name())
        assert owner.alive("another-machine/12345678:abc"), "nobody here can know"
        owner.sweep()
        assert owner.alive(name)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert not owner.alive(name)
    assert owner.alive(owner.name())


def test_a_forked_child_is_an_owner_of_its_own() -> None:
    mine = owner.name()
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(write, owner.name().encode())
        time.sleep(60)
        os._exit(0)
    theirs = os.read(read, 200).decode()
    assert theirs != mine
    assert owner.alive(theirs)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert not owner.alive(theirs)


@pytest.mark.django_db
def test_what_a_dead_worker_held_is_due_again_without_waiting_for_the_lease() -> None:
    [row] = queued("bob@elsewhere.example")
    take(who=f"{owner._place()}:gone")
    take(who=owner.name())
    assert lease.reclaim(now()) == 1
    row.refresh_from_db()
    assert (row.state, row.crashes) == ("due", 1)
    assert len(take(who=owner.name())) == 1
    assert lease.reclaim(now()) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("local", [True, False])
def test_what_is_due_is_found_by_its_own_index(local: bool) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # of which it would be fond while the table is small
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{lease._due_sql('id', local)}", [now()])
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert f"queue_due_{'local' if local else 'remote'}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
