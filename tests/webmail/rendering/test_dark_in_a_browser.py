"""Mails on a dark page, in a real browser: every word of a letter can be read, images keep their colours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from tests.corpora import corpus
from tests.stories.test_spine import CHROMIUM
from webmail.rendering.body import Rendered, View, render
from webmail.rendering.dark import Treatment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ADDRESS = "http://mail.example/body"
LEAST = 4.5

# Of every visible piece of text: its contrast with what lies behind it, alpha and opacity reckoned in.
CONTRASTS = """() => {
  const parse = (text) => { const n = text.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number);
    return text.startsWith("color(") ? [n[0]*255, n[1]*255, n[2]*255, n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    if (!node.data.trim()) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const style = getComputedStyle(node.parentElement), box = range.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility !== "visible" || parseFloat(style.fontSize) < 4) continue;
    const color = parse(style.color), layers = [];
    if (!color[3]) continue;
    for (let one = node.parentElement; one; one = one.parentElement) {
      const its = getComputedStyle(one);
      color[3] *= one === document.documentElement ? 1 : parseFloat(its.opacity);
      layers.unshift(parse(its.backgroundColor));
      if (its.backgroundImage !== "none") return [{text: "an image behind: " + node.data.slice(0, 40), contrast: 0}];
    }
    const under = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    if (color[3] < 0.1) continue;
    const [a, b] = [light(over(color, under)), light(under)].sort((x, y) => y - x);
    found.push({text: node.data.trim().slice(0, 40), contrast: (a + 0.05) / (b + 0.05)});
  }
  return found;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed: apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser.new_page(viewport={"width": 720, "height": 800})
        browser.close()


def dark(html: str) -> Rendered:
    return render(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode("utf-8", "replace"), view=View(dark=True))


def shown(page: Page, rendered: Rendered) -> Page:
    def serve(route: Route) -> None:
        route.fulfill(body=rendered.html, headers={**rendered.headers, "Content-Type": "text/html; charset=utf-8"})

    page.unroute_all()
    page.route("**/*", serve)
    page.goto(ADDRESS)
    return page


def faint(page: Page, rendered: Rendered) -> list[object]:
    return [one for one in shown(page, rendered).evaluate(CONTRASTS) if one["contrast"] < LEAST]


LETTERS = {
    "nothing set": "<p>Hello <a href='https://example.org'>there</a> <mark>marked</mark></p>",
    "black on white": "<body bgcolor=white text=black><font color='#000080'>Navy</font> <font color=red>red</font>",
    "grey": "<p style='color:#999'>a</p><p style='color:#ccc;background:#fff'>b</p><p style='color:#777;opacity:.6'>c</p>",
    "blue links": "<style>a {color: #0000ee} p {color: rgb(34 34 34 / 80%)}</style><p><a href='https://x.example'>x</a> y</p>",
    "outlook": "<p class=MsoNormal style='color:windowtext;background:white'><span style='color:#1F497D'>Hi,</span></p>",
    "highlighter": "<p><span style='background:yellow'>rent</span> <span style='background:#ffff00;color:red'>due</span></p>",
    "quotation": "<blockquote style='background:#f6f6f6;color:#666;border-left:1px solid #ccc'>They said <b>so</b></blockquote>",
    "white on white": "<p>x <span style='color:white'>secret</span></p>",
    "sheet": "<style>body{background:#fafafa;color:#333}.m{color:hsl(0,100%,20%) !important}</style><p class=m>x</p>",
    "marked red": "<p><mark style='color:red'>x</mark> <mark>y</mark></p>",
    "a table": "<table bgcolor='#f0f0f0'><tr><td bgcolor=white>a<td style='background:#eef;color:#44c'>b</table>",
    "a wide letter": "<style>@media (min-width: 100px) { p { color: #222; background: #fefefe } }</style><p>x</p>",
    "a false link": "<p style='color:#222'>Go to <a href='https://mallory.example/x'>https://bank.example</a></p>",
    "many colours": "".join(f"<font color='#{n:02x}{255 - n:02x}{n // 2:02x}'>x</font>" for n in range(0, 256, 5)),
}


