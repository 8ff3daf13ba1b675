"""Update many rows with values of their own by one prepared statement: Django's bulk_update builds a CASE for each instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

from mailsuite.mailstore.models import AccountState


def write_many(model: type[models.Model], names: Sequence[str], objects: Sequence[models.Model]) -> None:
    """UPDATE these fields of each object by its key: one prepared statement, run for all."""
    if not objects:
        return
    fields = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    setters = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {setters} WHERE {quote(model._meta.pk.column)} = %s"  # noqa: S608
    values: list[list[Any]] = [
        [*(field.get_db_prep_save(getattr(one, field.attname), connection) for field in fields), one.pk] for one in objects
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def add_bytes(changes: Mapping[int, int]) -> None:
    """Add to the bytes that accounts use: {account id: change}."""
    if wanted := [(change, pk) for pk, change in sorted(changes.items()) if change]:
        table = connection.ops.quote_name(AccountState._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET bytes_used = bytes_used + %s WHERE account_id = %s", wanted)  # noqa: S608
