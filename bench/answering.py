"""What the web door needs for an answer, and how large it is: budgets B7 to B12 of the pages and of what the application asks."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from bench import seed
from bench.budgets import Judged
from bench.watching import quantile
from mailsuite.management.demo import prose
from tests.webmail.app.built import letter

TIMES = 100
USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:quota", "urn:mailsuite:params:jmap:mail"]
HEAD = ["id", "threadId", "mailboxIds", "keywords", "from", "to", "cc", "subject", "receivedAt", "preview", "hasAttachment"]
BODY = ["bodyValues", "textBody", "htmlBody", "attachments"]
Call = tuple[str, dict[str, Any], str]


class Client:
    """A connection that is signed in as alice, as a browser would hold it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.cookies: SimpleCookie = SimpleCookie()
        self.token = ""
        form = {"csrfmiddlewaretoken": self._token("/sign-in"), "login": seed.LOGIN, "password": seed.PASSWORD}
        self.ask("POST", "/sign-in", urlencode(form).encode(), "application/x-www-form-urlencoded")
        self.token = self._token("/")
        self.account = next(iter(self.json("GET", "/jmap/session")["accounts"]))

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", path)[2].decode())
        assert found
        return found[1]

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[float, int, bytes]:
        """(milliseconds until all of it is here, bytes on the line, content)."""
        head = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in self.cookies.values()), "Accept-Encoding": "br, gzip"}
        head |= {"X-CSRFToken": self.token, "Content-Type": kind} if kind else {}
        began = time.perf_counter()
        self.link.request(method, path, body, head)
        reply = self.link.getresponse()
        content = reply.read()
        taken = (time.perf_counter() - began) * 1000
        for value in reply.headers.get_all("Set-Cookie") or []:
            self.cookies.load(value)
        if reply.status >= 400:
            raise SystemExit(f"{method} {path}: {reply.status} {content[:200]!r}")
        packed = reply.getheader("Content-Encoding")
        return taken, len(content), zlib.decompress(content, 31) if packed == "gzip" else content

    def json(self, method: str, path: str, body: object = None) -> Any:
        return json.loads(self.ask(method, path, json.dumps(body).encode() if body else None, "application/json")[2])

    def jmap(self, *calls: Call) -> tuple[float, int, list[Any]]:
        """Call methods of JMAP in one request: (milliseconds, bytes, responses)."""
        asked = [[name, {"accountId": self.account, **arguments}, tag] for name, arguments, tag in calls]
        content = json.dumps({"using": USING, "methodCalls": asked}).encode()
        taken, size, answer = self.ask("POST", "/jmap/api", content, "application/json")
        said = json.loads(answer)["methodResponses"]
        if errors := [one for one in said if one[0] == "error"]:
            raise SystemExit(f"JMAP: {errors}")
        return taken, size, said


@dataclass(frozen=True, slots=True)
class Asked:
    """Something to ask again and again: its budget in ms (0: none), and what asks it."""

    name: str
    budget: int
    once: Callable[[], Any]


def report(address: str) -> list[Judged]:
    """Print p50, p95 and bytes of each, beside the budget where there is one; what the numbered budgets say of it."""
    client = Client(address)
    rows = list(_some_rows(client))
    print(f"{'server ms over HTTP':42} {'p50':>7} {'p95':>7} {'budget':>7} {'bytes':>8}")
    judged = []
    for asked in (*_pages(client, rows), *_methods(client, rows)):
        found = [asked.once() for _ in range(TIMES + 5)][5:]
        times, sizes = [taken for taken, *_ in found], [size for _, size, *_ in found]
        if asked.budget:
            judged.append(Judged("B7", f"{asked.name.replace(' (B7)', '')}, p95", quantile(times, 0.95), asked.budget))
        line = f"{asked.name:42} {quantile(times, 0.5):>7.1f} {quantile(times, 0.95):>7.1f} {asked.budget or '':>7}"
        print(f"{line} {quantile(sizes, 0.95):>8.0f}", flush=True)
    return judged + _weigh(client)


def _in_turn(values: Sequence[Any], asks: Callable[[Any], Any]) -> Callable[[], Any]:
    """Asks with one of the values after the other, so that no cache knows the answer."""
    turns = itertools.cycle(values)
    return lambda: asks(next(turns))


