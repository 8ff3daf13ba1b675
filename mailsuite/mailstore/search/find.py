"""Answers a query: conversations for the search box, UIDs for IMAP. What JMAP asks of messages: see `listing`.

There are two ways to the newest fifty conversations. Where the index knows few messages, those are looked up and sorted.
Where it knows many, the list of conversations is walked from the newest, and the walk ends when the page is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db import connection
from django.utils import timezone

from mailsuite.mailstore.models import Message
from mailsuite.mailstore.search import hints, index, substring
from mailsuite.mailstore.search.chips import without
from mailsuite.mailstore.search.compile import TRUE, Scope, Sql, condition, labels_named, numbers
from mailsuite.mailstore.search.document import All, Match
from mailsuite.mailstore.search.grammar import Parsed, parse
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.matching import as_match
from mailsuite.mailstore.search.query import And, Node, conjuncts, terms
from mailsuite.mailstore.search.scope import places_asked, scope_of

COUNTED = 500  # conversations; beyond it a count is an estimate
MOST = 1_000_000  # conversations that are found at once
FEW = 2_000  # messages that are looked up rather than walked to
ASIDE = (Message.Place.SPAM, Message.Place.TRASH)


@dataclass(frozen=True)
class Page:
    """Conversations, newest first. `cursor` is what `before` takes to go on; None: that is all."""

    thread_ids: list[int]
    cursor: tuple[datetime, int] | None
    count: int | None  # of all conversations found; None on pages after the first
    exact: bool
    in_spam_and_trash: int  # further conversations found there, at most COUNTED + 1
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Relaxed:
    """A query with one term left out, and how many conversations that finds."""

    without: str
    query: str
    count: int
    exact: bool


def find(
    account_id: int,
    query: str | Parsed | Node,
    *,
    now: datetime | None = None,
    zone: tzinfo = UTC,
    limit: int = 50,
    before: tuple[datetime, int] | None = None,
) -> Page:
    """Up to `limit` conversations in which a message matches (product.md 2.3). `zone`: the member's, for dates."""
    parsed = _parsed(query)
    scope = scope_of(account_id, now=now or timezone.now(), zone=zone)
    said = (*parsed.hints, *_label_hints(parsed.tree, scope))
    if not scope.roles:
        return Page([], None, None if before else 0, True, 0, said)
    places = places_asked(parsed.tree)
    rows = _conversations(parsed.tree, scope.with_places(places), before, limit + 1 if before else max(limit, COUNTED) + 1)
    count, exact = (None, True) if before else _count(rows, scope.with_places(places))
    aside = 0
    if not before and not set(places) & set(ASIDE):
        aside = len(_conversations(parsed.tree, scope.with_places(ASIDE), None, COUNTED + 1))
    page = rows[:limit]
    cursor = (page[-1][1], page[-1][0]) if len(rows) > limit else None
    return Page([thread_id for thread_id, _ in page], cursor, count, exact, aside, said)


def everything(account_id: int, query: str | Parsed | Node, *, zone: tzinfo = UTC) -> list[int]:
    """Ids of all conversations that `find` would page through, newest first."""
    tree = _parsed(query).tree
    scope = scope_of(account_id, now=timezone.now(), zone=zone)
    if not scope.roles:
        return []
    found = _conversations(tree, scope.with_places(places_asked(tree)), None, MOST)
    return [thread_id for thread_id, _ in found]


def hints_of(account_id: int, parsed: Parsed) -> tuple[Hint, ...]:
    """What is to say about how a query was read, labels that do not exist among it."""
    scope = scope_of(account_id, now=timezone.now(), zone=UTC)
    return (*parsed.hints, *_label_hints(parsed.tree, scope))


def relax(
    account_id: int, query: str | Parsed, *, now: datetime | None = None, zone: tzinfo = UTC, most: int = 5
) -> list[Relaxed]:
    """For a query that finds nothing: which single term to drop so that something is found, the most telling first."""
    parsed = _parsed(query)
    parts = conjuncts(parsed.tree)
    found = []
    for number, part in enumerate(parts[:12] if len(parts) > 1 else ()):
        rest = parts[:number] + parts[number + 1 :]
        page = find(account_id, And(rest) if len(rest) > 1 else rest[0], now=now, zone=zone, limit=1)
        if page.count:
            start, end = part.span
            shorter = without(parsed.text, part.span)
            found.append(Relaxed(parsed.text[start:end].strip(), shorter, page.count, page.exact))
    return sorted(found, key=lambda one: one.count)[:most]


