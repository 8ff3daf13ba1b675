"""The full-text index, on whichever database the tests run."""

from __future__ import annotations

import json

import pytest
import zstandard
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.accounts.models import Account
from mailsuite.blobs.models import Blob
from mailsuite.mailstore.models import IndexedText, Message, Thread
from mailsuite.mailstore.search import fold, index
from mailsuite.mailstore.search.document import WORDS, All, Any, Fact, Match, Near, Phrase, Without
from mailsuite.mailstore.search.index import IndexText

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Account:
    return Account.objects.create(login="alice@example.org")


def keep(account: Account, text: IndexText) -> int:
    """A message row with nothing in it but what the index needs; its id."""
    now = timezone.now()
    blob, _ = Blob.objects.get_or_create(hash="0" * 64, defaults={"size": 1})
    thread = Thread.objects.create(account=account, oldest_at=now, newest_at=now)
    message = Message.objects.create(
        account=account,
        blob=blob,
        size=1,
        thread=thread,
        modseq=1,
        created_modseq=1,
        received_at=now,
        imap_envelope=b"",
        imap_structure=b"",
    )
    index.add_many([(message.pk, index.prepare(account.pk, text))])
    return message.pk


def found(account: Account, match: Match) -> list[int]:
    return index.newest(account.pk, match, 100)


def word(text: str, *fields: str, prefix: bool = False) -> Phrase:
    return Phrase(fields or WORDS, tuple(fold.asked(text)[0]), prefix)


def test_words_are_found_without_case_or_accents_and_newest_first(alice: Account) -> None:
    first = keep(alice, IndexText(subject="Résumé", body="München ruft"))
    second = keep(alice, IndexText(body="your RESUME, please"))
    assert found(alice, word("resume")) == [second, first]
    assert found(alice, word("munch", prefix=True)) == [first]
    assert found(alice, word("munch")) == []


def test_a_phrase_keeps_its_order_and_stays_in_one_field(alice: Account) -> None:
    message = keep(alice, IndexText(subject="red roof", body="tiles for the red old roof"))
    assert found(alice, word("red roof")) == [message]
    assert found(alice, word("roof red")) == []
    assert found(alice, word("roof tiles")) == []
    assert found(alice, word("red roof", "body")) == []
    assert found(alice, Near(word("roof", "body"), word("red", "body"), 1)) == [message]
    assert found(alice, Near(word("roof", "body"), word("tiles", "body"), 1)) == []


def test_people_are_found_in_the_field_they_stand_in(alice: Account) -> None:
    people = {
        "from": [["Carol Stone", "carol.stone@elsewhere.example"]],
        "to": [["", "alice+shop@example.org"]],
        "cc": [["Bob", "bob@example.org"]],
    }
    message = keep(alice, IndexText(people=people))
    for value in ("carol", "carol stone", "carol.stone@elsewhere.example", "elsewhere.example", "stone"):
        assert found(alice, word(value, "author")) == [message], value
        assert found(alice, word(value, "recipient", "cc", "bcc")) == [], value
    assert found(alice, word("shop", "recipient", "cc", "bcc")) == [message]
    assert found(alice, word("bob", "recipient", "cc", "bcc")) == [message]
    assert found(alice, word("bob", "recipient")) == []
    assert found(alice, word("bob")) == [message]
    assert found(alice, word("stone carol", "author")) == [], "name and address are walled off"


def test_scripts_without_blanks_are_found_by_any_part(alice: Account) -> None:
    message = keep(alice, IndexText(subject="明日の天気予報 foo", body="สวัสดีครับ"))
    for value in ("天気", "天気予報", "報", "天", "予報 foo", "สวัสดี"):
        tokens, prefix = fold.asked(value)
        assert found(alice, Phrase(WORDS, tuple(tokens), prefix)) == [message], value
    assert found(alice, word("気天")) == []


