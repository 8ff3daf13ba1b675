"""Dividing a text into visible, quoted and signature."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.answer import reply_text
from mailsuite.protocol.attribution import SENTENCES
from mailsuite.protocol.quote import known_share, split, visible_text

LINES = [
    "> quoted",
    ">",
    "",
    "mine",
    "-- ",
    "Alice",
    "On 3 October 2026 Bob wrote:",
    "From: Bob",
    "Sent: today",
    "To: x",
    "_" * 20,
]
LINES += ["-----Original Message-----", "---------- Forwarded message ---------"]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in split(text)]


@given(st.lists(st.sampled_from(LINES), max_size=14), st.sampled_from(["\n", "\r\n"]))
def test_the_pieces_are_the_text(lines: list[str], end: str) -> None:
    text = end.join(lines)
    assert "".join(piece.text for piece in split(text)) == text
    assert visible_text(text) or not text.strip()


@given(st.lists(st.sampled_from(["> quoted", "", "mine", "also mine", "On 3 October 2026 Bob wrote:"]), max_size=12))
def test_an_own_line_after_a_quotation_is_never_hidden(lines: list[str]) -> None:
    shown = visible_text("\n".join(lines)).split("\n")
    after = lines[next((at for at, line in enumerate(lines) if line.startswith(">")), 0) :]
    assert [line for line in after if "mine" in line] == [line for line in after if line in shown and "mine" in line]


@pytest.mark.parametrize("language", SENTENCES)
def test_the_quotation_of_an_answer_is_found_in_every_language(language: str) -> None:
    quotation = reply_text("Hello\n\nBob\n", name="Bob", date=datetime(2026, 10, 3, 14, 2), language=language)
    assert kinds(f"Yes.\n\n{quotation}") == [("visible", "Yes.\n\n"), ("quoted", quotation)]


def test_an_introduction_may_be_broken_over_lines() -> None:
    quotation = "On Sat, Oct 3, 2026 at 2:02 PM\nBob Long Name <bob@example.org>\nwrote:\n\n> Hello\n"
    assert kinds(f"Yes.\n\n{quotation}")[1] == ("quoted", quotation)
    halves = "On Sat, Oct 3, 2026 at 2:02 PM Bob Long Name\n<bob@example.org> wrote:\n> Hello\n"
    assert kinds(f"Yes.\n\n{halves}")[1] == ("quoted", halves)


def test_signatures_are_found_above_and_below_the_quotation() -> None:
    assert kinds("Yes.\n-- \nAlice\n\n> Hello\n") == [
        ("visible", "Yes.\n"),
        ("signature", "-- \nAlice\n\n"),
        ("quoted", "> Hello\n"),
    ]
    assert kinds("Yes.\n> Hello\n-- \nAlice\n") == [("visible", "Yes.\n"), ("quoted", "> Hello\n"), ("signature", "-- \nAlice\n")]
    assert kinds("Yes.\n-- \n" + "line\n" * 30) == [("visible", "Yes.\n-- \n" + "line\n" * 30)]


def test_answers_between_the_lines_stay_as_they_are() -> None:
    for text in ("> One?\nYes.\n> Two?\nNo.\n", "Hi\n> One?\nYes.\n> Two?\n", "> One?\nYes.\n"):
        assert {piece.kind for piece in split(text)} == {"visible"}


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----\nFrom: Bob\n",
        "________________________________\nFrom: Bob <bob@example.org>\nSent: Saturday\nTo: Alice\nSubject: x\n",
        "Von: Bob <bob@example.org>\nGesendet: Samstag\nAn: Alice\nBetreff: x\n",
        "De : Bob\nEnvoyé : samedi\nÀ : Alice\nObjet : x\n",
        "发件人: Bob\n发送时间: 2026\n收件人: Alice\n主题: x\n",
        "-----Ursprüngliche Nachricht-----\nVon: Bob\n",
    ],
)
def test_what_outlook_appends_is_quoted(head: str) -> None:
    assert kinds(f"Yes.\n\n{head}\nHello\n") == [("visible", "Yes.\n\n"), ("quoted", f"{head}\nHello\n")]
    assert kinds(f"{head}\nHello\n") == [("visible", f"{head}\nHello\n")], "nothing new stands above: it is a forward"


def test_a_forward_hides_nothing() -> None:
    text = "Look:\n\n---------- Forwarded message ---------\nFrom: Bob\n\n> Hello\n"
    assert kinds(text) == [("visible", text)]
    assert [piece.kind for piece in split("Look:\n\nVon: Bob\nGesendet: x\nAn: y\nBetreff: z\n\nHello", forward=True)] == [
        "visible"
    ]


def test_a_text_of_nothing_but_a_quotation_is_shown() -> None:
    assert visible_text("> Hello\n") == "> Hello"
    assert visible_text("Yes.\n\nOn 3 October 2026, Bob wrote:\n> Hello\n-- \nAlice\n") == "Yes."


def test_how_much_of_a_quotation_is_known() -> None:
    earlier = ["Hello Alice,\nthe roof is red.\n"]
    assert known_share("On 3 October 2026, Bob wrote:\n> Hello  Alice,\n> the roof\n> is blue.\n", earlier) == pytest.approx(
        1 / 3
    )
    assert known_share("> Hello Alice,\n>> the roof is red.", earlier) == 1.0


def test_long_and_hostile_texts_take_linear_time() -> None:
    for text in (
        "\n" * 200_000,
        "> x\n" * 100_000,
        "On 1 " * 100_000 + "wrote:\n> x",
        "-- \n" * 100_000,
        "From: a\n" * 19_000,
        "\n\n> " * 9_000,
    ):
        assert "".join(piece.text for piece in split(text)) == text
