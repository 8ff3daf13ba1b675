"""Tells SQLite's planner what much mail is like, so that it picks the same indexes from the first message to the millionth.

Without statistics it takes an account for ten messages, and reads all of them to find the three of a conversation. ANALYZE would
measure, but when it runs decides what it sees, and it takes the many rows without a value for a value that is shared by many.
So the statistics are written down here: https://www.sqlite.org/lang_analyze.html says how. PostgreSQL measures by itself.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

# Rows of the tables that grow with the mail, as an account of 100,000 messages has them.
ROWS = {
    "mailstore_message": 100_000,
    "mailstore_thread": 70_000,
    "mailstore_threadrow": 150_000,
    "mailstore_membership": 200_000,
    "mailstore_reference": 150_000,
    "mailstore_change": 20_000,
    "mailstore_expunged": 5_000,
}
# Rows that share a value of a column; of any other column: one.
SHARED = {"account_id": 1_000_000, "mailbox_id": 2_000, "thread_id": 3, "message_id": 3, "subject_key": 3, "gathers": 3}
PARTIAL = 40  # an index with a condition holds one row in so many


def settle(using: str = DEFAULT_DB_ALIAS) -> None:
    """Write the statistics where they are not yet; called after every migrate, for a table made anew loses its own."""
    connection = connections[using]
    if connection.vendor != "sqlite" or not set(ROWS) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        wanted = sorted((table, *one) for table in ROWS for one in _of_table(cursor, table))
        cursor.execute("ANALYZE mailstore_accountstate")  # makes the table that holds them
        cursor.execute(f"SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl IN ({','.join(['%s'] * len(ROWS))})", list(ROWS))  # noqa: S608
        if sorted(cursor.fetchall()) == wanted:
            return
        cursor.executemany("DELETE FROM sqlite_stat1 WHERE tbl = %s", [(table,) for table in ROWS])
        cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", wanted)
        cursor.execute("ANALYZE sqlite_schema")  # reads them in; other connections do when they open


def _of_table(cursor: Any, table: str) -> list[tuple[str, str]]:
    """(index, statistic) for each: how many rows, and how many share the first column, the first two, and so on."""
    cursor.execute("SELECT name, partial FROM pragma_index_list(%s)", [table])
    found = []
    for index, partial in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [index])
        shared = ROWS[table] // PARTIAL if partial else ROWS[table]
        numbers = [shared]
        for (column,) in cursor.fetchall():
            shared = min(shared, SHARED.get(column, 1))
            numbers.append(shared)
        found.append((index, " ".join(map(str, numbers))))
    return found
