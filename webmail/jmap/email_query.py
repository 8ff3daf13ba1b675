"""Email/query and /queryChanges (RFC 8621 §4.4, §4.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mailsuite.mailstore import changes as log
from mailsuite.mailstore import emails as store
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.search.listing import Listing, Order
from mailsuite.mailstore.search.query import Node
from webmail.jmap import email_filter, querying, standard
from webmail.jmap.arguments import boolean
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError
from webmail.jmap.querying import Comparator, Query

ORDERS = {"receivedAt": "received", "sentAt": "sent", "size": "size", "from": "from", "to": "to", "subject": "subject"}
BY_KEYWORD: dict[str, Callable[[Node], Node]] = {
    "hasKeyword": lambda node: node,
    "allInThreadHaveKeyword": email_filter.all_in_thread,
    "someInThreadHaveKeyword": email_filter.some_in_thread,
}
SORTS = (*ORDERS, *BY_KEYWORD)


def query(context: Context, arguments: Json) -> Json:
    """Email/query."""
    asked = querying.query_of(context, arguments, "collapseThreads")
    state, found = standard.steadily(asked.account_id, lambda: _window(asked, _listing(asked, arguments)))
    return querying.answer(asked, *found, state, can_calculate_changes=True)


def _window(asked: Query, listing: Listing) -> tuple[list[str], int, int | None]:
    """The ids, the place of the first, and how many there are in all, where that is asked."""
    if asked.anchor is not None or asked.position < 0:
        results = listing.everything()
        start = querying.start_of(asked, results)
        return results[start : start + asked.most], start, len(results)
    page = listing.page(asked.position, asked.most) if asked.most else []
    return page, asked.position, listing.total() if asked.total else None


def query_changes(context: Context, arguments: Json) -> Json:
    """Email/queryChanges."""
    asked = querying.query_changes_of(context, arguments, "collapseThreads")
    of_threads = boolean(arguments, "collapseThreads") or _asks_of_threads(asked.query)
    since = standard.since_modseq(arguments, "sinceQueryState")

    def read() -> tuple[Changed, list[str], int | None]:
        changed = _changed(asked.query.account_id, since, of_threads=of_threads)
        listing = _listing(asked.query, arguments)
        return changed, listing.everything() if changed.all else [], listing.total() if asked.query.total else None

    state, (changed, results, total) = standard.steadily(asked.query.account_id, read)
    return querying.query_changed(asked, results, created=changed.created, changed=changed.all, state=state, total=total)


class Changed(NamedTuple):
    """EMAILIDs of what may stand elsewhere in a list than before, and those of them that are new."""

    all: set[str]
    created: set[str]


def _changed(account_id: int, since: int, *, of_threads: bool) -> Changed:
    """What changed after a modseq; `of_threads`: and every message of a conversation in which something did."""
    emails, threads = log.some_since(account_id, since, "emails"), log.some_since(account_id, since, "threads")
    if emails is None or threads is None:
        raise MethodError("cannotCalculateChanges")
    created, *others = emails.difference.created, emails.difference.updated, emails.difference.destroyed
    changed = {*created, *(one for names in others for one in names)}
    if of_threads:
        changed |= _all_of(account_id, [*threads.difference.created, *threads.difference.updated])
    return Changed(changed, set(created))


def _all_of(account_id: int, threads: Sequence[int]) -> set[str]:
    return {one for found in store.email_ids(account_id, threads).values() for one in found}


def _listing(asked: Query, arguments: Json) -> Listing:
    boxes = mailboxes.list_all(asked.account_id)
    tree = email_filter.tree(asked.filter, [box.pk for box in boxes])
    orders = [_order(one) for one in asked.sort]
    return Listing(asked.account_id, tree, boxes, orders, collapse=boolean(arguments, "collapseThreads"))


def _order(one: Comparator) -> Order:
    known = {"keyword"} if one.property in BY_KEYWORD else set()
    if one.property not in SORTS or one.more.keys() != known:
        raise MethodError("unsupportedSort", f"{one.property[:100]} is nothing to sort by so")
    if one.property in BY_KEYWORD:
        node = email_filter.keyword("keyword", one.more["keyword"])
        return Order("holds", one.ascending, BY_KEYWORD[one.property](node))
    return Order(ORDERS[one.property], one.ascending, ascii=one.collation == querying.COLLATIONS[0])


def _asks_of_threads(asked: Query) -> bool:
    return any(one.property.endswith("InThreadHaveKeyword") for one in asked.sort) or (
        asked.filter is not None and querying.folded(asked.filter, _names_threads, lambda _, values: any(values))
    )


def _names_threads(condition: Json) -> bool:
    return any("InThread" in name for name in condition)
