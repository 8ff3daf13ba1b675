"""The application shows the conversations of product.md 3.5 as the store keeps them."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import merging, messages, threads
from tests.mailstore.conftest import ALICE, Box
from tests.mailstore.test_threads import TABLE, mail, ready
from tests.webmail.browser import CHROMIUM, DESKTOP

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]


def _box(page: Page, address: str) -> Box:
    """A new account under the same address, signed in."""
    for n, account in enumerate(Account.objects.filter(login=ALICE)):
        Account.objects.filter(pk=account.pk).update(login=f"{n}-{account.pk}@example.org")
    box = Box()
    client = Client()
    client.force_login(box.account)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    return box


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with contextlib.closing(browser.new_context(viewport=DESKTOP, base_url=address)) as context:
        yield context.new_page()


def _sizes(page: Page) -> list[int]:
    """How many messages each row says that its conversation has."""
    shown = [row.locator(".n").all_inner_texts() for row in page.locator("#app .row").all()]
    return [int(one[0].replace(",", "")) if one else 1 for one in shown]


@pytest.mark.timeout(300)
def test_each_row_of_the_table_is_what_the_list_and_the_conversation_show(page: Page, address: str) -> None:
    for name, (mails, expected) in TABLE.items():
        box = _box(page, address)
        for values in mails:
            messages.append([ready(box, values)])
        page.goto("/in/all")
        sizes = sorted(Counter(expected).values())
        rows = page.locator("#app .row")
        expect(rows, name).to_have_count(len(sizes))
        shown = _sizes(page)
        assert sorted(shown) == sizes, name
        rows.nth(shown.index(max(shown))).locator(".subject").click()
        expect(page.locator(".reading-pane [data-email]").first, name).to_be_visible()
        assert page.locator(".reading-pane [data-email]").count() >= min(sizes[-1], 2) - (name.startswith("T18")), name


def test_t09_an_open_conversation_that_is_merged_into_another_goes_on_as_that(page: Page, address: str) -> None:
    box = _box(page, address)
    one, two = (box.receive(**mail("Lunch?", msgid)) for msgid in ("1@x", "2@x"))
    page.goto("/in/all")
    page.locator(f"#app .row[data-thread=T{two.thread_id}] .subject").click()
    expect(page.locator(".reading-pane [data-email]")).to_have_count(1)
    box.receive(**mail("Re: Lunch?", "3@x", "1@x", "2@x"))
    expect(page.locator(".reading-pane [data-email]")).to_have_count(3, timeout=35_000)
    expect(page).to_have_url(re.compile(rf"/t/{one.thread_id}\b"))
    page.keyboard.press("u")
    expect(page.locator("#app .row")).to_have_count(1)
    assert _sizes(page) == [3]


def test_t21_what_was_split_by_hand_is_two_rows_and_answers_follow_each_side(page: Page, address: str) -> None:
    box = _box(page, address)
    box.receive(**mail("Lunch?", "1@x"))
    part = box.receive(**mail("Re: Lunch?", "2@x", "1@x"))
    page.goto("/in/all")
    expect(page.locator("#app .row")).to_have_count(1)
    merging.split(box.pk, [part.pk])
    expect(page.locator("#app .row")).to_have_count(2, timeout=35_000)
    box.receive(**mail("Re: Lunch?", "3@x", "1@x", "2@x"))
    box.receive(**mail("Re: Lunch?", "4@x", "1@x"))
    box.receive(**mail("Re: Lunch?", "5@x", "1@x", "2@x", "3@x"))
    page.goto("/in/all")
    expect(page.locator("#app .row")).to_have_count(2)
    assert sorted(_sizes(page)) == [2, 3]


def test_t24_what_goes_on_after_a_thousand_messages_says_so(page: Page, address: str) -> None:
    box = _box(page, address)
    box.receive(**mail("Alarm", "1@x"))
    messages.append([box.new(**mail("Alarm", "", "1@x")) for _ in range(threads.MOST_MESSAGES)])
    page.goto("/in/all")
    expect(page.locator("#app .row")).to_have_count(2)
    assert sorted(_sizes(page)) == [1, threads.MOST_MESSAGES]
    page.locator("#app .row .subject").first.click()
    expect(page.locator(".line")).to_have_text("Continues from Alarm")
    page.click(".line a")
    expect(page.locator(".line")).to_contain_text("Went on as Alarm", timeout=60_000)  # a thousand open messages to draw
