"""A query taken apart for who typed it: a chip for each thing that must hold, and the query as a hint would have it."""

from __future__ import annotations

import re
from typing import NamedTuple

from mailsuite.mailstore.search.grammar import Parsed
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.query import Span, conjuncts

_WORD = re.compile(r'[^\s(){}"]*"[^"]*"?|[^\s(){}"]+')


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
            found.append(Chip(text, without(parsed.text, part.span)))
    return found


def without(query: str, span: Span) -> str:
    """The query without what stands there, and without the AND that joined it."""
    before, after = query[: span[0]].split(), query[span[1] :].split()
    if before[-1:] == ["AND"]:
        before.pop()
    elif not before and after[:1] == ["AND"]:
        after.pop(0)
    return " ".join([*before, *after])


def better(query: str, hint: Hint) -> str:
    """The query with what the hint says in place of the word it is about; empty where the hint has nothing better."""
    if not hint.typed or not hint.meant:
        return ""
    words = list(_WORD.finditer(query))
    wrong = next((one for one in words if one[0] == hint.typed), next((one for one in words if hint.typed in one[0]), None))
    if wrong is None:
        return ""
    # A date is said without the operator that it follows.
    right = hint.meant if ":" in hint.meant else wrong[0].replace(hint.typed, hint.meant)
    return " ".join((query[: wrong.start()] + right + query[wrong.end() :]).split())
