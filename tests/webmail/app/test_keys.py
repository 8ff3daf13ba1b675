"""Every key of Gmail's that we know (product.md 2.7) is pressed where it works and does what it is to; off, it does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Message
from tests.webmail.app.conftest import ANA, BOB, subjects
from tests.webmail.app.node import APP
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ALL = ["Tiles", "Roof repair", "Compost", "Keys", "Minutes", "Cake"]
FIRST = ALL[0]
# Known to Gmail, and without anything to do here yet: contacts, filters, follow-ups (Gmail's tasks), sections, importance.
NOT_YET = {"g c", "g f", "g k", "`", "~", "+", "=", "-", "Shift+t"}
Effect = Callable[[Page], None]


class Case(NamedTuple):
    """keys: pressed one after another, where `place` is shown: "list" with the first row in focus, else "conversation"."""

    keys: str
    effect: Effect
    place: str = "list"
    before: str = ""  # pressed first


@pytest.fixture
def alice(alice: Account) -> Account:
    """Above the five conversations one of two messages, of which one is new, with a label; Keys is starred."""
    label = mailboxes.create(alice.pk, "Garden")
    letters = (Letter(BOB, "Red ones?", timedelta(hours=3)), Letter(ANA, "Green ones.", timedelta(minutes=5), cc=BOB, seen=False))
    conversation(alice, FIRST, *letters, labels=[label])
    conversation(alice, "Cheap roof", Letter("Mallory <m@bad.example>"), place=Message.Place.SPAM)
    conversation(alice, "Old roof", Letter("Mallory <m@bad.example>"), place=Message.Place.TRASH)
    return alice


# --- effects ---


def url(path: str) -> Effect:
    return lambda page: expect(page).to_have_url(re.compile(f"{path}$"))


def focused(subject: str) -> Effect:
    return lambda page: expect(page.locator(".row.focused .subject")).to_have_text(subject)


def selected(count: int) -> Effect:
    return lambda page: expect(page.locator('.row[aria-selected="true"]')).to_have_count(count)


def there(selector: str) -> Effect:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def has_focus(selector: str) -> Effect:
    return lambda page: expect(page.locator(selector).first).to_be_focused()


def gone(sentence: str, subject: str = FIRST) -> Effect:
    """It says so, and the row is there no more."""

    def check(page: Page) -> None:
        expect(page.locator(".toast").first).to_contain_text(sentence)
        expect(page.locator(".row .subject", has_text=subject)).to_have_count(0)

    return check


def opened(subject: str) -> Effect:
    return lambda page: expect(page.locator(".conversation h1")).to_contain_text(subject)


def says(sentence: str) -> Effect:
    return lambda page: expect(page.locator(".toast").first).to_contain_text(sentence)


def starred(is_starred: bool) -> Effect:
    return lambda page: expect(page.locator(".row .star").first).to_have_attribute("aria-pressed", str(is_starred).lower())


def unread(is_unread: bool) -> Effect:
    return lambda page: expect(page.locator(".row.unread .subject", has_text=FIRST)).to_have_count(int(is_unread))


def unfolded(count: int) -> Effect:
    """So many messages of the conversation are unfolded."""
    return lambda page: expect(page.locator('.reading-pane .fold[aria-expanded="true"]')).to_have_count(count)


def written(pattern: str) -> Effect:
    """The letter's text is so marked up."""

    def check(page: Page) -> None:
        page.wait_for_function(
            "pattern => new RegExp(pattern).test(document.querySelector('[data-letter] [role=textbox]').innerHTML)",
            arg=pattern,
            timeout=5_000,
        )

    return check


def both(*effects: Effect) -> Effect:
    return lambda page: [effect(page) for effect in effects] and None


