"""What SQLite's planner is told, and that it picks the index that is right for much mail where there is none yet."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils.timezone import now

from mailsuite.mailstore import planning
from mailsuite.mailstore.models import Membership, Message, Reference, Thread, ThreadRow

pytestmark = pytest.mark.django_db
IS_SQLITE = connection.vendor == "sqlite"


def plan(found: QuerySet) -> str:  # type: ignore[type-arg]
    return found.explain()


def statistics() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2")
        return cursor.fetchall()


def test_postgresql_is_told_nothing_for_it_measures_by_itself() -> None:
    if not IS_SQLITE:
        planning.settle()


def test_statistics_are_there_after_migrate_and_stay_as_they_are() -> None:
    if not IS_SQLITE:
        return
    before = statistics()
    assert {table for table, _, _ in before} >= set(planning.ROWS)
    planning.settle()
    assert statistics() == before


def test_a_table_that_lost_its_statistics_gets_them_again() -> None:
    if not IS_SQLITE:
        return
    before = statistics()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'mailstore_message'")
    planning.settle()
    assert statistics() == before


def test_what_the_account_has_is_found_by_the_nearest_key_and_not_by_the_account() -> None:
    if not IS_SQLITE:
        return
    of_account = Message.objects.filter(account_id=1)
    assert "USING INTEGER PRIMARY KEY" in plan(of_account.filter(pk__in=range(50)))
    assert "(thread_id=?" in plan(of_account.filter(thread_id=7))
    assert "(thread_id=?" in plan(of_account.filter(thread_id__in=range(50)))
    assert "USING INTEGER PRIMARY KEY" in plan(Thread.objects.filter(account_id=1, pk__in=range(50)))
    assert "(account_id=? AND msgid=?" in plan(Reference.objects.filter(account_id=1, msgid__in=["a", "b"]))
    assert "(message_id=?" in plan(Membership.objects.filter(message_id__in=range(50)))


def test_lists_are_read_in_their_order() -> None:
    if not IS_SQLITE:
        return
    listed = ThreadRow.objects.filter(mailbox_id=1).order_by("-newest_at", "-thread")
    assert "row_order" in plan(listed[:50])
    assert "TEMP B-TREE" not in plan(listed[:50])
    assert "TEMP B-TREE" not in plan(listed.filter(newest_at__lte=now())[:50])
    assert "TEMP B-TREE" not in plan(Message.objects.filter(account_id=1).order_by("-received_at")[:50])
