"""What an answer takes over from its parent."""

from __future__ import annotations

from datetime import datetime

import pytest

from mailsuite.protocol import header
from mailsuite.protocol.answer import forward_text, list_post, quoted, reply_ids, reply_recipients, reply_text
from mailsuite.protocol.attribution import SENTENCES, attribution, is_attribution
from mailsuite.protocol.header import Field

MINE = {"alice@example.org", "treasurer@example.org"}


def parent(**named: str) -> list[Field]:
    return header.fields("".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items()).encode())


def answered(to: str, **named: str) -> tuple[list[str], list[str]]:
    found = reply_recipients(parent(**named), MINE, to)
    return [address for _, address in found.to], [address for _, address in found.cc]


CAROL = "Carol <carol@elsewhere.example>"


@pytest.mark.parametrize(
    ("to", "named", "expected"),
    [
        ("author", {"From": CAROL, "To": "alice@example.org, bob@example.org"}, (["carol@elsewhere.example"], [])),
        ("everyone", {"From": CAROL, "To": "ALICE+x@example.org, bob@example.org", "Cc": "dan@example.org, bob@example.org"},
         (["carol@elsewhere.example"], ["bob@example.org", "dan@example.org"])),
        ("author", {"From": CAROL, "Reply-To": "c2@elsewhere.example"}, (["c2@elsewhere.example"], [])),
        ("everyone", {"From": CAROL, "Reply-To": "list@lists.example", "To": "list@lists.example"}, (["list@lists.example"], [])),
        ("everyone", {"From": CAROL, "To": "alice@example.org", "Mail-Followup-To": "list@lists.example, alice@example.org"},
         (["list@lists.example"], [])),
        ("list", {"From": CAROL, "To": "garden@lists.example", "List-Post": "<mailto:garden@lists.example?subject=x>"},
         (["garden@lists.example"], [])),
        ("list", {"From": CAROL, "List-Post": "NO"}, (["carol@elsewhere.example"], [])),
        ("author", {"From": "alice@example.org", "To": CAROL, "Cc": "bob@example.org"}, (["carol@elsewhere.example"], [])),
        ("everyone", {"From": "treasurer@example.org", "To": f"{CAROL}, alice@example.org", "Cc": "bob@example.org"},
         (["carol@elsewhere.example"], ["bob@example.org"])),
        ("everyone", {"From": "alice@example.org", "To": "alice@example.org"}, (["alice@example.org"], [])),
        ("everyone", {"From": CAROL, "Reply-To": "alice@example.org", "To": "bob@example.org"}, (["bob@example.org"], [])),
        ("author", {"Subject": "nobody"}, ([], [])),
    ],
)  # fmt: skip
def test_an_answer_goes_to_whom_it_should(to: str, named: dict[str, str], expected: tuple[list[str], list[str]]) -> None:
    assert answered(to, **named) == expected


def test_a_reply_to_that_says_otherwise_is_told() -> None:
    assert reply_recipients(parent(From=CAROL, Reply_To="mallory@bad.example"), MINE).redirected
    assert not reply_recipients(parent(From=CAROL, Reply_To="Carol <CAROL@elsewhere.example>"), MINE).redirected


def test_the_ids_of_an_answer_name_its_parent_last() -> None:
    ids = reply_ids(parent(Message_ID="<c@x>", References="<a@x> <b@x>"))
    assert (ids.in_reply_to, ids.references) == ("c@x", ["a@x", "b@x", "c@x"])
    assert reply_ids(parent(Message_ID="<c@x>", In_Reply_To="<b@x>")).references == ["b@x", "c@x"]
    assert reply_ids(parent(Message_ID="<c@x>", In_Reply_To="<a@x> <b@x>")).references == ["c@x"]
    assert len(reply_ids(parent(Message_ID="<c@x>", References=" ".join(f"<{n}@x>" for n in range(50)))).references) == 20


def test_list_post_names_an_address_or_none() -> None:
    assert list_post(parent(List_Post="<mailto:garden@lists.example>")) == "garden@lists.example"
    assert list_post(parent(List_Post="<https://lists.example/post>")) == ""


def test_a_quotation_marks_every_line_and_leaves_the_signature_out() -> None:
    assert quoted("Hello\r\n\r\n> old\r\n-- \r\nCarol\r\n") == "> Hello\n>\n>> old"


@pytest.mark.parametrize("language", SENTENCES)
def test_each_language_writes_a_line_that_is_recognised(language: str) -> None:
    line = attribution(language, "Ana Silva", datetime(2026, 10, 3, 14, 2))
    assert "Ana Silva" in line
    assert "2026" in line
    assert is_attribution(line), line


def test_thirty_languages_and_english_for_the_rest() -> None:
    date = datetime(2026, 10, 3, 14, 2)
    assert len(SENTENCES) >= 30
    assert attribution("xx", "Ana", date) == attribution("en-GB", "Ana", date) == "On 3 October 2026 at 14:02, Ana wrote:"
    assert attribution("de-AT", "Ana\r\nBcc: x", date) == "Am 03.10.2026 um 14:02 schrieb Ana Bcc: x:"


def test_an_answer_and_a_forward_carry_their_parent() -> None:
    date = datetime(2026, 10, 3, 14, 2)
    assert reply_text("Hello\n", name="Carol", date=date) == "On 3 October 2026 at 14:02, Carol wrote:\n> Hello\n"
    fields = parent(
        From="=?utf-8?q?C=C3=A4rol?= <carol@elsewhere.example>", To="alice@example.org", Subject="Lunch?", Date="today"
    )
    assert forward_text(fields, "Hello\r\n") == (
        "---------- Forwarded message ----------\nFrom: Cärol <carol@elsewhere.example>\nDate: today\nSubject: Lunch?\n"
        "To: alice@example.org\n\nHello\n"
    )