@pytest.mark.parametrize("name", LETTERS)
def test_every_word_of_a_letter_can_be_read_in_the_dark(page: Page, name: str) -> None:
    rendered = dark(LETTERS[name])
    assert rendered.treatment == Treatment.MAPPED
    assert not faint(page, rendered)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(19, 24, 27)"


def test_every_word_of_published_letters_can_be_read_in_the_dark(page: Page) -> None:
    seen = 0
    for path in sorted(corpus("html-mail").rglob("*.html")):
        rendered = dark(path.read_text(encoding="utf-8", errors="replace"))
        if rendered.treatment == Treatment.MAPPED:
            seen += 1
            assert not faint(page, rendered), path
    assert seen > 30


def test_every_word_of_peoples_letters_can_be_read_in_the_dark(page: Page) -> None:
    """What people wrote, unlike templates."""
    seen = 0
    for path in sorted(path for path in corpus("spam/recent-spam").rglob("*") if path.is_file()):
        rendered = render(path.read_bytes(), view=View(dark=True))
        if rendered.treatment == Treatment.MAPPED:
            seen += 1
            assert not faint(page, rendered), path
    assert seen > 30


NEWSLETTER = """<style>.top { background: #0a4 }</style><body style="background:#eee"><table width=100%><tr>
  <td class=top><h1 style="color:#fff">The market</h1></td></tr><tr><td bgcolor=white>Carrots</td></tr></table>"""


def test_a_newsletter_stands_as_it_is_on_a_card_a_little_dimmed(page: Page) -> None:
    rendered = dark(NEWSLETTER)
    assert rendered.treatment == Treatment.CARD
    style = "getComputedStyle(document.{})['{}']"
    shown(page, rendered)
    assert page.evaluate(style.format("documentElement", "backgroundColor")) == "rgb(19, 24, 27)"
    assert page.evaluate(style.format("body", "filter")) == "brightness(0.94)"
    assert page.evaluate(style.format("querySelector('.top')", "backgroundColor")) == "rgb(0, 170, 68)"
    assert page.evaluate(style.format("querySelector('h1')", "color")) == "rgb(255, 255, 255)"


def test_a_mail_with_rules_for_the_dark_gets_them_whatever_the_system_prefers(page: Page) -> None:
    rules = "p {color: #111} @media (prefers-color-scheme: dark) {p {color: #abcdef} body {background: #222}}"
    mail = f"<style>{rules}</style><p>x</p>"
    color = "getComputedStyle(document.querySelector('p')).color"
    for system in ("light", "dark"):
        page.emulate_media(color_scheme=system)
        assert dark(mail).treatment == Treatment.OWN
        assert shown(page, dark(mail)).evaluate(color) == "rgb(171, 205, 239)"
        light = render(b"Content-Type: text/html\r\n\r\n" + mail.encode())
        assert shown(page, light).evaluate(color) == "rgb(17, 17, 17)"
    page.emulate_media(color_scheme="light")


def test_what_is_dark_already_stays_so(page: Page) -> None:
    rendered = dark("<body style='background:#101418;color:#eee'><p style='color:#8ff'>Night</p>")
    assert rendered.treatment == Treatment.UNTOUCHED
    assert shown(page, rendered).evaluate("getComputedStyle(document.querySelector('p')).color") == "rgb(136, 255, 255)"


def test_a_drawing_for_white_paper_keeps_its_paper_and_a_spacer_gets_none(page: Page) -> None:
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    rendered = dark(f"<p>x <img src='{pixel}' width=90 height=30> <img src='{pixel}' width=1 height=30></p>")
    assert rendered.treatment == Treatment.MAPPED
    behind = "[...document.images].map(one => getComputedStyle(one).backgroundColor + getComputedStyle(one).filter)"
    assert shown(page, rendered).evaluate(behind) == ["rgb(255, 255, 255)none", "rgba(0, 0, 0, 0)none"]
