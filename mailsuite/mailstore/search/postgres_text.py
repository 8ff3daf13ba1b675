"""The index on PostgreSQL: a tsvector per message, built from our own tokens, under one GIN index.

A plain word is a lexeme with a weight: A subject, B people, C attachment names, D text. What an operator asks of one people
field is a lexeme of its own, marked with the field's letter, for four weights are too few. Positions stop at 16,383: beyond
them words are still found, phrases are not.
"""

from __future__ import annotations

from typing import Any as Anything

from django.db import connection

from mailsuite.mailstore.search.document import WORDS, All, Any, Document, Fact, Match, Near, Phrase, Without, owner

CREATE = (
    "CREATE TABLE mailstore_fts (message_id bigint PRIMARY KEY, document tsvector NOT NULL)",
    # A long list of pending entries makes the planner read every document instead (10,000 messages: 150 ms against 0.1).
    "CREATE INDEX mailstore_fts_document ON mailstore_fts USING gin (document) WITH (gin_pending_list_limit = 256)",
)
DROP = "DROP TABLE mailstore_fts"
_WEIGHTS = {"subject": "A", "author": "B", "recipient": "B", "cc": "B", "bcc": "B", "files": "C", "body": "D"}
_MARKED = {"author": "_f", "recipient": "_r", "cc": "_c", "bcc": "_b"}
_LAST = 16_383  # the highest position a tsvector keeps
_MOST = 256  # positions of one lexeme
_ROOM = 900_000  # bytes; a tsvector ends at 1 MB


def written(document: Document) -> tuple[str, ...]:
    """A document as this engine takes it: one tsvector."""
    return (vector(document),)


def add(documents: list[tuple[int, tuple[str, ...]]]) -> None:
    """Index documents, given as (message id, what `written` made)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO mailstore_fts (message_id, document) VALUES (%s, %s::tsvector)",
            [(message_id, *columns) for message_id, columns in documents],
        )


def remove(documents: list[tuple[int, tuple[str, ...]]]) -> None:
    """Take documents out."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mailstore_fts WHERE message_id = ANY(%s)", [[message_id for message_id, _ in documents]])


def clear() -> None:
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mailstore_fts")


def condition(account_id: int, match: Match) -> tuple[str, list[Anything]]:
    """A subquery of message ids."""
    return "SELECT message_id FROM mailstore_fts WHERE document @@ %s::tsquery", [expression(account_id, match)]


def newest(account_id: int, match: Match, limit: int) -> tuple[str, list[Anything]]:
    """A query of message ids, the last to arrive first."""
    sql, parameters = condition(account_id, match)
    return f"{sql} ORDER BY message_id DESC LIMIT %s", [*parameters, limit]


def vector(document: Document) -> str:
    """The tsvector as PostgreSQL reads it: 'lexeme':1A,5B …; a wall is a gap in the positions."""
    places: dict[str, list[str]] = {}
    position = 1
    for column in WORDS:
        mark = _MARKED.get(column)
        for token in getattr(document, column).split():
            at = f"{min(position, _LAST)}{_WEIGHTS[column]}"
            position += 1
            if token != Document.WALL:
                places.setdefault(token, []).append(at)
                if mark:
                    places.setdefault(mark + token, []).append(at)
        position += 1
    for token in document.facts().split():
        position += 1
        if token != Document.WALL:
            places.setdefault(token, []).append(str(min(position, _LAST)))
    return " ".join(_within_room(places))


def _within_room(places: dict[str, list[str]]) -> list[str]:
    room, written = _ROOM, []
    for token, positions in sorted(places.items(), key=lambda item: not item[0].startswith("_")):  # facts first
        room -= len(token.encode()) + 2 * min(len(positions), _MOST) + 8
        if room < 0:
            break
        written.append(f"'{token}':{','.join(dict.fromkeys(positions[:_MOST]))}")
    return written


def expression(account_id: int, match: Match) -> str:
    """The tsquery, bound to the account (PostgreSQL documentation, 8.11.2)."""
    return f"'{owner(account_id)}' & {_write(match)}"


def _write(match: Match) -> str:
    match match:
        case Phrase(fields, tokens, prefix):
            return "(" + " | ".join(_phrase(form, tokens, prefix) for form in _forms(fields)) + ")"
        case Fact(tokens, prefix):
            return _phrase(("_", ""), tokens, prefix)
        case Near(left, right, within):
            return "(" + " | ".join(_near(form, left, right, within) for form in _forms(left.fields)) + ")"
        case All(matches):
            return "(" + " & ".join(_write(one) for one in matches) + ")"
        case Any(matches):
            return "(" + " | ".join(_write(one) for one in matches) + ")"
        case Without(one):
            return f"!{_write(one)}"


def _forms(fields: tuple[str, ...]) -> list[tuple[str, str]]:
    """(mark before the token, weights after it) for each way the fields are written in the vector."""
    if fields == WORDS:
        return [("", "")]
    marked = [(_MARKED[name], "") for name in fields if name in _MARKED]
    weights = "".join(sorted({_WEIGHTS[name] for name in fields if name not in _MARKED}))
    return [*marked, ("", weights)] if weights else marked


def _phrase(form: tuple[str, str], tokens: tuple[str, ...], prefix: bool) -> str:
    mark, weights = form
    words = [f"'{mark}{token}'" for token in tokens]
    suffixes = [weights] * (len(words) - 1) + [("*" if prefix else "") + weights]
    return "(" + " <-> ".join(word + (f":{suffix}" if suffix else "") for word, suffix in zip(words, suffixes, strict=True)) + ")"


def _near(form: tuple[str, str], left: Phrase, right: Phrase, within: int) -> str:
    one, other = _phrase(form, left.tokens, left.prefix), _phrase(form, right.tokens, right.prefix)
    # <N> measures from the last word of the left side to the last word of the right one.
    pairs = [(one, other, len(right.tokens)), (other, one, len(left.tokens))]
    return " | ".join(f"({a} <{gap + size}> {b})" for a, b, size in pairs for gap in range(within + 1))
