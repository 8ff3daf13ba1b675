"""Which copies of messages match, in one mailbox or in several: what IMAP's SEARCH, SORT, THREAD and ESEARCH ask.

One statement finds them, and gives the columns that are asked for with them: a list for each column, no object for a message.
"""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from mailsuite.mailstore.search import substring
from mailsuite.mailstore.search.compile import TRUE, Scope, condition, numbers
from mailsuite.mailstore.search.query import EVERYTHING, Node

ROWS = 2_000  # fetched at a time
# What can be asked of a copy `x` of message `m`. `people` and moments are written differently by the two databases.
_PLAIN = {
    "uid": "x.uid",
    "mailbox": "x.mailbox_id",
    "message": "m.id",
    "modseq": "m.modseq",
    "size": "m.size",
    "subject": "m.subject",
    "author_name": "m.author_name",
    "author_address": "m.author_address",
    "message_id": "m.message_id",
    "in_reply_to": "m.in_reply_to",
    "ancestors": "m.ancestors",
}
_MOMENTS = {"received": "m.received_at", "sent": "COALESCE(m.sent_at, m.received_at)"}  # RFC 5256 §2.2
_PEOPLE = {"to_name": ("to", 0), "to_address": ("to", 1), "cc_address": ("cc", 1)}  # of the first of them
# The envelope, where it may have a group of addresses in it: what ends one has no host.
_GROUPED = "grouped"
COLUMNS = (*_PLAIN, *_MOMENTS, *_PEOPLE, _GROUPED)


def find_copies(scope: Scope, query: Node, columns: Sequence[str]) -> list[MutableSequence[Any]]:
    """These columns (of COLUMNS) of the copies that match, by mailbox and then UID. Moments compare with one another alone.

    scope: as `copies_in` makes it. What its `tell` raises ends the search. See `substring` for `contains`.
    """
    scope = replace(scope, resolved=substring.resolve(query, scope))
    matching = condition(query, scope) if query != EVERYTHING else TRUE
    held = f"x.mailbox_id IN ({numbers(scope.mailbox_ids)}) AND m.account_id = {int(scope.account_id)} AND {matching.text}"
    source = "mailstore_membership x JOIN mailstore_message m ON m.id = x.message_id"
    wanted = ", ".join(_sql(column) for column in columns)
    sql = f"SELECT {wanted} FROM {source} WHERE {held} ORDER BY {'x.mailbox_id, ' * (len(scope.mailbox_ids) > 1)}x.uid"  # noqa: S608
    return _columns(sql, matching.parameters, [array("I") if column == "uid" else [] for column in columns])


def _columns(sql: str, parameters: Sequence[Any], found: list[MutableSequence[Any]]) -> list[MutableSequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(ROWS):
            for column, values in zip(found, zip(*rows, strict=True), strict=True):
                column.extend(values)
    return found


def _sql(column: str) -> str:
    """RFC 5256 §2.2 compares to the second, for that is all a client sees of a date."""
    is_sqlite = connection.vendor == "sqlite"
    if moment := _MOMENTS.get(column):
        return f"substr({moment}, 1, 19)" if is_sqlite else f"date_trunc('second', {moment})"
    if column == _GROUPED:
        found = "instr(m.imap_envelope, x'204e494c29')" if is_sqlite else r"position('\x204e494c29'::bytea IN m.imap_envelope)"
        return f"CASE WHEN {found} > 0 THEN m.imap_envelope END"
    if column in _PEOPLE:
        field, part = _PEOPLE[column]
        return f"json_extract(m.people, '$.{field}[0][{part}]')" if is_sqlite else f"m.people #>> '{{{field},0,{part}}}'"
    return _PLAIN[column]
