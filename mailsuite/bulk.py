"""Read and write many rows at once, on the path of every mail: a third of what querysets, bulk_create and bulk_update cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models

PARAMETERS = 1_000  # values a statement
Adapter = Callable[[Any], Any]
Row = TypeVar("Row", bound=models.Model)


class _Shape(NamedTuple):
    """A table, some of its columns, and what must be done to the values of some of them; quoted for the database."""

    table: str
    columns: list[str]
    adapters: list[tuple[int, Adapter]]


@cache
def _shape(model: type[models.Model], names: tuple[str, ...]) -> _Shape:
    fields = [model._meta.get_field(name) for name in names]
    adapters = [(place, adapter) for place, field in enumerate(fields) if (adapter := _adapter(field))]
    quote = connection.ops.quote_name
    return _Shape(quote(model._meta.db_table), [quote(field.column) for field in fields], adapters)


def _adapter(field: models.Field) -> Adapter | None:
    """For the kinds of values that the database does not take as Python has them."""
    if isinstance(field, models.DateTimeField):
        return lambda value: connection.ops.adapt_datetimefield_value(value)
    if isinstance(field, models.JSONField):
        return _json_adapter(field)
    if field.choices:  # a TextChoices is a str to SQLite, and an Enum to PostgreSQL's driver
        return lambda value: getattr(value, "value", value)
    return None


def _json_adapter(field: models.JSONField) -> Adapter:
    if connection.vendor == "sqlite":
        encoder = json.JSONEncoder(separators=(",", ":"))
        return lambda value: None if value is None else "[]" if value == [] else encoder.encode(value)
    return lambda value: field.get_db_prep_save(value, connection)


def _adapted(rows: Iterable[Sequence[Any]], adapters: list[tuple[int, Adapter]], offset: int = 0) -> list[list[Any]]:
    adapted = [list(row) for row in rows]
    for place, adapt in adapters:
        for row in adapted:
            row[place + offset] = adapt(row[place + offset])
    return adapted


def insert_many(model: type[models.Model], names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
    """INSERT rows, each the values of these fields in order; of a foreign key, the key. Every field must be named."""
    _insert(_shape(model, names), rows, "")


def insert_new(instances: Sequence[models.Model]) -> None:
    """INSERT instances of one model that have no key yet, and give each its key, as bulk_create does.

    No signals are sent, and no field fills itself in: `auto_now` and `auto_now_add` must be given.
    """
    if not instances:
        return
    model = type(instances[0])
    fields = _stored(model)
    keys = _insert(
        _shape(model, tuple(field.name for field in fields)),
        [[getattr(one, field.attname) for field in fields] for one in instances],
        f" RETURNING {connection.ops.quote_name(model._meta.pk.column)}",
    )
    for one, (key,) in zip(instances, keys, strict=True):
        one.pk = key
        one._state.adding, one._state.db = False, connection.alias


@cache
def _stored(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


def _insert(shape: _Shape, rows: Iterable[Sequence[Any]], returning: str) -> list[tuple[Any, ...]]:
    values = _adapted(rows, shape.adapters)
    width = len(shape.columns)
    step = PARAMETERS // width
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(values), step):
            some = values[start : start + step]
            cursor.execute(_statement(shape.table, tuple(shape.columns), len(some)) + returning, [v for row in some for v in row])
            found += cursor.fetchall() if returning else []
    return found


@cache
def _statement(table: str, columns: tuple[str, ...], count: int) -> str:
    one = f"({marks(len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * count)}"  # noqa: S608


def update_many(model: type[models.Model], names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
    """UPDATE rows, each given as its key and the values of these fields: one prepared statement, run for all."""
    shape = _shape(model, names)
    values = [[*row[1:], row[0]] for row in _adapted(rows, shape.adapters, offset=1)]
    if not values:
        return
    setters = ", ".join(f"{column} = %s" for column in shape.columns)
    key = connection.ops.quote_name(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {shape.table} SET {setters} WHERE {key} = %s", values)  # noqa: S608


def load_many(model: type[Row], **among: Collection[Any]) -> list[Row]:
    """SELECT the instances of which each of these fields has one of the values given; of a foreign key, the key.

    In no order, and in one statement: whoever may ask for more values than a database takes (32,766) asks in steps.
    """
    if not all(among.values()):
        return []
    names = tuple(field.attname for field in model._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            _selection(model, tuple((name, len(values)) for name, values in among.items())),
            [value for values in among.values() for value in values],
        )
        rows = [list(row) for row in cursor.fetchall()]
    for place, convert in _converters(model):
        for row in rows:
            row[place] = convert(row[place])
    return [model.from_db(connection.alias, names, row) for row in rows]


@cache
def _selection(model: type[models.Model], among: tuple[tuple[str, int], ...]) -> str:
    quote, field = connection.ops.quote_name, model._meta.get_field
    columns = ", ".join(quote(one.column) for one in model._meta.concrete_fields)
    found = " AND ".join(f"{quote(field(name).column)} IN ({marks(count)})" for name, count in among)
    return f"SELECT {columns} FROM {quote(model._meta.db_table)} WHERE {found}"  # noqa: S608


@cache
def _converters(model: type[models.Model]) -> list[tuple[int, Callable[[Any], Any]]]:
    """For the columns that Python does not take as the database has them: their place, and what makes a value of them."""
    found = []
    for place, field in enumerate(model._meta.concrete_fields):
        column = field.get_col(model._meta.db_table)
        for convert in (*connection.ops.get_db_converters(column), *field.get_db_converters(connection)):
            found.append((place, lambda value, convert=convert, column=column: convert(value, column, connection)))
    return found


def marks(count: int) -> str:
    """The %s of so many values, for IN."""
    return ", ".join(["%s"] * count)
