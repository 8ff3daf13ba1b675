"""Nobody reaches another's mail: every method and address of the API, with every kind of id of alice's, as everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from mailsuite.accounts import preferences, provision
from mailsuite.accounts.models import Account, Vacation
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Message, Thread, Upload
from mailsuite.people import choices
from mailsuite.queue.models import Envelope
from tests.protocol.test_calendar import invitation
from tests.webmail.jmap.conftest import basic
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.methods import METHODS
from webmail.urls import urlpatterns

SECRET, PART = "periwinkle", "periwinkl"  # what stands in everything that is alice's, and what is asked for
ANY = "(each of alice's ids)"
FREE = {"Core/echo"}  # says what was said, and asks for no account
# What is nobody's; from one account of the caller's to another, and there is but one; what cannot be told.
NEVER = {"Recipient/check", "Email/copy", "Blob/copy", "EmailSubmission/queryChanges", "Quota/changes", "Quota/queryChanges"}

# What to ask of each method beside the account. ANY stands for one id after the other, of every kind; <name> for one of bob's.
CALLS: dict[str, list[dict[str, Any]]] = {
    "Mailbox/get": [{"ids": [ANY]}],
    "Mailbox/changes": [{"sinceState": "1"}],
    "Mailbox/query": [{"filter": {"parentId": ANY}}, {"filter": {"name": PART}}],
    "Mailbox/queryChanges": [{"sinceQueryState": "1"}, {"sinceQueryState": "1", "filter": {"parentId": ANY}}],
    "Mailbox/set": [
        {"update": {ANY: {"name": "Mine"}}},
        {"update": {ANY: {"isSubscribed": False}}},
        {"update": {ANY: {"isImapVisible": False, "showInSidebar": "hide"}}},
        {"destroy": [ANY]},
        {"destroy": [ANY], "onDestroyRemoveEmails": True},
        {"create": {"c": {"name": "Mine", "parentId": ANY}}},
        {"update": {"<mailbox>": {"parentId": ANY}}},
    ],
    "Thread/destroy": [
        {"threadIds": [ANY]},
        {"emailIds": [ANY]},
        {"mailboxId": ANY},
        {"threadIds": [ANY], "countOnly": True},
        {"mailboxId": ANY, "countOnly": True},
    ],
    "Thread/get": [{"ids": [ANY]}],
    "Thread/changes": [{"sinceState": "1"}],
    "Email/get": [
        {"ids": [ANY]},
        {"ids": [ANY], "properties": ["bodyStructure", "headers", "bodyValues", "preview"], "fetchAllBodyValues": True},
        {"ids": [ANY], "properties": ["event", "files", "quoted"]},
    ],
    "Email/changes": [{"sinceState": "1"}],
    "Email/query": [
        {"filter": {"inMailbox": ANY}},
        {"filter": {"inMailboxOtherThan": [ANY]}},
        {"filter": {"text": PART}},
        {"anchor": ANY},
    ],
    "Email/queryChanges": [{"sinceQueryState": "1", "filter": {"inMailbox": ANY}}, {"sinceQueryState": "1", "upToId": ANY}],
    "Email/set": [
        {"update": {ANY: {"keywords/$flagged": True}}},
        {"update": {ANY: {"mailboxIds": {"<mailbox>": True}}}},
        {"update": {"<email>": {"mailboxIds": {ANY: True}}}},
        {"update": {"<email>": {f"mailboxIds/{ANY}": True}}},
        {"destroy": [ANY]},
        {"create": {"c": {"mailboxIds": {ANY: True}, "subject": "x"}}},
        {
            "create": {
                "c": {
                    "mailboxIds": {"<mailbox>": True},
                    "attachments": [{"blobId": ANY, "type": "text/plain", "name": "a.txt"}],
                    "textBody": [{"blobId": ANY, "type": "text/plain"}],
                }
            }
        },
    ],
    "Email/import": [
        {"emails": {"c": {"blobId": ANY, "mailboxIds": {"<mailbox>": True}}}},
        {"emails": {"c": {"blobId": "<blob>", "mailboxIds": {ANY: True}}}},
    ],
    "Email/copy": [{"fromAccountId": ANY, "create": {"c": {"id": ANY, "mailboxIds": {"<mailbox>": True}}}}],
    "Email/parse": [{"blobIds": [ANY], "properties": ["subject", "bodyValues"], "fetchAllBodyValues": True}],
    "SearchSnippet/get": [{"emailIds": [ANY], "filter": {"text": PART}}],
    "Identity/get": [{"ids": [ANY]}],
    "Identity/changes": [{"sinceState": ANY}],
    "Identity/set": [
        {"update": {ANY: {"name": "Mine"}}},
        {"destroy": [ANY]},
        {"create": {"c": {"email": f"{PART}@example.org", "name": "x"}}},
    ],
    "EmailSubmission/get": [{"ids": [ANY]}],
    "EmailSubmission/changes": [{"sinceState": ANY}, {"sinceState": "0-0-0000000000000000"}],
    "EmailSubmission/query": [{"filter": {"emailIds": [ANY]}}, {"filter": {"identityIds": [ANY]}}, {"anchor": ANY}],
    "EmailSubmission/queryChanges": [{"sinceQueryState": "1", "filter": {"threadIds": [ANY]}}],
    "EmailSubmission/set": [
        {"create": {"c": {"identityId": "<identity>", "emailId": ANY}}},
        {"create": {"c": {"identityId": ANY, "emailId": "<email>"}}},
        {"update": {ANY: {"undoStatus": "canceled"}}},
        {"destroy": [ANY]},
        {"onSuccessUpdateEmail": {ANY: {"keywords/$draft": None}}},
        {"onSuccessDestroyEmail": [ANY]},
    ],
    "VacationResponse/get": [{"ids": [ANY]}, {}],
    "VacationResponse/set": [{"update": {ANY: {"isEnabled": True}}}, {"update": {"singleton": {"isEnabled": True}}}],
    "Quota/get": [{"ids": [ANY]}],
    "Quota/changes": [{"sinceState": "1"}],
    "Quota/query": [{}],
    "Quota/queryChanges": [{"sinceQueryState": "1"}],
    "Blob/get": [{"ids": [ANY], "properties": ["data:asText", "size"]}],
    "Blob/upload": [{"create": {"c": {"data": [{"blobId": ANY}], "type": "text/plain"}}}],
    "Blob/release": [{"ids": [ANY]}],
    "Blob/copy": [{"fromAccountId": ANY, "blobIds": [ANY]}],
    "Blob/lookup": [{"ids": [ANY], "typeNames": ["Mailbox", "Thread", "Email"]}],
    "ThreadRow/query": [
        {"mailboxId": ANY},
        {"mailboxId": ANY, "perMessage": True},
        {"query": PART, "perMessage": True},
        {"query": PART},
        {"query": f"threadid:{ANY} in:anywhere"},
    ],
    "ThreadRow/changes": [{"mailboxId": ANY, "sinceQueryState": "1"}],
    "Thread/act": [
        {"act": "star", "threadIds": [ANY]},
        {"act": "trash", "emailIds": [ANY]},
        {"act": "addLabel", "threadIds": ["<thread>"], "mailboxId": ANY},
        {"act": "moveTo", "threadIds": [ANY], "mailboxId": "<mailbox>"},
        {"act": "star", "all": {"mailboxId": ANY}},
        {"act": "trash", "all": {"query": PART}},
        {"act": "star", "threadIds": ["<thread>"], "operationId": "alice-operation"},
    ],
    "Action/get": [{"ids": [ANY]}],
    "Draft/get": [{"ids": [ANY]}, {"emailIds": [ANY]}, {"inReplyTo": [PART]}],
    "Draft/save": [
        {"emailId": ANY, "email": {"subject": "Mine"}},
        {"draftId": ANY, "revision": 1, "email": {"subject": "Mine"}},
        {"email": {"subject": "Mine", "attachments": [{"blobId": ANY, "type": "text/plain", "name": "a.txt"}]}},
    ],
    "EmailSubmission/reschedule": [{"id": ANY, "sendAt": None}, {"id": ANY, "sendAt": "2026-12-24T10:00:00Z"}],
    "Recipient/check": [{"emails": ["nobody@example.org"]}],
    "Suggestion/get": [{}],
    "Suggestion/forget": [{"emails": [f"{SECRET}@elsewhere.example".upper()]}],
    "Action/undo": [{"id": ANY}, {"operationId": "alice-operation"}, {}],
    "Action/redo": [{"id": ANY}, {"operationId": "alice-operation"}, {}],
    "Label/delete": [{"mailboxId": ANY}],
    "Label/merge": [{"mailboxId": ANY, "intoId": "<mailbox>"}, {"mailboxId": "<mailbox>", "intoId": ANY}],
    "Preferences/get": [{}],
    "Preferences/set": [{"update": {ANY: {"theme": "dark"}}}, {"update": {"singleton": {"customKeys": {"y": "archive"}}}}],
    "Event/answer": [{"emailId": ANY, "answer": "yes"}],
    "SenderChoice/get": [{"ids": [ANY]}, {}],
    "SenderChoice/set": [
        {"create": {"x": {"sender": "m@mallory.example", "kind": "blocked"}}},
        {"update": {ANY: {"kind": "images"}}},
        {"destroy": [ANY]},
    ],
    "Email/unsubscribe": [{"emailId": ANY}],
    "Query/parse": [{"query": f"label:{PART}"}],
}


def test_every_method_is_asked_here() -> None:
    assert set(METHODS) <= set(CALLS) | FREE


class Mail:
    """What a member has, one of each kind, and its ids."""

    def __init__(self, account: Account, word: str) -> None:
        self.account = account
        Account.objects.filter(pk=account.pk).update(quota=10**9)
        preferences.change(account, {"custom_keys": {"x": word}})
        label = mailboxes.create(account.pk, word)
        guest = f"ATTENDEE:mailto:{account.login}"
        invite = invitation(f"SUMMARY:{word}", "ORGANIZER:mailto:carol@elsewhere.example", guest).encode()
        files = [(f"{word}.txt", "text/plain", word.encode()), ("invite.ics", "text/calendar", invite)]
        letter = Letter(text=f"{word} text", files=files)
        thread = conversation(account, f"Subject {word}", letter, labels=[label])
        conversation(account, f"Trash {word}", Letter(text=word), place=Message.Place.TRASH)
        message = thread.messages.get()
        kept = Upload.objects.create(account=account, blob=message.blob, type="message/rfc822", at=timezone.now())
        done = actions.do(account.pk, "star", [thread.pk], operation_id="alice-operation" if word == SECRET else "")
        Vacation.objects.create(account=account, text=word)
        self.ids = {
            "account": ids.name("A", account.pk),
            "mailbox": ids.name("F", label.pk),
            "other mailbox": ids.name("F", mailboxes.create(account.pk, f"Other {word}").pk),
            "inbox": ids.name("F", mailboxes.by_role(account.pk, "inbox").pk),
            "thread": ids.name("T", thread.pk),
            "email": message.email_id,
            "blob": ids.name("R", message.pk),
            "part": f"P{message.pk}-2",
            "upload": ids.name("U", kept.pk),
            "in upload": f"U{kept.pk}-2",
            "action": ids.name("X", done.pk),
            "quota": ids.name("Q", account.pk),
            "choice": ids.name("C", choices.choose(account.pk, f"{word}@elsewhere.example", "blocked").pk),
        }
        self._hand_in(
            conversation(account, f"Draft {word}", Letter(who=account.login, to=f"{word}@elsewhere.example", draft=True))
        )

    def _hand_in(self, draft: Thread) -> None:
        """A message to be sent tomorrow, and the states that are no modseq."""
        client, whose = client_of(self), {"accountId": self.ids["account"]}
        self.ids["identity"] = asked(client, [["Identity/get", whose, "c"]])[0][1]["list"][0]["id"]
        waiting = {"mailFrom": {"email": self.account.login, "parameters": {"HOLDFOR": "86400"}}}
        waiting |= {"rcptTo": [{"email": "carol@elsewhere.example", "parameters": None}]}
        wanted = {"identityId": self.ids["identity"], "emailId": draft.messages.get().email_id, "envelope": waiting}
        said = asked(client, [["EmailSubmission/set", whose | {"create": {"c": wanted}}, "c"]])[0][1]
        self.ids["submission"] = said["created"]["c"]["id"]
        for kind in ("Identity", "EmailSubmission"):
            self.ids[f"state of {kind}"] = asked(client, [[f"{kind}/get", whose, "c"]])[0][1]["state"]


@pytest.fixture
def alices(alice: Account) -> Mail:
    return Mail(alice, SECRET)


@pytest.fixture(params=["a member", "a steward"])
def bobs(request: pytest.FixtureRequest, alices: Mail, bob: Account) -> Mail:
    Account.objects.filter(pk=bob.pk).update(is_steward=request.param == "a steward")
    return Mail(bob, "larkspur")


def client_of(mail: Mail) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=mail.account.pk))
    return client


def asked(client: Client, calls: list[list[Any]]) -> list[Any]:
    """The responses to many calls, in requests of as many as one may have; all capabilities are in use."""
    using, found = list(client.get("/jmap/session").json()["capabilities"]), []
    for start in range(0, len(calls), 30):
        body = {"using": using, "methodCalls": calls[start : start + 30]}
        response = client.post("/jmap/api", body, content_type="application/json")
        assert response.status_code == 200, response.content
        found += response.json()["methodResponses"]
    return found


def everything_of(account: Account) -> dict[str, list[Any]]:
    """All rows that are an account's."""
    found = {
        model._meta.label: list(model._default_manager.filter(account=account).order_by("pk").values())
        for model in apps.get_models()
        if any(field.name == "account" and field.related_model is Account for field in model._meta.get_fields())
    }
    assert len(found) > 8
    found["chosen"] = list(Account.objects.filter(pk=account.pk).values_list("preferences", flat=True))
    return found | {"sent": list(Envelope.objects.filter(account_id=account.pk).values())}


