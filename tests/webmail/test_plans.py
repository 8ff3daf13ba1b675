"""With 100,000 messages every page and call finds what it shows by an index: nothing is read whole, no list is sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import seed
from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Mailbox, Thread
from tests.plans import faults
from tests.seeded import in_one_transaction
from tests.webmail.test_budgets import BODY, CAPABILITIES, HEAD, NEWEST
from webmail.jmap import ids

pytestmark = [pytest.mark.system, pytest.mark.timeout(1_800)]
MESSAGES = 100_000


@pytest.fixture(scope="module")
def alice(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """On SQLite a copy of the seed that is kept between runs; on PostgreSQL made here."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            yield from _copied(tmp_path_factory.mktemp("seed"))
        else:
            with in_one_transaction(MESSAGES) as account:
                connection.cursor().execute("ANALYZE")
                yield account


def _copied(folder: Path) -> Iterator[Account]:
    usual = connections["default"]
    ours = usual.copy()
    ours.settings_dict["NAME"] = str(seed.copy(seed.seed(MESSAGES), folder) / "mailsuite.sqlite3")
    connections["default"] = ours
    try:
        yield Account.objects.get(login=seed.LOGIN)
    finally:
        ours.close()
        connections["default"] = usual


@pytest.fixture
def web(alice: Account) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.force_login(alice)
    return client


def asked(ask: Callable[[], Any]) -> list[dict[str, str]]:
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert response.status_code == 200
    return list(queries)


@pytest.mark.parametrize("path", ["/", "/?page=20", "/in/all?page=40", "/in/archive", "/in/sent", "/in/spam", "/in/starred"])
def test_a_page_of_a_list_is_read_along_an_index(web: Client, path: str) -> None:
    assert faults(asked(lambda: web.get(path))) == []


def test_a_label_s_list_is_read_along_an_index(web: Client) -> None:
    garden = Mailbox.objects.get(name="Garden")
    assert faults(asked(lambda: web.get(f"/label/{garden.pk}"))) == []


def test_a_conversation_is_found_by_indexes(web: Client) -> None:
    for thread in Thread.objects.filter(unread=0).order_by("-total")[:2]:
        assert faults(asked(lambda thread=thread: web.get(f"/t/{thread.pk}")), sorts=True) == []


@pytest.mark.parametrize("query", ["the", "receipt", "from:carol", "house garden", "has:attachment is:unread", "zzzz"])
def test_a_search_reads_no_table_whole(web: Client, query: str) -> None:
    assert faults(asked(lambda: web.get("/search", {"q": query})), sorts=True) == []


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("Mailbox/get", {"ids": None}),
        ("Quota/get", {"ids": None}),
        ("ThreadRow/query", {"mailboxId": "inbox", "limit": 50}),
        ("ThreadRow/query", {"mailboxId": "all", "limit": 50}),
        ("ThreadRow/query", {"mailboxId": "all", "limit": 50, "unreadOnly": True}),
        ("Thread/get", {"ids": ["thread"]}),
        ("Action/get", {"ids": None}),
    ],
)
def test_what_the_application_asks_is_found_by_indexes(web: Client, alice: Account, method: str, given: dict[str, Any]) -> None:
    assert faults(asked(call(web, alice, method, given))) == []


@pytest.mark.parametrize("role", ["inbox", "all"])
def test_a_list_of_messages_reads_no_table_whole(web: Client, alice: Account, role: str) -> None:
    query = call(web, alice, "Email/query", {"filter": {"inMailbox": role}, **NEWEST})
    assert faults(asked(query), sorts=role == "inbox") == []


def test_the_messages_of_a_conversation_are_found_by_indexes(web: Client, alice: Account) -> None:
    emails = [ids.name("M", pk) for pk in Thread.objects.order_by("-total")[0].messages.values_list("pk", flat=True)]
    wanted = {"ids": emails, "properties": HEAD + BODY, "fetchTextBodyValues": True}
    assert faults(asked(call(web, alice, "Email/get", wanted)), sorts=True) == []


def call(web: Client, alice: Account, method: str, given: dict[str, Any]) -> Callable[[], Any]:
    """What calls a method of JMAP; roles and "thread" stand for ids, which are looked up now."""
    names = {box.role: ids.name("F", box.pk) for box in Mailbox.objects.exclude(role="")}
    names["thread"] = ids.name("T", Thread.objects.order_by("-total")[0].pk)
    said = {key: _named(value, names) for key, value in given.items()}
    body = {"using": CAPABILITIES, "methodCalls": [[method, {"accountId": ids.name("A", alice.pk), **said}, "0"]]}

    def post() -> Any:
        response = web.post("/jmap/api", body, content_type="application/json")
        assert response.json()["methodResponses"][0][0] == method, response.content[:500]
        return response

    return post


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
