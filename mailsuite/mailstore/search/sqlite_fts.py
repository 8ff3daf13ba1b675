"""The index on SQLite: one contentless FTS5 table for all accounts, rowid = message id, written for SQLite 3.40.

Tokens come folded (`fold`), so the tokenizer only splits at blanks: `ascii` takes every byte above 127 as part of a word.
The owner is a token, so that one account's hits are an intersection, and rowid order is order of arrival without sorting.
"""

from __future__ import annotations

from typing import Any as Anything

from django.db import connection

from mailsuite.mailstore.search.document import All, Any, Document, Fact, Match, Near, Phrase, Without, owner

COLUMNS = ("facts", "author", "recipient", "cc", "bcc", "subject", "body", "files")
CREATE = (
    f"CREATE VIRTUAL TABLE mailstore_fts USING fts5({', '.join(COLUMNS)}, content='', columnsize=0, "
    "tokenize=\"ascii tokenchars '_'\")"
)
DROP = "DROP TABLE mailstore_fts"
_PLACES = ", ".join(["%s"] * (len(COLUMNS) + 1))
_ADD = f"INSERT INTO mailstore_fts(rowid, {', '.join(COLUMNS)}) VALUES ({_PLACES})"  # noqa: S608 - constants only
_REMOVE = f"INSERT INTO mailstore_fts(mailstore_fts, rowid, {', '.join(COLUMNS)}) VALUES ('delete', {_PLACES})"  # noqa: S608


def written(document: Document) -> tuple[str, ...]:
    """A document as this engine takes it: the text of each column."""
    return (document.facts(), *(getattr(document, column) for column in COLUMNS[1:]))


def add(documents: list[tuple[int, tuple[str, ...]]]) -> None:
    """Index documents, given as (message id, what `written` made) in the order of the ids."""
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [(message_id, *columns) for message_id, columns in documents])


def remove(documents: list[tuple[int, tuple[str, ...]]]) -> None:
    """Take documents out. A contentless table needs the same tokens again (contentless_delete came with SQLite 3.43)."""
    with connection.cursor() as cursor:
        cursor.executemany(_REMOVE, [(message_id, *columns) for message_id, columns in documents])


def clear() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO mailstore_fts(mailstore_fts) VALUES ('delete-all')")


def condition(account_id: int, match: Match) -> tuple[str, list[Anything]]:
    """A subquery of message ids."""
    return "SELECT rowid FROM mailstore_fts WHERE mailstore_fts MATCH %s", [expression(account_id, match)]


def newest(account_id: int, match: Match, limit: int) -> tuple[str, list[Anything]]:
    """A query of message ids, the last to arrive first: FTS5 walks its lists backwards, nothing is sorted."""
    sql, parameters = condition(account_id, match)
    return f"{sql} ORDER BY rowid DESC LIMIT %s", [*parameters, limit]


def expression(account_id: int, match: Match) -> str:
    """The MATCH expression (https://www.sqlite.org/fts5.html#full_text_query_syntax), bound to the account."""
    everything = f'facts : "{owner(account_id)}"'
    return f"{everything} AND {_write(match, everything)}"


def _write(match: Match, everything: str) -> str:
    match match:
        case Phrase(fields, tokens, prefix):
            return f"({{{' '.join(fields)}}} : {_phrase(tokens, prefix)})"
        case Fact(tokens, prefix):
            return f"(facts : {_phrase(tuple(f'_{token}' for token in tokens), prefix)})"
        case Near(left, right, within):
            both = f"{_phrase(left.tokens, left.prefix)} {_phrase(right.tokens, right.prefix)}"
            return f"({{{' '.join(left.fields)}}} : NEAR({both}, {within}))"
        case All(matches):
            return "(" + " AND ".join(_write(one, everything) for one in matches) + ")"
        case Any(matches):
            return "(" + " OR ".join(_write(one, everything) for one in matches) + ")"
        case Without(one):
            return f"({everything} NOT {_write(one, everything)})"


def _phrase(tokens: tuple[str, ...], prefix: bool) -> str:
    return '"' + " ".join(tokens) + '"' + (" *" if prefix else "")
