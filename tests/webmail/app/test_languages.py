"""Every word in the member's language: catalogues that are whole, and a page that changes with the choice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from tests.webmail.app.conftest import Enter
from tests.webmail.app.node import APP, packages, run
from tests.webmail.app.test_source import BUILT, COMPRESS
from tests.webmail.browser import CHROMIUM
from webmail.i18n import catalogue, sources
from webmail.i18n.message import Malformed, arguments, parse
from webmail.i18n.plurals import FORMS, MORE_FORMS

TRANSLATED = sources.TRANSLATED
MOST_BYTES = 12_000  # brotli, of a language (product.md 6.2)
TODO = "run `python manage.py translations --missing`, translate in webmail/locale, then `node build.mjs` in webmail/app"
browser_test = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium")


@pytest.fixture(scope="module")
def said() -> dict[str, list[str]]:
    packages()
    return sources.found()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_that_is_said_has_a_translation(said: dict[str, list[str]], language: str) -> None:
    known = {entry.message: entry for entry in catalogue.read(language)}
    missing = [message for message in said if message not in known or not known[message].translation]
    assert not missing, f"{len(missing)} without {language}: {TODO}"
    assert known.keys() == said.keys(), f"what nobody says any more is still kept: {TODO}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_values_of_its_message_and_the_plural_forms_of_its_language(language: str) -> None:
    wrong = [f"{one.message} -> {one.translation}: {why}" for one in catalogue.read(language) if (why := _fault(one, language))]
    assert not wrong, "\n".join(wrong)


def _fault(entry: catalogue.Entry, language: str) -> str:
    if not entry.translation:
        return ""
    try:
        theirs, ours = list(arguments(parse(entry.translation))), list(arguments(parse(entry.message)))
    except Malformed as error:
        return str(error)
    names, counts = {one.name for one in ours}, {one.name for one in ours if one.kind}
    if not names - counts <= {one.name for one in theirs} <= names:
        return "other values"
    for one in theirs:
        forms = {case for case in one.cases if not case.startswith("=")}
        if one.kind == "plural" and not set(FORMS[language]) <= forms <= {*FORMS[language], *MORE_FORMS.get(language, ())}:
            return f"plural forms {sorted(forms)}, not {FORMS[language]}"
    if any(file.endswith(".html") for file in entry.files) and re.search(r'["<>&]', entry.translation):
        return "a sign of markup, which stands in an attribute of a page"
    return "" if entry.translation == entry.translation.strip() else "blanks around it"


def test_the_words_of_a_language_are_small() -> None:
    packages()
    files = [str(BUILT / f"{language}.json") for language in TRANSLATED]
    sizes = [int(line) for line in run("node", "-e", COMPRESS, *files).split()]
    assert max(sizes) <= MOST_BYTES, dict(zip(TRANSLATED, sizes, strict=True))


def test_the_browser_and_the_server_know_the_same_messages() -> None:
    """The keys are hashes: one that two messages share would show the wrong one (the build refuses it)."""
    entries = [one for one in catalogue.read("de") if any(file.startswith("webmail/app/") for file in one.files)]
    built = json.loads((BUILT / "de.json").read_text())
    assert sorted(built.values()) == sorted(one.translation for one in entries if one.translation), TODO


PHYSICAL = re.compile(
    r"(?<![\w.#-])((?:margin|padding|border)-(?:left|right|top|bottom)(?:-\w+)?|(?:left|right|top|bottom|width|height)"
    r"|(?:min|max)-(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius|float|clear|text-align)\s*:\s*([\w-]*)"
)
LOGICAL_VALUES = {"start", "end", "center", "justify", "inline-start", "inline-end", "both", "none", "match-parent"}


def test_no_style_of_ours_knows_left_and_right() -> None:
    """What is on the left in English is on the right in Arabic. Media queries ask for widths, and may."""
    found = []
    for path in [*sorted((APP / "src").rglob("*.css")), *sorted(BUILT.parent.glob("*.css"))]:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"@(?:media|container)[^{]*", "", text)
        for name, value in PHYSICAL.findall(text):
            if not (name in ("text-align", "float", "clear") and value in LOGICAL_VALUES):
                found.append(f"{path.relative_to(Path(APP).parent)}: {name}: {value}")
    assert not found, "logical properties only: inline-size, margin-inline-start …\n" + "\n".join(found)


@browser_test
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_language_is_the_browsers_until_one_is_chosen_and_changes_at_once(enter: Enter, alice: Account) -> None:
    page = enter(locale="de-AT")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#app [role=grid]")).to_have_attribute("aria-label", "Konversationen")
    expect(page.locator("#places [aria-current=page]")).to_contain_text("Posteingang")

    page.get_by_role("button", name="Aussehen").click()
    page.get_by_label("Sprache").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#places [aria-current=page]")).to_contain_text("البريد الوارد")
    page.wait_for_function("document.querySelector('#app').dataset.waiting === '0'")
    page.keyboard.press("Escape")

    page.goto("/settings")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.select_option("#language", "fr")
    page.locator("form:has(#language) button.primary").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator(".toast")).to_have_text("Enregistré.")
    page.goto("/")
    expect(page.locator("#app h1").first).to_have_text("Boîte de réception")


LETTERS = str.maketrans("aeiouncyAEIOUNCY", "àéîöüñçýÀÉÎÖÜÑÇÝ")
UNSAID = """() => {
  const found = new Set(), walker = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const text = node.textContent.trim(), at = node.parentElement;
    if (!/\\p{L}{2}/u.test(text) || text.includes('⟦') || text.includes('⟧')) continue;
    if (!at.checkVisibility() || at.closest('bdi, [dir=auto], time, kbd, .avatar, .preview, .names, .brand, option')) continue;
    found.add(text);
  }
  for (const at of document.querySelectorAll('#app [aria-label], #app [title], #app [placeholder]'))
    for (const name of ['aria-label', 'title', 'placeholder']) {
      const text = at.getAttribute(name);
      if (!text || !/\\p{L}{2}/u.test(text) || text.includes('⟦') || at.matches('time, .row, .chip *')) continue;
      found.add(`${name}: ${text}`);
    }
  return [...found];
}"""
SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def _pseudo(message: str) -> str:
    """Longer by 40%, in brackets, and with other letters where it holds no values."""
    text = message.split(catalogue.CONTEXT)[0]
    longer = "·" * (len(text) * 2 // 5)
    return f"⟦{text if '{' in text else text.translate(LETTERS)}{longer}⟧"


def _key(message: str) -> str:
    value = 0x811C9DC5
    units = message.encode("utf-16-le")
    for at in range(0, len(units), 2):
        value = ((value ^ int.from_bytes(units[at : at + 2], "little")) * 0x01000193) & 0xFFFFFFFF
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


@browser_test
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_language_of_longer_words_nothing_stays_english_and_nothing_is_pushed_out(
    enter: Enter, said: dict[str, list[str]], width: int
) -> None:
    page = enter(locale="de", viewport={"width": width, "height": 844})
    words = json.dumps({_key(message): _pseudo(message) for message in said})
    page.route("**/de*.json", lambda route: route.fulfill(body=words, content_type="application/json"))
    page.goto("/")
    expect(page.locator("#app .row")).to_have_count(5)
    for act in (lambda: None, lambda: page.keyboard.press("j"), _selected, _opened, _asked):
        act(page) if act in (_selected, _opened, _asked) else act()
        assert page.evaluate(UNSAID) == []
        assert page.evaluate(SIDEWAYS)


def _selected(page: Page) -> None:
    page.keyboard.press("x")
    expect(page.locator(".row.picked")).to_have_count(1)


def _opened(page: Page) -> None:
    page.keyboard.press("o")
    expect(page.locator("#subject")).to_be_visible()


def _asked(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
