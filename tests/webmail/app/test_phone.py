"""On a phone and a tablet (product.md 6.7): bars, back, selection, pulling down, and what has room beside what."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from tests.webmail.app.conftest import ANA, Enter
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
TOUCH = {"has_touch": True, "is_mobile": True}
PHONE = {"viewport": {"width": 390, "height": 844}} | TOUCH
SMALL = """(within) => [...document.querySelectorAll(`${within} :is(button, a, summary)`)].filter((at) => {
  const { width, height } = at.getBoundingClientRect();
  return at.checkVisibility() && width > 1 && (width < 44 || height < 44);
}).map((at) => at.outerHTML.slice(0, 120))"""
PULL = """() => {
  const rows = document.querySelector('.rows'), at = (y) => new Touch({ identifier: 1, target: rows, clientX: 100, clientY: y });
  const say = (type, y) => rows.dispatchEvent(new TouchEvent(type, { touches: [at(y)], bubbles: true }));
  say('touchstart', 100), say('touchmove', 140), say('touchmove', 260);
}"""


def test_a_phone_has_the_title_on_top_and_a_bar_of_its_own_for_what_is_selected(enter: Enter, alice: Account) -> None:
    page = enter(**PHONE)
    expect(page.locator(".phone-title")).to_have_text("Inbox1")
    expect(page.locator(".list-pane > .bar .range")).to_be_hidden()
    assert page.evaluate(SMALL, ".top") == []
    page.locator(".row .pick input").nth(1).click()
    bar = page.locator(".bar.selecting")
    expect(bar).to_contain_text("1 selected")
    assert bar.bounding_box()["y"] == 0
    assert page.evaluate(SMALL, ".bar.selecting") == []
    bar.get_by_role("button", name="Clear the selection").click()
    expect(bar).to_have_count(0)


def test_back_goes_one_level_up_and_the_list_stands_where_it_was(enter: Enter, alice: Account) -> None:
    for n in range(20):
        conversation(alice, f"Letter {n}", Letter(ANA, "Hello."))
    page = enter(**PHONE)
    expect(page.locator("#app .row").first).to_be_visible()
    page.locator(".rows").evaluate("(at) => (at.scrollTop = 600)")
    page.locator(".row", has_text="Letter 10").locator(".open").click()
    expect(page.locator("#subject")).to_have_text("Letter 10")
    expect(page.locator(".fab")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    assert page.evaluate(SMALL, ".reading-pane > .bar") == []
    page.go_back()
    expect(page.locator(".row", has_text="Letter 10")).to_be_visible()
    assert page.locator(".rows").evaluate("(at) => at.scrollTop") == 600
    expect(page.locator(".fab")).to_be_visible()


def test_pulled_down_the_list_fetches(enter: Enter, alice: Account) -> None:
    page = enter(**PHONE)
    expect(page.locator("#app .row")).to_have_count(5)
    page.evaluate(PULL)
    expect(page.locator(".pull")).to_have_text("Let go to fetch")
    with page.expect_request(lambda request: "ThreadRow/query" in (request.post_data or "")):
        page.locator(".rows").dispatch_event("touchend")
    expect(page.locator(".pull")).to_have_count(0)


def test_a_menu_on_a_phone_is_a_sheet_from_below(enter: Enter, alice: Account) -> None:
    page = enter(**PHONE)
    page.locator(".row .pick input").first.click()
    page.locator(".bar.selecting [data-command=more]").click()
    sheet = page.locator(".menu-over").bounding_box()
    assert (sheet["x"], sheet["width"], round(sheet["y"] + sheet["height"])) == (0, 390, 844)


def test_a_tablet_has_a_rail_and_held_across_a_conversation_beside_the_list(enter: Enter, alice: Account) -> None:
    page = enter(viewport={"width": 768, "height": 1024}, **TOUCH)
    rail = page.locator("#places")
    assert rail.bounding_box()["width"] < 100
    expect(rail.get_by_text("Starred")).to_be_visible()
    _one_line_is_whole(page)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.locator(".row .open").first.click()
    expect(page.locator("#subject")).to_be_visible()
    expect(page.locator("#app .row").first).to_be_visible()
    _one_line_is_whole(page)


def _one_line_is_whole(page: Page) -> None:
    """What a row shows is within it."""
    row, preview = page.locator("#app .row").nth(1), page.locator("#app .row .preview").nth(1)
    assert (
        preview.bounding_box()["y"] + preview.bounding_box()["height"] <= row.bounding_box()["y"] + row.bounding_box()["height"]
    )
