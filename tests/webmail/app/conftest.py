"""The application in a real browser, over the real door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mailsuite.accounts.models import Account, DkimKey, Domain
from mailsuite.protocol.dkim import new_key
from tests.valkey import Valkey
from tests.webmail.browser import DESKTOP, chromium, door
from tests.webmail.store import PASSWORD, Letter, conversation, member

ANA = "Ana Silva <ana@elsewhere.example>"
BOB = "Bob Roe <bob@elsewhere.example>"


expect.set_options(timeout=20_000)  # milliseconds; a busy machine is no failure


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would refuse to be called beside it.
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started


@pytest.fixture
def alice(browser: Browser, transactional_db: None) -> Account:
    """A member with five conversations in Inbox, newest first: Roof repair (unread), Compost, Keys, Minutes, Cake."""
    account = member("alice", "Alice Example")
    private, public = new_key()
    DkimKey.objects.create(domain=Domain.objects.get(), selector="s1", private_pem=private, public_key=public)
    for n, subject in enumerate(("Cake", "Minutes", "Keys", "Compost")):
        conversation(account, subject, Letter(BOB, f"About {subject.lower()}.", timedelta(hours=20 - n)))
    conversation(account, "Roof repair", Letter(ANA, "It leaks again.", timedelta(hours=5)), Letter(ANA, "Much.", seen=False))
    return account


@pytest.fixture
def address(alice: Account, valkey: Valkey, tmp_path: Path) -> Iterator[str]:
    with door(tmp_path, valkey.url) as address:
        yield address


Enter = Callable[..., Page]


# Now and then Chromium says so of a window that opens all the same: while the driver holds it back to get hold of it, no callback
# of the page that opens it can run.
HELD_BACK = "Failed to execute 'open' on 'Window': The provided callback is no longer runnable."


# The keys of a sequence belong together for a time that the driver, on a busy machine, may take for one of them.
NO_TIME_BETWEEN_KEYS = "Object.defineProperty(Event.prototype, 'timeStamp', { get: () => 0 })"


@pytest.fixture
def enter(browser: Browser, address: str) -> Iterator[Enter]:
    """Sign alice in, in a browser of her own; keywords go to the browser's context. Complaints of the page fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sign_in(**options) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, "base_url": address} | options)
        contexts.append(context)
        context.add_init_script(NO_TIME_BETWEEN_KEYS)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and complaints.append(f"{said.text} {said.location['url']}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints
        page.goto("/sign-in")
        page.fill("#login", "alice@example.org")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        expect(page.locator("#app .row").first).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if complaint != HELD_BACK] == []


@pytest.fixture
def page(enter: Enter) -> Page:
    return enter()


def shows(page: Page, wanted: list[str]) -> None:
    """Soon the rows have these subjects, in this order: what a key did is drawn after the key."""
    expect(page.locator("#app .row .subject")).to_have_text(wanted)


def settled(page: Page) -> None:
    """The server has heard of all that was done."""
    expect(page.locator("#app[data-waiting='0']")).to_have_count(1)


def cut_off(page: Page) -> None:
    """Load the page, and take the network from it once it listens: a stream that opened later would say that all is well."""
    with page.expect_response("**/jmap/events*"):
        page.goto("/")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")


def subjects(page: Page) -> list[str]:
    """The subjects of the rows that are shown, in their order."""
    return page.locator("#app .row .subject").all_inner_texts()
