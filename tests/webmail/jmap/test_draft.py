"""A draft is saved again and again under one id, by several devices, and none overwrites another unseen (product.md 5.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from mailsuite.accounts.models import Account
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import actions, drafts, mailboxes, messages
from mailsuite.mailstore.models import Draft, Expunged, IndexedText, Membership, Message, Reference, Thread, Upload
from mailsuite.mailstore.verify import verify
from mailsuite.protocol.flowed import joined
from mailsuite.queue.models import Envelope
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import ids
from webmail.jmap.types.methods import METHODS as TYPES

BODY = {"textBody": [{"partId": "t", "type": "text/plain"}]}


def email(text: str = "Hello", **more: Any) -> dict[str, Any]:
    wanted = {"from": [{"name": "Alice Example", "email": "alice@example.org"}], "to": [{"email": "carol@elsewhere.example"}]}
    return wanted | {"subject": "Beans"} | BODY | {"bodyValues": {"t": {"value": text}}} | more


class Device:
    """A browser of alice's that writes."""

    def __init__(self, call: Call, me: str, alice: Account) -> None:
        self.call, self.me, self.account = call, me, alice

    def save(self, text: str = "Hello", *, draft: Any = None, **more: Any) -> dict[str, Any]:
        named = {"draftId": draft["id"], "revision": draft["revision"]} if draft else {}
        wanted = more.pop("email", None) or email(text)
        said = one(self.call, "Draft/save", self.me, **{**named, **more}, email=wanted)
        assert problems(said, TYPES["Draft/save"][1]) == []
        assert list(verify(self.account.pk)) == []
        return said

    def get(self, **arguments: Any) -> list[dict[str, Any]]:
        said = one(self.call, "Draft/get", self.me, **arguments)
        assert problems(said, TYPES["Draft/get"][1]) == []
        return said["list"]

    def error(self, **arguments: Any) -> dict[str, Any]:
        [[name, said]] = self.call(("Draft/save", {"accountId": self.me, "email": email(), **arguments}))
        assert name == "error", said
        return said


@pytest.fixture
def device(call: Call, me: str, alice: Account) -> Device:
    return Device(call, me, alice)


def message(draft: dict[str, Any]) -> Message:
    return Message.objects.get(pk=ids.email_key(draft["emailId"])[0])


def where(found: Message) -> set[str]:
    return set(Membership.objects.filter(message=found).values_list("mailbox__name", flat=True))


def test_each_saving_replaces_the_one_before(device: Device) -> None:
    first = device.save("One")["draft"]
    before = message(first)
    second = device.save("Two", draft=first)["draft"]
    assert (second["id"], second["revision"], second["threadId"]) == (first["id"], 2, first["threadId"])
    assert second["emailId"] != first["emailId"]
    after = message(second)
    assert Message.objects.count() == 1, "other programs see one draft"
    assert where(after) == {"Drafts", "All Mail"}
    assert (after.message_id, after.preview) == (before.message_id, "Two")
    assert after.flags & Message.DRAFT
    assert after.flags & Message.SEEN
    assert not Expunged.objects.exists(), "nobody wants each version back"
    assert device.get() == [second]


def test_the_same_text_again_is_a_saving_too(device: Device) -> None:
    wanted = email(sentAt="2026-11-23T10:00:00Z")
    first = device.save(email=wanted)["draft"]
    second = device.save(email=wanted, draft=first)["draft"]
    assert (second["revision"], second["emailId"]) == (2, first["emailId"]), "the same bytes are the same message"


def test_hundreds_of_savings_leave_nothing_behind(device: Device) -> None:
    parent = conversation(device.account, "Roof", Letter()).messages.get()
    draft = None
    for n in range(5):
        draft = device.save(draft=draft, email=email(str(n), subject="Re: Roof", inReplyTo=[parent.message_id]))["draft"]
    rows = lambda: [model.objects.count() for model in (Reference, Thread, Blob, IndexedText)]  # noqa: E731
    Blob.objects.filter(references=0).delete()
    before = rows()
    for n in range(5):
        draft = device.save(draft=draft, email=email(str(n), subject="Re: Roof", inReplyTo=[parent.message_id]))["draft"]
    Blob.objects.filter(references=0).delete()
    assert rows() == before