def filled(value: Any, one: str, own: dict[str, str]) -> Any:
    """The arguments with `one` for ANY, and bob's ids for their names."""
    if isinstance(value, dict):
        return {filled(name, one, own): filled(inner, one, own) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, one, own) for inner in value]
    if not isinstance(value, str):
        return value
    return own[value[1:-1]] if value.startswith("<") and value[1:-1] in own else value.replace(ANY, one)


def calls_of(method: str, account: str, theirs: Mail, own: Mail) -> Iterator[list[Any]]:
    for arguments in CALLS[method]:
        for one in theirs.ids.values() if ANY in json.dumps(arguments) else [""]:
            yield [method, {"accountId": account, **filled(arguments, one, own.ids)}, "c"]


def test_no_method_finds_anything_of_another_account_or_changes_anything_in_it(alices: Mail, bobs: Mail) -> None:
    client, before = client_of(bobs), everything_of(alices.account)
    for method in sorted(METHODS.keys() - FREE):
        for name, said, _ in asked(client, list(calls_of(method, alices.ids["account"], alices, bobs))):
            assert (name, said["type"]) == ("error", "accountNotFound")
        calls = list(calls_of(method, bobs.ids["account"], alices, bobs))
        for (_, arguments, _), (_, said, _) in zip(calls, asked(client, calls), strict=True):
            refused(method, arguments, said, set(alices.ids.values()))
        assert everything_of(alices.account) == before, method