def _longest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conversations of twenty messages and more, or the longest that there are."""
    ordered = sorted(rows, key=lambda row: -row["count"])
    return [row for row in ordered if row["count"] >= 20][:20] or ordered[:10]


def _pages(client: Client, rows: Sequence[dict[str, Any]]) -> Iterator[Asked]:
    """What the simple view shows."""
    words, get = prose.words("en")[0], lambda path: client.ask("GET", path)
    yield Asked("Inbox page (B7)", 80, lambda: get("/"))
    yield Asked("All Mail, pages 1 to 39", 80, _in_turn(range(1, 40), lambda page: get(f"/in/all?page={page}")))
    yield Asked("conversation (B7)", 60, _in_turn(rows, lambda row: get(f"/t/{row['id'][1:]}")))
    yield Asked("conversation of 20 messages and more", 60, _in_turn(_longest(rows), lambda row: get(f"/t/{row['id'][1:]}")))
    for name, those in (("rare", words[300:2_000:9]), ("common", words[:40])):
        yield Asked(f"search, {name} words (B7)", 150, _in_turn(those, lambda word: get(f"/search?q={quote(word)}")))


def _methods(client: Client, rows: Sequence[dict[str, Any]]) -> Iterator[Asked]:
    """What the application asks when it starts, shows a list, opens a conversation, searches."""
    inbox, everything = _mailbox(client, "inbox"), _mailbox(client, "all")
    boxes, quota = ("Mailbox/get", {"ids": None}, "m"), ("Quota/get", {"ids": None}, "q")
    words = prose.words("en")[0]
    newest = {"sort": [{"property": "receivedAt", "isAscending": False}], "limit": 50}
    collapsed = {"filter": {"inMailbox": inbox}, "collapseThreads": True, "calculateTotal": True, **newest}
    flat = {"filter": {"inMailbox": everything}, **newest}
    yield Asked("JMAP at the start, all of it", 80, lambda: client.jmap(boxes, _rows(inbox), quota))
    yield Asked("JMAP Mailbox/get", 80, lambda: client.jmap(boxes))
    yield Asked("JMAP Quota/get", 80, lambda: client.jmap(quota))
    yield Asked("JMAP ThreadRow/query, Inbox", 80, lambda: client.jmap(_rows(inbox)))
    yield Asked("JMAP ThreadRow/query, All Mail", 80, lambda: client.jmap(_rows(everything)))
    yield Asked("JMAP Email/query, All Mail", 80, lambda: client.jmap(("Email/query", flat, "e")))
    yield Asked("JMAP Email/query, Inbox, collapsed", 80, lambda: client.jmap(("Email/query", collapsed, "e")))
    for name, those in (("", rows), (", 20 and more", _longest(rows))):
        opened = _in_turn(those, lambda row: client.jmap(*_conversation(row["id"])))
        yield Asked(f"JMAP Thread/get + Email/get{name}", 60, opened)
    for name, those in (("rare", words[300:2_000:9]), ("common", words[:40])):
        found = _in_turn(those, lambda word: client.jmap(("ThreadRow/query", {"query": word, "limit": 20}, "s")))
        yield Asked(f"JMAP ThreadRow/query, {name} words", 150, found)


def _rows(mailbox: str) -> Call:
    return "ThreadRow/query", {"mailboxId": mailbox, "limit": 50}, "r"


def _conversation(thread: str) -> tuple[Call, Call]:
    source = {"resultOf": "t", "name": "Thread/get", "path": "/list/*/emailIds"}
    arguments = {"#ids": source, "properties": HEAD + BODY, "fetchTextBodyValues": True, "fetchHTMLBodyValues": True}
    return ("Thread/get", {"ids": [thread]}, "t"), ("Email/get", arguments, "e")


def _mailbox(client: Client, role: str) -> str:
    found = client.jmap(("Mailbox/get", {"ids": None}, "m"))[2][0][1]["list"]
    return next(box["id"] for box in found if box["role"] == role)


def _some_rows(client: Client, pages: int = 20) -> Iterator[dict[str, Any]]:
    """The rows of so many pages of All Mail."""
    everything, before = _mailbox(client, "all"), None
    for _ in range(pages):
        said = client.jmap(("ThreadRow/query", {"mailboxId": everything, "limit": 50, "before": before}, "r"))[2][0][1]
        yield from said["list"]
        before = said["cursor"]
        if not before:
            return


def _weigh(client: Client) -> list[Judged]:
    """Bytes on the line of the Inbox document, of what it loads, and of what a letter needs beyond that."""
    _, size, content = client.ask("GET", "/")
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+\.(js|css))"', content.decode())
    total = lambda kind: sum(client.ask("GET", unescape(path))[1] for path, ending in loaded if ending == kind)  # noqa: E731
    compose = sum(client.ask("GET", f"/static/app/{name}")[1] for name in letter())
    return [
        Judged("B9", "scripts to Inbox and reading", total("js"), 70_000, "bytes"),
        Judged("B10", "scripts to compose, beyond those", compose, 35_000, "bytes"),
        Judged("B11", "style sheets", total("css"), 15_000, "bytes"),
        Judged("B12", "Inbox document with 50 rows", size, 25_000, "bytes"),
    ]
