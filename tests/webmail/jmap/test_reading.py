"""What our own capability adds to an email for whoever reads it: its event and the answer to it, its quotation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.queue.models import Envelope
from tests.webmail.jmap.conftest import CORE, Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from tests.webmail.test_invitations import TUESDAY, WEDNESDAY, invite
from webmail.jmap.session import MAIL
from webmail.jmap.types import mail

OWN = ("event", "quoted")
SAID = "The roof leaks above the kitchen window again, and nobody called."


def emails(call: Call, me: str, *ids: str, names: tuple[str, ...] = OWN) -> list[dict[str, object]]:
    [[_, said]] = call(("Email/get", {"accountId": me, "ids": list(ids), "properties": ["id", *names]}))
    for one in said["list"]:
        assert [fault for fault in problems(one, mail.Email) if not fault.endswith("is missing")] == []
    return said["list"]


def test_an_invitation_tells_its_event_and_what_it_replaces(call: Call, me: str, alice: Account) -> None:
    letters = [invite(TUESDAY), invite(WEDNESDAY, "SEQUENCE:1", "LOCATION:Oak Street", hours=3)]
    first, second = conversation(alice, "Roof", *letters).messages.order_by("received_at")
    old, new = emails(call, me, first.email_id, second.email_id)
    assert (old["event"]["isReplaced"], old["event"]["canAnswer"]) == (True, False)
    event = new["event"]
    assert (event["title"], event["where"], event["sequence"]) == ("Look at the roof", "Oak Street", 1)
    assert (event["start"], event["startAt"], event["zone"]) == ("2026-03-11T10:00:00", "2026-03-11T10:00:00Z", "UTC")
    assert (event["replaces"]["emailId"], event["replaces"]["start"]) == (first.email_id, "2026-03-10T10:00:00")
    assert event["mine"] == {"email": "alice@example.org", "status": "needs-action"}
    assert event["organiser"]["email"] == "carol@elsewhere.example"


def test_an_answer_is_sent_once_and_told_to_every_device(call: Call, me: str, alice: Account) -> None:
    message = conversation(alice, "Roof", invite(TUESDAY)).messages.get()
    asked = {"accountId": me, "emailId": message.email_id, "answer": "maybe"}
    [[name, said]] = call(("Event/answer", asked))
    assert (name, said["isSent"]) == ("Event/answer", True)
    [[_, again]] = call(("Event/answer", asked))
    assert again["isSent"] is False
    assert Envelope.objects.get().recipients.get().address == "carol@elsewhere.example"
    [[_, changed]] = call(("Email/changes", {"accountId": me, "sinceState": said["oldState"]}))
    assert message.email_id in changed["updated"]
    [one] = emails(call, me, message.email_id)
    assert (one["event"]["answer"], one["event"]["mine"]["status"]) == ("maybe", "tentative")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"answer": "perhaps"}, "invalidArguments"),
        ({"answer": "yes", "note": "x" * 2_001}, "invalidArguments"),
        ({"answer": "yes", "emailId": "M999"}, "notFound"),
        ({"answer": "yes"}, "cannotAnswer"),
    ],
)
def test_what_cannot_be_answered_sends_nothing(
    call: Call, me: str, alice: Account, arguments: dict[str, str], fault: str
) -> None:
    message = conversation(alice, "Roof", Letter(text="no event")).messages.get()
    [[name, said]] = call(("Event/answer", {"accountId": me, "emailId": message.email_id, **arguments}))
    assert (name, said["type"]) == ("error", fault)
    assert not Envelope.objects.exists()


def test_a_quotation_that_is_folded_is_told(call: Call, me: str, alice: Account) -> None:
    quoted = f"<p>I call.</p><blockquote type=cite><p>{SAID}</p></blockquote>"
    letters = [Letter(text=SAID, ago=timedelta(hours=3)), Letter(text="plain", html=quoted, ago=timedelta(hours=2))]
    first, second = conversation(alice, "Roof", *letters).messages.order_by("received_at")
    assert [one["quoted"] for one in emails(call, me, first.email_id, second.email_id)] == [False, True]


def test_who_does_not_use_our_capability_is_told_none_of_it(web: Client, me: str, alice: Account) -> None:
    message = conversation(alice, "Roof", Letter(text="x")).messages.get()
    asked = ["Email/get", {"accountId": me, "ids": [message.email_id], "properties": ["event"]}, "c"]
    response = web.post("/jmap/api", {"using": [CORE, MAIL], "methodCalls": [asked]}, content_type="application/json")
    [[name, said, _]] = response.json()["methodResponses"]
    assert (name, said["type"]) == ("error", "invalidArguments")