def _parsed(query: str | Parsed | Node) -> Parsed:
    if isinstance(query, str):
        return parse(query)
    return query if isinstance(query, Parsed) else Parsed("", query)


def _label_hints(tree: Node, scope: Scope) -> list[Hint]:
    asked = [str(term.value) for term, _ in terms(tree) if term.operator == "label"]
    return [hints.no_label(name, scope.labels.values()) for name in asked if not labels_named(name, scope.labels)]


def _conversations(tree: Node, scope: Scope, before: tuple[datetime, int] | None, limit: int) -> list[tuple[int, datetime]]:
    """(thread id, its newest time in scope), newest first."""
    scope = replace(scope, resolved=substring.resolve(tree, scope), walking=True)
    matches, rest = _split(tree, scope)
    few = _few(scope.account_id, matches)
    if few is not None and not few:
        return []
    asked = tree if few is None else And(rest)
    matching = condition(asked, scope) if few is None or rest else TRUE
    # The plus keeps SQLite on the index by conversation; the one by account would go through everything each time.
    m = f"+m.account_id = {int(scope.account_id)} AND {scope.place_condition().text} AND {matching.text}"
    if few is not None:
        # Materialized, for a planner that knows nothing of a table yet would look anew for each conversation.
        known = f"SELECT m.thread_id FROM mailstore_message m WHERE m.id IN ({numbers(few)}) AND {m}"  # noqa: S608
        held = f"r.thread_id IN (WITH known AS MATERIALIZED ({known}) SELECT thread_id FROM known)"  # noqa: S608
    else:
        held = f"EXISTS (SELECT 1 FROM mailstore_message m WHERE m.thread_id = r.thread_id AND {m})"  # noqa: S608
    return _walk(Sql(held, matching.parameters), scope, before, limit)


def _walk(held: Sql, scope: Scope, before: tuple[datetime, int] | None, limit: int) -> list[tuple[int, datetime]]:
    boxes = scope.boxes()
    where = f"r.mailbox_id IN ({numbers(boxes)}) AND {held.text}"
    parameters: list[Any] = [*held.parameters]
    if len(boxes) == 1:
        sql, newest, clause = "SELECT r.thread_id, r.newest_at", "r.newest_at", "AND"
    else:  # a conversation that is in several places has a row in each
        sql, newest, clause = "SELECT r.thread_id, max(r.newest_at)", "max(r.newest_at)", "GROUP BY r.thread_id HAVING"
    if before:
        at = connection.ops.adapt_datetimefield_value(before[0])
        after = f" {clause} ({newest} < %s OR ({newest} = %s AND r.thread_id < %s))"
        parameters += [at, at, before[1]]
    else:
        after = " GROUP BY r.thread_id" if len(boxes) > 1 else ""
    order = " ORDER BY 2 DESC, 1 DESC LIMIT %s"
    return _times(_fetch(f"{sql} FROM mailstore_threadrow r WHERE {where}{after}{order}", [*parameters, limit]))


def _split(tree: Node, scope: Scope) -> tuple[tuple[Match, ...], tuple[Node, ...]]:
    """(what the index answers of the terms that must hold, the other terms)."""
    asked = [(part, as_match(part, scope.mine)) for part in conjuncts(tree)]
    return tuple(match for _, match in asked if match), tuple(part for part, match in asked if not match)


def _few(account_id: int, matches: tuple[Match, ...]) -> list[int] | None:
    """The ids of the messages that the index knows for all of these; None where they are many, or it is not asked."""
    ids = index.newest(account_id, All(matches), FEW + 1) if matches else []
    return ids if matches and len(ids) <= FEW else None


def _count(rows: Sequence[tuple[int, datetime]], scope: Scope) -> tuple[int, bool]:
    """Exact up to COUNTED; beyond it the density among the newest is taken for that of all."""
    if len(rows) <= COUNTED:
        return len(rows), True
    boxes, last = numbers(scope.boxes()), connection.ops.adapt_datetimefield_value(rows[COUNTED - 1][1])
    sql = f"SELECT count(*), count(CASE WHEN newest_at >= %s THEN 1 END) FROM mailstore_threadrow WHERE mailbox_id IN ({boxes})"  # noqa: S608
    total, walked = _fetch(sql, [last])[0]
    return max(COUNTED + 1, round(COUNTED * total / max(walked, 1))), False


def _fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _times(rows: list[tuple[Any, ...]]) -> list[tuple[int, datetime]]:
    """SQLite gives times back as text, or without their zone."""
    return [(thread_id, _utc(at if isinstance(at, datetime) else datetime.fromisoformat(at))) for thread_id, at in rows]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
