"""An account with much mail: the bench's seed, smaller in the tests' own database, or whole in a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.cache import cache
from django.db import connection, transaction

from mailsuite.accounts.models import Account
from mailsuite.management.demo import fill


@contextmanager
def in_one_transaction(messages: int) -> Iterator[Account]:
    """Alice with so many messages, for all tests of a module; rolled back after the last of them."""
    cache.clear()
    with transaction.atomic():
        assert fill.found(messages) == messages
        _count_none()
        yield Account.objects.get(login="alice@example.org")
        transaction.set_rollback(True)
    connection.close()


def _count_none() -> None:
    """What PostgreSQL's housekeeping may do at any time: take the tables for empty, since none of it is committed yet."""
    if connection.vendor == "postgresql":
        at = connection.get_connection_params()
        with psycopg.connect(dbname=at["dbname"], user=at["user"], host=at["host"], autocommit=True) as other:
            for table in ("message", "thread", "threadrow", "membership", "reference", "mailbox", "fts", "indexedtext"):
                other.execute(f"VACUUM ANALYZE mailstore_{table}")
