"""The order in which writers lock the rows of blobs: one for all, or two of them would wait for each other."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from mailsuite.blobs.models import Blob


def lock(ids: Collection[int]) -> None:
    """Lock rows by their hash, the one order that `store.save` knows before it writes. Call it inside a transaction.

    PostgreSQL would lock them as it comes upon them, and end one of two transactions that meet crosswise, after a second: mail
    that was to be accepted is deferred then. SQLite has one writer, and nothing to lock.
    """
    if connection.features.has_select_for_update and len(ids) > 1:
        list(Blob.objects.select_for_update().filter(pk__in=ids).order_by("hash").values_list("pk"))
