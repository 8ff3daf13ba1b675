"""Messages are sent now or later, taken back while they wait, and followed (RFC 8621 §7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.delivery import local
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Membership, Message
from mailsuite.mailstore.verify import verify
from mailsuite.protocol.reply import Reply
from mailsuite.queue import lease, settle, upkeep
from mailsuite.queue.models import Envelope, Recipient, Submission
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids, limits
from webmail.jmap.types import submission as types

CAROL = "carol@elsewhere.example"


class Sender:
    """alice, with a draft."""

    def __init__(self, call: Call, me: str, alice: Account) -> None:
        self.call, self.me, self.account = call, me, alice
        self.identity = self.do("Identity/get")["list"][0]["id"]
        self.drafts, self.sent = (ids.name("F", mailboxes.by_role(alice.pk, role).pk) for role in ("drafts", "sent"))

    def do(self, name: str, **arguments: Any) -> Any:
        [[said, result], *more] = self.call((name, {"accountId": self.me, **arguments}))
        assert said == name, result
        return (result, more) if more else result

    def draft(self, to: str = CAROL, **more: Any) -> Message:
        wanted = {"mailboxIds": {self.drafts: True}, "keywords": {"$draft": True}, "subject": "Beans"}
        wanted |= {"from": [{"email": "alice@example.org"}], "to": [{"email": to}], **more}
        made = self.do("Email/set", create={"d": wanted})["created"]["d"]
        return Message.objects.get(pk=ids.email_key(made["id"])[0])

    def send(self, message: Message | None = None, **more: Any) -> dict[str, Any]:
        """What was created, or the error."""
        wanted = {"identityId": self.identity, "emailId": (message or self.draft()).email_id, **more}
        said = self.do("EmailSubmission/set", create={"s": wanted})
        return said["created"]["s"] if said["created"] else said["notCreated"]["s"]

    def later(self, seconds: int = 60, **more: Any) -> dict[str, Any]:
        return self.send(**more, envelope=envelope(HOLDFOR=str(seconds)))

    def get(self, one: str) -> dict[str, Any]:
        return self.do("EmailSubmission/get", ids=[one])["list"][0]


def envelope(*to: str, **parameters: str | None) -> dict[str, Any]:
    people = [{"email": one, "parameters": None} for one in to or (CAROL,)]
    return {"mailFrom": {"email": "alice@example.org", "parameters": parameters or None}, "rcptTo": people}


@pytest.fixture
def sender(call: Call, me: str, alice: Account) -> Sender:
    return Sender(call, me, alice)


def where(message: Message) -> set[str]:
    return set(Membership.objects.filter(message=message).values_list("mailbox__name", flat=True))


def test_a_draft_is_sent_and_moves_to_sent_in_one_call(sender: Sender) -> None:
    draft = sender.draft(bcc=[{"email": "dan@elsewhere.example"}, {"email": CAROL.upper()}])
    patch = {f"mailboxIds/{sender.drafts}": None, f"mailboxIds/{sender.sent}": True, "keywords/$draft": None}
    wanted = {"identityId": sender.identity, "emailId": draft.email_id}
    said, [[implied, result]] = sender.do("EmailSubmission/set", create={"s": wanted}, onSuccessUpdateEmail={"#s": patch})
    assert (implied, result["updated"]) == ("Email/set", {draft.email_id: None})
    assert where(draft) == {"Sent", "All Mail"}
    assert Message.objects.count() == 1, "the copy in Sent is the draft"
    made = sender.get(said["created"]["s"]["id"])
    assert problems(made, types.EmailSubmission) == []
    assert (made["undoStatus"], made["emailId"], made["threadId"]) == ("final", draft.email_id, ids.name("T", draft.thread_id))
    assert [one["email"] for one in made["envelope"]["rcptTo"]] == [CAROL, "dan@elsewhere.example"]
    assert made["deliveryStatus"]["dan@elsewhere.example"] == {
        "smtpReply": "250 2.1.5 in the queue", "delivered": "queued", "displayed": "unknown",
    }  # fmt: skip
    content = store.read(Envelope.objects.get().blob)
    assert b"Bcc" not in content
    assert b"Subject: Beans" in content
    assert list(verify(sender.account.pk)) == []


def test_what_was_created_is_told_as_far_as_it_was_not_said(sender: Sender) -> None:
    made = sender.send()
    assert set(made) == set(sender.get(made["id"])) - {"identityId", "emailId"}
    assert set(sender.later()) == set(made) - {"envelope"}


@pytest.mark.parametrize("name", ["HOLDFOR", "holduntil"])
def test_a_message_waits_and_can_be_taken_back(sender: Sender, name: str) -> None:
    until = now().replace(microsecond=0) + timedelta(hours=2)
    value = "7200" if name == "HOLDFOR" else until.strftime("%Y-%m-%dT%H:%M:%SZ")
    draft = sender.draft()
    made = sender.send(draft, envelope=envelope(**{name: value}))
    assert made["undoStatus"] == "pending"
    assert abs(Recipient.objects.get().hold_until - until) < timedelta(minutes=1)
    assert Recipient.objects.get().state == "held"
    one = made["id"]
    said, [[_, result]] = sender.do(
        "EmailSubmission/set",
        update={one: {"undoStatus": "canceled"}},
        onSuccessUpdateEmail={one: {"mailboxIds": {sender.drafts: True}, "keywords/$draft": True, "keywords/$seen": True}},
    )
    assert said["updated"] == {one: None}
    assert result["updated"] == {
        draft.email_id: {"mailboxIds": {sender.drafts: True, ids.name("F", mailboxes.by_role(sender.account.pk, "all").pk): True}}
    }
    after = sender.get(one)
    assert (after["undoStatus"], after["deliveryStatus"][CAROL]["delivered"]) == ("canceled", "no")
    assert sender.do("EmailSubmission/set", update={one: {"undoStatus": "canceled"}})["updated"] == {one: None}
    assert not lease.due(local=False, now=now() + timedelta(days=2))


def test_what_has_left_cannot_be_taken_back(sender: Sender) -> None:
    one = sender.send()["id"]
    said = sender.do("EmailSubmission/set", update={one: {"undoStatus": "canceled"}}, onSuccessDestroyEmail=[one])
    assert said["notUpdated"][one]["type"] == "cannotUnsend"
    assert Message.objects.count() == 1


@pytest.mark.parametrize("patch", [{"undoStatus": "pending"}, {"sendAt": "2030-01-01T00:00:00Z"}, {"emailId": "M999"}, {"x": 1}])
def test_nothing_else_of_it_changes(sender: Sender, patch: dict[str, Any]) -> None:
    one = sender.send()["id"]
    assert sender.do("EmailSubmission/set", update={one: patch})["notUpdated"][one]["properties"] == list(patch)


@pytest.mark.parametrize(
    "parameters",
    [
        {"HOLDFOR": "x"},
        {"HOLDFOR": "-1"},
        {"HOLDFOR": None},
        {"HOLDFOR": "9" * 30},
        {"HOLDFOR": str(limits.DELAYED_SEND + 1)},
        {"HOLDUNTIL": "tomorrow"},
        {"HOLDUNTIL": "2999-01-01T00:00:00Z"},
        {"HOLDFOR": "1", "HOLDUNTIL": "2026-01-01T00:00:00Z"},
        {"NONSENSE": "1"},
        {"RET": "SOME"},
        {"ENVID": "a b"},
        {"ENVID": "a\r\nRCPT TO:<x@y>"},
        {"RET": "FULL", "ret": "HDRS", "X Y": None},
    ],
)
def test_parameters_that_cannot_be_met_send_nothing(sender: Sender, parameters: dict[str, str | None]) -> None:
    error = sender.send(envelope=envelope(**parameters))
    assert (error["type"], error["properties"]) == ("invalidProperties", ["envelope"])
    assert not Envelope.objects.exists()


def test_parameters_of_a_report_are_passed_on(sender: Sender) -> None:
    to = {"email": CAROL, "parameters": {"NOTIFY": "success,failure", "ORCPT": f"rfc822;{CAROL}"}}
    sender.send(envelope=envelope(RET="hdrs", ENVID="QQ", HOLDUNTIL="2020-01-01T00:00:00Z", SIZE="5") | {"rcptTo": [to]})
    one = Recipient.objects.get()
    assert (one.notify, one.orcpt, one.state) == ("SUCCESS,FAILURE", f"rfc822;{CAROL}", "due")
    assert (one.envelope.ret, one.envelope.envid) == ("HDRS", "QQ")


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ({"identityId": "I999"}, "invalidProperties"),
        ({"identityId": None}, "invalidProperties"),
        ({"emailId": "M999"}, "invalidProperties"),
        ({"emailId": "#nothing"}, "invalidProperties"),
        ({"sendAt": "2026-01-01T00:00:00Z"}, "invalidProperties"),
        ({"envelope": {}}, "invalidProperties"),
        ({"envelope": []}, "invalidProperties"),
        ({"envelope": envelope() | {"mailFrom": "x"}}, "invalidProperties"),
        ({"envelope": envelope() | {"rcptTo": []}}, "noRecipients"),
        ({"envelope": envelope() | {"mailFrom": {"email": "bob@example.org"}}}, "forbiddenMailFrom"),
        ({"envelope": envelope("no address", CAROL)}, "invalidRecipients"),
        ({"envelope": envelope("a@b> RET=FULL <x@y")}, "invalidRecipients"),
        ({"envelope": envelope("nobody@example.org")}, "invalidRecipients"),
        ({"envelope": envelope(*(f"p{n}@elsewhere.example" for n in range(501)))}, "tooManyRecipients"),
    ],
)
def test_what_cannot_be_sent_says_why(sender: Sender, bob: Account, wanted: dict[str, Any], kind: str) -> None:
    error = sender.send(**wanted)
    assert error["type"] == kind, error
    assert not Envelope.objects.exists()
    assert not Submission.objects.exists()


def test_nobody_sends_as_another_or_what_is_anothers(sender: Sender, bob: Account) -> None:
    draft = sender.draft(**{"from": [{"email": "bob@example.org"}]})
    assert sender.send(draft)["type"] == "forbiddenFrom"
    his = Message.objects.get(thread=conversation(bob, "Secret", Letter()))
    assert sender.send(his)["properties"] == ["emailId"]
    hers = sender.send()["id"]
    web = Client()
    web.force_login(bob)
    account = ids.name("A", bob.pk)
    calls = [
        ["EmailSubmission/get", {"accountId": account, "ids": [hers]}, "0"],
        ["EmailSubmission/set", {"accountId": account, "update": {hers: {"undoStatus": "canceled"}}}, "1"],
        ["EmailSubmission/set", {"accountId": account, "destroy": [hers]}, "2"],
        ["EmailSubmission/query", {"accountId": account}, "3"],
    ]
    using = list(web.get("/jmap/session").json()["capabilities"])
    said = web.post("/jmap/api", {"using": using, "methodCalls": calls}, content_type="application/json").json()[
        "methodResponses"
    ]
    assert said[0][1]["notFound"] == [hers]
    assert said[1][1]["notUpdated"][hers]["type"] == said[2][1]["notDestroyed"][hers]["type"] == "notFound"
    assert said[3][1]["ids"] == []


def test_one_writes_as_the_tagged_address_that_mail_came_to(sender: Sender) -> None:
    draft = sender.draft(**{"from": [{"name": "Alice", "email": "alice+shop@example.org"}]})
    made = sender.send(draft)
    assert sender.get(made["id"])["envelope"]["mailFrom"]["email"] == "alice+shop@example.org"
    assert b"From: Alice <alice+shop@example.org>" in store.read(Envelope.objects.get().blob)
    assert sender.send(sender.draft(**{"from": [{"email": "bob+alice@example.org"}]}))["type"] == "forbiddenFrom"


def test_a_stolen_password_sends_only_so_much(sender: Sender, settings) -> None:
    settings.DAILY_RECIPIENTS = 1
    sender.send()
    assert sender.send()["type"] == "rateLimit"


def test_how_far_it_came_is_told_by_recipient(sender: Sender, bob: Account) -> None:
    provision.add_alias("both@example.org", ["bob@example.org", "dan@elsewhere.example"])
    one = sender.send(envelope=envelope(CAROL, "bob@example.org", "both@example.org"))["id"]
    before = sender.do("EmailSubmission/get")["state"]
    [due] = lease.take("w", local=True, limit=10, now=now())
    assert local.deliver("w", [due]) == 1
    status = sender.get(one)["deliveryStatus"]
    assert {to: found["delivered"] for to, found in status.items()} == {
        CAROL: "queued", "bob@example.org": "yes", "both@example.org": "queued",
    }  # fmt: skip
    for recipient in lease.take("w", local=False, limit=10, now=now()):
        if recipient.address == CAROL:
            settle.delivered([recipient], Reply(250, "2.0.0", "taken"), now(), heard=settle.Heard("mx.elsewhere.example"))
        else:
            settle.failed(recipient, Reply(550, "5.1.1", "unknown here"), now())
    after = sender.get(one)["deliveryStatus"]
    assert after[CAROL] == {"smtpReply": "250 2.0.0 taken", "delivered": "unknown", "displayed": "unknown"}
    assert after["both@example.org"] == {"smtpReply": "550 5.1.1 unknown here", "delivered": "no", "displayed": "unknown"}
    changes = sender.do("EmailSubmission/changes", sinceState=before)
    assert (changes["created"], changes["updated"], changes["destroyed"]) == ([], [one], [])


def test_a_letter_to_oneself_is_in_inbox_and_sent(sender: Sender) -> None:
    draft = sender.draft(to="alice@example.org")
    sender.send(draft)
    assert local.deliver("w", lease.take("w", local=True, limit=10, now=now())) == 1
    assert where(draft) == {"Drafts", "INBOX", "All Mail"}
    patch = {f"mailboxIds/{sender.drafts}": None, f"mailboxIds/{sender.sent}": True, "keywords/$draft": None}
    sender.do("Email/set", update={draft.email_id: patch})
    assert where(draft) == {"Sent", "INBOX", "All Mail"}


def test_a_message_is_composed_and_sent_in_one_request(sender: Sender) -> None:
    wanted = {"mailboxIds": {sender.drafts: True}, "from": [{"email": "alice@example.org"}], "to": [{"email": CAROL}]}
    said = sender.call(
        ("Email/set", {"accountId": sender.me, "create": {"d": wanted}}),
        ("EmailSubmission/set", {
            "accountId": sender.me,
            "create": {"s": {"identityId": sender.identity, "emailId": "#d"}},
            "onSuccessDestroyEmail": ["#s"],
        }),
    )  # fmt: skip
    assert [name for name, _ in said] == ["Email/set", "EmailSubmission/set", "Email/set"]
    assert said[2][1]["destroyed"] == [said[0][1]["created"]["d"]["id"]]
    assert Recipient.objects.get().address == CAROL
    assert not Message.objects.exists()


def test_changes_name_what_came_and_was_forgotten(call: Call, sender: Sender) -> None:
    state = sender.do("EmailSubmission/get")["state"]
    assert sender.do("EmailSubmission/changes", sinceState=state)["newState"] == state
    one, two = sender.send()["id"], sender.later()["id"]
    said = sender.do("EmailSubmission/changes", sinceState=state)
    assert (said["created"], said["updated"], said["destroyed"]) == ([one, two], [], [])
    after = sender.do("EmailSubmission/set", destroy=[one, two], ifInState=said["newState"])
    assert after["destroyed"] == [one, two]
    said = sender.do("EmailSubmission/changes", sinceState=after["oldState"])
    assert (said["created"], said["updated"], said["destroyed"], said["newState"]) == ([], [], [one, two], after["newState"])
    assert sorted(Recipient.objects.values_list("state", flat=True)) == ["due", "held"], "they are delivered all the same"
    for since in ("", "x", "9-9-" + "0" * 16):
        [[_, error]] = call(("EmailSubmission/changes", {"accountId": sender.me, "sinceState": since}))
        assert error["type"] == "cannotCalculateChanges"


def test_what_the_queue_forgot_cannot_be_told(call: Call, sender: Sender) -> None:
    sender.send()
    state = sender.do("EmailSubmission/get")["state"]
    [recipient] = lease.take("w", local=False, limit=10, now=now())
    settle.delivered([recipient], Reply(250, "2.0.0", "taken"), now())
    assert upkeep.purge(now() + timedelta(days=9)) == 1
    assert sender.do("EmailSubmission/get")["list"] == []
    [[_, error]] = call(("EmailSubmission/changes", {"accountId": sender.me, "sinceState": state}))
    assert error["type"] == "cannotCalculateChanges"


def test_submissions_are_found(call: Call, sender: Sender) -> None:
    draft = sender.draft()
    one, two = sender.send(draft)["id"], sender.later(3_600)["id"]
    find = lambda **arguments: sender.do("EmailSubmission/query", **arguments)["ids"]  # noqa: E731
    assert find() == [one, two]
    assert find(sort=[{"property": "sentAt", "isAscending": False}]) == [two, one]
    assert find(filter={"undoStatus": "pending"}) == [two]
    assert find(filter={"emailIds": [draft.email_id], "identityIds": [sender.identity]}) == [one]
    assert find(filter={"operator": "NOT", "conditions": [{"threadIds": [ids.name("T", draft.thread_id)]}]}) == [two]
    half = (now() + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (find(filter={"before": half}), find(filter={"after": half})) == ([one], [two])
    for wrong in ({"nonsense": 1}, {"emailIds": "x"}, {"before": 3}):
        [[_, error]] = call(("EmailSubmission/query", {"accountId": sender.me, "filter": wrong}))
        assert error["type"] == "invalidArguments"
    [[_, error]] = call(("EmailSubmission/queryChanges", {"accountId": sender.me, "sinceQueryState": "x"}))
    assert error["type"] == "cannotCalculateChanges"


def test_a_state_that_was_passed_sends_nothing(call: Call, sender: Sender) -> None:
    state = sender.do("EmailSubmission/get")["state"]
    sender.send()
    wanted = {"identityId": sender.identity, "emailId": sender.draft().email_id}
    [[_, error]] = call(("EmailSubmission/set", {"accountId": sender.me, "ifInState": state, "create": {"s": wanted}}))
    assert error["type"] == "stateMismatch"
    assert Envelope.objects.count() == 1
