"""Published attacks opened in a real browser, in the frame and under the policy that members' mail is shown in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, Request, Route, sync_playwright

from tests.corpora import corpus
from tests.stories.test_spine import CHROMIUM
from webmail.rendering.body import View, render
from webmail.rendering.remote import Showing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ORIGIN = "http://mail.example"
FRAME = '<iframe sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" src="/frame/{}"></iframe>'
AT_ONCE = 40
HTML = {"Content-Type": "text/html; charset=utf-8"}
POKE = """() => { for (const name of ["mouseover", "click", "focus", "error", "toggle"])
  document.querySelectorAll("*:not(a)").forEach(element => element.dispatchEvent(new Event(name))) }"""


def attacks() -> list[str]:
    found = []
    for name in ("h5sc.jsonl", "dompurify.jsonl"):
        lines = (corpus("xss") / name).read_text(encoding="utf-8").strip().split("\n")
        found += [json.loads(line)["html"] for line in lines]
    return found


@pytest.fixture
def page() -> Iterator[Page]:
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed: apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser.new_page()
        browser.close()


class Watch:
    """Serves frames, and writes down whatever a frame should not have been able to do."""

    def __init__(self, page: Page, documents: list[str], *, protected: bool = True, view: View | None = None) -> None:
        self.documents, self.protected, self.view, self.trouble = documents, protected, view or View(), []
        self.asked_through_us = 0
        page.route("**/*", self.serve)
        page.on("dialog", self.dialog)
        page.on("popup", lambda popup: self.trouble.append(f"opened a window: {popup.url}"))

    def dialog(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def serve(self, route: Route, request: Request) -> None:
        kind, _, number = request.url.removeprefix(f"{ORIGIN}/").partition("/")
        if kind == "frame" and number.isdecimal():
            route.fulfill(**self.document(self.documents[int(number)]))
        elif kind == "page":
            route.fulfill(body=self.page(int(number)), headers=HTML)
        elif kind == "img" and number.isdecimal() and request.resource_type == "image":
            self.asked_through_us += 1
            route.fulfill(status=404)
        else:
            self.trouble.append(f"asked for {request.url}")
            route.abort()

    def document(self, html: str) -> dict[str, object]:
        if not self.protected:
            return {"body": html, "headers": HTML}
        rendered = render(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode("utf-8", "replace"), view=self.view)
        return {"body": rendered.html, "headers": {**rendered.headers, **HTML}}

    def page(self, first: int) -> str:
        frame = FRAME if self.protected else FRAME.replace("sandbox=", "title=")
        frames = (frame.format(n) for n in range(first, min(first + AT_ONCE, len(self.documents))))
        return f"<!doctype html><title>page</title>{''.join(frames)}"


def open_all(page: Page, documents: list[str]) -> None:
    for first in range(0, len(documents), AT_ONCE):
        page.goto(f"{ORIGIN}/page/{first}")
        page.wait_for_timeout(250)
        # Nothing inside may run by itself; this presses and points at everything that could wait for it.
        for frame in page.frames[1:]:
            assert frame.url.startswith(f"{ORIGIN}/frame/"), f"a frame went to {frame.url}"
            frame.evaluate(POKE)
        assert page.title() == "page"


@pytest.mark.parametrize("dark", [False, True])
def test_no_published_attack_runs_asks_or_leaves(page: Page, dark: bool) -> None:
    documents = attacks()
    watch = Watch(page, documents, view=View(dark=dark))
    open_all(page, documents)
    assert not watch.trouble


def test_with_their_images_they_ask_nobody_but_us(page: Page) -> None:
    """Where the sender is trusted, what the mail refers to comes through us or not at all: no image, sheet or font of the web."""
    documents = [*attacks(), "<img src=https://x.example.org/a.png>", "<p style='background-image:url(//x.example.org/b.png)'>x"]
    watch = Watch(page, documents, view=View(showing=Showing(lambda url: f"/img/{len(url)}")))
    open_all(page, documents)
    assert not watch.trouble
    assert watch.asked_through_us >= 2


def test_the_watch_sees_an_attack_that_nothing_stops(page: Page) -> None:
    watch = Watch(page, ["<img src=x onerror=alert(1)>", "<p onmouseover=alert(2)>x</p>"], protected=False)
    open_all(page, watch.documents)
    assert {"dialog: 1", "dialog: 2", f"asked for {ORIGIN}/frame/x"} <= set(watch.trouble)
