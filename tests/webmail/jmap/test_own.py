"""Our own capability: rows of lists, acts and their undoing, queries read (product.md 3.6, 3.8, 2.6)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.mailboxes import Role
from mailsuite.mailstore.models import AccountState, Action, Mailbox, Message, Thread
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids, limits
from webmail.jmap.session import OWN
from webmail.jmap.types.methods import METHODS as TYPES

PLAN = [("plan.pdf", "application/pdf", b"%PDF")]


def box_id(account: Account, role: str) -> str:
    return ids.name("F", mailboxes.by_role(account.pk, role).pk)


def thread_id(thread: Thread) -> str:
    return ids.name("T", thread.pk)


@pytest.fixture
def ask(call: Call, me: str) -> Any:
    """One call of a method: its response, which has the shape that its type says."""

    def do(method: str, **arguments: Any) -> dict[str, Any]:
        [[name, said]] = call((method, {"accountId": me, **arguments}))
        if name == method:
            assert problems(said, TYPES[method][1]) == []
        return said

    return do


@pytest.fixture
def garden(alice: Account) -> Mailbox:
    return mailboxes.create(alice.pk, "Garden")


def test_a_row_shows_what_a_row_shows(ask: Any, alice: Account, garden: Mailbox) -> None:
    roof = conversation(
        alice,
        "Roof",
        Letter(who="Ana Silva <ana@elsewhere.example>", ago=timedelta(hours=5)),
        Letter(who="Dan <dan@elsewhere.example>", ago=timedelta(hours=4)),
        Letter(who="Carol Doe <carol@elsewhere.example>", ago=timedelta(hours=3)),
        Letter(
            text="Tiles are here.", ago=timedelta(hours=2), seen=False, starred=True, files=[("a.pdf", "application/pdf", b"x")]
        ),
        labels=[garden],
    )
    said = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX))
    [row] = said["list"]
    assert row["id"] == thread_id(roof)
    assert (row["subject"], row["preview"]) == ("Roof", "Tiles are here.")
    assert row["writers"] == [
        {"name": "Ana Silva"},
        {"name": "Carol Doe"},
        {"name": "Bob Roe", "email": "bob@example.org", "isUnread": True},
    ]
    assert (row["writerCount"], row["count"], row["unread"]) == (4, 4, 1)
    assert row["marks"] == ["starred", "attachment"]
    assert row["labels"] == [ids.name("F", garden.pk)]
    assert (said["total"], said["cursor"]) == (1, None)
    conversation(alice, "Mine", Letter(who="Alice Example <alice@example.org>", to="bob@example.org"))
    [mine] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.SENT))["list"]
    assert mine["writers"] == [{"name": "Alice Example", "email": "alice@example.org", "isMe": True}]


def test_pages_follow_one_another(ask: Any, alice: Account) -> None:
    made = [thread_id(conversation(alice, f"Letter {n}", Letter(ago=timedelta(hours=n)))) for n in range(1, 6)]
    for asked in ({"mailboxId": box_id(alice, Role.INBOX)}, {"query": "letter"}):
        found, before, pages = [], None, 0
        while True:
            said = ask("ThreadRow/query", **asked, limit=2, before=before)
            found += [row["id"] for row in said["list"]]
            before, pages = said["cursor"], pages + 1
            if before is None:
                break
        assert (found, pages) == (made, 3)


def test_unread_rows_alone(ask: Any, alice: Account) -> None:
    conversation(alice, "Old", Letter())
    new = conversation(alice, "New", Letter(seen=False))
    said = ask("ThreadRow/query", mailboxId=box_id(alice, Role.INBOX), unreadOnly=True)
    assert ([row["id"] for row in said["list"]], said["total"]) == ([thread_id(new)], 1)


def test_a_row_in_trash_says_when_it_goes(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    ask("Thread/act", act="trash", threadIds=[thread_id(roof)])
    [row] = ask("ThreadRow/query", mailboxId=box_id(alice, Role.TRASH))["list"]
    moved = Message.objects.get(thread=roof).trashed_at
    assert row["purgedAt"][:10] == f"{moved + timedelta(days=30):%Y-%m-%d}"


def test_a_search_that_finds_nothing_says_what_would(ask: Any, alice: Account) -> None:
    conversation(alice, "Invoice", Letter())
    conversation(alice, "Invoice of old", Letter(), place=Message.Place.TRASH)
    said = ask("ThreadRow/query", query="invoice has:pdf label:Gardn")
    assert said["list"] == []
    assert said["hints"][0]["code"] == "no_label"
    said = ask("ThreadRow/query", query="invoice has:pdf")
    assert said["offers"] == [{"without": "has:pdf", "query": "invoice", "total": 1, "isTotalExact": True}]
    assert ask("ThreadRow/query", query="invoice")["asideTotal"] == 1


@pytest.mark.parametrize("text", ["Neues vom Dach, und was es kostet. " * 10, "Новости о крыше. " * 20, '\\"<\u202e\x00' * 99])
def test_a_page_of_fifty_rows_is_small_and_costs_as_many_queries_as_one_row(
    web: Client, ask: Any, alice: Account, garden: Mailbox, text: str
) -> None:
    inbox = box_id(alice, Role.INBOX)

    def cost(**asked: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask("ThreadRow/query", **asked)
        return len(queries)

    people = ["Ana Silva-Montenegro <ana.silva@elsewhere.example>", "Carol <carol@elsewhere.example>", "Dan <dan@example.net>"]
    conversation(alice, "Roof", Letter(who=people[1]))
    asked: list[dict[str, Any]] = [{"mailboxId": inbox}, {"query": "from:carol"}, {"query": "in:inbox"}]
    cost(**asked[0])  # the member's own addresses are remembered for a minute
    before = [cost(**one) for one in asked]
    for _ in range(limits.ROWS + 1):
        letters = [Letter(who=who, text=text, seen=False) for who in people]
        conversation(alice, text.replace("\x00", "")[:150], *letters, labels=[garden])
    assert [cost(**one) for one in asked] == before
    request = {
        "using": [OWN],
        "methodCalls": [["ThreadRow/query", {"accountId": ids.name("A", alice.pk), "mailboxId": inbox}, "c"]],
    }
    response = web.post("/jmap/api", request, content_type="application/json")
    assert len(response.json()["methodResponses"][0][1]["list"]) == limits.ROWS
    # Keys grow with the years by five digits or so; what JSON has to escape is twice as long.
    assert len(response.content) + limits.ROWS * 10 < (25_000 if "<" not in text else 35_000)


def test_changes_of_a_list_bring_another_list_up_to_date(ask: Any, alice: Account) -> None:
    inbox = box_id(alice, Role.INBOX)
    one, two, three = (conversation(alice, name, Letter(seen=False)) for name in ("One", "Two", "Three"))
    first = ask("ThreadRow/query", mailboxId=inbox)
    held = {row["id"]: row for row in first["list"]}
    ask("Thread/act", act="archive", threadIds=[thread_id(one)])
    ask("Thread/act", act="star", threadIds=[thread_id(two)])
    ask("Thread/act", act="trash", threadIds=[thread_id(three)])
    actions.delete_for_ever(alice.pk, [three.pk])
    conversation(alice, "Four", Letter())
    said = ask("ThreadRow/changes", mailboxId=inbox, sinceQueryState=first["queryState"])
    assert {thread_id(one), thread_id(three)} <= set(said["removed"])
    held = {pk: row for pk, row in held.items() if pk not in said["removed"]} | {row["id"]: row for row in said["list"]}
    now = ask("ThreadRow/query", mailboxId=inbox)
    assert sorted(held.values(), key=lambda row: row["id"]) == sorted(now["list"], key=lambda row: row["id"])
    assert (said["newQueryState"], said["total"]) == (now["queryState"], now["total"])
    again = ask("ThreadRow/changes", mailboxId=inbox, sinceQueryState=now["queryState"])
    assert (again["list"], again["removed"]) == ([], [])


def test_changes_that_are_too_many_or_forgotten_cannot_be_told(ask: Any, alice: Account) -> None:
    inbox = box_id(alice, Role.INBOX)
    before = ask("ThreadRow/query", mailboxId=inbox)["queryState"]
    for name in ("One", "Two"):
        conversation(alice, name, Letter())
    changed = {"mailboxId": inbox, "sinceQueryState": before}
    assert ask("ThreadRow/changes", **changed, maxChanges=1)["type"] == "cannotCalculateChanges"
    assert len(ask("ThreadRow/changes", **changed, maxChanges=2)["list"]) == 2
    for state in ("nonsense", "99999999", "-1"):
        assert ask("ThreadRow/changes", mailboxId=inbox, sinceQueryState=state)["type"] == "cannotCalculateChanges"
    AccountState.objects.update(floor=int(before) + 1)
    assert ask("ThreadRow/changes", **changed)["type"] == "cannotCalculateChanges"


ROUND_TRIPS = ["archive", "trash", "spam", "read", "unread", "star", "unstar", "mute"]


@pytest.mark.parametrize("act", ROUND_TRIPS)
def test_an_act_says_what_was_done_and_undo_takes_it_back_exactly(ask: Any, alice: Account, act: str) -> None:
    roof = conversation(alice, "Roof", Letter(seen=act != "read", starred=act == "unstar"))
    message = Message.objects.filter(thread=roof)
    before = (message.values("place", "flags", "keywords").get(), mailboxes_of(roof))
    said = ask("Thread/act", act=act, threadIds=[thread_id(roof)])
    assert (message.values("place", "flags", "keywords").get(), mailboxes_of(roof)) != before
    assert said["notFound"] == []
    assert int(said["newState"]) > int(said["oldState"])
    kept = ask("Action/get", ids=[said["action"]["id"]])
    assert kept["list"] == [said["action"]]
    assert "1 conversation" in said["action"]["sentence"]
    undone = ask("Action/undo")
    assert undone["action"] == said["action"] | {"isUndone": True}
    assert (message.values("place", "flags", "keywords").get(), mailboxes_of(roof)) == before


def mailboxes_of(thread: Thread) -> set[int]:
    return set(Mailbox.objects.filter(memberships__message__thread=thread).values_list("pk", flat=True))


def test_acts_that_bring_back(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    before = mailboxes_of(roof)
    for there, back in (("archive", "toInbox"), ("trash", "restore"), ("spam", "notSpam")):
        ask("Thread/act", act=there, threadIds=[thread_id(roof)])
        ask("Thread/act", act=back, threadIds=[thread_id(roof)])
        assert mailboxes_of(roof) == before
    ask("Thread/act", act="mute", threadIds=[thread_id(roof)])
    ask("Thread/act", act="unmute", threadIds=[thread_id(roof)])
    assert not Thread.objects.get(pk=roof.pk).muted


def test_labels_are_given_and_taken(ask: Any, alice: Account, garden: Mailbox) -> None:
    roof, label = conversation(alice, "Roof", Letter()), ids.name("F", garden.pk)
    asked = {"threadIds": [thread_id(roof)], "mailboxId": label}
    ask("Thread/act", act="addLabel", **asked)
    assert garden.pk in mailboxes_of(roof)
    ask("Thread/act", act="removeLabel", **asked)
    assert garden.pk not in mailboxes_of(roof)
    ask("Thread/act", act="moveTo", **asked)
    assert garden.pk in mailboxes_of(roof)
    assert mailboxes.by_role(alice.pk, Role.INBOX).pk not in mailboxes_of(roof)


def test_an_act_on_one_message_leaves_the_others(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter(), Letter())
    first = roof.messages.order_by("pk").first()
    said = ask("Thread/act", act="star", emailIds=[first.email_id, "M1-7", "M99999", "nonsense"], threadIds=["T99999"])
    assert said["notFound"] == ["T99999", "M1-7", "M99999", "nonsense"]
    assert said["action"]["sentence"] == "Starred 1 message"
    assert [one.flags & Message.FLAGGED for one in roof.messages.order_by("pk")] == [Message.FLAGGED, 0]


def test_an_act_that_changes_nothing_is_no_action(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    assert ask("Thread/act", act="unstar", threadIds=[thread_id(roof)])["action"] is None
    assert ask("Thread/act", act="archive")["action"] is None
    assert ask("Action/undo")["action"] is None
    assert ask("Action/get")["list"] == []


def test_acts_are_told_last_first_and_undone_by_name(ask: Any, alice: Account) -> None:
    made = [conversation(alice, name, Letter()) for name in ("One", "Two")]
    first, second = (ask("Thread/act", act="archive", threadIds=[thread_id(one)])["action"]["id"] for one in made)
    assert [one["id"] for one in ask("Action/get")["list"]] == [second, first]
    assert ask("Action/undo", id=first)["action"]["id"] == first
    again = ask("Action/undo", id=first)
    assert again["action"]["isUndone"]
    assert again["newState"] == again["oldState"]
    assert ask("Action/undo", id="X99999")["type"] == "notFound"
    assert ask("Action/get", ids=[first, "X99999", "T1"])["notFound"] == ["X99999", "T1"]
    assert ask("Action/undo")["action"]["id"] == second


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("ThreadRow/query", {}),
    ("ThreadRow/query", {"mailboxId": "F1", "query": "x"}),
    ("ThreadRow/query", {"mailboxId": "F99999"}),
    ("ThreadRow/query", {"mailboxId": ["F1"]}),
    ("ThreadRow/query", {"query": 7}),
    ("ThreadRow/query", {"query": "x", "limit": 0}),
    ("ThreadRow/query", {"query": "x", "unreadOnly": True}),
    ("ThreadRow/query", {"query": "x", "before": "yesterday"}),
    ("ThreadRow/query", {"query": "x", "before": "99999999999999999999~1"}),
    ("ThreadRow/query", {"query": "x", "before": "-99999999999999999~1"}),
    ("ThreadRow/query", {"query": "x", "more": 1}),
    ("ThreadRow/changes", {"mailboxId": "F99999", "sinceQueryState": "1"}),
    ("ThreadRow/changes", {"mailboxId": "F99999"}),
    ("Thread/act", {"threadIds": ["T1"]}),
    ("Thread/act", {"act": "deleteForEver", "threadIds": ["T1"]}),
    ("Thread/act", {"act": "addLabel", "threadIds": ["T1"]}),
    ("Thread/act", {"act": "star", "threadIds": ["T1"], "mailboxId": "F1"}),
    ("Thread/act", {"act": "star", "threadIds": "T1"}),
    ("Thread/act", {"act": "star", "threadIds": [1]}),
    ("Thread/act", {"act": "star", "threadIds": ["T1"], "operationId": "short"}),
    ("Thread/act", {"act": "star", "threadIds": ["T1"], "operationId": "(" * 1_000_000}),
    ("Thread/act", {"act": "star", "threadIds": ["T1"], "all": {"query": "x"}}),
    ("Thread/act", {"act": "star", "all": {}}),
    ("Thread/act", {"act": "star", "all": ["query"]}),
    ("Thread/act", {"act": "star", "all": {"query": "x", "mailboxId": "F1"}}),
    ("Thread/act", {"act": "star", "all": {"query": 7}}),
    ("Thread/act", {"act": "star", "all": {"query": "(" * 1_000_000}}),
    ("Thread/act", {"act": "star", "all": {"mailboxId": "F99999"}}),
    ("Thread/act", {"act": "snooze", "threadIds": ["T1"]}),
    ("Thread/act", {"act": "snooze", "threadIds": ["T1"], "until": "tomorrow"}),
    ("Thread/act", {"act": "snooze", "threadIds": ["T1"], "until": "9999-12-31T00:00:00Z"}),
    ("Thread/act", {"act": "archive", "threadIds": ["T1"], "until": "2026-12-31T00:00:00Z"}),
    ("Thread/act", {"act": "star", "threadIds": ["T1"], "color": "pink"}),
    ("Thread/act", {"act": "unstar", "threadIds": ["T1"], "color": "red"}),
    ("Action/undo", {"id": 7}),
    ("Action/redo", {"id": "X1", "operationId": "operation-1"}),
    ("Query/parse", {}),
    ("Query/parse", {"query": ["x"]}),
]


@pytest.mark.parametrize(("method", "arguments"), WRONG)
def test_arguments_that_make_no_sense_are_refused(ask: Any, method: str, arguments: dict[str, Any]) -> None:
    assert ask(method, **arguments)["type"] == "invalidArguments"


def test_a_place_is_no_label(ask: Any, alice: Account) -> None:
    roof = conversation(alice, "Roof", Letter())
    said = ask("Thread/act", act="addLabel", threadIds=[thread_id(roof)], mailboxId=box_id(alice, Role.TRASH))
    assert said["type"] == "invalidArguments"


def test_too_much_at_once_is_refused(ask: Any) -> None:
    many = [f"T{n}" for n in range(1, 600)]
    assert ask("Thread/act", act="star", threadIds=many)["type"] == "requestTooLarge"
    assert ask("Action/get", ids=many)["type"] == "requestTooLarge"
    assert ask("ThreadRow/query", query="x " * 1_000_000)["list"] == []
    assert ask("Query/parse", query="(" * 1_000_000)["hints"][0]["code"] == "too_long"


@pytest.mark.parametrize(
    ("query", "tree", "chips", "hint"),
    [
        ("from:ana invoice ", {"and": [{"from": "ana"}, {"text": "invoice"}]}, ["from:ana", "invoice"], ""),
        ("a OR b c ", None, ["a OR b", "c"], ""),
        ("labels:work", None, ["labels:work"], "label:work"),
        ("form:ana", None, ["form:ana"], "from:ana"),
        ("roof label:Gardn", None, ["roof", "label:Gardn"], "roof label:Garden"),
        ("after:2026-01 newer_than:7", {"after": "2026-01-01"}, ["after:2026-01"], "after:2026-01 newer_than:7d"),
        ("", {"and": []}, [], ""),
        ("\x00 \u202e", None, None, ""),
    ],
)
def test_a_query_is_read_as_chips_with_hints(
    ask: Any, garden: Mailbox, query: str, tree: Any, chips: list[str] | None, hint: str
) -> None:
    said = ask("Query/parse", query=query)
    assert tree is None or said["tree"] == tree
    assert chips is None or [chip["text"] for chip in said["chips"]] == chips
    assert [one["query"] for one in said["hints"]] == ([hint] if hint else []) or chips is None


NEVER_FAILS = r"""
threadid:999999999999999999999999|threadid:x|size:99999999999999999999G|after:0001-01-01 a|before:9999-12-31 roof
newer_than:99999999y x
has:pdf OR is:unread|date:2026-01..2025|a AROUND 5 b|from:(a OR (b c))|{a b}|-roof|in:anywhere -in:trash
roof*|+roof|"roof|a'b";--|%_%|\
deliveredto:alice@example.org|with:bob|list:x|category:primary|is:tracked|日本語 テスト|((((|-|OR|NOT NOT|from:|label:""|keyword:x
"""


@pytest.mark.parametrize("query", ["", "msgid:<a\0b>", "keyword:\0", *NEVER_FAILS.strip().replace("\n", "|").split("|")])
def test_a_query_never_fails(ask: Any, alice: Account, query: str) -> None:
    conversation(alice, "Roof", Letter())
    for method in ("ThreadRow/query", "Query/parse"):
        assert "type" not in ask(method, query=query)


def test_text_that_cannot_be_written_is_no_request(web: Client) -> None:
    body = json.dumps({"using": [OWN], "methodCalls": [["Query/parse", {"accountId": "A1", "query": "\ud800"}, "c"]]})
    response = web.post("/jmap/api", body, content_type="application/json")
    assert (response.status_code, response.json()["type"]) == (400, "urn:ietf:params:jmap:error:notJSON")


def test_only_a_hundred_acts_are_kept(alice: Account, ask: Any) -> None:
    roof = conversation(alice, "Roof", Letter())
    for _ in range(actions.KEPT):
        actions.star(alice.pk, [roof.pk])
        actions.unstar(alice.pk, [roof.pk])
    assert len(ask("Action/get")["list"]) == actions.KEPT == Action.objects.count()