def refused(method: str, arguments: Any, said: dict[str, Any], theirs: set[str]) -> None:
    """The response names nothing that is theirs but as what it did not find."""
    seen = (method, arguments, said)
    assert said.get("type") not in ("unknownMethod", "serverFail"), seen
    assert SECRET not in json.dumps(said), seen
    found = [one.get("id", one.get("emailId")) if isinstance(one, dict) else one for one in said.get("list") or []]
    assert not {*found, *(said.get("ids") or [])} & theirs, seen
    for done in ("created", "updated", "destroyed", "parsed", "copied"):
        assert not set(said.get(done) or []) & {*theirs, "c"}, seen


@pytest.mark.parametrize("method", sorted(METHODS.keys() - FREE - NEVER))
def test_the_same_calls_answer_who_owns_the_mail(alices: Mail, bob: Account, method: str) -> None:
    """Or the tests above would show nothing."""
    calls = [
        [method, {"accountId": alices.ids["account"], **filled(arguments, one, alices.ids)}, "c"]
        for arguments in CALLS[method]
        for one in (alices.ids.values() if ANY in json.dumps(arguments) else [""])
    ]
    before = everything_of(alices.account)
    said = [arguments for name, arguments, _ in asked(client_of(alices), calls) if name != "error"]
    found = json.dumps(said)
    held = any(f'"{one}"' in found for kind, one in alices.ids.items() if kind != "account")
    assert held or SECRET in found or everything_of(alices.account) != before


