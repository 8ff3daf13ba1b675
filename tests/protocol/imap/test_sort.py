"""Base subjects, the order of strings, and SORT against a model that compares two messages at a time."""

from __future__ import annotations

from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap import sort
from mailsuite.protocol.imap.base_subject import base_subject, collated
from mailsuite.protocol.imap.returning import Returns
from mailsuite.protocol.imap.search import And, BadCharset, Key
from mailsuite.protocol.imap.sort import Criterion
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem


@pytest.mark.parametrize(
    ("subject", "base", "replied"),
    [
        ("Lunch", "Lunch", False),
        ("", "", False),
        ("  Lunch \t today  ", "Lunch today", False),
        ("Re: Lunch", "Lunch", True),
        ("RE : re:Lunch", "Lunch", True),
        ("Fw: Fwd: FWD: Lunch", "Lunch", True),
        ("Re[2]: Lunch", "Lunch", True),
        ("Re [2] : Lunch", "Lunch", True),
        ("[garden] Re: Lunch", "Lunch", True),
        ("Re: [garden] Lunch", "Lunch", True),
        ("[garden] Lunch", "Lunch", False),
        ("[garden] [roof] Re: [x] Lunch", "Lunch", True),
        ("[garden]", "[garden]", False),
        ("Re: [garden]", "[garden]", True),
        ("[a] [b]", "[b]", False),
        ("Lunch (fwd)", "Lunch", True),
        ("Lunch (FWD) (fwd) ", "Lunch", True),
        ("[Fwd: Lunch]", "Lunch", True),
        ("[fwd: Re: [Fwd: Lunch (fwd)]]", "Lunch", True),
        ("Re:", "", True),
        ("(fwd)", "", True),
        ("Reply: Lunch", "Reply: Lunch", False),
        ("Regarding Lunch", "Regarding Lunch", False),
        ("Re Lunch", "Re Lunch", False),
        ("AW: Lunch", "AW: Lunch", False),  # RFC 5256 §2.1 knows no other language
        ("[fwd Lunch] today", "today", False),
    ],
)
def test_base_subjects(subject: str, base: str, replied: bool) -> None:
    assert base_subject(subject) == (base, replied)


@given(st.text(st.sampled_from("[]: \treRfwdFW()x2"), max_size=40))
def test_a_base_subject_has_no_more_to_take_away(subject: str) -> None:
    base, _ = base_subject(subject)
    assert base_subject(base)[0] == base
    assert base in " ".join(subject.replace("\t", " ").split(" ")) or base in " ".join(subject.split())


def test_hostile_subjects_are_read_at_once() -> None:
    for hostile in (
        "[" * 100_000,
        "[a]" * 50_000,
        "re" * 50_000,
        "(fwd)" * 50_000,
        "[fwd:" * 20_000 + "]" * 20_000,
        "re:" * 50_000,
    ):
        base_subject(hostile)
    collated("e" + "\u0301\u0323" * 50_000)


def test_strings_compare_as_rfc_5051_says() -> None:
    assert collated("straße") == "STRAßE"
    assert collated("É") == collated("é") == collated("e\u0301") == "E\u0301"
    assert collated("ǆ") == collated("ǅ") == collated("Ǆ")
    assert sorted(["b", "ä", "A", "Z", "á"], key=collated) == ["A", "á", "ä", "b", "Z"]


# --- the arguments ---


def test_sort_takes_keys_a_charset_and_a_search() -> None:
    asked = sort.parse(Parser([b"return (count) (SUBJECT REVERSE date) US-ASCII ALL"]))
    assert asked.criteria == (Criterion("SUBJECT"), Criterion("DATE", True))
    assert asked.tree == And((Key("ALL"),))
    assert asked.returns == Returns(frozenset({"COUNT"}))
    with pytest.raises(BadCharset):
        sort.parse(Parser([b"(DATE) KLINGON ALL"]))


@pytest.mark.parametrize(
    "text",
    [b"() UTF-8 ALL", b"(REVERSE) UTF-8 ALL", b"(DATE) UTF-8", b"(DATE)", b"DATE UTF-8 ALL", b"(REVERSE REVERSE DATE) UTF-8 ALL",
     b"(BCC) UTF-8 ALL", b"(" + b"DATE " * 50 + b"DATE) UTF-8 ALL", b"(DATE)UTF-8 ALL"],
)  # fmt: skip
def test_what_is_no_sort_is_bad(text: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        sort.parse(Parser([text]))


# --- the order ---

MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "SIZE": st.integers(0, 3),
            "DATE": st.sampled_from(["2026-11-23 12:00:00", "2026-11-23 12:00:01", "2025-01-01 00:00:00"]),
            "SUBJECT": st.sampled_from(["a", "Re: A", "b", "[x] B", "", "Fwd: é", "E", "z", None]),
            "FROM": st.sampled_from(["bob@b.example", "Alice@z.example", "alice@a.example", "carol", "", None]),
            "DISPLAYTO": st.sampled_from(["Ämter", "amt", "Zoe", "bob@example.org"]),
        }
    ),
    max_size=12,
)
KEYS = st.sampled_from(["SIZE", "DATE", "SUBJECT", "FROM", "DISPLAYTO"])
CRITERIA = st.lists(st.builds(Criterion, KEYS, st.booleans()), min_size=1)


def _seen_as(key: str, value: object) -> object:
    if key == "SUBJECT":
        return collated(base_subject(str(value or ""))[0])
    if key == "FROM":
        return collated(str(value or "").split("@")[0])
    return collated(str(value)) if key == "DISPLAYTO" else value


@given(MESSAGES, CRITERIA)
def test_messages_come_in_the_order_in_which_any_two_of_them_would(messages: list[dict], criteria: list[Criterion]) -> None:
    def compare(one: int, other: int) -> int:
        for criterion in criteria:
            a, b = (_seen_as(criterion.key, messages[index][criterion.key]) for index in (one, other))
            if a != b:
                return (-1 if a < b else 1) * (-1 if criterion.reverse else 1)  # type: ignore[operator]
        return one - other

    values = {one.key: sort.comparable(one.key, [message[one.key] for message in messages]) for one in criteria}
    assert sort.order(len(messages), criteria, values) == sorted(range(len(messages)), key=cmp_to_key(compare))