def test_nobody_finds_the_mail_of_another(alice: Account) -> None:
    bob = Account.objects.create(login="bob@example.org")
    mine, theirs = keep(alice, IndexText(subject="secret")), keep(bob, IndexText(subject="secret"))
    assert found(alice, word("secret")) == [mine]
    assert found(bob, Without(word("nothing"))) == [theirs]
    assert found(alice, Any((word("secret"), Without(word("secret"))))) == [mine]


def test_no_word_finds_a_fact(alice: Account) -> None:
    message = keep(
        alice,
        IndexText(
            attachments=[{"name": "Offer.PDF", "type": "application/octet-stream"}], traits={"list_id": "garden.example.org"}
        ),
    )
    assert found(alice, word("kpdf")) == found(alice, word(f"a{alice.pk}")) == []
    assert found(alice, All((Fact(("kpdf",)), Fact(("kattachment",)), Fact(("tlistid",))))) == [message]
    assert found(alice, Fact(("lgarden", "lexample"))) == [message]
    assert found(alice, word("offer pdf", "files")) == [message]


def test_what_was_kept_in_the_first_form_is_forgotten_too(alice: Account) -> None:
    message = keep(alice, IndexText(subject="Grüße", body="two\nlines", delivered_to="alice@example.org"))
    columns = [1, alice.pk, "Grüße", {}, "two\nlines", [], {}, "alice@example.org"]
    IndexedText.objects.filter(pk=message).update(text=zstandard.compress(json.dumps(columns).encode()))
    index.rebuild()
    assert found(alice, word("two lines", "body")) == [message]
    index.forget([message])
    assert found(alice, word("lines")) == found(alice, word("grusse")) == []


def test_what_is_forgotten_is_not_found(alice: Account) -> None:
    gone, kept = keep(alice, IndexText(subject="Grüße", body="天気")), keep(alice, IndexText(subject="Grüße"))
    index.forget([gone])
    assert found(alice, word("grusse")) == [kept]
    assert found(alice, word("天気")) == []
    assert not IndexedText.objects.filter(pk=gone).exists()


def test_a_rebuilt_index_finds_the_same(alice: Account) -> None:
    people = {"from": [["Carol", "carol@elsewhere.example"]]}
    kept, gone = keep(alice, IndexText("Grüße", people, "天気")), keep(alice, IndexText("Grüße"))
    index.forget([gone])
    assert index.rebuild() == 1
    for match in (word("grusse"), word("天気"), word("carol", "author")):
        assert found(alice, match) == [kept]


def test_hostile_text_is_indexed_and_found(alice: Account) -> None:
    marks = "e" + "\u0301\u0316" * 100_000
    message = keep(alice, IndexText(subject="it's \\ 'quoted' \" \x00 %s", body=marks + " end " + "x" * 100_000 + " \ud800 last"))
    assert found(alice, word("quoted")) == [message]
    assert found(alice, word("last")) == [message]
    assert found(alice, word("x" * 100_000)) == [message]


def test_a_very_long_text_fits(alice: Account) -> None:
    message = keep(alice, IndexText(subject="needle", body=" ".join(f"word{number}" for number in range(60_000))))
    assert found(alice, word("needle")) == found(alice, word("word40000")) == [message]


@given(
    data=st.data(),
    subject=st.text(max_size=40),
    body=st.text(max_size=200),
    name=st.sampled_from(["Ana", 'A "B"', "Zoë", "C\\D"]),
)
@settings(max_examples=300, deadline=None)
def test_a_glance_at_a_kept_text_passes_over_nothing_that_has_what_is_wanted(
    data: st.DataObject, subject: str, body: str, name: str
) -> None:
    text = IndexText(subject=subject, body=body, people={"from": [[name, "ana@example.org"]]})
    kept = zstandard.decompress(index._pack(1, text))
    whole = fold.fold(data.draw(st.sampled_from([subject, body, name])))
    start, end = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))
    assert index._glance(whole[min(start, end) : max(start, end)])(kept)


def test_a_glance_sees_what_is_not_there() -> None:
    kept = zstandard.decompress(index._pack(1, IndexText(subject="Soup", body="on Friday\nat noon")))
    assert index._glance("friday  at")(kept)
    assert not index._glance("saturday")(kept)
