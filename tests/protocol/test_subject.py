"""Base subjects, by a file of examples for each language: `subject => base subject`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol import subject as base_subject

FILES = sorted((Path(__file__).parent / "base_subjects").glob("*.txt"))
TABLES = (base_subject.REPLY, base_subject.FORWARD, base_subject.CALENDAR, base_subject.AUTOMATIC)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_examples_of_a_language(file: Path) -> None:
    examples = [line.partition(" =>") for line in file.read_text().splitlines() if not line.startswith("#")]
    assert {subject: base_subject.base(subject) for subject, _, _ in examples} == {
        subject: expected.strip() for subject, _, expected in examples
    }


def test_every_language_of_the_tables_has_examples() -> None:
    assert {language for table in TABLES for language in table} - {""} <= {file.stem for file in FILES}


def test_only_reply_words_make_a_reply() -> None:
    assert base_subject.is_reply("Fwd: AW: Lunch?")
    assert base_subject.is_reply("[board] Re: Lunch?")
    assert not base_subject.is_reply("Fwd: Lunch?")
    assert not base_subject.is_reply("Accepted: Lunch?")


@given(st.text(alphabet=st.sampled_from("reRE:：[]()fwd 2^"), max_size=60) | st.text(max_size=60))
def test_the_base_of_a_base_subject_is_itself(subject: str) -> None:
    base = base_subject.base(subject)
    assert base_subject.base(base) == base


def test_a_subject_of_nothing_but_prefixes_costs_little() -> None:
    assert len(base_subject.base("Re: " * 100_000)) < 1_000
    assert base_subject.base("[" * 100_000) == "[" * 1_000


@pytest.mark.parametrize(
    ("subject", "reply", "forward"),
    [
        ("Lunch?", "Re: Lunch?", "Fwd: Lunch?"),
        ("Re: AW: RE[2]: Lunch?", "Re: Lunch?", "Fwd: Lunch?"),
        ("WG: Lunch?", "Re: WG: Lunch?", "Fwd: Lunch?"),
        ("Re: [garden] Re: Minutes", "Re: [garden] Minutes", "Fwd: [garden] Minutes"),
        ("回复：會議", "Re: 會議", "Fwd: 會議"),
        ("Ref: 2026/114", "Re: Ref: 2026/114", "Fwd: Ref: 2026/114"),
        ("Accepted: Lunch?", "Re: Accepted: Lunch?", "Fwd: Accepted: Lunch?"),
        ("Rest: a plan", "Re: Rest: a plan", "Fwd: Rest: a plan"),
        ("", "Re:", "Fwd:"),
        ("two\r\nlines", "Re: two lines", "Fwd: two lines"),
    ],
)
def test_an_answer_has_one_prefix(subject: str, reply: str, forward: str) -> None:
    assert base_subject.reply_subject(subject) == reply
    assert base_subject.forward_subject(subject) == forward
    assert base_subject.reply_subject(reply) == reply


def test_an_answer_to_nothing_but_prefixes_costs_little() -> None:
    assert base_subject.reply_subject("[a] Re: " * 100_000).startswith("Re: [a] [a]")


@pytest.mark.parametrize(
    ("subject", "forward"),
    [
        ("Fwd: Lunch?", True),
        ("WG: Lunch?", True),
        ("Fwd: Re: Lunch?", True),
        ("[garden] Fw: Lunch?", True),
        ("[Fwd: Lunch?]", True),
        ("转发：會議", True),
        ("Re: Fwd: Lunch?", False),
        ("AW: WG: Lunch?", False),
        ("Lunch?", False),
        ("", False),
        ("Forward motion: a plan", False),
    ],
)
def test_a_forward_is_what_its_outermost_prefix_says(subject: str, forward: bool) -> None:
    assert base_subject.is_forward(subject) is forward
