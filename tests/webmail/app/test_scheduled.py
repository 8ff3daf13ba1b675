"""What is sent later, in the application: its place, when it goes, and what can be done about that; and deleting for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from mailsuite.delivery import scheduled
from mailsuite.delivery.submit import Options, submit
from mailsuite.mailstore import actions, mailboxes, waiting
from mailsuite.mailstore.models import Message, Thread
from mailsuite.protocol import compose
from mailsuite.queue.models import Recipient, Submission
from tests.webmail.app.conftest import shows
from tests.webmail.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]


def later(alice: Account, subject: str, until=None) -> Message:
    """A letter that is sent in two days, as the composer leaves it."""
    until = until or (now() + timedelta(days=2)).replace(microsecond=0)
    draft = compose.Draft(
        author=("Alice", "alice@example.org"),
        date=now(),
        message_id=f"{subject}@example.org",
        to=[("Carol", "carol@elsewhere.example")],
        subject=subject,
        text="Beans, please.",
    )
    content = compose.build(draft)
    options = Options(hold_until=until)
    sent = submit(alice, content, reverse_path="alice@example.org", recipients=["carol@elsewhere.example"], options=options)
    row = Submission.objects.create(
        account=alice,
        envelope=sent.envelope,
        identity=alice.addresses.get().pk,
        email_id=sent.message.email_id,
        thread_id=sent.message.thread_id,
        said={"mailFrom": {"email": "alice@example.org"}, "rcptTo": [{"email": "carol@elsewhere.example"}]},
        send_at=until,
        created_modseq=1,
    )
    scheduled.wait(row, until)
    return sent.message


def go(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def where(message: Message) -> set[str]:
    return set(message.memberships.values_list("mailbox__name", flat=True))


def test_its_place_shows_when_it_goes_and_it_is_sent_now_later_or_edited(page: Page, alice: Account) -> None:
    now_one, later_one, edited = (later(alice, subject) for subject in ("Now", "Later", "Edited"))
    go(page, "g v")
    expect(page).to_have_url(page.url.split("/in/")[0] + "/in/scheduled")
    expect(page.locator(".row")).to_have_count(3)
    at = Submission.objects.first().send_at
    expect(page.locator(".row time").first).to_contain_text(f"{at:%a} {at:%H:%M}")

    page.locator(".row", has_text="Now").click()
    note = page.locator(".note.waiting")
    expect(note).to_contain_text(f"Goes out {at:%a} {at:%H:%M}")
    note.get_by_role("button", name="Send now").click()
    expect(note).to_have_count(0)
    assert where(now_one) == {"Sent", "All Mail"}
    assert Recipient.objects.get(envelope=now_one_envelope(now_one)).state == "due"

    page.go_back()
    expect(page.locator(".row")).to_have_count(2)
    page.locator(".row", has_text="Later").click()
    note.get_by_text("Change time").click()
    note.get_by_role("button", name="Tomorrow").click()
    expect(page.locator(".toast")).to_contain_text("Goes out")
    expect(note).to_contain_text("08:00")
    later_one.refresh_from_db()
    assert later_one.sends_at != at
    assert where(later_one) == {"Scheduled", "All Mail"}

    page.go_back()
    page.locator(".row", has_text="Edited").click()
    note.get_by_role("button", name="Edit").click()
    expect(page.locator("[data-letter]")).to_be_visible()
    assert where(edited) == {"Drafts", "All Mail"}
    assert Recipient.objects.get(envelope=now_one_envelope(edited)).state == "failed"


def now_one_envelope(message: Message) -> int:
    return Submission.objects.get(email_id=message.email_id).envelope_id


def test_that_it_left_meanwhile_is_said(page: Page, alice: Account) -> None:
    message = later(alice, "Gone")
    go(page, "g v")
    page.locator(".row", has_text="Gone").click()
    expect(page.locator(".note.waiting")).to_be_visible()
    Recipient.objects.update(state="delivered")
    page.locator(".note.waiting").get_by_role("button", name="Send now").click()
    expect(page.locator(".toast")).to_contain_text("It has left already.")
    waiting.go(alice.pk, [message.pk], now())
    expect(page.locator(".note.waiting")).to_have_count(0)


def test_what_is_in_trash_is_deleted_for_ever_after_one_question(page: Page, alice: Account) -> None:
    actions.trash(alice.pk, list(Thread.objects.filter(subject__in=("Cake", "Keys", "Compost")).values_list("pk", flat=True)))
    go(page, "g #")
    expect(page.locator(".row")).to_have_count(3)
    go(page, "j #")
    ask = page.locator("dialog.ask")
    expect(ask).to_contain_text("1 message, ")
    expect(ask.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(ask).to_have_count(0)
    assert Message.objects.count() == 6

    page.locator(".row", has_text="Keys").click()
    page.locator(".conversation").wait_for()
    page.keyboard.press("Delete")
    ask.get_by_role("button", name="Delete for ever").click()
    expect(page.locator(".toast")).to_have_text("1 message deleted for ever.")
    expect(page.locator(".row")).to_have_count(2)
    shows(page, ["Compost", "Cake"])
    expect(page.locator(".toast button")).to_have_count(0)

    page.get_by_role("button", name="Empty Trash").click()
    expect(ask).to_contain_text("2 messages, ")
    ask.get_by_role("button", name="Delete for ever").click()
    expect(page.locator(".row")).to_have_count(0)
    expect(page.get_by_role("button", name="Empty Trash")).to_have_count(0)
    assert mailboxes.by_role(alice.pk, "trash").total == 0
    assert Message.objects.count() == 3
