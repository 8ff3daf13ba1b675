"""A draft that another tab sends is no letter any more where it was only shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.webmail.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]


def _write(page: Page) -> None:
    page.locator(".row", has_text="Roof repair").locator(".open").click()
    expect(page.locator(".message").last).to_contain_text("Much.")
    page.keyboard.press("r")
    expect(page.locator(".conversation .letter textarea")).to_be_focused()
    page.keyboard.type("I come.")


def _write_and_show_in_another_tab(page: Page) -> Page:
    _write(page)
    expect(page.locator(".letter-state")).to_have_text("saved")
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(tab.locator(".conversation .letter textarea")).to_have_value("I come.")
    return tab


def _send(page: Page) -> None:
    page.locator(".conversation .letter textarea").press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    expect(page.locator(".conversation .letter")).to_have_count(0)


def test_it_goes_where_nobody_wrote_at_it(page: Page) -> None:
    tab = _write_and_show_in_another_tab(page)
    _send(page)
    expect(tab.locator(".conversation .letter")).to_have_count(0)
    expect(tab.locator(".message").last).to_contain_text("I come.")
    expect(page.locator(".conversation .letter")).to_have_count(0)


def test_it_stays_where_somebody_writes_at_it(page: Page) -> None:
    tab = _write_and_show_in_another_tab(page)
    tab.locator(".conversation .letter textarea").press("End")
    tab.keyboard.type(" At noon.")
    _send(page)
    expect(tab.locator(".message", has_text="I come.")).to_have_count(1)
    expect(tab.locator(".conversation .letter textarea")).to_have_value("I come. At noon.")


def test_it_is_not_shown_as_a_letter_when_it_was_sent_while_it_was_loaded(page: Page) -> None:
    _write(page)
    tab = page.context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "Draft/get" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.fallback()

    tab.route("**/jmap/api", hold)
    tab.goto(page.url)
    with tab.expect_request(lambda asked: "Draft/get" in (asked.post_data or "")):
        expect(page.locator(".letter-state")).to_have_text("saved")
    _send(page)
    with tab.expect_response(lambda found: "Draft/get" in (found.request.post_data or "")):
        for one in held:
            one.fallback()
    expect(tab.locator(".message", has_text="I come.")).to_have_count(1)
    expect(tab.locator(".message .draft")).to_have_count(0)
    assert not tab.locator(".conversation .letter").count()
