"""What our capability says of messages and conversations besides the standard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message, Thread
from tests.webmail.jmap.conftest import CORE, Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.jmap.test_own import ask
from tests.webmail.store import Letter, conversation, member
from webmail.jmap import ids
from webmail.jmap.session import MAIL
from webmail.jmap.types import mail, trust

__all__ = ["ask"]
ALICE = "Alice Example <alice@example.org>"
LOGO = b"\x89PNG\r\n\x1a\n" + bytes(100)


def emails(thread: Thread) -> list[str]:
    return [message.email_id for message in Message.objects.filter(thread=thread).order_by("received_at")]


def told(call: Call, me: str, names: list[str]) -> list[dict[str, Any]]:
    [[_, said]] = call(("Email/get", {"accountId": me, "ids": names, "properties": ["files", "isOwn"]}))
    return said["list"]


def test_the_files_of_a_message_are_told_from_the_store_with_what_they_can_be_looked_into_as(
    call: Call, me: str, alice: Account
) -> None:
    files = [("Größe \u202e.PDF", "application/octet-stream", b"%PDF-1.4"), ("x.exe", "application/x-dosexec", b"MZ")]
    [name] = emails(conversation(alice, "Roof", Letter(files=files)))
    [email] = told(call, me, [name])
    assert email["files"] == [
        {"partId": "2", "name": "Größe .PDF", "type": "application/octet-stream", "size": 8, "preview": "pdf"},
        {"partId": "3", "name": "x.exe", "type": "application/x-dosexec", "size": 2, "preview": None},
    ]
    assert email["isOwn"] is False
    assert problems(email["files"], list[mail.EmailFile]) == []


def test_what_one_wrote_is_ones_own_and_what_only_says_so_is_not(call: Call, me: str, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ALICE, ago=timedelta(hours=2)), Letter("Alice <alice@elsewhere.example>"))
    assert [one["isOwn"] for one in told(call, me, emails(thread))] == [True, False]


def test_what_was_found_out_about_a_message_when_it_came_is_told(call: Call, me: str, alice: Account) -> None:
    decision = {
        "auth": {"dmarc": {"result": "pass"}, "spf": "softfail", "dkim": [{"result": "fail"}, {"result": "pass"}]},
        "reasons": [{"text": "You wrote to them \u202ebefore", "weight": -1.5}, "Plain words", {"weight": "much"}],
    }
    names = emails(conversation(alice, "Roof", Letter(decision=decision, ago=timedelta(hours=2)), Letter(ALICE)))
    [[_, said]] = call(("Email/get", {"accountId": me, "ids": names, "properties": ["why"]}))
    assert said["list"][0]["why"] == {
        "domain": "example.org",
        "spf": "softfail",
        "dkim": "pass",
        "dmarc": "pass",
        "reasons": [{"text": "You wrote to them before", "weight": -1.5}, {"text": "Plain words", "weight": 0.0}],
    }
    assert said["list"][1]["why"] is None
    assert problems(said["list"][0]["why"], trust.Why) == []


def test_a_conversation_tells_what_it_went_on_from_and_as(ask: Any, alice: Account) -> None:
    old, new = conversation(alice, "Spring jobs", Letter()), conversation(alice, "Roof", Letter())
    Thread.objects.filter(pk=new.pk).update(continues=old)
    first, second = ask("Thread/get", ids=[ids.name("T", old.pk), ids.name("T", new.pk)])["list"]
    assert first["links"] == [{"threadId": ids.name("T", new.pk), "subject": "Roof", "isBefore": False}]
    assert second["links"] == [{"threadId": ids.name("T", old.pk), "subject": "Spring jobs", "isBefore": True}]
    assert problems(second, mail.Thread) == []


def test_a_link_never_leads_into_another_account(ask: Any, alice: Account) -> None:
    theirs, ours = conversation(member("bob"), "Secret", Letter()), conversation(alice, "Roof", Letter())
    Thread.objects.filter(pk=ours.pk).update(continues=theirs)
    [found] = ask("Thread/get", ids=[ids.name("T", ours.pk)])["list"]
    assert found["links"] == []


def test_who_does_not_use_our_capability_hears_of_none_of_it(web: Client, me: str, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter())

    def call(method: str, **arguments: Any) -> list[Any]:
        request = {"using": [CORE, MAIL], "methodCalls": [[method, {"accountId": me, **arguments}, "c"]]}
        return web.post("/jmap/api", request, content_type="application/json").json()["methodResponses"][0]

    assert "links" not in call("Thread/get", ids=[ids.name("T", thread.pk)])[1]["list"][0]
    for name in ("isOwn", "files", "why"):
        assert call("Email/get", ids=emails(thread), properties=[name])[1]["type"] == "invalidArguments"