LETTER = "[data-letter]"
CASES = [
    # jump
    Case("g i", url("/"), before="g s"),
    Case("g s", url("/in/starred")),
    Case("g b", url("/in/snoozed")),
    Case("g t", url("/in/sent")),
    Case("g d", url("/in/drafts")),
    Case("g a", url("/in/all")),
    Case("g v", url("/in/scheduled")),
    Case("g !", url("/in/spam")),
    Case("g #", url("/in/trash")),
    Case("g l", has_focus("dialog.palette input")),
    Case("g n", focused(ALL[-1])),
    Case("g p", focused(FIRST), before="End"),
    # application
    Case("c", there(LETTER)),
    Case("/", has_focus("#q")),
    Case("q", lambda page: expect(page.locator("#q:focus")).to_have_value("with:")),
    Case("?", there("dialog.help")),
    Case(".", there("[role=menu]")),
    Case("v", there("dialog.picker")),
    Case("l", there("dialog.picker")),
    Case("L", there("dialog.picker")),
    Case(",", has_focus(".list-pane .bar :is(input, .tool)")),
    Case("Control+k", has_focus("dialog.palette input")),
    # move
    Case("j", focused(ALL[1])),
    Case("k", focused(ALL[0]), before="j"),
    Case("ArrowDown", focused(ALL[1])),
    Case("ArrowUp", focused(ALL[0]), before="j"),
    Case("n", focused(ALL[1])),
    Case("p", focused(ALL[0]), before="j"),
    Case("o", opened(FIRST)),
    Case("Enter", opened(FIRST)),
    Case("Home", focused(FIRST), before="End"),
    Case("End", focused(ALL[-1])),
    Case("Space", focused(ALL[-1])),
    Case("Shift+Space", focused(FIRST), before="End"),
    Case("u", both(url("/"), focused(FIRST)), "conversation"),
    Case("Escape", both(url("/"), focused(FIRST)), "conversation"),
    Case("j", opened(ALL[1]), "conversation"),
    Case("k", opened(ALL[0]), "conversation", before="j"),
    # act
    Case("x", selected(1)),
    Case("J", selected(2)),
    Case("K", selected(2), before="j"),
    Case("s", starred(True)),
    Case("s", starred(True), before="s"),  # once more is the next colour
    Case("y", gone("Archived.")),
    Case("e", gone("Archived.")),
    Case("m", gone("Muted")),
    Case("!", gone("Reported as spam.")),
    Case("#", gone("Moved to Trash.")),
    Case("Delete", gone("Moved to Trash.")),
    Case("e", both(url("/"), gone("Archived.")), "conversation"),
    Case("]", opened(ALL[0]), "conversation", before="j"),
    Case("[", opened(ALL[1]), "conversation"),
    Case("}", opened(ALL[0]), "conversation", before="j"),
    Case("{", opened(ALL[1]), "conversation"),
    Case("z", both(says("Undone"), lambda page: expect(page.locator("#app .row")).to_have_count(6)), before="e"),
    Case("Control+z", both(says("Undone"), lambda page: expect(page.locator("#app .row")).to_have_count(6)), before="e"),
    Case("Z", gone("Archived."), before="e z"),
    Case("I", unread(False)),
    Case("U", unread(True), before="I"),
    Case(";", unfolded(2), "conversation"),
    Case(":", unfolded(0), "conversation", before=";"),
    Case("_", both(url("/"), unread(True)), "conversation"),
    Case("r", there(LETTER), "conversation"),
    Case("a", there(LETTER), "conversation"),
    Case("f", there(LETTER), "conversation"),
    # select
    Case("* a", selected(6)),
    Case("* n", selected(0), before="* a"),
    Case("* r", selected(4)),
    Case("* u", selected(2)),
    Case("* s", selected(1), before="s"),
    Case("* t", selected(5), before="s"),
    Case("* m", selected(6)),
]
# In a letter, all of its text selected.
LETTER_KEYS: dict[str, Effect] = {
    "Control+b": written("<b>Hello"),
    "Control+i": written("<i>"),
    "Control+u": written("<u>"),
    "Control+Shift+x": written("<(s|strike|del)>"),
    "Control+Shift+Digit7": written("<ol"),
    "Control+Shift+Digit8": written("<ul"),
    "Control+Shift+Digit9": written("<blockquote"),
    "Control+Shift+e": written("center"),
    "Control+Shift+r": written("right"),
    "Control+Shift+l": written("^((?!right).)*$"),
    "Control+Shift+Comma": written('dir="rtl"'),
    "Control+Shift+Period": written('dir="ltr"'),
    "Control+Shift+c": there('[data-letter] [data-field="cc"]'),
    "Control+Shift+b": there('[data-letter] [data-field="bcc"]'),
    "Control+s": there("[data-letter]"),
    "Control+Shift+d": lambda page: expect(page.locator("[data-letter]")).to_have_count(0),
}
WINDOWS = [("d", "list"), ("R", "conversation"), ("A", "conversation"), ("F", "conversation"), ("H", "conversation")]


