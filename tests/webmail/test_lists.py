"""Lists of conversations in places and under labels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail import dates, display, listing

ALICE = "Alice Example <alice@example.org>"


def test_a_row_names_its_writers_subject_count_labels_and_start(web: Client, alice: Account) -> None:
    garden = mailboxes.create(alice.pk, "Garden", color="green")
    letters = [
        Letter("Ana Silva <ana@elsewhere.example>"),
        Letter(ALICE, "Yes"),
        Letter("Bob Roe <bob@example.org>", "On Tuesday.", seen=False),
    ]
    conversation(alice, "Roof repair", *letters, labels=[garden])
    page = web.get("/").content.decode()
    assert "Ana, me, <b>Bob</b>" in page
    assert "Unread." in page
    assert "Roof repair" in page
    assert "On Tuesday." in page
    assert 'class="chip hue-green"' in page
    assert 'title="3 messages"' in page
    assert "1 new" in page


def test_an_empty_place_says_so_in_one_line(web: Client) -> None:
    assert b"Nothing here. Nice." in web.get("/").content


@pytest.mark.parametrize("place", ["starred", "sent", "drafts", "archive", "all", "spam", "trash"])
def test_every_place_opens(web: Client, place: str) -> None:
    assert web.get(f"/in/{place}").status_code == 200


def test_a_place_that_does_not_exist_is_not_found(web: Client) -> None:
    assert web.get("/in/attic").status_code == 404


def test_spam_and_trash_show_what_lies_there_and_inbox_does_not(web: Client, alice: Account) -> None:
    conversation(alice, "You have won", Letter(), place=Message.Place.SPAM)
    assert b"You have won" not in web.get("/").content
    page = web.get("/in/spam").content
    assert b"You have won" in page
    assert b"deleted in 29 days" in page


def test_pages_of_fifty_with_links_to_either_side(web: Client, alice: Account) -> None:
    for n in range(53):
        conversation(alice, f"Letter {n:02}", Letter(ago=timedelta(hours=n + 1)))
    first, second = web.get("/").content.decode(), web.get("/?page=2").content.decode()
    assert "1–50 of 53" in first
    assert "51–53 of 53" in second
    assert 'href="/?page=2"' in first
    assert "Letter 00" in first
    assert "Letter 50" not in first
    assert "Letter 52" in second


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", ""])
def test_a_page_number_that_is_none_is_the_first(web: Client, number: str) -> None:
    assert web.get("/", {"page": number}).status_code == 200


def test_a_label_of_another_member_is_not_found(web: Client, bob: Account) -> None:
    theirs = mailboxes.create(bob.pk, "Secret plans")
    assert web.get(f"/label/{theirs.pk}").status_code == 404


def test_the_inbox_takes_at_most_eight_queries(web: Client, alice: Account, django_assert_max_num_queries) -> None:
    garden = mailboxes.create(alice.pk, "Garden")
    for n in range(60):
        conversation(alice, f"Letter {n}", Letter(), Letter(ALICE), labels=[garden])
    web.get("/")
    with django_assert_max_num_queries(8):
        web.get("/")


def test_a_subject_cannot_turn_the_line_around_or_break_out_of_it(web: Client, alice: Account) -> None:
    conversation(alice, "invoice\u202efdp.exe <script>alert(1)</script>", Letter("\u202eevil<b> <x@y.example>"))
    page = web.get("/").content.decode()
    assert "\u202e" not in page
    assert "<script>alert" not in page


def test_writers_are_shortened_in_the_middle() -> None:
    people = [[name, f"{name}@x.example", False] for name in ("Ana A", "Bob B", "Carol C", "Dan D")] + [
        ["Me", "me@x.example", True]
    ]
    html, text = listing.writers(people, frozenset({"me@x.example"}))
    assert text == "Ana, …, Dan, me"
    assert "<b>me</b>" in html


@pytest.mark.parametrize(
    ("name", "address", "short"),
    [("Silva, Ana", "", "Ana"), ("", "ana.silva@x.example", "ana.silva"), ("佐藤ゆき", "", "佐藤ゆき")],
)
def test_short_names(name: str, address: str, short: str) -> None:
    assert display.first_name(name, address) == short


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (21_400, "21 KB"),
        (4_200_000, "4.2 MB"),
        (20_000_000_000, "20 GB"),
        (999_999, "1 MB"),
    ],
)
def test_sizes(n: int, text: str) -> None:
    assert display.size(n).replace(".0", "") == text


def test_dates_are_shorter_the_nearer_they_are() -> None:
    now = timezone.now().replace(year=2026, month=11, day=20, hour=12, minute=0)
    days = [0, 1, 6, 7, 300, 400]
    assert [dates.short(now - timedelta(days=n), now) for n in days] == ["12:00", "Thu", "Sat", "13 Nov", "24 Jan", "16 Oct 2025"]


def test_what_lies_in_trash_says_how_long_it_stays() -> None:
    now = timezone.now()
    assert listing.days_left(now - timedelta(days=18), 30, now) == "deleted in 12 days"
    assert listing.days_left(now - timedelta(days=40), 30, now) == "deleted today"
    assert listing.days_left(now - timedelta(days=40), 0, now) == "", "who keeps it for ever is told nothing"
    assert listing.days_left(None, 30) == ""


def test_the_member_s_own_choice_says_how_long_trash_keeps(web: Client, alice: Account) -> None:
    alice.preferences["purge_days"] = 90
    alice.save()
    conversation(alice, "Roof", Letter("Carol <carol@elsewhere.example>"), place=Message.Place.TRASH)
    assert "deleted in 89 days" in web.get("/in/trash").content.decode()
