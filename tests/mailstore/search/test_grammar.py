"""How a typed query is read: the shared cases, and that reading never fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.mailstore.search.chips import better, chips
from mailsuite.mailstore.search.grammar import DEEPEST, LONGEST, MOST_TERMS, parse
from mailsuite.mailstore.search.query import And, Node, Not, Or, as_data, terms
from tests.mailstore.search.corpus import CASES

PIECES = [
    "from:", "to:", "is:", "has:", "label:", "in:", "after:", "date:", "size:", "(", ")", "{", "}", '"', "-", "+", "OR", "AND",
    "NOT", "AROUND", "|", "*", ":", "..", " ", "roof", "天気", "2026", "10M", "7d", "\u0301", "\x00", "\ud800", "or",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES["read"], ids=lambda case: case["query"] or "nothing")
def test_a_query_is_read_as_the_table_says(case: dict[str, Any]) -> None:
    parsed = parse(case["query"])
    assert _plain(as_data(parsed.tree)) == case["tree"]
    assert [[hint.code, hint.text, better(parsed.text, hint)] for hint in parsed.hints] == case["hints"]
    assert [list(chip) for chip in chips(parsed)] == case["chips"]


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list | tuple) else data


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_no_query_fails_and_every_term_says_where_it_stands(text: str) -> None:
    parsed = parse(text)
    for term, _ in terms(parsed.tree):
        assert 0 <= term.span[0] < term.span[1] <= len(text)
    assert depth(parsed.tree) <= 3 * DEEPEST


def depth(node: Node) -> int:
    match node:
        case And(children) | Or(children):
            return 1 + max((depth(child) for child in children), default=0)
        case Not(child):
            return 1 + depth(child)
    return 1


def test_what_is_beyond_the_limits_is_left_out_with_a_hint() -> None:
    codes = [hint.code for hint in parse("roof " * LONGEST).hints]
    assert codes == ["too_long", "too_many"]
    assert len(list(terms(parse("roof " * (MOST_TERMS + 9)).tree))) == MOST_TERMS
    assert [hint.code for hint in parse("(" * 30 + "roof ").hints] == ["too_deep"]


def test_a_minus_is_not_read_as_the_beginning_of_a_word_that_goes_on() -> None:
    (_, (excluded, negated)) = terms(parse("dinner -cat").tree)
    assert negated
    assert not excluded.prefix


def test_the_language_decides_which_number_is_the_month() -> None:
    assert as_data(parse("after:4/5/2026").tree) == {"after": "2026-04-05"}
    assert as_data(parse("after:4/5/2026", day_first=True).tree) == {"after": "2026-05-04"}
    assert as_data(parse("after:4.5.2026").tree) == {"after": "2026-05-04"}
