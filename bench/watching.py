"""When somebody sees it: times from a key or click to painted content, by a watcher that the benchmark puts into any page.

Nothing in the products is asked for a time. A script of ours runs in every document from its start; before each painting it looks
whether what is waited for stands there, and the time that counts is taken after that painting.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Error, Page


@dataclass(frozen=True, slots=True)
class Profile:
    """A machine and its line: product.md 6.5. latency in ms for each request, rate in bytes a second (-1: none set)."""

    name: str
    latency: int
    rate: float
    slower: int  # the CPU, so many times


PATIENCE = 200  # seconds until what is waited for will not come any more
D = Profile("D", 30, -1, 1)
P = Profile("P", 170, 9e6 / 8, 4)

# bench-watch: what is waited for. bench-input: when the key or pointer went down. bench-seen: when it was painted.
# Kept in the session's storage, since a click may lead to another document, and a frame of the same origin may hold the answer.
WATCHER = """(() => {
  if (window.__bench) return;
  const kept = window.sessionStorage, clock = () => performance.timeOrigin + performance.now();
  const visible = (one) => {
    if (one.tagName === "IFRAME") {
      const inner = one.contentDocument;
      return inner && inner.URL !== "about:blank" && inner.readyState === "complete" && inner.body?.firstElementChild;
    }
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const there = (wanted) => {
    const found = document.querySelectorAll(wanted.selector);
    if (found.length < wanted.least || !visible(found[0])) return false;
    const old = window.__benchOld; // only in the document in which one began to wait
    return !old || old.one !== found[0] || old.text !== found[0].textContent;
  };
  const look = () => {
    const wanted = JSON.parse(kept.getItem("bench-watch") || "null");
    if (!wanted || kept.getItem("bench-seen")) return void (window.__bench = null);
    if (!document.body || !there(wanted)) return void requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => kept.setItem("bench-seen", clock());
    channel.port2.postMessage(0);
    window.__bench = null;
  };
  const began = (event) => {
    if (kept.getItem("bench-watch") && !kept.getItem("bench-input"))
      kept.setItem("bench-input", performance.timeOrigin + event.timeStamp);
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, began, { capture: true });
  window.__benchArm = (selector, least, when) => {
    const one = when === "fresh" && document.querySelector(selector);
    window.__benchOld = one && { one, text: one.textContent };
    kept.removeItem("bench-seen");
    kept.removeItem("bench-input");
    kept.setItem("bench-watch", JSON.stringify({ selector, least }));
    if (when !== "next document") { window.__bench = 1; requestAnimationFrame(look); }
  };
  window.__bench = 1;
  try { look(); } catch (error) { window.__bench = null; }
})()"""


class Tab:
    """A page of a browser under a profile, and the times one waits in it, in milliseconds."""

    def __init__(self, context: BrowserContext, profile: Profile) -> None:
        self.profile = profile
        context.add_init_script(WATCHER)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1_000)
        wire = context.new_cdp_session(self.page)
        wire.send("Network.enable")
        line = {"latency": profile.latency, "downloadThroughput": profile.rate, "uploadThroughput": profile.rate}
        wire.send("Network.emulateNetworkConditions", {"offline": False, **line})
        wire.send("Emulation.setCPUThrottlingRate", {"rate": profile.slower})

    def visit(self, address: str, selector: str, least: int) -> tuple[float, float]:
        """Load a document: (until its first byte, until so many of the selector are painted).

        The browser's emulated line holds back a document's body, and not its first byte: to that the round trip is added here.
        """
        if self.page.url == "about:blank":
            self.page.goto(address, wait_until="commit")  # a document that has a storage
        self._arm(selector, least, "next document")
        self.page.goto(address, wait_until="commit")
        seen = self._seen()
        began, first = self.page.evaluate("[performance.timeOrigin, performance.getEntriesByType('navigation')[0].responseStart]")
        return first + self.profile.latency, seen - began

    def after(self, act: Callable[[Page], object], selector: str, *, least: int = 1, fresh: bool = False) -> float:
        """From the key or pointer that `act` sends until so many of the selector are painted.

        fresh: in this document, the first one must be or say something else than it is and says now.
        """
        self._arm(selector, least, "fresh" if fresh else "now")
        act(self.page)
        seen = self._seen()
        return seen - float(self.page.evaluate("sessionStorage.getItem('bench-input')"))

    def _seen(self) -> float:
        """When it was painted. Asked seldom, so that asking costs nothing."""
        for _ in range(PATIENCE * 20):
            with contextlib.suppress(Error):  # between two documents there is nobody to ask
                if seen := self.page.evaluate("sessionStorage.getItem('bench-seen')"):
                    self.page.evaluate("sessionStorage.removeItem('bench-watch')")
                    return float(seen)
            self.page.wait_for_timeout(50)
        raise SystemExit(f"never painted: {self.page.evaluate('sessionStorage.getItem(`bench-watch`)')} at {self.page.url}")

    def _arm(self, selector: str, least: int, when: str) -> None:
        self.page.evaluate("wanted => __benchArm(...wanted)", [selector, least, when])


def quantile(values: list[float], share: float) -> float:
    """The value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
