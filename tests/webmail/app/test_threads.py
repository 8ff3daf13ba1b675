"""The application shows the conversations of product.md 3.5 as the store keeps them."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import messages
from tests.mailstore.conftest import ALICE, Box
from tests.mailstore.test_threads import TABLE, ready
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


@pytest.mark.timeout(300)
def test_each_row_of_the_table_is_what_the_list_and_the_conversation_show(browser: Browser, address: str) -> None:
    with contextlib.closing(browser.new_context(viewport=DESKTOP, base_url=address)) as context:
        page = context.new_page()
        for name, (mails, expected) in TABLE.items():
            box = _box(page, address)
            for values in mails:
                messages.append([ready(box, values)])
            page.goto("/in/all")
            sizes = sorted(Counter(expected).values())
            rows = page.locator("#app .row")
            expect(rows, name).to_have_count(len(sizes))
            shown = [row.locator(".n").all_inner_texts() for row in rows.all()]
            assert sorted(int(one[0]) if one else 1 for one in shown) == sizes, name
            largest = max(range(len(shown)), key=lambda n: int(shown[n][0]) if shown[n] else 1)
            rows.nth(largest).locator(".subject").click()
            expect(page.locator(".reading-pane [data-email]").first, name).to_be_visible()
            assert page.locator(".reading-pane [data-email]").count() >= min(sizes[-1], 2) - (name.startswith("T18")), name
