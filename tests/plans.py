"""How the database goes about a query: whether it reads a whole table, or sorts one, where an index was meant to be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

LARGE = ("message", "membership", "thread", "threadrow", "reference", "indexedtext", "blob", "packed")  # they grow with the mail
WHOLE = re.compile(r"^SEARCH .* INDEX (?:mailstore_[mtr]_|thread_|reference_)\S* \(account_id=\?\)$")  # all that the account has
SMALL = ("accounts_", "mailstore_mailbox", "mailstore_accountstate")
MANY = 5_000  # rows to sort, by PostgreSQL's estimate


def faults(queries: Iterable[dict[str, str]], *, sorts: bool = False) -> list[str]:
    """What is wrong with the plans of captured queries. `sorts`: sorting a whole result is no fault."""
    judge = _of_sqlite if connection.vendor == "sqlite" else _of_postgres
    found = []
    for query in queries:
        if query["sql"].startswith(("SELECT", "WITH")):
            found += [f"{fault}: {query['sql'][:2_000]}" for fault in judge(query["sql"], sorts)]
    return found


def _of_sqlite(sql: str, sorts: bool) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"), [])
        steps = [step[3] for step in cursor.fetchall()]
    if "LIMIT" not in sql:
        yield from (step for step in steps if WHOLE.search(step))
    read = [step.split()[1] for step in steps if step.startswith(("SCAN ", "SEARCH "))]
    made = {step.split()[1] for step in steps if step.startswith("MATERIALIZE ")}  # of a few rows, in this very query
    for step in steps:
        name = step.split()[1] if step.startswith("SCAN ") else ""
        is_small = step.split()[-1].startswith(SMALL) or name.startswith(SMALL)
        if name and name not in made and "VIRTUAL TABLE" not in step and "CONSTANT" not in step and not is_small:
            yield step
        if step == "USE TEMP B-TREE FOR ORDER BY" and not sorts and not all(name.startswith(SMALL) for name in read):
            yield step


def _of_postgres(sql: str, sorts: bool) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}".replace("%", "%%"), [])
        plan = cursor.fetchone()[0]
    for node in _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
        kind, table = node["Node Type"], node.get("Relation Name", "").rpartition("_")[2]
        if kind == "Seq Scan" and table in LARGE:
            yield f"Seq Scan on {table}"
        if kind == "Sort" and node["Plan Rows"] > MANY and not sorts:
            yield f"Sort of {node['Plan Rows']}"


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