def test_a_draft_keeps_its_labels_and_star(device: Device) -> None:
    label = mailboxes.create(device.account.pk, "Garden")
    first = device.save()["draft"]
    actions.add_label(device.account.pk, label.pk, [], [message(first).pk])
    actions.star(device.account.pk, [], [message(first).pk])
    second = device.save("More", draft=first)["draft"]
    assert where(message(second)) == {"Drafts", "All Mail", "Garden", "Starred"}


def test_two_devices_do_not_overwrite_each_other_unseen(device: Device) -> None:
    first = device.save("Plan")["draft"]
    phone = device.save("Plan from the phone", draft=first)["draft"]
    said = device.save("Plan from the desk", draft=first)
    assert (said["draft"], said["attachments"]) == (None, [])
    assert said["conflict"] == {"draftId": first["id"], "draft": phone}
    assert message(phone).preview == "Plan from the phone"
    mine = device.save("Plan from the desk", draft=phone)["draft"]
    assert (mine["revision"], message(mine).preview) == (3, "Plan from the desk"), "keep mine"


def test_both_are_kept_where_that_is_wanted(device: Device) -> None:
    first = device.save("Plan")["draft"]
    phone = device.save("From the phone", draft=first)["draft"]
    said = device.save("From the desk", draft=first, ifConflict="both", operationId="saving-0001")
    assert said["conflict"]["draft"] == phone
    assert said["draft"]["id"] != first["id"]
    assert {message(one).preview for one in device.get()} == {"From the phone", "From the desk"}
    again = device.save("From the desk", draft=first, ifConflict="both", operationId="saving-0001")
    assert again["draft"] == said["draft"]
    assert Message.objects.count() == 2


def test_a_saving_whose_answer_was_lost_is_not_a_conflict_with_itself(device: Device) -> None:
    first = device.save("One", operationId="saving-0001")["draft"]
    assert device.save("One", operationId="saving-0001")["draft"] == first
    second = device.save("Two", draft=first, operationId="saving-0002")["draft"]
    again = device.save("Two", draft=first, operationId="saving-0002")
    assert (again["draft"], again["conflict"]) == (second, None)
    assert Message.objects.count() == Draft.objects.count() == 1
    assert device.save("Three", draft=first, operationId="saving-0003")["conflict"]["draft"] == second


def test_a_draft_that_was_discarded_elsewhere_is_told_so(device: Device) -> None:
    first = device.save()["draft"]
    actions.trash(device.account.pk, [], [message(first).pk])
    assert device.save("More", draft=first)["conflict"] == {"draftId": first["id"], "draft": None}
    assert device.get() == []
    kept = device.save("More", draft=first, ifConflict="both")
    assert message(kept["draft"]).preview == "More"
    actions.delete_for_ever(device.account.pk, message_ids=[message(first).pk])
    assert device.save("More", draft=first)["conflict"] == {"draftId": first["id"], "draft": None}


def test_another_programs_draft_is_one_here_too(device: Device) -> None:
    thread = conversation(device.account, "Roof", Letter(who="alice@example.org", draft=True, text="From a mail program"))
    theirs = thread.messages.get()
    [found] = device.get()
    assert (found["emailId"], found["revision"]) == (theirs.email_id, 1)
    saved = device.save(draft=found, email=email("Here", subject="Roof"))["draft"]
    assert (saved["id"], saved["threadId"], message(saved).message_id) == (
        found["id"],
        ids.name("T", thread.pk),
        theirs.message_id,
    )


def test_a_draft_is_taken_up_by_its_email(device: Device) -> None:
    theirs = conversation(device.account, "Roof", Letter(who="alice@example.org", draft=True)).messages.get()
    saved = device.save("Here", emailId=theirs.email_id)["draft"]
    assert saved["revision"] == 2
    assert Message.objects.count() == 1
    assert device.error(emailId=theirs.email_id)["type"] == "notFound"
    letter = conversation(device.account, "Lunch", Letter()).messages.get()
    assert device.error(emailId=letter.email_id)["type"] == "notFound", "a message that came is no draft"


