"""Text to tokens: the short way for ASCII text keeps what the long way keeps."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsuite.mailstore.search import fold

ASCII = st.text(st.characters(max_codepoint=127), max_size=300)


@given(st.one_of(ASCII, st.text(max_size=300)))
@example("a_b c__d")
@example("x" * 64 + " " + "y" * 65 + "." + "z" * 200)
@example("R\u00e9sum\u00e9 und_so " + "w" * 70)
def test_what_is_indexed_are_the_tokens(text: str) -> None:
    assert fold.indexed(text).split() == fold.tokens(text)


@pytest.mark.parametrize("text", ["one two three", "one  two\r\n\r\nthree", "eins zw\u00f6lf drei"])
def test_no_more_tokens_are_kept_than_asked_for(text: str) -> None:
    assert len(fold.indexed(text, 2).split()) == len(fold.tokens(text, 2)) == 2
