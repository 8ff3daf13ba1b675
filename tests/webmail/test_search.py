"""The page of a search."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation

ANA = "Ana Silva <ana@elsewhere.example>"


def test_words_and_operators_find_conversations(web: Client, alice: Account) -> None:
    conversation(alice, "Roof repair", Letter(ANA, "The chimney too."))
    conversation(alice, "Compost", Letter("bob@example.org", "The chimney sweep"))
    page = web.get("/search", {"q": "from:ana chimney"}).content.decode()
    assert "Roof repair" in page
    assert "Compost" not in page
    assert "1 conversation" in page


def test_without_a_query_it_says_what_can_be_asked(web: Client) -> None:
    assert b"from:ana invoice" in web.get("/search").content


def test_a_mistake_in_the_query_is_named_with_a_link_to_the_better_one(web: Client, alice: Account) -> None:
    mailboxes.create(alice.pk, "Work")
    page = web.get("/search", {"q": "labels:work"}).content.decode()
    assert "labels: is not an operator" in page
    assert 'href="/search?q=label%3Awork"' in page


def test_each_part_of_the_query_is_a_chip_that_can_be_taken_off(web: Client) -> None:
    page = web.get("/search", {"q": "from:ana roof"}).content.decode()
    assert 'href="/search?q=from%3Aana" aria-label="Without roof"' in page


def test_nothing_found_offers_what_would_be_found_with_a_word_less(web: Client, alice: Account) -> None:
    conversation(alice, "Roof repair", Letter(ANA, "The chimney too."))
    page = web.get("/search", {"q": "chimney has:pdf"}).content.decode()
    assert "No mail found." in page
    assert "Without <b>has:pdf</b>: 1" in page


def test_hits_in_spam_and_trash_are_counted_and_one_click_away(web: Client, alice: Account) -> None:
    conversation(alice, "You have won", Letter(text="a chimney"), place=Message.Place.SPAM)
    page = web.get("/search", {"q": "chimney"}).content.decode()
    assert "1 more in Spam and Trash" in page
    assert "You have won" not in page
    assert "You have won" in web.get("/search", {"q": "in:anywhere chimney"}).content.decode()


def test_more_than_a_page_goes_on_by_a_link(web: Client, alice: Account) -> None:
    for n in range(55):
        conversation(alice, f"Letter {n:02}", Letter(text="a chimney", ago=timedelta(hours=n + 1)))
    page = web.get("/search", {"q": "chimney"}).content.decode()
    assert "55 conversations" in page
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = web.get(older).content.decode()
    assert "Letter 54" in second
    assert "Letter 00" not in second


def test_a_query_and_a_place_in_the_results_that_make_no_sense_are_harmless(web: Client) -> None:
    for query in ("((((", '"', "from:", "-", "\x00", "x" * 5000, "after:99/99/9999", "<script>alert(1)</script>"):
        page = web.get("/search", {"q": query, "before": "nonsense~x"})
        assert page.status_code == 200
        assert b"<script>alert" not in page.content


def test_a_result_leads_back_to_the_search(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof repair", Letter(ANA, "The chimney too."))
    assert f"/t/{thread.pk}?in=search&amp;q=chimney" in web.get("/search", {"q": "chimney"}).content.decode()
    assert 'href="/search?q=chimney"' in web.get(f"/t/{thread.pk}?in=search&q=chimney").content.decode()
