"""Writing: nothing that was typed is lost, nothing is sent twice, and whatever may be a slip is asked once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.queue.models import Envelope
from tests.webmail.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180345a34650000000049454e44ae426082"
)


def _saved(page: Page) -> None:
    expect(page.locator(".letter-state").last).to_contain_text("saved", timeout=10_000)


def _drafts(account: Account) -> list[Message]:
    return [one for one in Message.objects.filter(account=account).order_by("pk") if one.flags & Message.DRAFT]


def _content(message: Message) -> str:
    return store.content(message).decode()


def test_written_with_keys_alone_sent_undone_as_it_was_and_sent_once(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    expect(page.get_by_label("To: add people")).to_be_focused()
    page.keyboard.type("bob@elsewhere.example,")
    page.keyboard.press("Tab")
    page.get_by_label("Subject").focus()
    page.keyboard.type("Roof")
    page.keyboard.press("Enter")
    page.keyboard.type("Hi Bob,\nthe **offer** comes on Monday.")
    expect(page.locator(".rich b")).to_have_text("offer")
    _saved(page)

    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    expect(page.locator(".letter")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(".letter .rich")).to_be_focused()
    assert Envelope.objects.filter(account=alice).count() == 1
    page.keyboard.type(" Bye.")
    expect(page.locator(".rich")).to_contain_text("the offer comes on Monday. Bye.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter")).to_have_count(0)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator(".toast.sending")).to_contain_text("Sent.")

    [sent] = [one for one in Message.objects.filter(account=alice) if one.subject == "Roof"]
    assert not sent.flags & Message.DRAFT
    text = _content(sent)
    assert "<b>offer</b>" in text
    assert "the offer comes on Monday. Bye." in text
    assert "class=" not in text