def test_a_mail_program_that_replaces_the_draft_makes_a_conflict(device: Device) -> None:
    first = device.save("One")["draft"]
    mine = message(first)
    content = messages.content(mine).replace(b"One", b"Elsewhere")
    from tests.webmail.jmap.mail import keep

    actions.delete_for_ever(device.account.pk, message_ids=[mine.pk])
    theirs = keep(device.account, content, role="drafts", own=True, flags=Message.DRAFT | Message.SEEN)
    conflict = device.save("Two", draft=first)["conflict"]
    assert (conflict["draft"]["id"], conflict["draft"]["emailId"]) == (first["id"], theirs.email_id)
    assert conflict["draft"]["revision"] == 2


def test_the_simple_view_goes_on_with_the_same_draft(device: Device, web: Client) -> None:
    first = device.save("One")["draft"]
    form = {"author": "alice@example.org", "to": "carol@elsewhere.example", "subject": "Beans", "text": "Two", "do": "save"}
    web.post("/compose", {**form, "draft": message(first).pk})
    conflict = device.save("Three", draft=first)["conflict"]
    assert (conflict["draft"]["id"], conflict["draft"]["revision"]) == (first["id"], 2)
    assert message(conflict["draft"]).preview == "Two"


def test_a_message_without_an_id_of_its_own_gets_one(device: Device) -> None:
    from tests.webmail.jmap.mail import keep

    bare = keep(device.account, "From: alice@example.org\n\nHello\n", role="drafts", own=True, flags=Message.DRAFT)
    saved = message(device.save(emailId=bare.email_id)["draft"])
    assert saved.message_id.endswith("@example.org")


def test_one_draft_a_reply_is_found_by_what_it_answers(device: Device) -> None:
    parent = conversation(device.account, "Roof", Letter()).messages.get()
    answer = device.save(email=email(subject="Re: Roof", inReplyTo=[parent.message_id]))["draft"]
    device.save()
    assert device.get(inReplyTo=[parent.message_id]) == [answer]
    assert answer["threadId"] == ids.name("T", parent.thread_id)
    assert device.get(inReplyTo=["nothing@x"]) == []
    assert device.get(emailIds=[answer["emailId"]]) == [answer]
    assert device.get(ids=[answer["id"], "D999", "x"]) == [answer]


def test_files_are_uploaded_once(device: Device, web: Client) -> None:
    sent = web.post(f"/jmap/upload/{device.me}/", b"%PDF" * 1_000, content_type="application/pdf").json()
    file = {"blobId": sent["blobId"], "type": "application/pdf", "name": "plan.pdf", "disposition": "attachment"}
    first = device.save(email=email(attachments=[file]))
    [kept] = first["attachments"]
    assert (kept["name"], kept["type"], kept["size"]) == ("plan.pdf", "application/pdf", 4_000)
    second = device.save(email=email("More", attachments=[{**file, "blobId": kept["blobId"]}]), draft=first["draft"])
    assert second["attachments"][0]["size"] == 4_000
    Upload.objects.update(at=now() - timedelta(hours=23))
    third = device.save(email=email("Again", attachments=[file]), draft=second["draft"])
    assert third["attachments"][0]["name"] == "plan.pdf"
    assert Upload.objects.get().at > now() - timedelta(hours=1), "kept for another day"


