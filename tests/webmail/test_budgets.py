"""What a page or a call may cost where there is much mail: queries, bytes, requests and nodes, counted and never timed.

The times of product.md 6.5 are shown by `python -m bench web`; these are what they rest on, the same on every machine.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Mailbox, Message, Thread, ThreadRow
from tests.plans import faults
from tests.seeded import in_one_transaction
from webmail.jmap import ids

pytestmark = pytest.mark.django_db
MESSAGES = 3_000
CAPABILITIES = [
    "urn:ietf:params:jmap:core",
    "urn:ietf:params:jmap:mail",
    "urn:ietf:params:jmap:quota",
    "urn:mailsuite:params:jmap:mail",
]
NEWEST = {"sort": [{"property": "receivedAt", "isAscending": False}], "limit": 50}
HEAD = ["id", "threadId", "mailboxIds", "keywords", "from", "to", "subject", "receivedAt", "preview", "hasAttachment"]
BODY = ["bodyValues", "textBody", "htmlBody", "attachments"]
LOADED = re.compile(r'<(?:script|link|img|iframe)[^>]* (?:src|href)="([^"#]+)')


@dataclass(frozen=True)
class Cost:
    """Of one request."""

    queries: int
    sent: int  # bytes on the line
    content: str

    @property
    def nodes(self) -> int:
        """Elements of the document."""
        return len(re.findall(r"<[a-z][a-z0-9]*[ >]", self.content))

    @property
    def loads(self) -> set[str]:
        """What the document asks for besides itself."""
        return set(LOADED.findall(self.content))


@pytest.fixture(scope="module")
def alice(django_db_setup: None, django_db_blocker: Any) -> Iterator[Account]:
    with django_db_blocker.unblock(), in_one_transaction(MESSAGES) as account:
        yield account


@pytest.fixture
def web(alice: Account, db: None) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.1", headers={"accept-encoding": "gzip"})
    client.force_login(alice)
    client.get("/")  # what only the first page of a process has to ask
    return client


@pytest.fixture
def page(web: Client) -> Callable[[str], Cost]:
    return lambda path: cost(lambda: web.get(path))


@pytest.fixture
def call(web: Client, alice: Account) -> Callable[..., Cost]:
    """Call JMAP methods in one request; what they cost. None may fail."""

    def do(*calls: tuple[str, dict[str, Any]]) -> Cost:
        me = ids.name("A", alice.pk)
        asked = [[name, {"accountId": me, **given}, str(place)] for place, (name, given) in enumerate(calls)]
        body = {"using": CAPABILITIES, "methodCalls": asked}
        found = cost(lambda: web.post("/jmap/api", body, content_type="application/json"))
        assert '["error"' not in found.content
        return found

    return do


def cost(ask: Callable[[], HttpResponse]) -> Cost:
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert response.status_code == 200, response
    if connection.vendor == "sqlite":  # whose plans do not depend on how much there is: see `mailstore.planning`
        assert faults(queries, sorts=True) == []
    sent = response.content
    packed = response.headers.get("Content-Encoding") == "gzip"
    return Cost(len(queries), len(sent), (gzip.decompress(sent) if packed else sent).decode())


def box(role: str) -> Mailbox:
    return Mailbox.objects.get(role=role)


def read(threads: Any, count: int = 1) -> Thread:
    """A conversation of at least so many messages in which everything was read, so that showing it changes nothing."""
    return threads.filter(unread=0, count__gte=count).latest("newest_at")


# --- the simple view ---


def test_a_list_takes_as_few_queries_on_any_page_of_any_place(page: Callable[[str], Cost]) -> None:
    assert page("/").queries <= 15
    assert page("/in/all?page=30").queries <= 15
    assert page("/in/spam").queries <= 17, "one more says until when each is kept, to the page and to the application"


def test_the_inbox_document_is_small(page: Callable[[str], Cost]) -> None:
    inbox = page("/")
    assert inbox.content.count('<li class="row') == min(50, box("inbox").threads) > 40
    assert inbox.sent < 25_000, "budget B12"
    assert inbox.nodes < 1_900
    assert len(inbox.loads) <= 6


def test_what_the_inbox_loads_is_within_its_budgets(page: Callable[[str], Cost]) -> None:
    loads = [path.partition("/static/")[2] for path in page("/").loads if "/static/" in path]
    files = [Path(finders.find(name)) for name in loads]
    weigh = lambda kind: sum(len(brotli.compress(file.read_bytes())) for file in files if file.suffix == kind)  # noqa: E731
    assert 0 < weigh(".css") <= 15_000, "budget B11"
    assert 0 < weigh(".js") <= 70_000, "budget B9"


def test_a_conversation_takes_as_many_queries_whether_it_is_long_or_short(page: Callable[[str], Cost]) -> None:
    short = page(f"/t/{read(Thread.objects).pk}")
    long = page(f"/t/{read(Thread.objects, 15).pk}")
    assert short.queries <= 29
    assert long.queries <= short.queries + 2
    assert long.nodes < 4_500, "about 85 a message; beyond 60 messages the rest is not loaded"
    assert long.sent < 60_000


def test_reading_a_conversation_for_the_first_time_marks_it_in_a_constant_number_of_queries(page: Callable[[str], Cost]) -> None:
    unread = ThreadRow.objects.filter(mailbox=box("inbox"), unread__gt=0).select_related("thread")
    for row in unread.order_by("-thread__count")[:2]:
        assert page(f"/t/{row.thread_id}").queries <= 46, "PostgreSQL writes row by row what SQLite writes at once"


def test_a_search_takes_as_many_queries_for_a_common_word_as_for_a_rare_one(page: Callable[[str], Cost]) -> None:
    assert page("/search?q=the").queries <= 21
    assert page("/search?q=your+receipt").queries <= 21
    assert page("/search?q=from:carol+before:2024").queries <= 21
    assert page("/search?q=nobodyeverwrotethis").queries <= 21


def test_a_search_without_results_takes_five_more_queries_for_each_word_that_could_be_left_out(
    page: Callable[[str], Cost],
) -> None:
    assert page("/search?q=receipt+nobodyeverwrotethis").queries <= 28


# --- what the application asks ---


def test_all_that_the_application_needs_to_start_is_few_queries_and_bytes(call: Callable[..., Cost]) -> None:
    inbox = ids.name("F", box("inbox").pk)
    rows = ("ThreadRow/query", {"mailboxId": inbox, "limit": 50})
    assert call(("Mailbox/get", {"ids": None})).queries <= 5
    assert call(("Quota/get", {"ids": None})).queries <= 4
    assert call(rows).queries <= 6
    assert call(rows).sent < 25_000
    together = call(("Mailbox/get", {"ids": None}), rows, ("Quota/get", {"ids": None}))
    assert together.queries <= 9
    assert together.sent < 35_000


def test_opening_a_conversation_takes_as_many_queries_for_forty_messages_as_for_one(call: Callable[..., Cost]) -> None:
    def opened(thread: Thread) -> Cost:
        found = {"resultOf": "0", "name": "Thread/get", "path": "/list/*/emailIds"}
        wanted = {"#ids": found, "properties": HEAD + BODY, "fetchTextBodyValues": True, "fetchHTMLBodyValues": True}
        return call(("Thread/get", {"ids": [ids.name("T", thread.pk)]}), ("Email/get", wanted))

    one, many = Thread.objects.filter(total=1).first(), Thread.objects.order_by("-total").first()
    assert one
    assert many
    assert many.total >= 20
    assert opened(one).queries <= 8
    assert opened(many).queries <= opened(one).queries


@pytest.mark.parametrize("query", ["the", "receipt", "from:carol is:read", "nobodyeverwrotethis"])
def test_a_search_of_the_application_takes_few_queries(call: Callable[..., Cost], query: str) -> None:
    assert call(("ThreadRow/query", {"query": query, "limit": 20})).queries <= 16


def test_a_list_of_messages_takes_few_queries(call: Callable[..., Cost]) -> None:
    inbox = {"filter": {"inMailbox": ids.name("F", box("inbox").pk)}, **NEWEST}
    assert call(("Email/query", inbox)).queries <= 10
    assert call(("Email/query", {**inbox, "collapseThreads": True, "calculateTotal": True})).queries <= 11
    heads = {"ids": [ids.name("M", pk) for pk in Message.objects.order_by("-pk").values_list("pk", flat=True)[:50]]}
    assert call(("Email/get", {**heads, "properties": HEAD})).queries <= 6
