"""Query/parse: how a query of the search box is read, and what may have been meant (product.md 2.2, 2.6)."""

from __future__ import annotations

from collections.abc import Iterable

from mailsuite.mailstore.search import chips, find, grammar
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.query import as_data
from webmail.jmap import ids
from webmail.jmap.arguments import only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, invalid


def parse(context: Context, arguments: Json) -> Json:
    """The tree, chips and hints of a query."""
    only(arguments, "accountId", "query")
    account_id = context.account_id(arguments)
    parsed = read(arguments)
    return {
        "accountId": ids.name("A", account_id),
        "tree": as_data(parsed.tree),
        "chips": [{"text": chip.text, "query": chip.without} for chip in chips.chips(parsed)],
        "hints": said(parsed.text, find.hints_of(account_id, parsed)),
    }


def read(arguments: Json) -> grammar.Parsed:
    """The argument `query`, read; of one that is longer than is read at all, not more than shows that it is."""
    query = text(arguments, "query")
    if query is None:
        raise invalid("query is missing")
    return grammar.parse(query[: grammar.LONGEST + 1].replace("\0", " "))


def said(query: str, hints: Iterable[Hint]) -> list[Json]:
    """Hints as objects."""
    return [
        {
            "code": hint.code,
            "text": hint.text,
            "typed": hint.typed,
            "meant": hint.meant,
            "query": chips.better(query, hint),
        }
        for hint in hints
    ]
