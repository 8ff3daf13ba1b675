"""Usable by everybody (product.md 6.1): axe in every state and both themes, the keyboard alone, large text, narrow windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from tests.webmail.app.conftest import ANA, Enter, cut_off, subjects
from tests.webmail.app.node import APP, packages
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import PASSWORD, Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
AXE = APP / "node_modules" / "axe-core" / "axe.min.js"
ASK = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await axe.run(document, { runOnly: tags, iframes: false, resultTypes: ['violations'] });
  const said = (one, node) => `${one.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}`;
  return found.violations.flatMap((one) => one.nodes.map((node) => said(one, node)));
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
State = tuple[str, Callable[[Page], Any]]


@pytest.fixture(scope="module", autouse=True)
def axe() -> Path:
    packages()
    return AXE


@pytest.fixture
def letters(alice: Account) -> None:
    """What a mailbox has besides plain text: HTML, a file, a label."""
    html = "<h1>News</h1><table><tr><td><p>Hello <a href='https://elsewhere.example/'>reader</a></p></td></tr></table>"
    conversation(alice, "Newsletter", Letter(ANA, "", html=html))
    conversation(alice, "Offer", Letter(ANA, "Here it is.", files=[("offer.pdf", "application/pdf", b"%PDF-1.4 x")]))


def _press(*keys: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return press


def _open(subject: str) -> Callable[[Page], None]:
    def open_row(page: Page) -> None:
        page.goto("/")
        page.locator(".row", has_text=subject).locator(".open").click()
        expect(page.locator("#subject")).to_have_text(subject)

    return open_row


def _seen(selector: str, *keys: str) -> Callable[[Page], None]:
    def see(page: Page) -> None:
        _press(*keys)(page)
        expect(page.locator(selector).first).to_be_visible()

    return see


def _visit(address: str) -> Callable[[Page], None]:
    return lambda page: page.goto(address)


def _offline(page: Page) -> None:
    cut_off(page)
    expect(page.locator("main .note")).to_be_visible()


def _online(page: Page) -> None:
    page.context.set_offline(False)
    page.goto("/")


STATES: list[State] = [
    ("list", _visit("/")),
    ("list with focus", _press("j")),
    ("list with selection", _seen(".row.picked", "x")),
    ("menu", _seen(".menu-over", ".")),
    ("label picker", _seen(".picker", "Escape", "l")),
    ("move picker", _seen(".picker", "Escape", "v")),
    ("look", lambda page: (_press("Escape")(page), page.locator(".look-button").click())),
    ("palette", _seen(".palette", "Escape", "Control+k")),
    ("help", _seen("dialog.help", "Escape", "?")),
    ("toast", _seen(".toast", "Escape", "e")),
    ("undone", lambda page: (_press("z")(page), expect(page.locator(".toast")).to_contain_text("Undone"))),
    ("empty place", _visit("/in/spam")),
    (
        "search with suggestions",
        lambda page: (page.goto("/"), page.fill("#q", "ana"), expect(page.locator(".finder-panel")).to_be_visible()),
    ),
    ("search form", lambda page: page.get_by_role("button", name="Search by field").click()),
    ("results", _visit("/search?q=ana")),
    ("nothing found", _visit("/search?q=wordthatisnowhere")),
    ("conversation", _open("Roof repair")),
    ("conversation of HTML", _open("Newsletter")),
    ("conversation with a file", _open("Offer")),
    ("reply", _seen(".letter [contenteditable=true], .letter textarea", "r")),
    ("compose", lambda page: (page.goto("/"), _seen(".letter [contenteditable=true], .letter textarea", "c")(page))),
    ("account menu", lambda page: (page.goto("/"), page.locator(".account summary").click())),
    ("offline", _offline),
    ("settings", _online),
    ("settings page", _visit("/settings")),
    ("labels page", _visit("/labels")),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state_of_the_application(enter: Enter, axe: Path, letters: None, scheme: str) -> None:
    page = enter(color_scheme=scheme, reduced_motion="reduce")
    page.context.add_init_script(path=axe)
    found = _in_every(page, STATES)
    page.complaints.clear()  # the browser says of every request that it failed
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_a_phone(enter: Enter, axe: Path, letters: None) -> None:
    page = enter(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page.context.add_init_script(path=axe)
    wanted = {"list", "list with focus", "list with selection", "menu", "conversation", "compose", "results"}
    found = _in_every(page, [one for one in STATES if one[0] in wanted])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_without_scripts(enter: Enter, axe: Path, letters: None, scheme: str) -> None:
    page = enter(color_scheme=scheme)
    page.context.add_init_script(path=axe)
    page.context.add_cookies([{"name": "view", "value": "simple", "url": page.url}])
    pages = ("/", "/in/trash", "/search", "/search?q=ana", "/compose", "/settings", "/labels", "/t/999999")
    states: list[State] = [(address, _visit(address)) for address in pages]
    states.append(("conversation", lambda one: (one.goto("/"), one.locator(".row .open").first.click())))
    states.append(("sign-in", lambda one: (one.context.clear_cookies(), one.goto("/sign-in"))))
    found = _in_every(page, states)
    page.complaints.clear()
    assert not found, "\n".join(found)


def _in_every(page: Page, states: list[State]) -> list[str]:
    found = []
    for name, reach in states:
        reach(page)
        page.wait_for_function("typeof axe === 'object'")
        found += [f"{name}: {one}" for one in page.evaluate(ASK)]
    return found


def test_a_row_a_conversation_and_a_letter_are_read_out_in_order(page: Page) -> None:
    expect(page.get_by_role("grid", name="Conversations")).to_be_visible()
    assert (
        page.locator("#app [role=row]")
        .first.get_attribute("aria-label")
        .startswith("Unread. Ana Silva, 1 new of 2. Roof repair. ")
    )
    expect(page.get_by_role("grid")).to_match_aria_snapshot(
        """
        - grid "Conversations":
          - row /^Unread\\. Ana Silva, 1 new of 2\\. Roof repair\\./:
            - gridcell:
              - checkbox "Select"
            - gridcell:
              - button "Star"
            - gridcell:
              - link
        """
    )
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#subject")).to_be_focused()
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - region "Roof repair":
            - toolbar "Actions":
              - link "Back to the list"
              - button "Archive"
            - article:
              - heading "Roof repair" [level=1]
              - article:
                - heading /Ana Silva/ [level=2]
              - article:
                - heading /Ana Silva/ [level=2]
              - region "Answer"
        """
    )
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_match_aria_snapshot(
        """
        - dialog "New message":
          - combobox /To/
          - textbox "Subject"
          - textbox "Text"
          - toolbar "Letter":
            - button /Send/
        """
    )


