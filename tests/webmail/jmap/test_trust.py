"""What our own part of the API says to who reads: trackers, warnings, images on the web, lists to leave, choices."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap.types.methods import METHODS as TYPES

PASS: dict[str, Any] = {"auth": {"dmarc": {"result": "pass"}}}
HTML = (
    "<p>Chairs</p><img src='https://shop.example/chair.jpg' width=600 alt=Chair>"
    "<img src='https://us1.list-manage.com/track/open.php?u=1' width=1 height=1>"
    "<a href='https://evil.example/'>www.example.org</a>"
)
OWN = ["trackers", "warnings", "remote", "unsubscribe"]


@pytest.fixture
def ask(call: Call, me: str) -> Any:
    def do(method: str, **arguments: Any) -> dict[str, Any]:
        [[name, said]] = call((method, {"accountId": me, **arguments}))
        if name == method:
            wrong = problems(said, TYPES[method][1])
            assert [one for one in wrong if method != "Email/get" or not one.endswith(" is missing")] == []
        return said

    return do


@pytest.fixture
def news(alice: Account) -> Message:
    headers = {
        "List-Unsubscribe": "<https://shop.example/leave>, <mailto:leave@shop.example>",
        "List-Id": "<chairs.shop.example>",
    }
    letter = Letter(who="Shop <news@shop.example>", html=HTML, headers=headers, decision=PASS)
    return conversation(alice, "Chairs", letter).messages.get()


def read(ask: Any, message: Message, *names: str) -> Any:
    said = ask("Email/get", ids=[message.email_id], properties=list(names or OWN))
    assert list(said["list"][0]) == ["id", *(names or OWN)]
    return said["list"][0][names[0]] if len(names) == 1 else said["list"][0]


def test_an_email_tells_its_trackers_images_warnings_and_way_out(ask: Any, news: Message) -> None:
    found = read(ask, news)
    assert found["trackers"] == [{"name": "Mailchimp", "count": 1}]
    assert found["remote"] == {"images": "blocked", "count": 1, "isAlways": False}
    assert found["unsubscribe"] == {"how": "mail", "page": "https://shop.example/leave", "leftAt": None, "leftHow": None}
    [warning] = found["warnings"]
    assert (warning["code"], warning["level"], warning["where"]) == ("P8", "note", "link")
    assert warning["values"] == {"said": "www.example.org", "goes": "evil.example"}
    assert warning["text"] == "A link says www.example.org and goes to evil.example."


def test_a_plain_letter_has_none_of_it(ask: Any, alice: Account, bob: Account) -> None:
    letter = conversation(alice, "Hello", Letter()).messages.get()
    nothing = {"images": "none", "count": 0, "isAlways": False}
    assert read(ask, letter) == {"id": letter.email_id, "trackers": [], "warnings": [], "remote": nothing, "unsubscribe": None}


def test_they_are_told_only_where_they_are_asked_for_and_read_no_body_for_a_list(
    ask: Any, alice: Account, web: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        conversation(alice, f"Chairs {n}", Letter(who=f"Shop <n{n}@shop.example>", html=HTML, decision=PASS))
    wanted = [one.email_id for one in Message.objects.filter(account=alice)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        said = ask("Email/get", ids=wanted, properties=["subject", "from", "preview"])
    assert len(queries) < 12
    assert not set(OWN) & set(said["list"][0])
    assert not set(OWN) & set(ask("Email/get", ids=wanted)["list"][0])

    def never(*_: Any) -> bytes:
        raise AssertionError("a body was read")

    monkeypatch.setattr(blobs, "read", never)
    assert len(ask("Email/get", ids=wanted, properties=["subject", "unsubscribe"])["list"]) == 5


def test_what_was_found_in_a_body_is_remembered(ask: Any, news: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(ask, news)
    monkeypatch.setattr("webmail.inspection._look", None)
    assert read(ask, news) == first


def test_choices_are_made_listed_and_taken_back(ask: Any, news: Message) -> None:
    before = ask("SenderChoice/get")
    assert before["list"] == []
    wanted = {
        "a": {"sender": "News@shop.example", "kind": "images"},
        "b": {"sender": "news@shop.example", "kind": "fine", "signal": "P8"},
        "c": {"sender": "m@mallory.example", "kind": "blocked"},
    }
    made = ask("SenderChoice/set", create=wanted, ifInState=before["state"])
    assert set(made["created"]) == {"a", "b", "c"}
    assert made["newState"] != made["oldState"]
    found = read(ask, news)
    assert found["warnings"] == []
    assert found["remote"] == {"images": "proxied", "count": 1, "isAlways": True}
    listed = {one["id"]: one for one in ask("SenderChoice/get")["list"]}
    images = listed[made["created"]["a"]["id"]]
    assert (images["sender"], images["kind"], images["signal"]) == ("news@shop.example", "images", None)
    gone = ask("SenderChoice/set", destroy=[images["id"], "C99999", "M1"], update={images["id"]: {"kind": "blocked"}})
    assert gone["destroyed"] == [images["id"]]
    assert set(gone["notDestroyed"]) == {"C99999", "M1"}
    assert gone["notUpdated"][images["id"]]["type"] == "willDestroy"
    assert read(ask, news, "remote")["images"] == "blocked"
    kept = next(one for one in listed if one != images["id"])
    assert ask("SenderChoice/set", update={kept: {"kind": "images"}})["notUpdated"][kept]["type"] == "forbidden"


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"sender": "a@b.example"},
        {"sender": "a@b.example", "kind": "unsubscribed"},
        {"sender": "a@b.example", "kind": "fine"},
        {"sender": "a@b.example", "kind": "fine", "signal": "P99"},
        {"sender": "a@b.example", "kind": "fine", "signal": ["P1"]},
        {"sender": "a@b.example", "kind": "images", "signal": "P1"},
        {"sender": "a@b.example", "kind": ["images"]},
        {"sender": "a@b.example", "kind": {}},
        {"sender": "nobody", "kind": "images"},
        {"sender": 7, "kind": "images"},
        {"sender": "a\n@b.example", "kind": "images"},
        {"sender": "(" * 1_000_000 + "@b.example", "kind": "images"},
        {"sender": "a@b.example", "kind": "images", "at": "2026-01-01T00:00:00Z"},
    ],
    ids=range(14),
)
def test_a_choice_that_makes_no_sense_is_not_made(ask: Any, alice: Account, wanted: dict[str, Any]) -> None:
    assert ask("SenderChoice/set", create={"a": wanted})["notCreated"]["a"]["type"] == "invalidProperties"
    assert choices.everything(alice.pk) == []


def test_there_is_an_end_to_choices(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 1)
    wanted = {name: {"sender": f"{name}@b.example", "kind": "images"} for name in "ab"}
    said = ask("SenderChoice/set", create=wanted)
    assert list(said["created"]) == ["a"]
    assert said["notCreated"]["b"]["type"] == "overQuota"


def test_a_list_is_left_by_its_page_where_there_is_no_better_way(ask: Any, alice: Account, news: Message) -> None:
    page = {"List-Unsubscribe": "<https://shop.example/leave>"}
    letter = conversation(alice, "Sofas", Letter(who="Shop <news@shop.example>", headers=page, decision=PASS)).messages.get()
    said = ask("Email/unsubscribe", emailId=letter.email_id)
    assert (said["how"], said["page"]) == ("page", "https://shop.example/leave")
    assert read(ask, letter, "unsubscribe")["leftAt"] is None


def test_a_list_is_left_by_mail_and_that_is_remembered(ask: Any, news: Message) -> None:
    said = ask("Email/unsubscribe", emailId=news.email_id)
    assert said["how"] == "mail"
    found = read(ask, news, "unsubscribe")
    assert found["leftHow"] == "mail"
    assert found["leftAt"]
    [choice] = ask("SenderChoice/get")["list"]
    assert (choice["sender"], choice["kind"], choice["how"]) == ("chairs.shop.example", "unsubscribed", "mail")


@pytest.mark.parametrize("one", ["M99999", "T1", "", "(" * 100_000, None])
def test_there_is_nothing_to_leave_that_is_not_there(ask: Any, one: str | None) -> None:
    assert ask("Email/unsubscribe", emailId=one)["type"] == "notFound"


def test_what_is_no_list_cannot_be_left(ask: Any, alice: Account) -> None:
    letter = conversation(alice, "Hello", Letter()).messages.get()
    assert ask("Email/unsubscribe", emailId=letter.email_id)["how"] is None
