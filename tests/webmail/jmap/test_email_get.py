"""Emails with every property a client can ask for, and what that costs (RFC 8621 §4.1, §4.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.blobs.models import Packed
from mailsuite.mailstore import actions, mailboxes, uploads
from mailsuite.mailstore.models import Message
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import keep, letter, one, refused
from tests.webmail.jmap.shapes import problems
from webmail.jmap import email_body, ids, limits
from webmail.jmap.types import mail

LISTED = [
    "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId", "inReplyTo", "sender", "from", "to",
    "cc", "bcc", "replyTo", "subject", "sentAt", "hasAttachment", "preview",
]  # fmt: skip

FULL = """\
Return-Path: <bob@example.org>
From: =?utf-8?q?B=C3=B6b?= <Bob@Example.ORG>, "Roe, Carol" <carol@elsewhere.example>
Sender: bob@example.org
Reply-To: <answers@example.org>
To: Friends: alice@example.org, Dan <dan@example.org>;, eve@example.org
Cc: nobody:;
Subject: =?utf-8?b?R3LDvMOfZQ==?=
 from afar
Date: Mon, 23 Nov 2026 14:00:00 +0530
Message-ID: <full@example.org>
In-Reply-To: <parent@example.org>
References: <root@example.org>
 <parent@example.org>
List-Post: <mailto:list@example.org> (the list),
 <https://lists.example.org/
 post>
X-Twice: first
X-Twice: second \xc3\xa9
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe!
--inner
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable
Content-Language: de, en
Content-Location: https://example.org/
 letter

<p>Gr=FC=DFe!</p>
--inner--
--outer
Content-Type: application/pdf; name="plan.pdf"
Content-Disposition: attachment; filename*=utf-8''pl%C3%A4n.pdf
Content-Transfer-Encoding: base64
Content-ID: <plan@example.org>

JVBERi0xLjQ=
--outer
Content-Type: message/rfc822

Subject: inside

