"""Words are marked where the index would have found them."""

from __future__ import annotations

import pytest

from mailsuite.mailstore.search.marking import Marker


@pytest.mark.parametrize(
    ("phrases", "text", "marked"),
    [
        (["soup"], "Eat Soup, soup_x soupy sóup", ["Soup", "soup", "sóup"]),
        (["eat soup"], "we eat,\n<soup> and eat no soup", ["eat,\n<soup"]),
        (["soup", "eat"], "eat soup", ["eat", "soup"]),
        (["京都"], "東京都に", ["京都"]),
        (["東京 abc"], "東京abc", ["東京abc"]),
        (["strasse"], "die Straße", ["Straße"]),
        (["resume"], "my Re\u0301sume\u0301", ["Re\u0301sume\u0301"]),
        (["a.b@example.org"], "to a.b@example.org", ["a.b@example.org"]),
        (["("], "(a)", []),
        ([], "soup", []),
        (["soup"], "", []),
    ],
)
def test_words_are_marked(phrases: list[str], text: str, marked: list[str]) -> None:
    found = [text[start:end] for start, end in Marker(phrases).spans(text)]
    assert [one.rstrip("\u0301") for one in found] == [one.rstrip("\u0301") for one in marked]


def test_only_so_much_is_looked_at() -> None:
    assert len(Marker(["a"]).spans("a " * 1_000_000)) == 50
    assert Marker(["b"]).spans("a " * 1_000_000 + "b") == []
    assert Marker(["a " * 100_000]).spans("a " * 100) != []
