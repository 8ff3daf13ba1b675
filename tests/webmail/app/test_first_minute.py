"""What somebody who comes from Gmail does in the first minute, and must see (product.md 0.2).

SCREENS names a folder for pictures of each step.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from tests.webmail.app.conftest import ANA, Enter, shows, subjects
from tests.webmail.browser import CHROMIUM, PHONE
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ME = "Alice Example <alice@example.org>"
ROTH = "Ana Roth <ana.roth@elsewhere.example>"
QUOTED = "Fine for me.\n\nOn 3 October 2026 at 14:02, Ana Silva wrote:\n> Shall I call the roofer?\n"
NEWS = (
    "<h1>Slow kitchen</h1><p>Leeks in butter.</p><img src='https://mailchimp.example/logo.png' width=200 height=60>"
    "<img src='https://list-manage.com/track/open.php?u=4711aaaabbbbccccddddeeee' width=1 height=1>"
)
DROPPED = """(bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "roof.png", { type: "image/png" }));
    return data;
}"""
WHY = {
    "auth": {"dmarc": "pass", "spf": "pass", "dkim": "pass"},
    "reasons": [{"code": "inbox", "text": "Nothing spoke against it.", "weight": 0}],
}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180345a34650000000049454e44ae426082"
)


@pytest.fixture
def mail(alice: Account) -> None:
    """Beside what the inbox of the tests holds: an exchange, an invoice, a newsletter, and letters to one of two Anas."""
    exchange = [Letter(ANA, f"Line {n} about the chimney.", timedelta(hours=9, minutes=60 - n)) for n in range(4)]
    exchange += [Letter(ANA, "Shall I call the roofer?", timedelta(hours=4))]
    exchange += [
        Letter(ME, QUOTED, timedelta(hours=3), to=ANA),
        Letter(ANA, "He comes on Tuesday.", timedelta(minutes=5), seen=False),
    ]
    conversation(alice, "Chimney", *exchange)
    conversation(alice, "Invoice 2026-114", Letter(ANA, "The invoice for the roof.", timedelta(days=3)), archived=True)
    headers = {"List-Unsubscribe": "<mailto:leave@kitchen.example>", "List-Id": "<news.kitchen.example>", "Precedence": "bulk"}
    news = Letter("Slow Kitchen <news@kitchen.example>", "Leeks.", timedelta(hours=2), html=NEWS, headers=headers, decision=WHY)
    conversation(alice, "Leeks in butter", news)
    for n in range(5):
        conversation(alice, f"To Ana {n}", Letter(ME, "Hello.", timedelta(days=n + 4), to=ANA))
    conversation(alice, "Other Ana", Letter(ROTH, "Hello.", timedelta(days=9)), Letter(ME, "Hello.", timedelta(days=8), to=ROTH))


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENS"):
        page.screenshot(path=Path(folder) / f"first-minute-{name}.png")


def _row(page: Page, subject: str) -> Locator:
    return page.locator("#app .row", has=page.get_by_text(subject, exact=True)).first


@pytest.mark.usefixtures("mail")
def test_on_a_desktop(page: Page, alice: Account) -> None:
    expect(page.get_by_role("button", name="Compose").first).to_be_visible()
    expect(page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first).to_be_visible()
    before = subjects(page)
    _picture(page, "1-inbox")

    _row(page, "Chimney").locator(".subject").click()
    expect(page.locator(".message").last).to_contain_text("He comes on Tuesday.")
    expect(page.locator(".reading-pane")).to_contain_text("older")
    expect(page.locator(".message", has_text="me").first).to_be_visible()
    expect(page.get_by_text("> Shall I call")).to_have_count(0)
    _picture(page, "2-conversation")

    page.keyboard.press("e")
    expect(page.locator(".toast").first).to_contain_text("Archived.")
    expect(_row(page, "Chimney")).to_have_count(0)
    expect(page.locator(".toast").first).to_contain_text("z")
    page.keyboard.press("z")
    expect(_row(page, "Chimney")).to_be_visible()
    shows(page, before)
    _picture(page, "3-undone")

    page.keyboard.press("/")
    page.keyboard.type("from:ana invoice")
    box = page.get_by_role("search")
    expect(box).to_contain_text("Invoice 2026-114")
    expect(box.locator(".chip").first).to_be_visible()
    _picture(page, "4-search")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Compose").first.click()
    page.keyboard.type("an")
    expect(page.locator(".suggestions [role=option]").first).to_contain_text("Ana Silva")
    _picture(page, "5-compose")
    page.keyboard.press("Enter")
    page.get_by_label("Subject").fill("Photo")
    page.locator(".rich").click()
    page.keyboard.type("Look at this.")
    data = page.evaluate_handle(DROPPED, list(PIXEL))
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event(".rich", kind, {"dataTransfer": data})
    expect(page.locator(".rich img")).to_have_count(1)
    _picture(page, "6-photo")
    page.locator(".rich").press("Control+Enter")
    expect(page.locator(".toasts")).to_contain_text("Sending in")
    expect(page.locator(".toasts").get_by_role("button", name="Undo")).to_be_visible()
    _picture(page, "7-sending")
    assert Message.objects.filter(account=alice, subject="Photo").count() == 1

    _row(page, "Leeks in butter").locator(".subject").click()
    expect(page.locator(".reading-pane")).to_contain_text("tracker")
    expect(page.get_by_role("button", name="Unsubscribe")).to_be_visible()
    _picture(page, "8-newsletter")
    page.keyboard.press("w")
    expect(page.locator(".reading-pane")).to_contain_text("Why is this here?")
    _picture(page, "9-why")


@pytest.mark.usefixtures("mail")
def test_on_a_phone(enter: Enter) -> None:
    page = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    expect(_row(page, "Chimney")).to_be_visible()
    _picture(page, "phone-1-inbox")
    touch = page.context.new_cdp_session(page)
    box = _row(page, "Chimney").bounding_box()
    x, y = box["x"] + 120, box["y"] + 40
    for kind, at in (("touchStart", 0), ("touchMove", 60), ("touchMove", 150)):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + at, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(_row(page, "Chimney")).to_have_count(0)
    expect(page.locator("#app[data-waiting='0']")).to_have_count(1)
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.locator(".toast").first).to_contain_text("Undone")
    expect(_row(page, "Chimney")).to_be_visible()

    _row(page, "Chimney").locator(".subject").tap()
    expect(page.locator(".message").last).to_contain_text("He comes on Tuesday.")
    _picture(page, "phone-2-conversation")
    page.locator("[data-command=back]").first.tap()
    expect(_row(page, "Chimney")).to_be_visible()
    page.locator(".fab").tap()
    expect(page.locator(".letter")).to_be_visible()
    _picture(page, "phone-3-compose")