def _focus_is_seen(page: Page) -> None:
    """The element that has the focus shows it: by an outline, a ring, or, of a row, by its frame."""
    shown = page.evaluate(
        """() => {
          const at = document.activeElement;
          if (!at || at === document.body) return 'nothing has the focus';
          const around = [at, at.parentElement, at.closest('.row, .search, fieldset, .letter, label')].filter(Boolean);
          const looks = around.map((one) => getComputedStyle(one));
          const isOutlined = (one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) > 0;
          const seen = looks.some((one) => isOutlined(one) || one.boxShadow !== 'none');
          const box = at.getBoundingClientRect();
          const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
          return (seen || at.matches('h1, [contenteditable], input, textarea')) && inside ? '' : at.outerHTML.slice(0, 200);
        }"""
    )
    assert shown == ""


def test_with_the_keyboard_alone_mail_is_read_answered_found_labelled_archived_and_had_back(enter: Enter, alice: Account) -> None:
    page = enter()
    page.goto("/settings")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.keyboard.type("alice@example.org")  # the field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#app .row")).to_have_count(5)
    page.complaints.clear()  # the page whose session was taken away heard 401

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    _focus_is_seen(page)
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    _focus_is_seen(page)
    page.keyboard.press("Enter")
    expect(page.locator("#subject")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(".letter [contenteditable=true], .letter textarea").first).to_be_focused()
    page.keyboard.type("Thank you.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toasts")).to_contain_text("Sending")
    page.keyboard.press("u")
    expect(page.locator(".row.focused .open")).to_be_focused()
    _focus_is_seen(page)

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("compost")
    page.keyboard.press("Enter")
    expect(page.locator(".row .subject")).to_have_text(["Compost"])
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(page.locator(".picker input")).to_be_focused()
    page.keyboard.type("Garden")
    page.keyboard.press("Enter")
    expect(page.locator(".row .chip")).to_contain_text("Garden")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.locator("#app .row")).to_have_count(5)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator("#app .row")).to_have_count(4)
    page.keyboard.press("z")
    expect(page.locator("#app .row")).to_have_count(5)
    assert subjects(page)[0] == "Roof repair"


CUT = """() => [...document.querySelectorAll('#app :is(.bar, .top, nav, .row) *')].filter((at) =>
  at.childElementCount === 0 && at.checkVisibility() && at.textContent.trim() && at.scrollHeight > at.clientHeight + 6
  && getComputedStyle(at).overflowY === 'hidden' && !at.closest('.vh, .skip')).map((at) => at.outerHTML.slice(0, 120))"""
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"


def test_narrow_windows_large_text_and_own_spacing_cut_nothing(enter: Enter, letters: None) -> None:
    page = enter(viewport={"width": 320, "height": 640})
    for reach in (
        _visit("/"),
        _open("Roof repair"),
        lambda one: (one.goto("/"), _seen(".letter [contenteditable=true], .letter textarea", "c")(one)),
        _visit("/settings"),
    ):
        reach(page)
        assert page.evaluate(SIDEWAYS) <= 0, page.url
    page.set_viewport_size({"width": 1280, "height": 800})
    for style in ("html { font-size: 200% !important; }", SPACED):
        page.goto("/")
        expect(page.locator("#app .row").first).to_be_visible()
        page.evaluate("(css) => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }", style)
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.evaluate(CUT) == []


def test_who_wants_no_motion_sees_none_and_forced_colours_keep_what_is_selected(enter: Enter) -> None:
    page = enter(reduced_motion="reduce", forced_colors="active")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('#app *')].filter((at) => {
          const { transitionDuration, animationName } = getComputedStyle(at);
          return transitionDuration.split(',').some((one) => parseFloat(one) > 0) || animationName !== 'none';
        }).map((at) => at.outerHTML.slice(0, 120))"""
    )
    assert moving == []
    page.keyboard.press("j")
    page.keyboard.press("x")
    plain, picked = (
        page.locator(f".row[aria-selected={state}] .pick input").first.evaluate("(at) => getComputedStyle(at).appearance")
        for state in ("false", "true")
    )
    assert (plain, picked) == ("auto", "auto"), "the browser draws the check mark itself"