The inside.
--outer--
""".encode("latin-1")


def get(call: Call, me: str, message: Message, *names: str, **arguments: Any) -> dict[str, Any]:
    wanted = {"properties": list(names)} if names else {}
    [found] = one(call, "Email/get", me, ids=[message.email_id], **wanted, **arguments)["list"]
    return found


def test_what_the_store_knows_of_a_message(call: Call, alice: Account, me: str) -> None:
    label = mailboxes.create(alice.pk, "Work")
    message = keep(alice, FULL, labels=[label.pk], flags=Message.SEEN | Message.FLAGGED, keywords=["$Forwarded", "Later"])
    found = get(call, me, message, *LISTED)
    homes = [ids.name("F", mailboxes.by_role(alice.pk, role).pk) for role in ("inbox", "all", "flagged")]
    assert found == {
        "id": message.email_id,
        "blobId": f"R{message.pk}",
        "threadId": f"T{message.thread_id}",
        "mailboxIds": dict.fromkeys([*homes, ids.name("F", label.pk)], True),
        "keywords": {"$seen": True, "$flagged": True, "$forwarded": True, "later": True},
        "size": message.size,
        "receivedAt": "2026-11-23T12:00:00Z",
        "messageId": ["full@example.org"],
        "inReplyTo": ["parent@example.org"],
        "sender": [{"name": None, "email": "bob@example.org"}],
        "from": [{"name": "Böb", "email": "Bob@example.org"}, {"name": "Roe, Carol", "email": "carol@elsewhere.example"}],
        "to": [
            {"name": None, "email": "alice@example.org"},
            {"name": "Dan", "email": "dan@example.org"},
            {"name": None, "email": "eve@example.org"},
        ],
        "cc": [],
        "bcc": None,
        "replyTo": [{"name": None, "email": "answers@example.org"}],
        "subject": "Grüße from afar",
        "sentAt": "2026-11-23T14:00:00+05:30",
        "hasAttachment": True,
        "preview": "Grüße! Grüße!",  # its plain text is so short that the HTML is read as well
    }


def test_a_bare_message_has_nothing_made_up(call: Call, alice: Account, me: str) -> None:
    message = keep(alice, "X-Only: this\n\nHello.\n")
    found = get(call, me, message)
    assert problems(found, mail.Email) == [".bodyStructure is missing", ".headers is missing"]
    for name in ("messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt"):
        assert found[name] is None, name
    assert get(call, me, keep(alice, "Subject:\nDate: soon\n\nHello.\n"), "subject", "sentAt")["subject"] == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("header:X-Twice", " second é"),
        ("header:x-twice:all", [" first", " second é"]),
        ("header:X-Twice:asText:all", ["first", "second é"]),
        ("header:X-None", None),
        ("header:X-None:all", []),
        ("header:Subject", " =?utf-8?b?R3LDvMOfZQ==?=\r\n from afar"),
        ("header:Subject:asText", "Grüße from afar"),
        ("header:Date:asDate", "2026-11-23T14:00:00+05:30"),
        ("header:References:asMessageIds", ["root@example.org", "parent@example.org"]),
        ("header:Subject:asRaw:all", [" =?utf-8?b?R3LDvMOfZQ==?=\r\n from afar"]),
        ("header:List-Post:asURLs", ["mailto:list@example.org", "https://lists.example.org/post"]),
        ("header:Sender:asAddresses", [{"name": None, "email": "bob@example.org"}]),
        (
            "header:To:asGroupedAddresses",
            [
                {
                    "name": "Friends",
                    "addresses": [{"name": None, "email": "alice@example.org"}, {"name": "Dan", "email": "dan@example.org"}],
                },
                {"name": None, "addresses": [{"name": None, "email": "eve@example.org"}]},
            ],
        ),
        ("header:Cc:asGroupedAddresses", [{"name": "nobody", "addresses": []}]),
        ("header:X-Twice:asDate", None),
        ("header:X-Twice:asMessageIds", None),
        ("header:X-Twice:asURLs", None),
        ("references", ["root@example.org", "parent@example.org"]),
    ],
)
def test_a_header_field_in_each_form(call: Call, alice: Account, me: str, name: str, value: Any) -> None:
    assert get(call, me, keep(alice, FULL), name)[name] == value


@pytest.mark.parametrize(
    "name",
    [
        "header:Subject:asDate",
        "header:From:asText",
        "header:Date:asAddresses",
        "header:Received:asText",
        "header:X:asNothing",
        "header:X:all:asText",
        "header:X:asText:asText",
        "header:",
        "header:a b",
        "header",
        "nothing",
    ],
)
def test_a_property_that_there_is_none_of_is_refused(call: Call, me: str, name: str) -> None:
    assert refused(call, "Email/get", me, ids=[], properties=[name]) == "invalidArguments"
    if name != "nothing":
        assert refused(call, "Email/get", me, ids=[], bodyProperties=[name]) == "invalidArguments"


def test_all_fields_are_listed_as_they_stand(call: Call, alice: Account, me: str) -> None:
    message = keep(alice, FULL, trace=b"Received: from x\r\n")
    listed = get(call, me, message, "headers")["headers"]
    assert [field["name"] for field in listed][:4] == ["Received", "Return-Path", "From", "Sender"]
    assert {"name": "X-Twice", "value": " first"} in listed


def test_the_tree_of_parts(call: Call, alice: Account, me: str) -> None:
    message = keep(alice, FULL)
    root = get(call, me, message, "bodyStructure")["bodyStructure"]
    assert problems(root, mail.EmailBodyPart) == []
    assert (root["partId"], root["blobId"], root["type"], len(root["subParts"])) == (None, None, "multipart/mixed", 3)
    plain, html = root["subParts"][0]["subParts"]
    assert (plain["partId"], plain["blobId"], plain["size"], plain["charset"]) == ("1.1", f"P{message.pk}-1_1", 8, "utf-8")
    assert (html["language"], html["location"]) == (["de", "en"], "https://example.org/letter")
    pdf, inside = root["subParts"][1:]
    assert pdf == {
        "partId": "2",
        "blobId": f"P{message.pk}-2",
        "size": 8,
        "name": "plän.pdf",
        "type": "application/pdf",
        "charset": None,
        "disposition": "attachment",
        "cid": "plan@example.org",
        "language": None,
        "location": None,
    }
    assert (inside["type"], inside["partId"], "subParts" in inside) == ("message/rfc822", "3", False)


def test_what_is_text_what_is_html_and_what_is_a_file(call: Call, alice: Account, me: str) -> None:
    found = get(call, me, keep(alice, FULL), "textBody", "htmlBody", "attachments", bodyProperties=["partId"])
    assert found["textBody"] == [{"partId": "1.1"}]
    assert found["htmlBody"] == [{"partId": "1.2"}]
    assert found["attachments"] == [{"partId": "2"}, {"partId": "3"}]


def test_properties_of_parts_are_given_as_asked(call: Call, alice: Account, me: str) -> None:
    asked = ["subParts", "headers", "header:Content-Type:asText", "type"]
    root = get(call, me, keep(alice, FULL), "bodyStructure", bodyProperties=asked)["bodyStructure"]
    pdf = root["subParts"][1]
    assert pdf["subParts"] is None
    assert pdf["header:Content-Type:asText"] == 'application/pdf; name="plan.pdf"'
    assert [field["name"] for field in pdf["headers"]][:2] == ["Content-Type", "Content-Disposition"]
    assert set(pdf) == {*asked}


def test_texts_come_with_the_message_where_they_are_asked_for(call: Call, alice: Account, me: str) -> None:
    message = keep(alice, FULL)
    plain = {"value": "Grüße!", "isEncodingProblem": False, "isTruncated": False}
    html = plain | {"value": "<p>Grüße!</p>"}
    assert get(call, me, message, "bodyValues")["bodyValues"] == {}
    assert get(call, me, message, "bodyValues", fetchTextBodyValues=True)["bodyValues"] == {"1.1": plain}
    assert get(call, me, message, "bodyValues", fetchHTMLBodyValues=True)["bodyValues"] == {"1.2": html}
    assert get(call, me, message, "bodyValues", fetchAllBodyValues=True)["bodyValues"] == {"1.1": plain, "1.2": html}


@pytest.mark.parametrize(
    ("kind", "text", "most", "value"),
    [
        ("plain", "Grüße", 3, "Gr"),
        ("plain", "Grüße", 4, "Grü"),
        ("plain", "Grüße", 100, "Grüße"),
        ("html", "<p>ab</p>", 6, "<p>ab"),
        ("html", "<p>ab</p>", 2, ""),
    ],
)
def test_a_text_is_cut_between_characters_and_between_tags(
    call: Call, alice: Account, me: str, kind: str, text: str, most: int, value: str
) -> None:
    message = keep(alice, f"Content-Type: text/{kind}; charset=utf-8\n\n{text}")
    found = get(call, me, message, "bodyValues", fetchAllBodyValues=True, maxBodyValueBytes=most)["bodyValues"]["1"]
    assert (found["value"], found["isTruncated"]) == (value, value != text)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Type: text/plain; charset=utf-8", b"\xff"),
        ("Content-Type: text/plain; charset=klingon", b"Hello"),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: rot13", b"Hello"),
        ("Content-Type: text/plain; charset=us-ascii", b"Gr\xfc\xdfe"),
    ],
)
def test_a_text_that_is_not_what_it_claims_says_so(call: Call, alice: Account, me: str, head: str, body: bytes) -> None:
    message = keep(alice, head.encode() + b"\n\n" + body)
    assert get(call, me, message, "bodyValues", fetchAllBodyValues=True)["bodyValues"]["1"]["isEncodingProblem"] is True


def test_texts_have_only_so_much_room(call: Call, alice: Account, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_body, "MOST_VALUES", 10)
    asked = {"ids": [keep(alice, letter(number=n)).email_id for n in range(2)], "fetchAllBodyValues": True}
    assert refused(call, "Email/get", me, **asked) == "requestTooLarge"
    assert len(one(call, "Email/get", me, **asked, maxBodyValueBytes=5)["list"]) == 2


def test_a_call_reads_only_so_many_bytes(call: Call, alice: Account, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_body, "MOST_READ", 500)
    messages = [keep(alice, letter(number=n)) for n in range(5)]
    asked = {"ids": [message.email_id for message in messages]}
    assert refused(call, "Email/get", me, **asked, properties=["textBody"]) == "requestTooLarge"
    assert len(one(call, "Email/get", me, **asked, properties=["subject", "headers"])["list"]) == 5
    assert refused(call, "Email/parse", me, blobIds=[f"R{message.pk}" for message in messages]) == "requestTooLarge"


def test_a_large_message_is_read_as_far_as_it_must_and_handed_out_from_disk(
    call: Call, web: Client, alice: Account, me: str
) -> None:
    message = keep(alice, letter(text="a line\n" * 300_000))
    assert get(call, me, message, "header:Subject:asText") == {"id": message.email_id, "header:Subject:asText": "Lunch"}
    value = get(call, me, message, "bodyValues", fetchAllBodyValues=True, maxBodyValueBytes=6)["bodyValues"]["1"]
    assert value == {"value": "a line", "isEncodingProblem": False, "isTruncated": True}
    response = web.get(f"/jmap/download/{me}/R{message.pk}/letter.eml")
    assert int(response["Content-Length"]) == message.size == len(b"".join(response.streaming_content))


def test_an_email_with_more_people_than_the_store_keeps_names_them_all(call: Call, alice: Account, me: str) -> None:
    to = ",\n ".join(f"p{n}@example.org" for n in range(450))
    message = keep(alice, f"From: bob@example.org\nTo: {to}\nSubject: All\n\nHello.\n")
    assert len(message.people["to"]) == 200
    assert len(get(call, me, message, "to", "from")["to"]) == 450


def test_an_email_under_an_older_id_is_not_found(call: Call, alice: Account, bob: Account, me: str) -> None:
    message, foreign = keep(alice, letter()), keep(bob, letter(number=9))
    Message.objects.filter(pk=message.pk).update(incarnation=2)
    asked = [f"M{message.pk}", f"M{message.pk}-1", f"M{message.pk}-2", foreign.email_id, "M0", "x", f"T{message.thread_id}"]
    said = one(call, "Email/get", me, ids=asked, properties=["id"])
    assert said["list"] == [{"id": f"M{message.pk}-2"}]
    assert said["notFound"] == [name for name in asked if name != f"M{message.pk}-2"]


def test_all_emails_can_be_had_while_they_are_few(call: Call, alice: Account, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        keep(alice, letter(number=number))
    assert len(one(call, "Email/get", me, properties=["id"])["list"]) == 3
    monkeypatch.setattr(limits, "OBJECTS_IN_GET", 2)
    assert refused(call, "Email/get", me, properties=["id"]) == "requestTooLarge"


def queries(call: Call, me: str, found: list[str], *names: str, **arguments: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        said = one(call, "Email/get", me, ids=found, properties=list(names), **arguments)
    assert len(said["list"]) == len(found)
    return [query["sql"] for query in captured]


def test_fifty_rows_of_a_list_take_three_queries_and_no_messages_bytes(call: Call, alice: Account, me: str) -> None:
    for number in range(50):
        keep(alice, letter(f"Number {number}", number=number), after=timedelta(minutes=number))
    everybody = [message.email_id for message in Message.objects.filter(account=alice)]
    one_row = queries(call, me, everybody[:1], *LISTED)
    fifty = queries(call, me, everybody, *LISTED)
    asked = [sql for sql in fifty if "mailstore_" in sql]
    assert len(asked) == 3  # state, messages, their mailboxes
    assert len(fifty) == len(one_row)
    assert not [sql for sql in fifty if Packed._meta.db_table in sql or "trace" in sql]
    assert len(queries(call, me, everybody, "bodyStructure", "references")) == len(
        queries(call, me, everybody[:1], "bodyStructure")
    )


def test_a_lost_blob_does_not_hide_the_others(call: Call, alice: Account, me: str) -> None:
    lost, kept = keep(alice, letter()), keep(alice, letter("Other", number=2))
    Packed.objects.filter(blob_id=lost.blob_id).update(content=b"broken")
    store._cache._kept.clear()
    said = one(
        call, "Email/get", me, ids=[lost.email_id, kept.email_id], properties=["subject", "bodyValues"], fetchAllBodyValues=True
    )
    assert [email["subject"] for email in said["list"]] == ["Lunch", "Other"]
    assert said["list"][1]["bodyValues"]["1"]["value"] == "Hello.\n"


def test_changes_of_emails_are_told_by_their_ids(call: Call, alice: Account, me: str) -> None:
    old = keep(alice, letter())
    since = one(call, "Email/get", me, ids=[])["state"]
    new = keep(alice, letter("Other", number=2))
    actions.mark(alice.pk, [old.pk], flags=Message.SEEN)
    said = one(call, "Email/changes", me, sinceState=since)
    assert (said["created"], said["updated"], said["destroyed"]) == ([new.email_id], [old.email_id], [])
    actions.trash(alice.pk, message_ids=[old.pk])
    actions.delete_for_ever(alice.pk, message_ids=[old.pk])
    later = one(call, "Email/changes", me, sinceState=said["newState"])
    assert (later["updated"], later["destroyed"]) == ([], [old.email_id])
    assert refused(call, "Email/changes", me, sinceState=since, maxChanges=0) == "invalidArguments"


# --- parse and download ---


def test_a_message_in_a_message_is_read_without_being_kept(call: Call, alice: Account, me: str) -> None:
    image = "--b\nContent-Type: image/png\nContent-Disposition: attachment\n\nX\n--b--\n"
    inner = f"Subject: inside\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText.\n{image}"
    message = keep(
        alice, f"Content-Type: multipart/mixed; boundary=o\n\n--o\n\nSee.\n--o\nContent-Type: message/rfc822\n\n{inner}--o--\n"
    )
    blob = f"P{message.pk}-2"
    said = one(call, "Email/parse", me, blobIds=[blob, f"P{message.pk}-1", "R999", "/"], fetchTextBodyValues=True)
    assert said["notParsable"] == [f"P{message.pk}-1"]
    assert said["notFound"] == ["R999", "/"]
    found = said["parsed"][blob]
    assert (found["subject"], found["hasAttachment"], found["preview"]) == ("inside", True, "Text.")
    assert found["bodyValues"]["1"]["value"].strip() == "Text."
    assert "threadId" not in found
    image = found["attachments"][0]["blobId"]
    assert image == f"P{message.pk}-2-2"
    asked = one(call, "Email/parse", me, blobIds=[blob], properties=["threadId", "size", "blobId", "header:Subject:asText"])
    [found] = asked["parsed"].values()
    assert found == {"threadId": None, "size": found["size"], "blobId": blob, "header:Subject:asText": "inside"}
    assert one(call, "Email/parse", me, blobIds=[])["parsed"] is None
    assert refused(call, "Email/parse", me) == "invalidArguments"


def test_an_upload_that_is_a_message_is_read_and_its_parts_are_handed_out(
    call: Call, web: Client, alice: Account, me: str
) -> None:
    pdf = "--b\nContent-Type: application/pdf\n\nX\n--b--\n"
    content = f"Subject: Plan\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee.\n{pdf}"
    blob = f"U{uploads.keep(alice.pk, store.draft(content.encode()), 'message/rfc822').pk}"
    found = one(call, "Email/parse", me, blobIds=[blob])["parsed"][blob]
    assert found["subject"] == "Plan"
    assert found["attachments"][0]["blobId"] == f"{blob}-2"
    assert web.get(f"/jmap/download/{me}/{blob}-2/plan.pdf").content == b"X"


def test_a_download_is_a_file_to_keep_and_no_page_of_ours(web: Client, alice: Account, bob: Account, me: str) -> None:
    message = keep(alice, "Content-Type: text/html\n\n<script>alert(1)</script>")
    for accept, kind in (
        ("text/html", "application/octet-stream"),
        ("text/plain", "text/plain"),
        ("", "application/octet-stream"),
    ):
        response = web.get(f"/jmap/download/{me}/P{message.pk}-1/evil%2F..%2F%E2%80%AEx.html", {"accept": accept})
        assert response.status_code == 200
        assert response["Content-Type"].partition(";")[0] == kind
        assert response["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.content.startswith(b"<script>")
    foreign = keep(bob, letter())
    for path in (f"{me}/R{foreign.pk}", f"{ids.name('A', bob.pk)}/R{foreign.pk}", f"{me}/R0", f"{me}/U1", "A/x"):
        assert web.get(f"/jmap/download/{path}/name").status_code == 404
    assert Client().get(f"/jmap/download/{me}/R{message.pk}/name").status_code == 401
