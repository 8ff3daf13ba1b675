"""An account with much mail: the bench's seed, smaller in the tests' own database, or whole in a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
        yield Account.objects.get(login="alice@example.org")
        transaction.set_rollback(True)
    connection.close()
