"""Acting on rows: menus, pickers, hovering, selecting, swiping."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Mailbox, Thread, ThreadRow
from tests.webmail.app.conftest import BOB, Enter, shows, subjects
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ALL = ["Roof repair", "Compost", "Keys", "Minutes", "Cake"]


def _row(page: Page, subject: str):
    return page.locator(".row", has_text=subject)


def _confirmed(page: Page) -> None:
    """Nothing waits to be sent any more."""
    expect(page.locator("#app[data-waiting='0']")).to_have_count(1)


def test_a_menu_by_right_click_and_by_key_acts_on_the_row_it_was_opened_on(page: Page, alice: Account) -> None:
    _row(page, "Keys").click(button="right")
    expect(page.locator("[role=menuitem]").first).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("[role=menuitem]:focus")).to_contain_text("Archive")
    page.keyboard.press("Enter")
    shows(page, ["Roof repair", "Compost", "Minutes", "Cake"])

    page.locator(".row .open").first.focus()
    page.keyboard.press("Shift+F10")
    expect(page.locator("[role=menu]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[role=menu]")).to_have_count(0)
    expect(page.locator(".row .open").first).to_be_focused()


def test_a_label_is_chosen_made_put_on_and_taken_off_by_typing(page: Page, alice: Account) -> None:
    mailboxes.create(alice.pk, "Garten/Bäume")
    expect(page.locator("#places", has_text="Bäume")).to_be_visible()
    for key in ("j", "x", "j", "x", "l"):
        page.keyboard.press(key)
    page.keyboard.type("baume")
    page.keyboard.press("Enter")
    expect(page.locator(".row .chip")).to_have_count(2)

    page.keyboard.press("l")
    page.keyboard.type("Shed/Roof")
    expect(page.locator("[role=option]")).to_have_text(["Make the label “Shed/Roof”"])
    page.keyboard.press("Enter")
    expect(_row(page, "Compost").locator(".chip")).to_have_count(2)
    _confirmed(page)
    assert Mailbox.objects.filter(account=alice, name="Shed/Roof", total=1).exists()

    page.keyboard.press("L")
    expect(page.locator("[role=option]")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(_row(page, "Compost").locator(".chip")).to_have_count(1)

    page.keyboard.press("v")
    page.keyboard.type("shed/r")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Moved to “Shed/Roof”.")
    assert "Compost" not in subjects(page)


def test_hovering_offers_to_delete_without_opening_or_reading(page: Page, alice: Account) -> None:
    _row(page, "Roof repair").hover()
    _row(page, "Roof repair").get_by_label("Move to Trash").click()
    shows(page, ALL[1:])
    _confirmed(page)
    assert Thread.objects.get(subject="Roof repair").messages.filter(flags=0).exists()


def test_shift_and_a_click_select_all_between_and_x_and_keys_extend(page: Page) -> None:
    _row(page, "Compost").locator("input").click()
    _row(page, "Cake").locator("input").click(modifiers=["Shift"])
    expect(page.locator(".row.picked")).to_have_count(4)
    expect(page.locator("h1")).to_have_text("4 selected")
    page.keyboard.press("e")
    shows(page, ["Roof repair"])
    page.keyboard.press("z")
    shows(page, ALL)
    page.keyboard.press("*")
    page.keyboard.press("u")
    expect(page.locator(".row.picked .subject")).to_have_text(["Roof repair"])


def test_all_that_match_are_archived_without_being_listed_and_come_back_with_one_undo(page: Page, alice: Account) -> None:
    for n in range(60):
        conversation(alice, f"Notice {n}", Letter(BOB, "Text.", timedelta(days=2, minutes=n)))
    page.reload()
    expect(page.locator(".range")).to_have_text("65 conversations")
    page.locator(".bar .all input").click()
    page.click("text=Select all 65 in Inbox")
    expect(page.locator("h1")).to_have_text("65 selected")
    page.keyboard.press("e")
    expect(page.locator(".row")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("65 conversations archived.")
    _confirmed(page)
    inbox = ThreadRow.objects.filter(mailbox__account=alice, mailbox__role=Mailbox.Role.INBOX)
    assert not inbox.exists()
    page.keyboard.press("z")
    expect(page.locator(".range")).to_have_text("65 conversations")
    expect(page.locator(".row").first).to_be_visible()
    _confirmed(page)
    assert inbox.count() == 65


def test_a_swipe_archives_and_a_short_one_does_nothing(enter: Enter) -> None:
    page = enter(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    touch = page.context.new_cdp_session(page)

    def swipe(subject: str, distance: int) -> None:
        box = _row(page, subject).bounding_box()
        x, y = box["x"] + 150, box["y"] + 40
        for kind, at in (("touchStart", 0), ("touchMove", distance // 2), ("touchMove", distance)):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + at, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe("Keys", 40)
    shows(page, ALL)
    swipe("Keys", 140)
    expect(_row(page, "Keys")).to_have_count(0)
    page.locator(".toast button").click()
    expect(_row(page, "Keys")).to_have_count(1)


def test_the_look_is_changed_at_once_and_kept(page: Page, alice: Account) -> None:
    page.get_by_label("Look").click()
    page.get_by_label("Compact").check()
    assert page.locator(".row").first.bounding_box()["height"] <= 41
    page.get_by_label("Dark").check()
    assert (
        page.evaluate("getComputedStyle(document.body).colorScheme || getComputedStyle(document.documentElement).colorScheme")
        == "dark"
    )
    page.get_by_label("On the right").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".conversation h1")).to_have_text("Roof repair")
    expect(page.locator(".row").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".conversation h1")).to_have_text("Compost")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-density", "compact")


def test_a_snoozed_conversation_leaves_sleeps_in_its_place_and_is_undone(page: Page, alice: Account) -> None:
    page.keyboard.press("j")
    page.keyboard.press("b")
    page.get_by_role("menuitem", name="Next week").click()
    expect(page.locator(".toast")).to_contain_text("Snoozed.")
    shows(page, ALL[1:])
    _confirmed(page)
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.locator(".row .until")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator(".row")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.locator(".row")).to_have_count(5)
    shows(page, ALL)


def test_a_moment_of_ones_own_is_asked_for_until_it_is_one(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("b")
    page.locator(".snooze form button").click()
    expect(page.locator(".over.snooze")).to_be_visible()
    page.fill(".snooze input", "2031-05-04T10:30")
    page.locator(".snooze form button").click()
    shows(page, ALL[1:])


def test_a_star_takes_its_colours_in_turn(page: Page, alice: Account) -> None:
    page.keyboard.press("j")
    star = page.locator(".row .star").first
    for color in ("red", "orange", "yellow", "green", "blue", "purple"):
        page.keyboard.press("s")
        expect(star).to_have_class(f"tool star on star-{color}")
    page.keyboard.press("s")
    expect(star).to_have_class("tool star")
    _confirmed(page)
    page.keyboard.press("z")
    expect(star).to_have_class("tool star on star-purple")
