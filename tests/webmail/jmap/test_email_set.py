"""Messages are composed, moved, marked, imported and destroyed (RFC 8621 §4.6 to §4.8)."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.mailstore import changes, mailboxes, merging, messages
from mailsuite.mailstore.models import Expunged, Mailbox, Membership, Message
from mailsuite.mailstore.verify import verify
from tests.webmail.jmap.conftest import Call
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids, limits

ALICE = {"name": "Alice Example", "email": "alice@example.org"}


@pytest.fixture
def change(call: Call, me: str, alice: Account):
    def do(**arguments: Any) -> dict[str, Any]:
        [[name, said]] = call(("Email/set", {"accountId": me, **arguments}))
        assert name == "Email/set", said
        assert list(verify(alice.pk)) == []
        return said

    return do


@pytest.fixture
def box(alice: Account):
    return lambda role: ids.name("F", mailboxes.by_role(alice.pk, role).pk)


@pytest.fixture
def make(change, box):
    """Create a draft; the message, or the error."""

    def do(**wanted: Any) -> Message | dict[str, Any]:
        said = change(create={"k": {"mailboxIds": {box("drafts"): True}} | wanted})
        if said["notCreated"]:
            return said["notCreated"]["k"]
        return Message.objects.get(pk=ids.email_key(said["created"]["k"]["id"])[0])

    return do


def read(message: Message) -> EmailMessage:
    return email.message_from_bytes(messages.content(message), policy=policy.default)


def where(message: Message) -> set[str]:
    return set(Membership.objects.filter(message=message).values_list("mailbox__name", flat=True))


def letter(alice: Account, **values: Any) -> Message:
    return Message.objects.get(thread=conversation(alice, "Lunch", Letter(**values)))


# --- create ---


def test_a_draft_is_composed_from_its_properties(make) -> None:
    message = make(
        **{"from": [ALICE], "to": [{"name": "Bäb", "email": "bob@example.org"}], "bcc": [{"email": "carol@elsewhere.example"}]},
        subject="Grüße",
        keywords={"$seen": True, "$draft": True, "Blue": True},
        inReplyTo=["1@x"],
        references=["0@x", "1@x"],
        receivedAt="2026-01-02T03:04:05Z",
        textBody=[{"partId": "t"}],
        htmlBody=[{"partId": "h", "type": "text/html"}],
        bodyValues={"t": {"value": "Hällo\nFrom here"}, "h": {"value": "<p>Hällo"}},
        **{"header:X-Tea:asText": "grün", "header:List-Post:asURLs": ["mailto:a@b"]},
    )
    found = read(message)
    assert (found["Subject"], found["To"], found["Bcc"]) == ("Grüße", "Bäb <bob@example.org>", "carol@elsewhere.example")
    assert (found["In-Reply-To"], found["References"], found["X-Tea"]) == ("<1@x>", "<0@x> <1@x>", "grün")
    assert found["List-Post"] == "<mailto:a@b>"
    assert found["Date"] and found["Message-ID"].endswith("@example.org>")  # noqa: PT018
    assert found.get_body(("plain",)).get_content() == "Hällo\r\nFrom here\r\n"
    assert found.get_body(("html",)).get_content() == "<p>Hällo\r\n"
    assert found.get_content_type() == "multipart/alternative"
    assert where(message) == {"Drafts", "All Mail"}
    assert (message.flags, message.keywords, message.own) == (Message.SEEN | Message.DRAFT, ["Blue"], True)
    assert message.received_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert messages.content(message).replace(b"\r\n", b"").isascii()


def test_what_the_client_could_not_know_is_told(change, box) -> None:
    said = change(create={"k": {"mailboxIds": {box("drafts"): True}, "subject": "x"}})["created"]["k"]
    message = Message.objects.get()
    assert said == {
        "id": message.email_id,
        "blobId": ids.name("R", message.pk),
        "threadId": ids.name("T", message.thread_id),
        "size": len(messages.content(message)),
        "mailboxIds": {box("drafts"): True, box("all"): True},
        "keywords": {"$draft": True},
    }


def test_files_and_images_come_from_uploads_and_other_messages(make, web: Client, me: str, alice: Account) -> None:
    upload = web.post(f"/jmap/upload/{me}/", b"\x89PNG", content_type="image/png").json()["blobId"]
    held = letter(alice, files=[("plan.pdf", "application/pdf", b"%PDF")])
    other = letter(alice)
    message = make(
        htmlBody=[{"partId": "h"}],
        bodyValues={"h": {"value": '<img src="cid:i@x">'}},
        attachments=[
            {"blobId": upload, "type": "image/png", "cid": "i@x", "disposition": "inline", "name": "ü.png"},
            {
                "blobId": f"P{held.pk}-2",
                "type": "application/pdf",
                "disposition": "attachment",
                "name": "plan.pdf",
            },
            {"blobId": ids.name("R", other.pk), "type": "message/rfc822", "disposition": "attachment"},
        ],
    )
    found = read(message)
    assert [part.get_content_type() for part in found.walk()][:6] == [
        "multipart/mixed", "multipart/related", "text/html", "image/png", "application/pdf", "message/rfc822",
    ]  # fmt: skip
    [image] = [part for part in found.walk() if part.get_content_type() == "image/png"]
    assert (image.get_content(), image["Content-ID"], image.get_filename()) == (b"\x89PNG", "<i@x>", "ü.png")
    assert image.get_content_disposition() == "inline"
    assert [one["name"] for one in message.attachments if not one["inline"]] == ["plan.pdf", "Lunch.eml"]
    [inside] = [part for part in found.walk() if part.get_content_type() == "message/rfc822"]
    assert inside.get_content()["Subject"] == "Lunch"


def test_a_structure_is_kept_as_it_was_laid_out(make, web: Client, me: str) -> None:
    upload = web.post(f"/jmap/upload/{me}/", b"a,b", content_type="text/csv").json()["blobId"]
    message = make(
        bodyValues={"1": {"value": "one"}, "2": {"value": "two", "isTruncated": False}},
        bodyStructure={
            "type": "multipart/mixed",
            "header:X-Outer": " yes",
            "subParts": [
                {"partId": "1", "type": "text/plain", "language": ["en", "de"], "header:X-Part:asText": "ä"},
                {"type": "multipart/digest", "subParts": [{"partId": "2", "type": "text/x-amp-html", "location": "http://x/"}]},
                {"blobId": upload, "type": "text/csv", "charset": "latin1", "name": "t.csv"},
            ],
        },
    )
    found = read(message)
    parts = list(found.walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/mixed", "text/plain", "multipart/digest", "text/x-amp-html", "text/csv",
    ]  # fmt: skip
    assert (found["X-Outer"], parts[1]["X-Part"], parts[1]["Content-Language"]) == ("yes", "ä", "en, de")
    assert (parts[3]["Content-Location"], parts[4].get_content_charset(), parts[4].get_filename()) == (
        "http://x/",
        "latin1",
        "t.csv",
    )


@pytest.mark.parametrize(
    ("wanted", "about"),
    [
        ({"mailboxIds": {}}, "mailboxIds"),
        ({"mailboxIds": None}, "mailboxIds"),
        ({"mailboxIds": {"F999999": True}}, "mailboxIds"),
        ({"mailboxIds": {"x": True}}, "mailboxIds"),
        ({"mailboxIds": ["F1"]}, "mailboxIds"),
        ({"keywords": {"$seen": False}}, "keywords"),
        ({"keywords": {"a b": True}}, "keywords"),
        ({"keywords": {"": True}}, "keywords"),
        ({"keywords": {"x" * 256: True}}, "keywords"),
        ({"receivedAt": "yesterday"}, "receivedAt"),
        ({"id": "M1"}, "id"),
        ({"headers": []}, "headers"),
        ({"nonsense": 1}, "nonsense"),
        ({"subject": 3}, "subject"),
        ({"to": {"email": "x"}}, "to"),
        ({"to": [{"email": 1}]}, "to"),
        ({"to": [{"email": "a@b", "more": 1}]}, "to"),
        ({"to": [{"email": "a@b"}] * 1_001}, "to"),
        ({"messageId": ["a b"]}, "messageId"),
        ({"messageId": ["a>\r\nX: y"]}, "messageId"),
        ({"sentAt": "2026"}, "sentAt"),
        ({"subject": "a", "header:Subject": " b"}, "header:Subject"),
        ({"header:To:asText": "x"}, "header:To:asText"),
        ({"header:Content-Type": "text/html"}, "header:Content-Type"),
        ({"header:X Y": "z"}, "header:X Y"),
        ({"header:X:asNothing": "z"}, "header:X:asNothing"),
        ({"header:X:all": "z"}, "header:X:all"),
        ({"header:From:all": ["a", "b"]}, "header:From:all"),
        ({"header:List-Help:asURLs": ["a b"]}, "header:List-Help:asURLs"),
        ({"bodyStructure": {"partId": "1"}, "textBody": []}, "bodyStructure"),
        ({"bodyStructure": {"partId": "1"}}, "bodyValues"),
        ({"bodyStructure": []}, "bodyStructure"),
        ({"bodyStructure": {"type": "multipart/mixed", "subParts": []}}, "bodyStructure"),
        ({"bodyStructure": {"type": "text/plain"}}, "bodyStructure"),
        ({"bodyStructure": {"type": "nonsense", "blobId": "U1"}}, "bodyStructure"),
        ({"bodyValues": {"1": {"value": "x", "isTruncated": True}}}, "bodyValues"),
        ({"bodyValues": {"1": "x"}}, "bodyValues"),
        ({"textBody": [{"partId": "1"}, {"partId": "1"}], "bodyValues": {"1": {"value": "x"}}}, "textBody"),
        ({"textBody": [{"partId": "1", "type": "text/html"}], "bodyValues": {"1": {"value": "x"}}}, "textBody"),
        ({"textBody": [{"partId": "1", "charset": "utf-8"}], "bodyValues": {"1": {"value": "x"}}}, "textBody"),
        ({"textBody": [{"partId": "1", "header:Content-Transfer-Encoding": " 8bit"}]}, "header:Content-Transfer-Encoding"),
        ({"attachments": [{"partId": "1", "blobId": "U1"}]}, "attachments"),
        ({"attachments": "x"}, "attachments"),
    ],
)
def test_what_makes_no_message_is_refused_by_its_property(make, wanted: dict[str, Any], about: str) -> None:
    if wanted.get("textBody") == []:
        wanted["textBody"] = [{"partId": "1"}]
    error = make(**wanted)
    assert isinstance(error, dict), read(error)
    assert (error["type"], error["properties"]) == ("invalidProperties", [about])
    assert not Message.objects.exists()


def test_no_value_ends_its_header_field(make) -> None:
    message = make(
        subject="a\r\nBcc: mallory@bad.example\r\n\r\nx",
        to=[{"name": "a\nb", "email": "c@d.example>\r\nX-Evil: 1"}],
        **{"header:X-Raw": " a\r\nX-Evil: 2\r\n", "header:X-Text:asText": "\u2028X-Evil: 3"},
        textBody=[{"partId": "1"}],
        bodyValues={"1": {"value": "\x00\r\n.\r\n"}},
    )
    found = read(message)
    assert found["Bcc"] is None
    assert found["X-Evil"] is None
    assert found["X-Raw"] == "a X-Evil: 2"


def test_blobs_of_others_are_not_there(make, bob: Account) -> None:
    his = letter(bob)
    wanted = [{"blobId": ids.name("R", his.pk), "type": "text/plain"}, {"blobId": "U999", "type": "text/plain"}, {"blobId": 7}]
    error = make(attachments=wanted)
    assert (error["type"], error["notFound"]) == ("blobNotFound", [ids.name("R", his.pk), "U999", "7"])


def test_what_is_too_large_is_refused(make, web: Client, me: str, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 100_000
    upload = web.post(f"/jmap/upload/{me}/", b"x" * 60_000, content_type="image/png").json()["blobId"]
    assert make(attachments=[{"blobId": upload, "type": "image/png"}] * 2)["type"] == "tooLarge"
    values = {"textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "ä" * 60_000}}}
    assert make(**values)["type"] == "tooLarge"
    assert not Message.objects.exists()


def test_one_request_makes_only_so_much(call: Call, me: str, box, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 20_000
    one = {"mailboxIds": {box("drafts"): True}, "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "word " * 3_000}}}
    [[_, said]] = call(("Email/set", {"accountId": me, "create": {f"k{n}": one for n in range(20)}}))
    assert {error["type"] for error in said["notCreated"].values()} == {"rateLimit"}
    assert 5 < len(said["created"]) < 15


def test_parts_of_one_message_are_read_once_and_of_many_only_so_much(call: Call, me: str, box, alice: Account, settings) -> None:
    files = [(f"{n}.txt", "text/plain", b"x" * 1_000) for n in range(10)]
    held = [letter(alice, files=files) for _ in range(3)]
    settings.MESSAGE_SIZE_LIMIT = limit = held[0].size * 2
    wanted = {"mailboxIds": {box("drafts"): True}}
    one = wanted | {"attachments": [{"blobId": f"P{held[0].pk}-{n}", "type": "text/plain"} for n in range(2, 8)]}
    [[_, said]] = call(("Email/set", {"accountId": me, "create": {"k": one}}))
    assert said["notCreated"] is None
    many = wanted | {"attachments": [{"blobId": f"P{held[n % 3].pk}-1", "type": "text/plain"} for n in range(60)]}
    [[_, said]] = call(("Email/set", {"accountId": me, "create": {"k": many}}))
    assert limit * limits.MESSAGES_AT_ONCE < held[0].size * 60
    assert said["notCreated"]["k"]["type"] == "rateLimit"


def test_a_full_account_keeps_nothing_new(make, alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=10)
    assert make(subject="x")["type"] == "overQuota"


# --- update ---


def test_a_patch_moves_and_marks(change, box, alice: Account) -> None:
    message = letter(alice, seen=False)
    one = message.email_id
    assert change(update={one: {"keywords/$seen": True, "keywords/blue": True}})["updated"] == {one: None}
    message.refresh_from_db()
    assert (message.flags, message.keywords) == (Message.SEEN, ["blue"])
    said = change(update={one: {f"mailboxIds/{box('inbox')}": None, f"mailboxIds/{box('archive')}": True}})
    assert said["updated"] == {one: None}
    assert where(message) == {"Archive", "All Mail"}
    said = change(update={one: {"mailboxIds": {box("trash"): True}, "keywords": {"$flagged": True}}})
    assert said["updated"] == {one: None}
    assert where(message) == {"Trash"}
    said = change(update={one: {"mailboxIds": {box("inbox"): True}}})
    assert said["updated"][one]["mailboxIds"] == {box("inbox"): True, box("all"): True, box("flagged"): True}


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        ({"subject": "x"}, "invalidProperties"),
        ({"mailboxIds": {}}, "invalidProperties"),
        ({"mailboxIds": None}, "invalidProperties"),
        ({"mailboxIds/F999999": True}, "invalidProperties"),
        ({"keywords/a b": True}, "invalidProperties"),
        ({"keywords/$seen": False}, "invalidPatch"),
        ({"keywords/$seen": 1}, "invalidPatch"),
        ({"keywords/a/b": True}, "invalidPatch"),
        ({"keywords": {}, "keywords/$seen": True}, "invalidPatch"),
        ({"keywords": {f"k{n}": True for n in range(101)}}, "tooManyKeywords"),
    ],
)
def test_a_patch_that_makes_no_sense_changes_nothing(change, alice: Account, patch: dict[str, Any], error: str) -> None:
    message = letter(alice)
    state = changes.state(alice.pk)
    assert change(update={message.email_id: patch})["notUpdated"][message.email_id]["type"] == error
    message.refresh_from_db()
    assert message.modseq <= state


def test_trash_and_a_label_at_once_are_refused_with_a_sentence(change, box, alice: Account) -> None:
    message, label = letter(alice), mailboxes.create(alice.pk, "Work")
    boxes = {box("trash"): True, ids.name("F", label.pk): True}
    error = change(update={message.email_id: {"mailboxIds": boxes}})["notUpdated"][message.email_id]
    assert error == {
        "type": "invalidProperties",
        "description": "A message in Trash or Junk is in no other mailbox.",
        "properties": ["mailboxIds"],
    }


def test_what_is_made_in_the_request_can_be_named_in_it(call: Call, me: str, alice: Account, box) -> None:
    said = call(
        ("Mailbox/set", {"accountId": me, "create": {"w": {"name": "Work"}}}),
        ("Email/set", {"accountId": me, "create": {"k": {"mailboxIds": {"#w": True}, "subject": "Hi"}}}),
        ("Email/set", {"accountId": me, "update": {"#k": {"keywords/$seen": True, f"mailboxIds/{box('inbox')}": True}}}),
    )
    message = Message.objects.get()
    assert where(message) == {"Work", "INBOX", "All Mail"}
    assert list(said[2][1]["updated"]) == [message.email_id]


def test_foreign_and_former_emails_are_not_found(change, call: Call, me: str, alice: Account, bob: Account, box) -> None:
    his, mine = letter(bob), letter(alice)
    other = conversation(alice, "Cake", Letter())
    former = {mine.email_id, Message.objects.get(subject="Cake").email_id}
    merging.merge(alice.pk, [mine.thread_id, other.pk])
    current = {one.email_id for one in Message.objects.filter(account=alice)}
    [gone] = former - current
    for one in (his.email_id, gone, "M0", "x", ids.name("M", 10**17)):
        said = change(update={one: {"keywords/$seen": True}})
        assert said["notUpdated"][one]["type"] == "notFound"
        assert change(destroy=[one])["notDestroyed"][one]["type"] == "notFound"
    error = change(create={"k": {"mailboxIds": {ids.name("F", mailboxes.by_role(bob.pk, "inbox").pk): True}}})
    assert error["notCreated"]["k"]["type"] == "invalidProperties"
    assert Message.objects.filter(account=bob).count() == 1
    [[_, error]] = call(("Email/set", {"accountId": ids.name("A", bob.pk), "destroy": [his.email_id]}))
    assert error["type"] == "accountNotFound"


# --- destroy, states, limits ---


def test_what_is_destroyed_is_gone_at_once_and_can_be_had_back(change, alice: Account) -> None:
    message, kept = letter(alice), letter(alice)
    said = change(destroy=[message.email_id, message.email_id, "M99999"], update={message.email_id: {"keywords/$seen": True}})
    assert said["destroyed"] == [message.email_id]
    assert said["notDestroyed"]["M99999"]["type"] == "notFound"
    assert said["notUpdated"][message.email_id]["type"] == "willDestroy"
    assert list(Message.objects.values_list("pk", flat=True)) == [kept.pk]
    assert Expunged.objects.count() == 1


def test_a_state_that_was_passed_stops_the_whole(call: Call, change, me: str, alice: Account) -> None:
    one, state = letter(alice).email_id, str(changes.state(alice.pk))
    said = change(ifInState=state, update={one: {"keywords/blue": True}})
    assert said["oldState"] == state != said["newState"]
    [[_, error]] = call(("Email/set", {"accountId": me, "ifInState": state, "destroy": [one]}))
    assert error["type"] == "stateMismatch"
    assert Message.objects.count() == 1


def test_a_set_has_only_so_many_objects(call: Call, me: str) -> None:
    [[_, error]] = call(("Email/set", {"accountId": me, "destroy": [f"M{n}" for n in range(1, limits.OBJECTS_IN_SET + 2)]}))
    assert error["type"] == "requestTooLarge"


# --- import and copy ---


@pytest.fixture
def take_in(call: Call, me: str, alice: Account):
    def do(**wanted: Any) -> dict[str, Any]:
        [[name, said]] = call(("Email/import", {"accountId": me, "emails": {"k": wanted}}))
        assert name == "Email/import", said
        assert list(verify(alice.pk)) == []
        return said["created"]["k"] if said["created"] else said["notCreated"]["k"]

    return do


def test_a_message_is_imported_byte_for_byte(take_in, web: Client, me: str, box) -> None:
    content = b"Subject: =?x?\nFrom: \xff\n\nbody\0"
    upload = web.post(f"/jmap/upload/{me}/", content, content_type="message/rfc822").json()["blobId"]
    wanted = {"blobId": upload, "mailboxIds": {box("inbox"): True}, "keywords": {"$seen": True}}
    said = take_in(**wanted, receivedAt="2020-01-01T00:00:00Z")
    message = Message.objects.get()
    assert messages.content(message) == content
    assert (said["id"], said["size"], message.received_at.year) == (message.email_id, len(content), 2020)
    assert where(message) == {"INBOX", "All Mail"}
    again = take_in(**wanted | {"mailboxIds": {box("trash"): True}})
    assert (again["type"], again["existingId"]) == ("alreadyExists", message.email_id)
    assert where(message) == {"INBOX", "All Mail"}
    assert take_in(**wanted | {"blobId": said["blobId"]})["existingId"] == message.email_id


def test_what_cannot_be_imported_is_refused(take_in, web: Client, me: str, box, bob: Account) -> None:
    empty = web.post(f"/jmap/upload/{me}/", b"", content_type="message/rfc822").json()["blobId"]
    inbox = {box("inbox"): True}
    assert take_in(blobId=empty, mailboxIds=inbox)["type"] == "invalidEmail"
    for wrong in ("U999", ids.name("R", letter(bob).pk), None, 7):
        assert take_in(blobId=wrong, mailboxIds=inbox)["properties"] == ["blobId"]
    some = web.post(f"/jmap/upload/{me}/", b"Subject: x\r\n\r\n", content_type="message/rfc822").json()["blobId"]
    assert take_in(blobId=some, mailboxIds={})["properties"] == ["mailboxIds"]
    assert take_in(blobId=some, mailboxIds=inbox, subject="x")["properties"] == ["subject"]


def test_there_is_no_other_account_to_copy_from(call: Call, me: str, bob: Account) -> None:
    def error(**arguments: Any) -> str:
        [[name, said]] = call(("Email/copy", {"create": {}, **arguments}))
        assert name == "error"
        return said["type"]

    his = ids.name("A", bob.pk)
    assert error(accountId=me, fromAccountId=me) == "invalidArguments"
    assert error(accountId=me) == "invalidArguments"
    assert error(accountId=me, fromAccountId=his) == "fromAccountNotFound"
    assert error(accountId=his, fromAccountId=me) == "accountNotFound"
    assert error(accountId=me, fromAccountId=his, nonsense=1) == "invalidArguments"


def test_mailbox_names_do_not_leak(change, alice: Account, bob: Account) -> None:
    secret = mailboxes.create(bob.pk, "Secret plan")
    error = change(create={"k": {"mailboxIds": {ids.name("F", secret.pk): True}}})["notCreated"]["k"]
    assert "Secret" not in error["description"]
    assert Mailbox.objects.filter(account=bob, name="Secret plan").exists()