@pytest.mark.timeout(600)
def test_every_key_does_what_it_says(page: Page, alice: Account) -> None:
    reset = _Reset(page)
    wrong = []
    for case in CASES:
        reset(case.place)
        _press(page, case.before)
        _press(page, case.keys)
        try:
            case.effect(page)
        except AssertionError as error:
            wrong.append((case.place, case.before, case.keys, str(error).splitlines()[0]))
    for key, place in WINDOWS:
        reset(place)
        with page.context.expect_page() as window:
            _press(page, key)
        window.value.close()
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.timeout(300)
def test_every_key_of_a_letter_does_what_it_says(page: Page, alice: Account) -> None:
    wrong = []
    _press(page, "c")
    text = page.locator("[data-letter] [role=textbox]")
    text.click()
    page.keyboard.type("Hello")
    for keys, effect in LETTER_KEYS.items():
        text.focus()
        _press(page, f"Control+a {keys}")
        try:
            effect(page)
        except (AssertionError, PlaywrightError) as error:
            wrong.append((keys, str(error).splitlines()[0], text.inner_html()[:200]))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_left_of_gmails_keys_does_nothing_and_breaks_nothing(page: Page, alice: Account) -> None:
    reset = _Reset(page)
    for keys in sorted(NOT_YET):
        reset("list")
        before = page.url
        _press(page, keys)
        assert (page.url, subjects(page)) == (before, ALL), keys


@pytest.mark.timeout(300)
def test_switched_off_no_key_does_anything(page: Page, alice: Account) -> None:
    _prefer(alice, keys="off")
    page.reload()
    expect(page.locator("#app .row")).to_have_count(6)
    before = page.locator("#app .rows").inner_html()
    for keys in dict.fromkeys(one for case in CASES for one in (case.keys, *case.before.split()) if "Control+" not in one):
        _press(page, keys)
        assert page.url.endswith("/"), keys
        assert not page.locator("dialog[open], [role=menu], [data-letter], .toast").count(), keys
        assert page.evaluate("document.activeElement === document.body"), keys
    assert page.locator("#app .rows").inner_html() == before
    _press(page, "Control+k")  # with Ctrl it is no single key
    expect(page.locator("dialog.palette")).to_be_visible()
    expect(page.locator("dialog.palette kbd", has_text=re.compile("^e$"))).to_have_count(0)


def test_keys_can_be_ones_own_and_what_is_in_the_way_is_said_first(page: Page, alice: Account) -> None:
    _press(page, "?")
    page.get_by_label("My own").check()
    line = page.locator("[data-line=archive]")
    line.get_by_role("button", name="Change").click()
    page.keyboard.press("m")
    expect(line.get_by_role("alert")).to_contain_text("Mute")
    line.get_by_role("button", name="Cancel").click()
    expect(line.locator("kbd")).to_have_text(["e"])
    line.get_by_role("button", name="Change").click()
    page.keyboard.press("m")
    line.get_by_role("button", name="Use it here").click()
    expect(line.locator("kbd")).to_have_text(["m"])
    expect(page.locator("[data-line=mute]")).to_contain_text("no key")
    page.locator("[data-line=trash]").get_by_role("button", name="Change").click()
    page.keyboard.press("h")
    page.keyboard.press("h")
    expect(page.locator("[data-line=trash] kbd")).to_have_text(["h", "h"])
    page.keyboard.press("Escape")
    expect(page.locator("dialog.help")).to_have_count(0)

    page.reload()
    expect(page.locator("#app .row")).to_have_count(6)
    _press(page, "Home m")
    gone("Archived.")(page)
    _press(page, "h h")
    gone("Moved to Trash.", ALL[1])(page)
    alice.refresh_from_db()
    assert alice.preferences["custom_keys"]["m"] == "archive"


def test_the_list_of_keys_is_searched_by_name_and_by_key(page: Page) -> None:
    _press(page, "?")
    find = page.get_by_role("searchbox", name="Search the shortcuts")
    expect(find).to_be_focused()
    expect(page.locator("dialog.help h3")).to_contain_text(["Jump", "Application", "Move", "Act", "Select in the list"])
    find.fill("arch")
    expect(page.locator("dialog.help dt").first).to_have_text("Archive")
    find.fill("g i")
    expect(page.locator("dialog.help dt")).to_have_text(["Go to Inbox"])
    find.fill("qqqq")
    expect(page.locator("dialog.help")).to_contain_text("Nothing is called that.")


