"""Search in the application: found while typing, read as said, and never silent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message
from tests.webmail.app.conftest import ANA, Enter, shows, subjects
from tests.webmail.browser import CHROMIUM, PHONE
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
PDF = ("offer.pdf", "application/pdf", b"%PDF-1.4")


@pytest.fixture
def alice(alice: Account) -> Account:
    """With a label, a letter to Ana, an old conversation with a file, and roofs in Spam and Trash."""
    label = mailboxes.create(alice.pk, "Garden/Roof")
    me = "Alice Example <alice@example.org>"
    conversation(alice, "Coffee?", Letter(me, "Tomorrow at nine?", to="Ana Silva <ana@elsewhere.example>"))
    conversation(
        alice, "Offer", Letter(ANA, "A long text. " * 30 + "The roof costs 4200.", files=[PDF]), archived=True, labels=[label]
    )
    conversation(alice, "Cheap roof", Letter("Mallory <m@bad.example>"), place=Message.Place.SPAM)
    conversation(alice, "Old roof", Letter("Mallory <m@bad.example>"), place=Message.Place.TRASH)
    return alice


def _type(page: Page, text: str) -> None:
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(text)


def _chips(page: Page, wanted: list[str]) -> None:
    expect(page.locator(".read-as .chip-text")).to_have_text(wanted)


def test_people_and_labels_come_first_then_mail_at_hand_at_once_and_the_servers_soon(page: Page) -> None:
    held, holding = [], [True]
    page.route(
        "**/jmap/api",
        lambda route: (
            held.append(route) if holding and "ThreadRow/query" in (route.request.post_data or "") else route.continue_()
        ),
    )
    _type(page, "ana")
    expect(page.get_by_role("group", name="People").get_by_role("option")).to_contain_text(["Ana Silva ana@elsewhere.example"])
    expect(page.get_by_role("group", name="Mail").get_by_role("option")).to_have_count(1)  # at hand, by its writer
    page.keyboard.type(" ")
    page.fill("#q", "roof")
    expect(page.get_by_role("group", name="Labels").get_by_role("option")).to_have_text("Garden/Roof")
    expect(page.get_by_role("group", name="Mail").get_by_role("option")).to_have_count(1)
    holding.clear()
    for route in held:
        route.continue_()
    expect(page.get_by_role("group", name="Mail").get_by_role("option")).to_have_count(2)
    expect(page.locator(".found-mail mark")).to_have_text("Roof")
    assert page.locator("#found [role=group]").evaluate_all("all => all.map(one => one.ariaLabel)") == ["Labels", "Mail"]


def test_an_older_answer_never_takes_the_place_of_a_newer_one(page: Page) -> None:
    held: list[Route] = []
    page.route(
        "**/jmap/api",
        lambda route: held.append(route) if '"query":"roof"' in (route.request.post_data or "") else route.continue_(),
    )
    _type(page, "roof")
    expect(page.locator(".found-mail .option")).to_have_count(1)
    page.wait_for_timeout(200)
    assert held
    page.keyboard.press("Control+a")
    page.keyboard.type("compost")
    expect(page.locator(".found-mail .option")).to_contain_text(["Compost"])
    for route in held:
        route.continue_()
    page.wait_for_timeout(200)
    expect(page.locator(".found-mail .option")).to_contain_text(["Compost"])


def test_the_keyboard_goes_through_all_of_it(page: Page) -> None:
    _type(page, "an")
    box = page.get_by_role("combobox", name="Search mail")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".found-person .option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "found-0")
    expect(page.locator("#found-0")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(box).to_have_value("from:ana@elsewhere.example ")
    _chips(page, ["From: Ana Silva"])
    page.keyboard.type("has:pd")
    expect(page.get_by_role("option", name="has:pdf")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=from%3Aana%40elsewhere\.example\+has%3Apdf$"))
    expect(page.locator("#app .row")).to_have_count(1)
    _chips(page, ["From: Ana Silva", "Has: PDF"])

    _type(page, "roof")
    expect(page.locator(".found-mail .option")).to_have_count(2)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # the last of the mail
    expect(page).to_have_url(re.compile(r"/t/\d+\?q=roof$"))


def test_escape_closes_then_puts_back_then_leaves(page: Page) -> None:
    _type(page, "roof")
    expect(page.locator(".finder-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".finder-panel")).to_have_count(0)
    expect(page.locator("#q")).to_have_value("roof")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".row.focused .subject")).to_have_text("Roof repair")


def test_only_this_place_is_searched_with_ctrl_and_enter(page: Page) -> None:
    page.goto("/in/spam")
    expect(page.locator("#app .row")).to_have_count(1)
    _type(page, "roof")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#q")).to_have_value("roof in:spam")
    expect(page.locator("#app .row .subject")).to_have_text(["Cheap roof"])


def test_results_mark_what_was_searched_for_and_coming_back_keeps_everything(page: Page) -> None:
    _type(page, "roof")
    page.keyboard.press("Enter")
    expect(page.locator("#app .row")).to_have_count(2)
    expect(page.locator(".row .subject mark").first).to_have_text("Roof")
    expect(page.locator(".row .preview mark")).to_have_text("roof")  # deep in the text: asked of the server
    expect(page.locator(".results-foot a")).to_have_text("2 more in Spam and Trash")
    found = subjects(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("roof")
    page.keyboard.press("u")
    expect(page.locator("#app .row")).to_have_count(2)
    shows(page, found)
    expect(page.locator(".row.focused")).to_have_attribute("aria-rowindex", "2")
    expect(page.locator(".row .preview mark")).to_have_text("roof")
    page.click(".results-foot a")
    expect(page.locator("#q")).to_have_value("roof in:anywhere")
    expect(page.locator("#app .row")).to_have_count(4)


def test_chips_and_what_is_typed_are_always_the_same(page: Page) -> None:
    page.goto("/search?q=from%3Aana+roof+-cellar")
    expect(page.locator(".read-as .chip")).to_have_count(3)
    _chips(page, ["From: ana", "roof", "Not: cellar"])
    page.get_by_role("button", name="Without Not: cellar").click()
    expect(page.locator("#q")).to_have_value("from:ana roof")
    expect(page.locator(".read-as .chip")).to_have_count(2)
    page.get_by_role("button", name="Add: has file").click()
    expect(page.locator("#q")).to_have_value("from:ana roof has:attachment")
    expect(page.locator("#app .row .subject")).to_have_text(["Offer"])
    page.get_by_role("button", name="roof", exact=True).click()  # the word is selected in the box
    page.keyboard.type("offer")
    expect(page.locator("#q")).to_have_value("from:ana offer has:attachment")
    expect(page.locator(".finder .chip-text")).to_have_text(["From: ana", "offer", "Has: file"])
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Time").select_option("Last week")
    expect(page).to_have_url(re.compile("newer_than%3A7d$"))
    page.get_by_role("combobox", name="Time").select_option("Any time")
    expect(page.locator("#q")).to_have_value("from:ana roof has:attachment")


@pytest.mark.parametrize(
    ("typed", "hint", "better"),
    [
        ("labels:work", "labels: is not an operator. Did you mean label:work?", "label:work"),
        ("form:ana", "Did you mean from:ana?", "from:ana"),
        ("invoice or receipt", "or is searched as a word. Use OR in capitals.", "invoice OR receipt"),
        ("newer_than:7", "Add a unit: newer_than:7d.", "newer_than:7d"),
        ("label:garden/rof", "No label garden/rof. label:Garden/Roof?", "label:Garden/Roof"),
        ("is:unraed", "Not a state. is:unread?", "is:unread"),
        ("from:", "from: who?", ""),
        ("after:16/13/2026", "Not a date. Write 2026-12-16.", "after:2026-12-16"),
    ],
)
def test_what_was_read_otherwise_is_said_with_one_click_to_the_better_query(
    page: Page, typed: str, hint: str, better: str
) -> None:
    _type(page, typed)
    expect(page.locator(".finder .said li")).to_have_text(hint)
    if better:
        page.locator(".finder .said button").click()
        expect(page.locator("#q")).to_have_value(re.compile(f"^{re.escape(better)} ?$"))
        expect(page.locator(".finder .said li")).to_have_count(1 if better == "label:work" else 0)


def test_nothing_found_says_what_to_leave_out(page: Page) -> None:
    page.goto("/search?q=roof+has%3Aaudio")
    expect(page.locator(".list-pane .empty")).to_contain_text("Nothing found.")
    page.click("text=Without has:audio: 2")
    expect(page.locator("#app .row")).to_have_count(2)


def test_the_form_writes_the_query(page: Page) -> None:
    page.get_by_role("button", name="Search by field").click()
    form = page.locator(".finder-form")
    form.get_by_label("From").fill("ana")
    form.get_by_label("Subject").fill("red roof")
    form.get_by_label("Not").fill("cellar")
    form.get_by_label("Size").select_option("Larger than 1 MB")
    form.get_by_label("Place").select_option("Garden/Roof")
    form.get_by_label("Has file").check()
    query = "from:ana subject:(red roof) -cellar larger:1M label:Garden/Roof has:attachment"
    expect(page.locator("#q")).to_have_value(query)
    form.get_by_role("button", name="Search").click()
    expect(page.locator(".read-as .chip")).to_have_count(6)
    page.get_by_role("button", name="Search by field").click()
    expect(form.get_by_label("Subject")).to_have_value("red roof")
    expect(form.get_by_label("Has file")).to_be_checked()


def test_what_was_searched_for_is_kept_on_this_device_until_signing_out(page: Page, enter: Enter) -> None:
    _type(page, "roof")
    page.keyboard.press("Enter")
    expect(page.locator("#app .row")).to_have_count(2)
    _type(page, "")
    page.keyboard.press("Delete")
    expect(page.get_by_role("group", name="Searched before").get_by_role("option")).to_have_text("roof")
    assert "roof" not in enter().evaluate("JSON.stringify(localStorage)")
    page.keyboard.press("Escape")
    page.click(".account summary")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in*")
    assert "roof" not in page.evaluate("JSON.stringify(localStorage)")


def test_on_a_phone_search_is_the_whole_screen(enter: Enter) -> None:
    page = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Search mail").tap()
    box = page.locator(".finder").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.keyboard.type("roof")
    expect(page.locator(".found-mail .option")).to_have_count(2)
    page.get_by_role("button", name="All results").last.tap()
    expect(page.locator("#app .row")).to_have_count(2)
    expect(page.locator("#q")).to_be_visible()
    page.locator("#q").tap()
    page.get_by_role("button", name="Close search").tap()
    expect(page.locator(".finder-panel")).to_have_count(0)


def test_words_from_mail_are_never_markup(page: Page, alice: Account) -> None:
    conversation(alice, "<img src=x onerror=alert(1)> needle", Letter(ANA, "x " * 200 + "<b>needle</b> &lt;i&gt;"))
    page.goto("/search?q=needle")
    expect(page.locator(".row .subject")).to_have_text("<img src=x onerror=alert(1)> needle")
    expect(page.locator(".row mark").first).to_have_text("needle")
    _type(page, "<mark>needle")
    expect(page.locator(".finder .chip-text")).to_have_text("<mark>needle")