def addresses(theirs: Mail, account: str) -> Iterator[str]:
    """Every address of the API, with every id where it takes one."""
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if "jmap" not in route:
            continue
        route = route.replace("<str:account_id>", account).replace("<path:name>", "a.txt")
        yield from (f"/{route.replace('<str:blob_id>', one)}" for one in theirs.ids.values())


def test_an_address_gives_a_stranger_nothing(alices: Mail) -> None:
    provision.add_app_password(alices.account, "a program")
    strange = {"HTTP_AUTHORIZATION": basic("alice@example.org", "guessed")["Authorization"]}
    for path in sorted({*addresses(alices, alices.ids["account"])}):
        assert "<" not in path, "an address with an argument that this test does not know"
        for response in (Client().get(path), Client().post(path), Client().get(path, **strange)):
            assert response.status_code == 401, path
            assert SECRET.encode() not in response.content


def test_a_paused_member_is_a_stranger(alices: Mail) -> None:
    client = client_of(alices)
    assert client.get("/jmap/session").status_code == 200
    Account.objects.filter(pk=alices.account.pk).update(is_active=False)
    for path in sorted({*addresses(alices, alices.ids["account"])}):
        assert client.get(path).status_code == 401


def test_an_address_gives_another_member_nothing(alices: Mail, bobs: Mail) -> None:
    client, before = client_of(bobs), everything_of(alices.account)
    for account in (alices.ids["account"], bobs.ids["account"]):
        for path in sorted({*addresses(alices, account)}):
            got, sent = client.get(path), client.post(path, b"x", content_type="text/plain")
            for response in (got, sent):
                content = b"".join(response.streaming_content) if response.streaming else response.content
                assert SECRET.encode() not in content, path
            if "download" in path:
                assert got.status_code == 404, path
            if "upload" in path and account == alices.ids["account"]:
                assert sent.status_code == 404, path
    assert everything_of(alices.account) == before


def test_the_same_addresses_answer_who_owns_the_mail(alices: Mail) -> None:
    client, found = client_of(alices), {}
    for path in addresses(alices, alices.ids["account"]):
        response = client.get(path)
        found[path.split("/")[2]] = found.get(path.split("/")[2], 0) + (response.status_code == 200)
    assert found["download"] == 4
    assert found["session"]