def test_the_palette_finds_commands_and_labels_and_says_their_keys(page: Page) -> None:
    _press(page, "Home Control+k")
    page.keyboard.type("arch")
    first = page.locator("dialog.palette [role=option]").first
    expect(first).to_contain_text("Archive")
    expect(first.locator("kbd")).to_have_text("e")
    page.keyboard.press("Enter")
    gone("Archived.")(page)
    _press(page, "Control+k")
    expect(page.locator("dialog.palette [role=option]").first).to_contain_text("Archive")  # it was used last
    page.keyboard.type("gard")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/label/\d+$"))
    _press(page, "Control+k")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog.palette")).to_have_count(0)
    _press(page, "g l")
    page.keyboard.type("xyzzy")
    expect(page.locator("dialog.palette")).to_contain_text("Nothing is called that.")


def test_after_the_mouse_the_key_is_shown_and_after_the_key_it_is_not(page: Page) -> None:
    page.locator(".row .star").first.click()
    expect(page.locator(".lesson")).to_have_text("Star s")
    expect(page.locator(".lesson")).to_have_count(0, timeout=4_000)
    _press(page, "Home s")
    expect(page.locator(".lesson")).to_have_count(0)


def test_a_key_that_is_quicker_than_the_network_is_done_when_the_messages_are_there(page: Page, alice: Account) -> None:
    held: list[Route] = []
    page.route(
        "**/jmap/api",
        lambda route: held.append(route) if "Thread/get" in (route.request.post_data or "") else route.continue_(),
    )
    page.reload()
    _press(page, "Home Enter")
    opened(FIRST)(page)
    _press(page, ";")
    unfolded(0)(page)
    assert held
    page.unroute("**/jmap/api")  # lets go of what it held
    unfolded(2)(page)


# --- pressing, and beginning anew ---


def _press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


class _Reset:
    """Takes back through the API what was done, and shows a place afresh."""

    def __init__(self, page: Page) -> None:
        self.page = page
        found = re.search(r'<script[^>]*id="boot"[^>]*>(.*?)</script>', page.request.get("/").text(), re.S)
        boot = json.loads(found[1])
        self.account_id, self.csrf, self.using = boot["accountId"], boot["csrf"], boot["capabilities"]

    def __call__(self, place: str) -> None:
        while True:  # what was on its way when the page was left is sent by the next one
            self._take_back()
            self.page.goto("/")
            expect(self.page.locator("#app .row")).to_have_count(6)
            self._settle()
            if all(action["isUndone"] for action in self._call("Action/get", ids=None)["list"]):
                break
        self.page.keyboard.press("Home")
        expect(self.page.locator(".row.focused .subject")).to_have_text(FIRST)
        if place == "conversation":
            self.page.keyboard.press("Enter")
            opened(FIRST)(self.page)

    def _settle(self) -> None:
        expect(self.page.locator("#app[data-waiting='0']")).to_have_count(1)

    def _take_back(self) -> None:
        self._settle()
        for action in self._call("Action/get", ids=None)["list"]:  # the newest first
            if not action["isUndone"]:
                self._call("Action/undo", id=action["id"])
        drafts = self._call("Email/query", filter={"hasKeyword": "$draft"})["ids"]
        self._call("Email/set", destroy=drafts)
        self._call("Email/set", update={one: {"keywords/$seen": None} for one in self._unread()})

    def _unread(self) -> list[str]:
        """What was unread at the beginning: opening it has read it."""
        return [one for text in ("Green", "Much") for one in self._call("Email/query", filter={"body": text})["ids"]]

    def _call(self, method: str, **arguments: object) -> dict:
        body = {"using": self.using, "methodCalls": [[method, {"accountId": self.account_id, **arguments}, "0"]]}
        headers = {"X-CSRFToken": self.csrf, "Content-Type": "application/json"}
        answer = self.page.request.post("/jmap/api", data=json.dumps(body), headers=headers).json()
        [[name, found, _]] = answer["methodResponses"]
        assert name == method, found
        return found


def _prefer(account: Account, **values: object) -> None:
    account.refresh_from_db()
    account.preferences = account.preferences | values
    account.save(update_fields=["preferences"])


def test_every_key_of_the_table_is_tried(page: Page) -> None:
    """A key that somebody adds to the table is added here too."""
    table = (APP / "src" / "keys" / "table.ts").read_text().partition("export const WRITING")[0]
    bound = {key for keys in re.findall(r"keys: \[([^\]]*)\]", table) for key in re.findall(r'"([^"]+)"', keys)}
    tried = {case.keys.replace("Control+", "Mod+") for case in CASES} | {key for key, _ in WINDOWS}
    assert bound - tried == {"Mod+K", "Mod+Z"} | ELSEWHERE


ELSEWHERE: set[str] = {"N", "b", "w", "i"}  # tried where conversations and snoozing are tried
