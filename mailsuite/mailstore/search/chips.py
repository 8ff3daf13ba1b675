"""A query taken apart for who typed it: a chip for each thing that must hold, and the query as a hint would have it."""

from __future__ import annotations

from typing import NamedTuple

from mailsuite.mailstore.search.grammar import Parsed
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.query import conjuncts


class Chip(NamedTuple):
    """`text` as typed, and the query without it."""

    text: str
    without: str


def chips(parsed: Parsed) -> list[Chip]:
    """How the query was read."""
    found = []
    for part in conjuncts(parsed.tree):
        start, end = part.span
        if text := parsed.text[start:end].strip():
            found.append(Chip(text, " ".join((parsed.text[:start] + parsed.text[end:]).split())))
    return found


def better(query: str, hint: Hint) -> str:
    """The query with what the hint says in place of the word it is about; empty where the hint has nothing better."""
    if not hint.typed or not hint.meant:
        return ""
    words = query.split()
    wrong = next((word for word in words if word == hint.typed), next((word for word in words if hint.typed in word), None))
    return " ".join(hint.meant if word == wrong else word for word in words)
