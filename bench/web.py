"""Webmail over an account of 100,000 messages: what a member waits for, beside Roundcube on the same messages, in turn."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench import answering, budgets, seed
from bench.budgets import Times
from bench.roundcube import Roundcube
from bench.screens import MAILSUITE, ROUNDCUBE, Key, Screen
from bench.watching import D, P, Profile, Tab, quantile
from mailsuite.management.demo import prose
from tests.stories.suite import Suite
from tests.webmail.browser import CHROMIUM, DESKTOP, QUIET

PAINTED = 14  # rows that fill a screen
MOMENT = 500  # milliseconds in which somebody looks before the next act
AHEAD = 2_000  # milliseconds after which what the pointer is over was loaded ahead, on a slow line too
OFTEN = ("an", "bo", "cl", "ma", "sa")  # what names of the seed begin with: of one letter no people are offered
WHAT = {
    "first visit": "from the sign-in's click to the list painted, nothing in the browser's cache (B1)",
    "inbox, first byte": "of the Inbox document (B8)",
    "inbox, painted": "from the address to the list painted, cache warm (B2)",
    "all mail, painted": "the same for the largest mailbox",
    "switch to all mail": "from the click beside the list, in Inbox, to that list painted",
    "open, click": "from the click on a row to the message's text painted (B5)",
    "open, hovered": "the same for a row that the pointer rested on, which is loaded ahead (B4)",
    **{f"key {key.press}": "from the key in the list to its effect painted (B3)" for key in MAILSUITE.keys},
    "search, offer": "from the second letter in the search box to what is offered painted (B6)",
    "search": "from Enter to the first results of a word in any text of any mailbox, painted (B6)",
    "compose": "from the key c to a letter that can be written in (B18)",
}


class Mailsuite:
    """`manage.py up` over a copy of the seed, as an operator starts it."""

    name = "Mailsuite"
    login, password = seed.LOGIN, seed.PASSWORD

    def __init__(self, folder: Path, source: Path) -> None:
        self.source, self.house = source, Suite(folder)
        self.address = f"http://localhost:{self.house.ports['WEB']}"

    def start(self) -> None:
        seed.copy(self.source, self.house.folder)
        self.house.start()

    def stop(self) -> None:
        self.house.stop()


class Visitor:
    """A member signed in at one side, in a browser under a profile."""

    def __init__(self, browser: Browser, side: Mailsuite | Roundcube, screen: Screen, profile: Profile) -> None:
        self.browser, self.side, self.screen, self.profile = browser, side, screen, profile
        self.tab: Tab | None = None

    def first_visit(self) -> float:
        """Sign in with a new browser, which is kept for what follows."""
        if self.tab:
            self.tab.page.context.close()
        self.tab = Tab(self.browser.new_context(viewport=DESKTOP, locale="en-US"), self.profile)
        page, screen = self.tab.page, self.screen
        page.goto(self.side.address + screen.sign_in)
        page.fill(screen.login, self.side.login)
        page.fill(screen.password, self.side.password)
        return self.tab.after(lambda page: page.click(screen.enter, no_wait_after=True), screen.row, least=PAINTED)

    def list(self, address: str) -> tuple[float, float]:
        assert self.tab
        times = self.tab.visit(self.side.address + address, self.screen.row, PAINTED)
        self.tab.page.wait_for_selector(self.screen.ready)
        return times

    def switch(self) -> float:
        """From Inbox to the largest mailbox, by a click on its name."""
        assert self.tab
        return self.tab.after(
            lambda page: page.click(self.screen.switch, no_wait_after=True), self.screen.row, least=PAINTED, fresh=True
        )

    def open(self, turn: int, *, hovered: bool = False) -> float:
        """Another message of the list each time, by a click on its subject. hovered: the pointer rested on it before."""
        assert self.tab
        subject = self.tab.page.locator(f":is({self.screen.row}) :is({self.screen.subject})").nth(turn % PAINTED)
        subject.scroll_into_view_if_needed()
        if hovered:
            subject.hover()
            self.tab.page.wait_for_timeout(AHEAD)
        return self.tab.after(lambda page: subject.click(no_wait_after=True), self.screen.opened, fresh=True)

    def press(self, key: Key) -> float | None:
        """None where it would have no effect just now."""
        assert self.tab
        page = self.tab.page
        if key.unless and page.locator(key.unless).count():
            return None
        taken = self.tab.after(lambda page: page.keyboard.press(key.press), key.effect, fresh=True)
        if key.back:
            page.keyboard.press(key.back)
            page.wait_for_timeout(MOMENT)
        return taken

    def offer(self, turn: int) -> float:
        """What is offered for two letters: people, labels, mail."""
        assert self.tab
        self.tab.page.click(self.screen.search)
        self.tab.page.wait_for_timeout(MOMENT)
        first, second = OFTEN[turn % len(OFTEN)]
        self.tab.page.keyboard.press(first)
        self.tab.page.wait_for_timeout(MOMENT)
        act = lambda page: page.keyboard.press(second)  # noqa: E731
        taken = self.tab.after(act, self.screen.offer, fresh=True)  # of one letter only mail is offered
        self.tab.page.fill(self.screen.search, "")
        return taken

    def compose(self) -> float:
        assert self.tab
        return self.tab.after(lambda page: page.keyboard.press("c"), self.screen.compose)

    def search(self, word: str) -> float:
        assert self.tab
        page, screen = self.tab.page, self.screen
        if screen.widest_search:
            page.evaluate(screen.widest_search)
        page.fill(screen.search, word)
        act = lambda page: page.press(screen.search, "Enter", no_wait_after=True)  # noqa: E731
        return self.tab.after(act, screen.results or screen.row, fresh=True)


def run(messages: int, rounds: int, searches: int) -> None:
    """Print the tables. searches: how often the peer searches all texts, which takes it most of a minute."""
    source = seed.seed(messages, maildir=True)
    with (
        tempfile.TemporaryDirectory(prefix="mailsuite-bench-", ignore_cleanup_errors=True) as folder,
        sync_playwright() as driver,
    ):
        sides = [
            (Roundcube(Path(folder, "peer"), source / "Maildir"), ROUNDCUBE),
            (Mailsuite(Path(folder, "ours"), source), MAILSUITE),
        ]
        with _started([side for side, _ in sides]):
            print(f"python -m bench web --messages {messages} --rounds {rounds}: {messages // 50:,} of them in Inbox\n")
            found = answering.report(sides[1][0].address)
            for profile in (D, P):
                browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
                visitors = [Visitor(browser, side, screen, profile) for side, screen in sides]
                times = measure(visitors, rounds, searches)
                _report(profile, times)
                found += budgets.judged(times, profile.name, Mailsuite.name)
                browser.close()
            budgets.report(found)


@contextmanager
def _started(sides: list[Mailsuite | Roundcube]) -> Iterator[None]:
    try:
        for side in sides:
            side.start()
        yield
    finally:
        for side in sides:
            side.stop()


def measure(visitors: list[Visitor], rounds: int, searches: int) -> Times:
    """All there is to measure, the sides in turn."""
    times: Times = defaultdict(list)
    words = itertools.cycle(prose.words("en")[0][100:900:7])
    for turn in range(rounds):
        for visitor in visitors:
            note = lambda what, value, v=visitor: times[v.profile.name, what, v.side.name].append(value)  # noqa: E731
            note("first visit", visitor.first_visit())
            first, painted = visitor.list(visitor.screen.inbox)
            note("inbox, first byte", first)
            note("inbox, painted", painted)
            note("open, click", visitor.open(turn))
            visitor.list(visitor.screen.inbox)
            note("switch to all mail", visitor.switch())
            note("all mail, painted", visitor.list(visitor.screen.everything)[1])
            if visitor.screen.keys:
                _alone(visitor, turn, note)
            if turn < searches or visitor.side.name != Roundcube.name:
                visitor.list(visitor.screen.inbox)
                note("search", visitor.search(next(words)))
    return times


def _alone(visitor: Visitor, turn: int, note: Callable[[str, float], None]) -> None:
    """What the peer has no like of."""
    visitor.list(visitor.screen.inbox)
    for key in visitor.screen.keys:
        if (taken := visitor.press(key)) is not None:
            note(f"key {key.press}", taken)
    note("search, offer", visitor.offer(turn))
    visitor.list(visitor.screen.inbox)
    note("open, hovered", visitor.open(turn + PAINTED // 2, hovered=True))
    visitor.list(visitor.screen.inbox)
    note("compose", visitor.compose())


def _report(profile: Profile, times: Times) -> None:
    """A line for each thing that was waited for: p75 and p95 of both sides, and how many times quicker ours is at p75."""
    print(f"\nProfile {profile.name}: {profile.latency} ms a round trip, CPU {profile.slower} times slower")
    print(f"{'ms':20} {'Roundcube p75':>14} {'p95':>8} {'Mailsuite p75':>14} {'p95':>8} {'quicker':>8}  runs")
    for what, meaning in WHAT.items():
        peer, ours = (times.get((profile.name, what, name), []) for name in (Roundcube.name, Mailsuite.name))
        cells = [f"{quantile(values, share):.0f}" if values else "-" for values in (peer, ours) for share in (0.75, 0.95)]
        ratio = f"{quantile(peer, 0.75) / quantile(ours, 0.75):.1f}" if peer and ours else "-"
        print(
            f"{what:20} {cells[0]:>14} {cells[1]:>8} {cells[2]:>14} {cells[3]:>8} {ratio:>8}  {len(peer)}/{len(ours)}  {meaning}",
            flush=True,
        )
