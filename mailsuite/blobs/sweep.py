"""Remove what nobody refers to: rows whose last reference went, and files that a crash left without a row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.blobs import files
from mailsuite.blobs.locks import lock
from mailsuite.blobs.models import Blob

BATCH = 200  # rows removed in one transaction, so that nobody waits long for SQLite's one writer


def sweep(grace_seconds: int) -> int:
    """Remove blobs without references for this long, and files without a row that are this old; returns how many of both.

    Give a grace period longer than any transaction and any upload take: what is being accepted now has a file and no row yet.
    """
    return sum(_sweep_rows(grace_seconds)) + sum(_sweep_files(time.time() - grace_seconds))


def _sweep_rows(grace_seconds: int) -> Iterator[int]:
    due = Blob.objects.filter(references__lte=0, unreferenced_since__lte=now() - timedelta(seconds=grace_seconds))
    last = 0
    while rows := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", "hash")[:BATCH]):
        last = rows[-1][0]
        gone = _delete([pk for pk, _ in rows])
        for path in [files.path_of(name) for pk, name in rows if pk in gone]:
            if path.exists():
                files.remove(path, time.time() - grace_seconds)
        yield len(gone)


def _delete(ids: list[int]) -> set[int]:
    """Delete rows that still have no reference; those that something points to all the same stay, and are named in the log."""
    places = ", ".join(["%s"] * len(ids))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            lock(ids)
            cursor.execute(
                f'DELETE FROM blobs_blob WHERE id IN ({places}) AND "references" <= 0 RETURNING id',  # noqa: S608
                ids,
            )
            gone = {pk for (pk,) in cursor.fetchall()}
            cursor.executemany("DELETE FROM blobs_packed WHERE blob_id = %s", [(pk,) for pk in sorted(gone)])
            return gone
    except IntegrityError:
        if len(ids) == 1:
            maillog.problem("blob-miscounted", blob=ids[0])
            return set()
        return {pk for one in ids for pk in _delete([one])}


def _sweep_files(before: float) -> Iterator[int]:
    for paths in files.folders():
        old = [path for path in paths if _written(path) < before]
        if old:
            known = set(Blob.objects.filter(hash__in=[path.name for path in old], packed=None).values_list("hash", flat=True))
            yield sum(files.remove(path, before) for path in old if path.name not in known)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
