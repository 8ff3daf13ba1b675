"""Every signal of product.md 4.7: when it shows, when it does not, and what the member may call fine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from mailsuite.people.count import catch_up
from mailsuite.protocol import confusable
from tests.corpora import corpus
from tests.webmail.store import Letter, conversation
from webmail.cautions import author, files, words
from webmail.cautions.judge import Reader, warnings
from webmail.cautions.warning import SENTENCES

PASS: dict[str, Any] = {"auth": {"dmarc": {"result": "pass"}}}
FAIL: dict[str, Any] = {"auth": {"dmarc": {"result": "fail"}}}
CAROL = "Carol Doe <carol@elsewhere.example>"
DAY = timedelta(days=1)


def kept(account: Account, who: str = CAROL, **more: Any) -> Message:
    letter = Letter(**{"who": who, "decision": PASS, "text": "See you on Sunday.", **more})
    return conversation(account, more.get("subject", "Sunday"), letter).messages.get()


def judged(message: Message, language: str = "en") -> dict[str, str]:
    """Level by code."""
    found = warnings(message, Reader(["alice@example.org"], language))
    for one in found:
        assert one.sentence
        assert "{" not in one.sentence
    return {one.code: one.level for one in found}


def wrote(account: Account, to: str) -> None:
    conversation(account, "Hello", Letter(who="alice@example.org", to=to, ago=10 * DAY))
    catch_up(account.pk)


def test_a_letter_of_somebody_known_has_nothing_to_be_warned_of(alice: Account, bob: Account) -> None:
    wrote(alice, CAROL)
    assert judged(kept(alice, text="Your invoice: please make the wire transfer urgently, immediately.")) == {}
    assert judged(kept(alice, who="Bob Roe <bob@example.org>", decision={})) == {}
    assert judged(kept(alice, who="Alice Example <alice@example.org>", decision={})) == {}


def test_p1_the_name_of_a_member_with_another_address(alice: Account, bob: Account) -> None:
    assert judged(kept(alice, "Bob Roe <bob.roe@free.example>"))["P1"] == "caution"
    assert judged(kept(alice, "bob  ROE <bob.roe@free.example>"))["P1"] == "caution"
    assert judged(kept(alice, "Bob Roe <x@free.example>", text="Buy me gift cards."))["P1"] == "danger"
    [warning] = [one for one in warnings(kept(alice, "Bob Roe <y@free.example>"), Reader([])) if one.code == "P1"]
    assert warning.values == {"name": "Bob Roe", "address": "y@free.example", "known": "bob@example.org"}
    assert "P1" not in judged(kept(alice, "Bob Roe <bob@example.org>", decision={}))
    wrote(alice, "bob@home.example")
    assert "P1" not in judged(kept(alice, "Bob Roe <bob@home.example>"))


def test_p1_a_role_and_somebody_written_to(alice: Account, bob: Account) -> None:
    provision.add_alias("treasurer@example.org", ["bob@example.org"])
    provision.add_alias("info@example.org", ["bob@example.org"])
    assert judged(kept(alice, "Treasurer <tres0rer@free.example>"))["P1"] == "caution"
    assert "P1" not in judged(kept(alice, "Info <info@shop.example>"))
    wrote(alice, CAROL)
    assert judged(kept(alice, "Carol Doe <carol@free.example>"))["P1"] == "caution"
    assert "P1" not in judged(kept(alice, "Carol Doe <news@elsewhere.example>")), "her own domain"


def test_p1_says_nothing_of_members_where_the_co_op_has_no_directory(alice: Account, bob: Account, settings: Any) -> None:
    settings.MEMBER_DIRECTORY = False
    assert "P1" not in judged(kept(alice, "Bob Roe <bob.roe@free.example>"))


def test_p2_an_address_as_a_name(alice: Account) -> None:
    assert judged(kept(alice, '"billing@bank.example" <x@y.example>'))["P2"] == "danger"
    assert judged(kept(alice, '"Bank (billing@bank.example)" <x@y.example>'))["P2"] == "danger"
    assert "P2" not in judged(kept(alice, '"carol@elsewhere.example" <carol@mail.elsewhere.example>'))
    via = {"List-Id": "<garden.lists.example>"}
    assert "P2" not in judged(kept(alice, '"carol@elsewhere.example via Garden" <garden@lists.example>', headers=via))


def test_p3_our_own_domain_from_outside(alice: Account, bob: Account) -> None:
    assert judged(kept(alice, "Bob Roe <bob@example.org>", decision=FAIL))["P3"] == "danger"
    assert "P3" not in judged(kept(alice, "Bob Roe <bob@example.org>", decision=PASS))


@pytest.mark.parametrize(
    ("domain", "level"),
    [
        *(("exarnple.org", "danger"), ("examp1e.org", "danger"), ("exampel.org", "danger"), ("example-pay.org", "danger")),
        *(("example.net", "danger"), ("EXAMPLЕ.org", "danger"), ("my-paypal.com", "caution"), ("paypa1.com", "caution")),
        *(("e1sewhere.example", "caution"), ("elsewhere.test", "caution"), ("paypal.com", None), ("lists.example.org", None)),
        *(("garden.example", None), ("amazon.de", None), ("elsewhere.example", None)),
    ],
)
def test_p4_a_domain_that_looks_like_another(alice: Account, domain: str, level: str | None) -> None:
    wrote(alice, CAROL)
    domain = domain.lower() if domain.isascii() else f"xn--{domain[:7].lower().encode('punycode').decode()}{domain[7:]}"
    assert judged(kept(alice, f"Shop <shop@{domain}>")).get("P4") == level


def test_p5_letters_of_several_scripts_or_of_a_foreign_one(alice: Account) -> None:
    def domain(name: str) -> str:
        return f"Shop <shop@xn--{name.encode('punycode').decode()}.example>"

    assert judged(kept(alice, domain("гаrden")))["P5"] == "caution"
    assert judged(kept(alice, domain("почта")))["P5"] == "caution"
    assert "P5" not in judged(kept(alice, domain("почта")), "ru")
    assert "P5" not in judged(kept(alice, domain("münchen")))
    assert "P5" not in judged(kept(alice, "Shop <shop@xn--a.xn--.xn--99999999999.example>"))


def test_p6_and_p7_a_first_message(alice: Account) -> None:
    assert judged(kept(alice, ago=3 * DAY)) == {"P7": "note"}
    assert judged(kept(alice, ago=2 * DAY)) == {}, "the second"
    for n, more in enumerate(
        [
            {"text": "Kindly buy me some gift cards."},
            {"text": "Bitte überweisen: neue Bankverbindung."},
            {"text": "This is urgent. Do it immediately."},
            {"files": [("invoice.pdf.exe", "application/octet-stream", b"MZ")]},
            {"html": "<a href='https://evil.example/'>www.example.org</a>"},
            {"headers": {"Reply-To": "other@free.example"}},
        ]
    ):
        assert judged(kept(alice, f"Mallory <m{n}@mallory.example>", **more))["P6"] == "caution", more
    assert judged(kept(alice, "Dan <dan@dan.example>", text="An urgent question about the garden.")) == {"P7": "note"}


def test_newsletters_are_no_first_letters(alice: Account) -> None:
    bulk = {"headers": {"List-Unsubscribe": "<https://shop.example/u>"}, "text": "Pay by bank transfer, gift cards, urgent!"}
    assert judged(kept(alice, "Shop <news@shop.example>", **bulk)) == {}
    assert judged(kept(alice, "Shop <news@other.example>", **bulk, decision=FAIL)) == {"P6": "caution"}


def test_p8_a_link_that_lies(alice: Account) -> None:
    wrote(alice, CAROL)
    lie = "<a href='https://evil.example/'>www.example.org</a>"
    assert judged(kept(alice, html=lie)) == {"P8": "caution"}
    clicks = {"headers": {"List-Unsubscribe": "<https://shop.example/u>"}, "html": lie}
    assert judged(kept(alice, "Shop <news@shop.example>", **clicks)) == {"P8": "note"}
    assert judged(kept(alice, html="<a href='https://www.elsewhere.example/'>www.example.org</a>")) == {}, "her own site"


@pytest.mark.parametrize(
    "name",
    [
        "a.exe",
        "a.pdf.exe",
        "A.SCR",
        "a.html",
        "a.svg",
        "a.iso",
        "a.lnk",
        "a.docm",
        "a.xlsm",
        "a.js ",
        "a.exe.",
        "a.\u202efdp.exe",
    ],
)
def test_p9_files_that_run(name: str) -> None:
    [warning] = files.risky([{"name": name, "type": "application/octet-stream", "part": "2"}])
    assert warning.code == "P9"
    assert warning.where == "file"


def test_p9_files_that_do_not() -> None:
    safe = ["a.pdf", "exe", "a.docx", "photo.jpg", "", "a.tar.gz", "notes.txt"]
    assert list(files.risky([{"name": name, "type": "x/y", "part": "2"} for name in safe])) == []
    assert next(files.risky([{"name": "invoice.pdf.exe", "part": "2"}])).values["disguise"] == "pdf"
    assert len(list(files.risky([{"name": "a.exe"}] * 1_000))) == files.MOST


def test_p10_a_domain_that_always_passed(alice: Account) -> None:
    bank = "Bank <info@bank.example>"
    for n in range(author.USUAL):
        kept(alice, bank, ago=(n + 2) * DAY)
        assert "P10" not in judged(kept(alice, f"Other <a@other{n}.example>", decision=FAIL))
    assert judged(kept(alice, bank, decision=FAIL))["P10"] == "caution"
    assert "P10" not in judged(kept(alice, bank, decision=PASS))


def test_p11_a_new_address_in_a_conversation(alice: Account) -> None:
    wrote(alice, CAROL)

    def second(who: str) -> Message:
        first = Letter(who=CAROL, decision=PASS, ago=2 * DAY)
        return conversation(alice, who, first, Letter(who=who, decision=PASS)).messages.order_by("-pk")[0]

    assert judged(second("Carol Doe <carol.doe@free.example>"))["P11"] == "caution"
    assert "P11" not in judged(second("Dan Poe <dan@free.example>"))
    assert "P11" not in judged(second("Carol Doe <carol@mail.elsewhere.example>"))


def test_p12_answers_that_go_elsewhere(alice: Account) -> None:
    wrote(alice, CAROL)
    assert judged(kept(alice, headers={"Reply-To": "carol@other.example"})) == {"P12": "note"}
    assert judged(kept(alice, headers={"Reply-To": "carol@mail.elsewhere.example"})) == {}
    listed = {"Reply-To": "garden@lists.example", "List-Id": "<garden.lists.example>"}
    assert judged(kept(alice, headers=listed)) == {}


def test_what_is_fine_is_not_said_again_of_that_sender(alice: Account, bob: Account) -> None:
    message = kept(alice, "Bob Roe <bob.roe@free.example>")
    choices.choose(alice.pk, "Bob.Roe@free.example", "fine", signal="P1")
    assert judged(message) == {"P7": "note"}
    assert "P1" in judged(kept(alice, "Bob Roe <other@free.example>"))


def test_mail_that_was_wanted_is_hardly_ever_warned_of(alice: Account) -> None:
    """At most 2% of it (product.md 4.7), though none of this old mail is authenticated and all is from strangers."""
    paths = sorted(path for path in corpus("spam/spamassassin").rglob("*ham*/*") if path.is_file())[::20]
    letters = []
    for path in paths:
        content = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        [blob] = blobs.save([(blobs.draft(content), 0)])
        new = messages.NewMessage(alice.pk, blob, content, decision={"auth": {"dmarc": {"result": "none"}}})
        letters += messages.append([new])
    warned = [one for one in letters if {"caution", "danger"} & set(judged(one).values())]
    assert len(letters) > 150
    assert len(warned) <= len(letters) * 0.02, [one.subject for one in warned]


def test_own_mail_and_drafts_are_not_judged(alice: Account) -> None:
    assert judged(kept(alice, "Alice <alice@example.org>", decision=FAIL, files=[("a.exe", "x/y", b"")])) == {}
    assert judged(kept(alice, "Mallory <m@mallory.example>", draft=True)) == {}


def test_every_signal_has_a_sentence() -> None:
    assert set(SENTENCES) == {f"P{n}" for n in range(1, 13)}


@pytest.mark.parametrize("text", ["(" * 1_000_000, "a@" * 500_000, "urgent " * 200_000, "gift " * 200_000, "\u202e" * 500_000])
def test_no_words_make_us_think_for_long(alice: Account, text: str) -> None:
    words.asks(text, text)
    message = kept(alice, text=text)
    Message.objects.filter(pk=message.pk).update(author_name=text[:200], subject=text)
    message.refresh_from_db()
    warnings(message, Reader([]), content=messages.content(message))
    author.ADDRESS.search(text[:100_000])


@pytest.mark.parametrize(
    ("a", "b", "off"),
    [("abcdef", "abcde", True), ("abcdef", "abcdxf", True), ("abcdef", "abdcef", True), ("abcdef", "abcdef", False),
     ("abcdef", "abxyef", False), ("a", "", True), ("abc", "abcde", False), ("abcdef", "bacdfe", False)],
)  # fmt: skip
def test_one_off(a: str, b: str, off: bool) -> None:
    assert confusable.is_one_off(a, b) is off
    assert confusable.is_one_off(b, a) is off
