"""Messages that a query finds, in an order, a window at a time: what JMAP asks (RFC 8621 §4.4).

The newest of a large mailbox are found by walking the account's messages from the newest; the walk ends when the window is full.
Orders that a database cannot make (by subject, by people) are made here, of everything that was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from mailsuite.mailstore.models import Mailbox, Message, email_id
from mailsuite.mailstore.search import substring
from mailsuite.mailstore.search.compile import Scope, Sql, condition
from mailsuite.mailstore.search.matching import as_match
from mailsuite.mailstore.search.query import EVERYTHING, Node, Term, conjuncts
from mailsuite.mailstore.search.scope import scope_of
from mailsuite.protocol.subject import base as base_subject

FEW = 2_000  # messages of a mailbox that are looked up and sorted rather than walked to


class Order(NamedTuple):
    """One level of an order. by: received, sent, size, from, to, subject, or `holds`: what fulfils `node` comes last."""

    by: str
    ascending: bool = True
    node: Node = EVERYTHING
    ascii: bool = False  # fold the case of ASCII letters alone


@dataclass(frozen=True, slots=True)
class _Key:
    """Columns that an order needs, and what to sort by in Python, where the database cannot do it alone."""

    columns: tuple[Sql, ...]
    made: Callable[[Sequence[Any]], Any]
    by_database: bool = True


class Listing:
    """What a query finds. `collapse`: only the first message of each conversation. Every method asks the database anew.

    boxes: the account's mailboxes, for how much is in them. zone: the member's, for dates.
    """

    def __init__(
        self,
        account_id: int,
        query: Node,
        boxes: Iterable[Mailbox],
        orders: Sequence[Order] = (),
        *,
        collapse: bool = False,
        zone: tzinfo = UTC,
    ) -> None:
        self.query, self.collapse = query, collapse
        self.orders = list(orders) or [Order("received", ascending=False)]
        scope = replace(scope_of(account_id, now=timezone.now(), zone=zone), per_message=True).with_places(tuple(Message.Place))
        scope = replace(scope, resolved=substring.resolve(query, scope))
        self._alone = _only_mailbox(query, scope)
        self._scope = replace(scope, walking=self._is_walked(scope, {box.pk: box.total for box in boxes}))
        self._keys = [_key(order, scope) for order in self.orders]

    def page(self, start: int, most: int) -> list[str]:
        """EMAILIDs from the place `start` on, at most `most`."""
        if not self.collapse and self._by_database():
            return _names(self._rows(most, start))
        limit = (start + most) * 3 + 50 if self._by_database() else None
        while True:
            rows = self._rows(limit)
            found = self._collapsed(rows)
            if limit is None or len(rows) < limit or len(found) >= start + most:
                return _names(found[start : start + most])
            limit *= 8

    def older(self, before: tuple[datetime, int] | None, most: int) -> list[int]:
        """Keys of at most `most` messages, newest first, older than (received_at, key): new mail does not move such a page."""
        where = self._where(self._scope)
        text, given = where.text, [*where.parameters]
        if before:
            at = connection.ops.adapt_datetimefield_value(before[0])
            text += " AND m.received_at <= %s AND (m.received_at < %s OR m.id < %s)"
            given += [at, at, before[1]]
        sql = f"SELECT m.id FROM mailstore_message m WHERE {text} ORDER BY m.received_at DESC, m.id DESC LIMIT %s"  # noqa: S608
        return [pk for (pk,) in _fetch(sql, [*given, most])]

    def everything(self) -> list[str]:
        """All EMAILIDs."""
        return _names(self._collapsed(self._rows()))

    def total(self) -> int:
        """How many there are."""
        if self._alone:
            box = Mailbox.objects.get(pk=self._alone)
            return box.threads if self.collapse else box.total
        counted = "count(DISTINCT m.thread_id)" if self.collapse else "count(*)"
        where = self._where(replace(self._scope, walking=False))
        return int(_fetch(f"SELECT {counted} FROM mailstore_message m WHERE {where.text}", where.parameters)[0][0])  # noqa: S608

    def _is_walked(self, scope: Scope, totals: dict[int, int]) -> bool:
        if [order.by for order in self.orders] != ["received"]:
            return False
        parts = conjuncts(self.query)
        if any(as_match(part, scope.mine) is not None or id(part) in scope.resolved for part in parts):
            return False
        asked = [part.value for part in parts if isinstance(part, Term) and part.operator == "mailboxes"]
        return all(sum(totals.get(pk, 0) for pk in boxes) > FEW for boxes in asked)

    def _by_database(self) -> bool:
        return all(key.by_database for key in self._keys)

    def _collapsed(self, rows: Iterable[tuple]) -> list[tuple]:
        if not self.collapse:
            return list(rows)
        first: dict[int, tuple] = {}
        for row in rows:
            first.setdefault(row[2], row)
        return list(first.values())

    def _where(self, scope: Scope) -> Sql:
        matching = condition(self.query, scope) if self.query != EVERYTHING else Sql("1 = 1")
        return Sql(f"m.account_id = {int(scope.account_id)} AND {matching.text}", matching.parameters)

    def _rows(self, limit: int | None = None, start: int = 0) -> list[tuple]:
        """(id, incarnation, thread id, …) in order."""
        where, tie = self._where(self._scope), "ASC" if self.orders[0].ascending else "DESC"
        columns = Sql("m.id, m.incarnation, m.thread_id")
        if self._by_database():
            order = [
                (one.text, one.parameters, order)
                for key, order in zip(self._keys, self.orders, strict=True)
                for one in key.columns
            ]
            ordered = ", ".join(f"{text} {'ASC' if one.ascending else 'DESC'}" for text, _, one in order)
            given = [*where.parameters, *(value for _, values, _ in order for value in values)]
            window = f" LIMIT {int(limit)} OFFSET {int(start)}" if limit is not None else ""
            sql = f"SELECT {columns.text} FROM mailstore_message m WHERE {where.text} ORDER BY {ordered}, m.id {tie}{window}"  # noqa: S608
            return _fetch(sql, given)
        return self._sorted(where, tie)

    def _sorted(self, where: Sql, tie: str) -> list[tuple]:
        wanted = [one for key in self._keys for one in key.columns]
        columns = ", ".join(["m.id", "m.incarnation", "m.thread_id", *(one.text for one in wanted)])
        given = [*(value for one in wanted for value in one.parameters), *where.parameters]
        rows = _fetch(f"SELECT {columns} FROM mailstore_message m WHERE {where.text} ORDER BY m.id {tie}", given)  # noqa: S608
        place = 3 + len(wanted)
        for key, order in zip(reversed(self._keys), reversed(self.orders), strict=True):
            end, place = place, place - len(key.columns)
            rows.sort(key=lambda row, a=place, b=end, made=key.made: made(row[a:b]), reverse=not order.ascending)
        return rows


def _names(rows: Iterable[tuple]) -> list[str]:
    return [email_id(row[0], row[1]) for row in rows]


def _only_mailbox(query: Node, scope: Scope) -> int | None:
    """The mailbox whose kept counts answer how many there are, where the query asks for nothing else."""
    if isinstance(query, Term) and query.operator == "mailboxes" and len(query.value) == 1:
        (pk,) = query.value
        return pk if pk in scope.labels or pk in scope.roles.values() else None
    return None


# --- orders ---


def _key(order: Order, scope: Scope) -> _Key:
    if order.by == "holds":
        held = condition(order.node, scope)
        return _Key((Sql(f"CASE WHEN {held.text} THEN 1 ELSE 0 END", held.parameters),), lambda values: values[0])
    if order.by == "sent":  # what has no date comes first, on both databases
        return _Key((Sql("m.sent_at IS NOT NULL"), Sql("m.sent_at")), lambda values: (bool(values[0]), values[1] or ""))
    if order.by in ("received", "size"):
        return _Key((Sql(f"m.{order.by}_at" if order.by == "received" else "m.size"),), lambda values: values[0])
    fold = _ascii if order.ascii else str.casefold
    if order.by == "subject":
        return _Key((Sql("m.subject"),), lambda values: fold(base_subject(values[0])), by_database=False)
    return _Key(_PEOPLE[order.by](), lambda values: fold(values[0] or values[1] or ""), by_database=False)


def _ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _first_recipient() -> tuple[Sql, Sql]:
    if connection.vendor == "sqlite":
        return Sql("json_extract(m.people, '$.to[0][0]')"), Sql("json_extract(m.people, '$.to[0][1]')")
    return Sql("m.people #>> '{to,0,0}'"), Sql("m.people #>> '{to,0,1}'")


_PEOPLE: dict[str, Callable[[], tuple[Sql, ...]]] = {
    "from": lambda: (Sql("m.author_name"), Sql("m.author_address")),
    "to": _first_recipient,
}


def _fetch(sql: str, parameters: Sequence[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