def test_a_draft_is_saved_and_sent_in_one_request_and_comes_back_by_undo(device: Device, call: Call, me: str) -> None:
    first = device.save("Almost")["draft"]
    identity = one(call, "Identity/get", me)["list"][0]["id"]
    drafts_id, sent_id = (ids.name("F", mailboxes.by_role(device.account.pk, role).pk) for role in ("drafts", "sent"))
    held = {"mailFrom": {"email": "alice@example.org", "parameters": {"HOLDFOR": "10"}}}
    held |= {"rcptTo": [{"email": "carol@elsewhere.example", "parameters": None}]}
    wanted = {"identityId": identity, "emailId": "#d", "operationId": "sending-0001", "envelope": held}
    to_sent = {f"mailboxIds/{drafts_id}": None, f"mailboxIds/{sent_id}": True, "keywords/$draft": None}
    saving = {"draftId": first["id"], "revision": 1, "operationId": "saving-0001", "creationId": "d", "email": email("Done")}
    calls = [
        ("Draft/save", {"accountId": me, **saving}),
        ("EmailSubmission/set", {"accountId": me, "create": {"s": wanted}, "onSuccessUpdateEmail": {"#s": to_sent}}),
    ]
    said = call(*calls)
    assert [name for name, _ in said] == ["Draft/save", "EmailSubmission/set", "Email/set"]
    submission = said[1][1]["created"]["s"]["id"]
    saved = said[0][1]["draft"]
    again = call(*calls)
    assert again[1][1]["created"]["s"]["id"] == submission
    assert Envelope.objects.count() == Message.objects.count() == 1
    assert device.get() == []
    assert device.save("Late", draft=saved)["conflict"]["draft"] is None, "it was sent"
    back = {f"mailboxIds/{drafts_id}": True, f"mailboxIds/{sent_id}": None, "keywords/$draft": True}
    call(
        ("EmailSubmission/set", {
            "accountId": me,
            "update": {submission: {"undoStatus": "canceled"}},
            "onSuccessUpdateEmail": {submission: back},
        })
    )  # fmt: skip
    assert device.get() == [saved]
    assert device.save("Better", draft=saved)["draft"]["id"] == first["id"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"draftId": "D999", "revision": 1}, "notFound"),
        ({"draftId": "x", "revision": 1}, "notFound"),
        ({"draftId": "D1"}, "invalidArguments"),
        ({"draftId": "D1", "revision": 0}, "invalidArguments"),
        ({"draftId": "D1", "revision": 1, "emailId": "M1"}, "invalidArguments"),
        ({"emailId": "M999"}, "notFound"),
        ({"operationId": "short"}, "invalidArguments"),
        ({"ifConflict": "mine"}, "invalidArguments"),
        ({"email": None}, "invalidArguments"),
        ({"email": []}, "invalidArguments"),
        ({"email": {"messageId": ["a@b"]}}, "invalidProperties"),
        ({"email": {"header:Message-ID:asMessageIds": ["a@b"]}}, "invalidProperties"),
        ({"email": {"mailboxIds": {"F1": True}}}, "invalidProperties"),
        ({"email": {"attachments": [{"blobId": "U999", "type": "text/plain"}]}}, "blobNotFound"),
        ({"email": {"subject": "(" * 1_000_000, "to": "x"}}, "invalidProperties"),
        ({"nonsense": 1}, "invalidArguments"),
    ],
)
def test_what_cannot_be_saved_says_why(device: Device, arguments: dict[str, Any], kind: str) -> None:
    assert device.error(**arguments)["type"] == kind
    assert not Message.objects.exists()


def test_an_account_that_is_full_hears_it_and_keeps_the_version_before(device: Device) -> None:
    first = device.save("One")["draft"]
    Account.objects.update(quota=message(first).size + 10)
    said = device.error(draftId=first["id"], revision=1, email=email("Two" * 100))
    assert said["type"] == "overQuota"
    assert message(first).preview == "One"
    assert device.get() == [first]


def test_the_subject_may_be_as_long_as_anybody_likes(device: Device) -> None:
    assert message(device.save(email=email("(" * 1_000_000, subject="é" * 10_000))["draft"]).subject.startswith("éé")


def test_what_is_gone_for_a_month_is_forgotten(device: Device) -> None:
    first = device.save()["draft"]
    actions.delete_for_ever(device.account.pk, message_ids=[message(first).pk])
    assert drafts.forget_gone(now()) == 0
    assert drafts.forget_gone(now() + drafts.KEEP + timedelta(days=1)) == 1
    kept = device.save()["draft"]
    assert drafts.forget_gone(now() + timedelta(days=99)) == 0
    assert device.get() == [kept]


def test_its_paragraphs_are_broken_for_the_way_and_joined_by_who_reads_them(device: Device) -> None:
    long = "One paragraph that is much longer than any line of a mail should be, and that goes on for a while yet."
    content = messages.content(message(device.save(f"{long}\nShort.\n> quoted")["draft"])).decode()
    assert 'format="flowed"' in content or "format=flowed" in content
    body = content.partition("\r\n\r\n")[2].replace("\r\n", "\n")
    assert max(map(len, body.splitlines())) <= 78
    assert joined(body).strip() == f"{long}\nShort.\n> quoted"
