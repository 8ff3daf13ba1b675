"""What /query and /queryChanges share, whatever they are about (RFC 8620 §5.5, §5.6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from webmail.jmap import ids
from webmail.jmap.arguments import BIG, boolean, number, only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

T = TypeVar("T")
MOST_RESULTS = 10_000  # ids in one response
MOST_CONDITIONS = 200
DEEPEST = 8  # operators in one another: a database reads expressions only so deep
MOST_COMPARATORS = 20
# What every comparator may have; the last five are the query's own, and jmapc repeats them here. They mean nothing.
OF_COMPARATOR = {"property", "isAscending", "collation", "position", "anchor", "anchorOffset", "limit", "calculateTotal"}
COLLATIONS = ("i;ascii-casemap", "i;unicode-casemap")
NAMES = ("accountId", "filter", "sort")


class Comparator(NamedTuple):
    """One level of an order; `more` are what the kind of object knows besides (`keyword`)."""

    property: str
    ascending: bool
    collation: str
    more: Json


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, and which window of it."""

    account_id: int
    filter: Json | None
    sort: list[Comparator]
    position: int = 0
    anchor: str | None = None
    anchor_offset: int = 0
    limit: int | None = None
    total: bool = False

    @property
    def most(self) -> int:
        """How many ids the response may have."""
        return MOST_RESULTS if self.limit is None else min(self.limit, MOST_RESULTS)


def query_of(context: Context, arguments: Json, *more: str) -> Query:
    """The arguments of a /query, checked; `more` are the names of arguments that this method has besides. Raises MethodError."""
    only(arguments, *NAMES, "position", "anchor", "anchorOffset", "limit", "calculateTotal", *more)
    return Query(
        context.account_id(arguments),
        _filter(arguments),
        _sort(arguments),
        number(arguments, "position", 0, least=-BIG) or 0,
        text(arguments, "anchor"),
        number(arguments, "anchorOffset", 0, least=-BIG) or 0,
        number(arguments, "limit"),
        boolean(arguments, "calculateTotal"),
    )


def _filter(arguments: Json) -> Json | None:
    found = arguments.get("filter")
    if found is not None and not isinstance(found, dict):
        raise invalid("filter is an object")
    return found


def _sort(arguments: Json) -> list[Comparator]:
    found = arguments.get("sort")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or len(found) > MOST_COMPARATORS:
        raise invalid(f"sort is a list of at most {MOST_COMPARATORS} comparators")
    return [_comparator(one) for one in found]


def _comparator(said: Json) -> Comparator:
    collation = text(said, "collation", COLLATIONS[1])
    if collation not in COLLATIONS:
        raise MethodError("unsupportedSort", "That collation is not offered")
    more = {name: value for name, value in said.items() if name not in OF_COMPARATOR}
    return Comparator(text(said, "property", "") or "", boolean(said, "isAscending", True), str(collation), more)


def folded(found: Json, leaf: Callable[[Json], T], combine: Callable[[str, list[T]], T]) -> T:
    """The value of a filter: `leaf` of each condition, `combine` ("AND", "OR", "NOT": none of them) of each operator's."""
    left = [MOST_CONDITIONS]

    def value(one: Any, depth: int) -> T:
        left[0] -= 1
        if left[0] < 0 or depth > DEEPEST:
            raise MethodError(
                "unsupportedFilter", f"More than {MOST_CONDITIONS} conditions, or more than {DEEPEST} levels of them"
            )
        if not isinstance(one, dict):
            raise invalid("A filter is an object")
        if "operator" not in one:
            return leaf(one)
        only(one, "operator", "conditions")
        if one["operator"] not in ("AND", "OR", "NOT") or not isinstance(one.get("conditions"), list):
            raise invalid("A filter operator is AND, OR or NOT of conditions")
        return combine(one["operator"], [value(inner, depth + 1) for inner in one["conditions"]])

    return value(found, 0)


def holds(operator: str, values: list[bool]) -> bool:
    """`combine` for filters that are judged object by object."""
    return all(values) if operator == "AND" else any(values) if operator == "OR" else not any(values)


def in_order(items: Iterable[T], sort: Sequence[Comparator], keys: dict[str, Callable[[T], Any]]) -> list[T]:
    """The items as the comparators have them, ties as they came. Raises unsupportedSort for a property without a key."""
    found = list(items)
    for one in reversed(sort):
        if one.property not in keys or one.more:
            raise MethodError("unsupportedSort", f"{one.property[:100]} is nothing to sort by")
        found.sort(key=keys[one.property], reverse=not one.ascending)
    return found


def start_of(query: Query, results: Sequence[str]) -> int:
    """The index of the first id of the window. Raises anchorNotFound."""
    if query.anchor is not None:
        if query.anchor not in results:
            raise MethodError("anchorNotFound")
        return max(0, results.index(query.anchor) + query.anchor_offset)
    return query.position if query.position >= 0 else max(0, len(results) + query.position)


def queried(query: Query, results: Sequence[str], state: str, *, can_calculate_changes: bool) -> Json:
    """The response of a /query, of all ids that it found in their order."""
    start = start_of(query, results)
    page = list(results[start : start + query.most])
    return answer(query, page, start, len(results), state, can_calculate_changes=can_calculate_changes)


def answer(query: Query, page: list[str], start: int, total: int | None, state: str, *, can_calculate_changes: bool) -> Json:
    """The response of a /query whose window was cut elsewhere; `total` is needed only where it was asked for."""
    found: Json = {
        "accountId": ids.name("A", query.account_id),
        "queryState": state,
        "canCalculateChanges": can_calculate_changes,
        "position": start,
        "ids": page,
    }
    if query.total:
        found["total"] = total
    if query.most != query.limit:
        found["limit"] = query.most
    return found


@dataclass(frozen=True, slots=True)
class QueryChanges:
    """What is asked again, and since when."""

    query: Query
    since: str
    most: int | None


def query_changes_of(context: Context, arguments: Json, *more: str) -> QueryChanges:
    """The arguments of a /queryChanges, checked. `upToId` only allows to say less, and is not made use of."""
    only(arguments, *NAMES, "sinceQueryState", "maxChanges", "upToId", "calculateTotal", *more)
    account_id = context.account_id(arguments)
    text(arguments, "upToId")
    since = text(arguments, "sinceQueryState")
    if since is None:
        raise invalid("sinceQueryState is missing")
    total = boolean(arguments, "calculateTotal")
    query = Query(account_id, _filter(arguments), _sort(arguments), total=total)
    return QueryChanges(query, since, number(arguments, "maxChanges", least=1))


def query_changed(
    asked: QueryChanges,
    results: Sequence[str],
    *,
    created: Collection[str],
    changed: Collection[str],
    state: str,
    total: int | None = None,
) -> Json:
    """The response of a /queryChanges.

    results: all ids that the query finds now, in order; where nothing changed they are not needed, nor counted if `total` is
    given. changed: every id that may stand elsewhere than before, or stand there no more; `created` those of them that did not
    exist before.
    """
    wanted, new = set(changed), set(created)
    removed = sorted(wanted - new)
    added = [{"id": one, "index": place} for place, one in enumerate(results) if one in wanted]
    if asked.most is not None and len(removed) + len(added) > asked.most:
        raise MethodError("tooManyChanges")
    found: Json = {
        "accountId": ids.name("A", asked.query.account_id),
        "oldQueryState": asked.since,
        "newQueryState": state,
        "removed": removed,
        "added": added,
    }
    return found | ({"total": len(results) if total is None else total} if asked.query.total else {})
