"""The list: painted at once, acted on at once, and undone exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Mailbox, ThreadRow
from tests.webmail.app.conftest import ANA, Enter, settled, shows, subjects
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ALL = ["Roof repair", "Compost", "Keys", "Minutes", "Cake"]


def _inbox(account: Account) -> list[str]:
    rows = ThreadRow.objects.filter(mailbox__account=account, mailbox__role=Mailbox.Role.INBOX).order_by("-newest_at")
    return [row.thread.subject for row in rows]


def test_the_server_draws_the_list_and_the_application_adopts_it_without_asking_again(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or request.url))
    page.reload()
    expect(page.locator("#app .row")).to_have_count(5)
    shows(page, ALL)
    assert not [one for one in asked if "ThreadRow/" in one]


def test_archived_with_a_key_it_is_gone_at_once_and_z_puts_it_back_as_it_was(page: Page, alice: Account) -> None:
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Archived.")
    shows(page, ALL[1:])
    expect(page.locator(".row.focused .subject")).to_have_text("Compost")

    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    shows(page, ALL)
    expect(page.locator(".row").first).to_have_class("row unread")
    page.reload()
    expect(page.locator("#app .row")).to_have_count(5)
    settled(page)
    assert _inbox(alice) == ALL


def test_what_was_done_before_a_reload_can_be_undone_after_it(page: Page, alice: Account) -> None:
    page.keyboard.press("j")
    page.keyboard.press("#")
    expect(page.locator(".toast")).to_contain_text("Moved to Trash.")
    settled(page)
    page.reload()
    expect(page.locator("#app .row")).to_have_count(4)
    page.keyboard.press("z")
    expect(page.locator("#app .row")).to_have_count(5)
    settled(page)
    assert _inbox(alice) == ALL


def test_the_network_goes_in_the_middle_of_ten_acts_and_nothing_is_lost_or_doubled(page: Page, alice: Account) -> None:
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("s")
    page.context.set_offline(True)
    for key in ("j", "s", "e", "e", "x", "I"):
        page.keyboard.press(key)
    expect(page.locator("main > .note")).to_contain_text("can't be reached")
    shown = subjects(page)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("main > .note")).to_have_count(0, timeout=15_000)
    expect(page.locator("#app .row")).to_have_count(3)
    shows(page, shown)
    settled(page)
    assert _inbox(alice) == shown
    page.complaints.clear()  # the browser says of every request that it failed


def test_a_star_is_seen_in_another_tab_and_on_a_phone(page: Page, enter: Enter, alice: Account) -> None:
    tab = page.context.new_page()
    tab.goto("/")
    phone = enter(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".row .star").nth(1).click()
    for other in (tab, phone):
        expect(other.locator(".row").nth(1).locator(".star")).to_have_attribute("aria-pressed", "true", timeout=5_000)


def test_new_mail_comes_by_itself_and_is_spoken(page: Page, alice: Account) -> None:
    spoken = page.get_by_role("status").filter(has_text="new message")
    expect(spoken).to_have_count(0)
    conversation(alice, "Just now", Letter(ANA, "Hello.", seen=False))
    expect(page.locator(".row .subject").first).to_have_text("Just now", timeout=35_000)
    expect(spoken).to_have_text("1 new message")


def test_what_is_taken_back_is_no_new_mail(page: Page) -> None:
    page.keyboard.press("Home")
    page.keyboard.press("e")
    expect(page.locator("#app .row")).to_have_count(4)
    expect(page.locator("#app[data-waiting='0']")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator("#app .row")).to_have_count(5)
    expect(page.locator("#app[data-waiting='0']")).to_have_count(1)
    assert page.locator(".arrivals").inner_text() == ""


def test_a_device_may_keep_to_the_simple_view(page: Page) -> None:
    page.click(".account summary")
    page.click("text=Simple view")
    expect(page.locator("#app")).to_have_count(0)
    expect(page.locator(".row")).to_have_count(5)
    page.click(".account summary")
    page.click("text=Full view")
    expect(page.locator("#app .row")).to_have_count(5)


def test_who_wants_no_conversations_sees_acts_on_and_opens_single_messages(page: Page, alice: Account) -> None:
    page.get_by_label("Look").click()
    page.get_by_label("Single messages").check()
    page.keyboard.press("Escape")
    expect(page.locator("#app .row")).to_have_count(6)
    expect(page.locator(".range")).to_have_text("6 messages")
    shows(page, ["Re: Roof repair", "Roof repair", *ALL[1:]])

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    shows(page, ["Re: Roof repair", *ALL[1:]])
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".message .text")).to_have_text("Much.")
    page.keyboard.press("u")
    expect(page.locator(".message")).to_have_count(0)
    page.reload()
    expect(page.locator("#app .row")).to_have_count(5)
    shows(page, ["Re: Roof repair", *ALL[1:]])
    page.keyboard.press("z")
    expect(page.locator("#app .row")).to_have_count(6)


def test_labels_have_their_colours_from_the_first_picture_on(page: Page, alice: Account) -> None:
    mailboxes.create(alice.pk, "Garden", color="green")
    page.route("**/jmap/api", lambda route: None)  # nothing is answered: what is shown came with the page
    page.reload()
    expect(page.locator("#places .dot.hue-green")).to_be_visible()


def test_where_all_that_is_loaded_was_archived_the_rest_comes_without_scrolling(page: Page, alice: Account) -> None:
    for n in range(55):
        conversation(alice, f"Note {n}", Letter(ANA, "Again.", timedelta(days=2, hours=n)))
    page.reload()
    expect(page.locator("#app .row").first).to_be_visible()
    for _ in range(2):
        page.keyboard.press("*")
        page.keyboard.press("a")
        page.keyboard.press("e")
        page.wait_for_timeout(500)
    expect(page.locator("#app .rows .empty")).to_contain_text("Nothing here")
    settled(page)
    assert not _inbox(alice)
