"""The simple view in a real browser: without scripts everything works, with them it is live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mailsuite.accounts.models import Account, DkimKey, Domain
from mailsuite.mailstore.models import Message
from mailsuite.protocol.dkim import new_key
from mailsuite.queue.models import Envelope
from tests.webmail.browser import CHROMIUM, DESKTOP, PHONE, chromium, door
from tests.webmail.store import PASSWORD, Letter, conversation, member

SETTINGS = ("/settings", *(f"/settings/{one}" for one in ("writing", "addresses", "away", "senders", "devices")))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ANA = "Ana Silva <ana@elsewhere.example>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would refuse to be called beside it.
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started


@pytest.fixture
def alice(browser: Browser, transactional_db: None) -> Account:
    account = member("alice", "Alice Example")
    private, public = new_key()
    DkimKey.objects.create(domain=Domain.objects.get(), selector="s1", private_pem=private, public_key=public)
    conversation(account, "Roof repair", Letter(ANA, "It leaks again.", timedelta(hours=5)), Letter(ANA, "Much.", seen=False))
    conversation(account, "Compost", Letter("Bob Roe <bob@elsewhere.example>", "Who turns it?", timedelta(hours=8)))
    return account


@pytest.fixture
def address(alice: Account, tmp_path: Path) -> Iterator[str]:
    with door(tmp_path) as address:
        yield address


def signed_in(browser: Browser, address: str, *, scripts: bool = True, size=DESKTOP) -> Page:
    context = browser.new_context(java_script_enabled=scripts, viewport=size, base_url=address)
    if scripts:  # else the device gets the simple view anyway
        context.add_cookies([{"name": "view", "value": "simple", "url": address}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto("/sign-in")
    page.fill("#login", "alice@example.org")
    page.fill("#password", PASSWORD)
    page.click("text=Sign in >> nth=-1")
    expect(page).to_have_title("Inbox (1) · Mailsuite")
    return page


def test_without_scripts_one_reads_answers_searches_archives_and_takes_it_back(browser: Browser, address: str) -> None:
    page = signed_in(browser, address, scripts=False)
    page.click(".subject >> text=Roof repair")
    expect(page.locator("h1")).to_have_text("Roof repair")
    expect(page.locator(".message[open] .text")).to_have_text("Much.")
    page.locator(".message:not([open]) summary").first.click()
    expect(page.locator("text=It leaks again.").last).to_be_visible()

    page.fill("#answer", "I call the roofer.")
    page.click("button:text-is('Send')")
    expect(page.locator(".message").last).to_contain_text("I call the roofer.")
    expect(page.locator("[role=status]")).to_contain_text("Sent.")
    assert Envelope.objects.get().recipients.get().address == "ana@elsewhere.example"

    page.fill("#q", "from:bob turns")
    page.press("#q", "Enter")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row")).to_contain_text("Compost")

    page.goto("/")
    page.check(".row:has-text('Compost') input")
    page.click("button[value=archive]")
    expect(page.locator(".row:has-text('Compost')")).to_have_count(0)
    page.click(".toast button")
    expect(page.locator(".row:has-text('Compost')")).to_have_count(1)


def test_without_scripts_the_drawer_of_a_phone_opens_and_menus_do(browser: Browser, address: str) -> None:
    page = signed_in(browser, address, scripts=False, size=PHONE)
    expect(page.locator("#places")).not_to_be_visible()
    page.click("[aria-label='Places and labels'] >> nth=0")
    expect(page.locator("#places")).to_be_visible()
    page.click("#places >> text=Sent")
    expect(page.locator(".phone-title")).to_have_text("Sent")
    page.click(".account summary")
    expect(page.locator("text=Sign out")).to_be_visible()


def test_new_mail_is_seen_in_an_open_list_and_ticks_stay(browser: Browser, address: str, alice: Account) -> None:
    page = signed_in(browser, address)
    page.check(".row:has-text('Compost') input")
    conversation(alice, "News from Carol", Letter("Carol <carol@elsewhere.example>", seen=False, ago=timedelta(0)))
    expect(page.locator(".row").first).to_contain_text("News from Carol")
    expect(page).to_have_title("Inbox (2) · Mailsuite")
    expect(page.locator(".row:has-text('Compost') input")).to_be_checked()


def test_an_answer_that_comes_while_one_reads_moves_nothing(browser: Browser, address: str, alice: Account) -> None:
    thread = conversation(alice, "Choir", Letter(ANA, "Thursday?"))
    page = signed_in(browser, address)
    page.goto(f"/t/{thread.pk}")
    parent = Message.objects.get(thread=thread)
    conversation(alice, "Re: Choir", Letter(ANA, "Or Friday?", timedelta(0), headers={"In-Reply-To": f"<{parent.message_id}>"}))
    expect(page.locator(".toast")).to_contain_text("1 new message")
    assert page.locator(".message").count() == 1
    page.click(".toast button")
    expect(page.locator(".message")).to_have_count(2)


def test_keys_move_select_archive_and_undo_without_leaving_the_page(browser: Browser, address: str) -> None:
    page = signed_in(browser, address)
    page.evaluate("window.stayed = true")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".row.focused")).to_contain_text("Compost")
    page.keyboard.press("s")
    expect(page.locator(".row:has-text('Compost') .star.on")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator(".row:has-text('Compost')")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Archived 1 conversation.")
    page.keyboard.press("z")
    expect(page.locator(".row:has-text('Compost')")).to_have_count(1)
    assert page.evaluate("window.stayed")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Roof repair")
    page.keyboard.press("r")
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.press("Escape")


def test_a_mail_in_html_gets_a_frame_as_high_as_itself_and_runs_nothing(browser: Browser, address: str, alice: Account) -> None:
    html = "<script>top.hacked = 1</script><img src=x onerror='top.hacked = 1'>" + "<p>A long letter.</p>" * 60
    thread = conversation(alice, "Newsletter", Letter(ANA, "plain", html=html))
    page = signed_in(browser, address)
    page.goto(f"/t/{thread.pk}")
    frame = page.frame_locator("iframe.frame:visible")
    expect(frame.locator("p").last).to_have_text("A long letter.")
    page.wait_for_function("document.querySelector('iframe.frame').offsetHeight > 1500")
    assert page.evaluate("window.hacked") is None


def test_at_night_a_letter_is_dark_until_its_own_colours_are_asked_for(browser: Browser, address: str, alice: Account) -> None:
    thread = conversation(alice, "News", Letter(ANA, "plain", html="<p style='color:#222'>A letter.</p>"))
    page = signed_in(browser, address)
    page.goto(f"/t/{thread.pk}")
    expect(page.frame_locator("iframe.frame:visible").locator("p")).to_have_css("color", "rgb(34, 34, 34)")
    page.emulate_media(color_scheme="dark")
    night = page.frame_locator("iframe.by-night:visible")
    expect(night.locator("p")).not_to_have_css("color", "rgb(34, 34, 34)")
    expect(night.locator("html")).to_have_css("background-color", "rgb(19, 24, 27)")
    page.click("[aria-label='More for this message']")
    page.click("text=Show in its own colours")
    expect(night.locator("p")).to_have_css("color", "rgb(34, 34, 34)")
    assert page.complaints == []


def test_a_quotation_unfolds_in_its_frame_without_scripts(browser: Browser, address: str, alice: Account) -> None:
    words = "The roof leaks above the kitchen window again, and nobody called."
    quoted = f"<p>I call.</p><blockquote type=cite><p>{words}</p></blockquote>"
    thread = conversation(alice, "Roof", Letter(ANA, words, timedelta(hours=3)), Letter(ANA, "plain", html=quoted))
    page = signed_in(browser, address, scripts=False)
    page.goto(f"/t/{thread.pk}")
    frame = page.frame_locator("iframe.frame:visible")
    expect(frame.locator("p").first).to_have_text("I call.")
    expect(frame.locator("blockquote")).to_have_count(0)
    frame.locator("text=…").click()
    expect(frame.locator("blockquote")).to_have_text(words)


def test_no_page_makes_the_browser_complain(browser: Browser, address: str, alice: Account) -> None:
    page = signed_in(browser, address)
    threads = [f"/t/{pk}" for pk in alice.threads.values_list("pk", flat=True)]
    for path in ("/", "/in/trash", "/labels", *SETTINGS, "/search", "/search?q=roof", "/compose", *threads):
        page.goto(path)
        page.wait_for_load_state("load")
        assert page.complaints == [], path


def test_no_page_scrolls_sideways_on_a_narrow_screen(browser: Browser, address: str, alice: Account) -> None:
    page = signed_in(browser, address, size={"width": 320, "height": 640})
    for path in ("/", "/compose", *SETTINGS, "/search?q=roof", "/labels", f"/t/{alice.threads.first().pk}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
