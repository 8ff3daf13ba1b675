"""The types say what the API answers, and the browser has the same ones."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Thread
from mailsuite.protocol.attribution import attribution
from tests.webmail.browser import ROOT
from tests.webmail.jmap.conftest import CORE, Call
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids, typescript
from webmail.jmap.methods import METHODS
from webmail.jmap.session import MAIL, OWN
from webmail.jmap.types import core, mail, own
from webmail.jmap.types.methods import METHODS as TYPES


def test_the_browser_has_the_types_that_python_has() -> None:
    assert typescript.PATH.read_text() == typescript.source(), "run `manage.py jmaptypes`"
    call_command("jmaptypes", "--check")


def test_the_command_says_so_where_they_differ(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typescript, "PATH", tmp_path / "src" / "jmap.d.ts")
    monkeypatch.setattr(typescript, "ATTRIBUTION", tmp_path / "src" / "data" / "attribution.json")
    monkeypatch.setattr(typescript, "QUOTATIONS", tmp_path / "src" / "data" / "quotations.json")
    with pytest.raises(SystemExit):
        call_command("jmaptypes", "--check")
    call_command("jmaptypes")
    call_command("jmaptypes", "--check")
    help_text = subprocess.run([sys.executable, "manage.py", "jmaptypes", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "manage.py jmaptypes --check" in help_text.stdout


def test_the_browser_introduces_quotations_as_python_does() -> None:
    table = json.loads(typescript.ATTRIBUTION.read_text())
    date = datetime(2026, 10, 3, 14, 2)
    for language, (sentence, form) in table["sentences"].items():
        for sign, value in {
            "%-d": "3",
            "%B": table["months"][9],
            "%d": "03",
            "%m": "10",
            "%Y": "2026",
            "%H": "14",
            "%M": "02",
        }.items():
            form = form.replace(sign, value)
        assert sentence.replace("{date}", form).replace("{name}", "Ana Silva") == attribution(language, "Ana Silva", date)


def test_every_method_has_types() -> None:
    assert set(METHODS) <= set(TYPES)


def test_the_session_is_what_its_type_says(web: Client) -> None:
    session = web.get("/jmap/session").json()
    assert problems(session, core.Session) == []
    assert problems(session["capabilities"][CORE], core.CoreCapability) == []
    [account] = session["accounts"].values()
    assert problems(account["accountCapabilities"][MAIL], mail.MailCapability) == []
    assert problems(account["accountCapabilities"][OWN], own.OwnCapability) == []


def test_mailboxes_and_threads_are_what_their_types_say(call: Call, me: str, alice: Account) -> None:
    garden = mailboxes.create(alice.pk, "Garden")
    mailboxes.create(alice.pk, "Garden/Trees")
    conversation(alice, "Roof", Letter(), Letter(seen=False), labels=[garden])
    before = call(("Mailbox/get", {"accountId": me, "ids": []}))[0][1]["state"]
    conversation(alice, "Cellar", Letter())
    asked = ("Mailbox/get", "Mailbox/query", "Mailbox/changes", "Mailbox/set", "Thread/get", "Thread/changes")
    more: dict[str, dict[str, Any]] = {name: {"sinceState": before} for name in asked if name.endswith("changes")}
    more["Mailbox/set"] = {"create": {"a": {"name": "Cellar"}, "b": {"name": "Inbox", "role": "inbox"}}}
    more["Thread/get"] = {"ids": [ids.name("T", pk) for pk in Thread.objects.values_list("pk", flat=True)] + ["T99999"]}
    for name, said in call(*((name, {"accountId": me, **more.get(name, {})}) for name in asked)):
        assert name in asked, said
        assert problems(said, TYPES[name][1]) == [], name


LETTERS = [
    Letter(text="Plain.", cc="Carol <carol@elsewhere.example>", seen=False, starred=True),
    Letter(text="Two ways.", html="<p>Two <b>ways</b>.</p>", files=[("plan ü.pdf", "application/pdf", b"%PDF")]),
    Letter(
        who="alice@example.org",
        draft=True,
        headers={"Reply-To": "a@example.org, Team: b@example.org;", "Sender": "s@example.org"},
    ),
]


def test_emails_are_what_their_types_say(call: Call, me: str, alice: Account) -> None:
    roof = conversation(alice, "Roof", *LETTERS)
    wanted = {"ids": [message.email_id for message in roof.messages.all()] + ["M99999"], "fetchAllBodyValues": True}
    parts = [*typescript.properties(mail.EmailBodyPart)]
    [[_, said]] = call(
        ("Email/get", {"accountId": me, **wanted, "properties": [*typescript.properties(mail.Email)], "bodyProperties": parts})
    )
    assert problems(said, core.GetResponse[mail.Email]) == []
    assert all(set(one["bodyStructure"]) >= {"headers"} for one in said["list"])
    [[_, said]] = call(("Email/get", {"accountId": me, **wanted}))
    assert (len(said["list"]), said["notFound"]) == (3, ["M99999"])
    for one in said["list"]:
        left_out = [".bodyStructure is missing", ".headers is missing"]
        assert problems(one, mail.Email) == left_out, "what is told of an email where nothing is named"
    [[_, said]] = call(("Email/changes", {"accountId": me, "sinceState": "1"}))
    assert problems(said, core.ChangesResponse) == []


def test_what_finds_and_changes_emails_answers_as_its_types_say(call: Call, me: str, alice: Account) -> None:
    message = conversation(alice, "Roof", Letter(text="Tiles.")).messages.get()
    inbox = ids.name("F", mailboxes.by_role(alice.pk, "inbox").pk)
    tiles = {"filter": {"text": "tiles"}}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("Email/query", {**tiles, "calculateTotal": True, "collapseThreads": True}),
        ("Email/queryChanges", {**tiles, "sinceQueryState": "1"}),
        ("SearchSnippet/get", {**tiles, "emailIds": [message.email_id, "M99999"]}),
        ("Email/set", {"create": {"a": {"mailboxIds": {inbox: True}, "subject": "Mine"}, "b": {"size": 7}}}),
        ("Email/set", {"update": {message.email_id: {"keywords/$seen": None}, "M99999": {}}, "destroy": ["M99999"]}),
        ("Email/import", {"emails": {"a": {"blobId": ids.name("R", message.pk), "mailboxIds": {inbox: True}}}}),
        ("Email/import", {"emails": {"a": {"blobId": "R99999", "mailboxIds": {inbox: True}}}}),
        ("Email/parse", {"blobIds": [ids.name("R", message.pk), "R99999", "P1-1"]}),
    ]
    for name, said in call(*((name, {"accountId": me, **given}) for name, given in asked)):
        assert problems(said, TYPES[name][1]) == [], name


def test_what_differs_from_its_type_is_found() -> None:
    part = {"partId": "1", "blobId": "P1-1", "size": 1, "name": None, "type": "text/plain", "charset": "utf-8"}
    part |= {"disposition": None, "cid": None, "language": None, "location": None}
    assert problems(part | {"subParts": [part]}, mail.EmailBodyPart) == []
    assert problems(part | {"size": -1}, mail.EmailBodyPart) == [".size is -1"]
    assert problems(part | {"size": True}, mail.EmailBodyPart) == [".size is True"]
    assert problems(part | {"more": 1}, mail.EmailBodyPart) == [".more is no property"]
    assert problems({"ids": ["/"]}, core.Partial[core.GetArguments]) == [".ids[0] is '/'"]
    response = {"accountId": "A1", "state": "1", "list": [{"id": "T1"}], "notFound": []}
    assert problems(response, core.GetResponse[mail.Thread]) == [".list[0].emailIds is missing"]
