"""Writing: new letters, answers, forwards, drafts, what is asked before sending, and what goes wrong."""

from __future__ import annotations

import re
from binascii import b2a_uu
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.utils.html import escape

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Message
from mailsuite.protocol import header
from mailsuite.protocol.address import parse_list
from mailsuite.queue.models import Envelope, Recipient
from tests.webmail.store import Letter, conversation
from webmail import drafting, sending

ANA = "Ana Silva <ana@elsewhere.example>"
ALICE = "Alice Example <alice@example.org>"
GOOD = {"author": "alice@example.org", "to": ANA, "subject": "Roof", "text": "The roof leaks.", "do": "send"}


@pytest.fixture(autouse=True)
def signed_domain(alice: Account) -> None:
    """Nothing leaves unsigned: the domain has its key."""
    from mailsuite.accounts.models import DkimKey, Domain
    from mailsuite.protocol.dkim import new_key

    private, public = new_key()
    DkimKey.objects.create(domain=Domain.objects.get(), selector="s1", private_pem=private, public_key=public)


def sent_fields() -> dict[str, str]:
    """The header of what left."""
    content = blobs.read(Envelope.objects.select_related("blob").get().blob)
    found = header.fields(header.split_message(content)[0])
    return {one.name: header.decode(one.raw_value) for one in found}


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def test_a_letter_is_sent_queued_and_kept_in_sent(web: Client, alice: Account) -> None:
    page = web.post("/compose", {**GOOD, "cc": "bob.roe@elsewhere.example", "bcc": "carol@elsewhere.example"}, follow=True)
    assert b"Sent." in page.content
    assert sorted(Recipient.objects.values_list("address", flat=True)) == [
        "ana@elsewhere.example",
        "bob.roe@elsewhere.example",
        "carol@elsewhere.example",
    ]
    fields = sent_fields()
    assert fields["from"] == ALICE
    assert fields["to"] == ANA
    assert "bcc" not in fields
    assert Envelope.objects.get().origin == "web"
    assert mailboxes.by_role(alice.pk, "sent").total == 1


def test_an_answer_is_quoted_addressed_and_threaded(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Re: Roof", Letter(ANA, "It leaks.\n> Where?\nHere."))
    parent = Message.objects.get(thread=thread)
    page = web.get("/compose", {"reply": parent.pk}).content.decode()
    assert escape(ANA) in page
    assert 'value="Re: Roof"' in page
    assert escape("Ana Silva wrote:\n> It leaks.\n>> Where?\n> Here.") in page
    web.post("/compose", {**GOOD, "subject": "Re: Roof", "text": "I see.", "reply": parent.pk})
    fields = sent_fields()
    assert fields["in-reply-to"] == f"<{parent.message_id}>"
    assert fields["references"].endswith(f"<{parent.message_id}>")
    parent.refresh_from_db()
    assert parent.flags & Message.ANSWERED
    assert Message.objects.filter(thread=thread).count() == 2


def test_the_box_under_a_conversation_answers_with_the_quotation_below(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, "It leaks."))
    parent = Message.objects.get(thread=thread)
    response = web.post("/compose", {"quick": "1", "reply": parent.pk, "text": "I call him.", "do": "send"})
    assert response.headers["Location"].startswith(f"/t/{thread.pk}#m")
    answer = Message.objects.filter(thread=thread, own=True).get()
    assert b"I call him.\r\n\r\nOn " in messages.content(answer)
    assert b"> It leaks." in messages.content(answer)
    assert b"I call him." in web.get(f"/t/{thread.pk}").content


def test_what_is_sent_is_not_sent_again_because_the_store_was_busy(
    web: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, "It leaks.")))

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(sending.actions, "mark", busy)
    page = web.post("/compose", {**GOOD, "subject": "Re: Roof", "reply": parent.pk})
    assert page.status_code == 302
    assert Envelope.objects.count() == 1


def test_more_options_opens_the_whole_form_with_what_was_written(web: Client, alice: Account) -> None:
    parent = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, "It leaks.")))
    page = web.post("/compose", {"quick": "1", "reply": parent.pk, "text": "I call him.", "do": "open"}).content.decode()
    assert "I call him." in page
    assert 'value="Re: Roof"' in page
    assert not Envelope.objects.exists()


def test_reply_all_leaves_out_oneself_and_names_nobody_twice(alice: Account) -> None:
    thread = conversation(
        alice,
        "Roof",
        Letter(ANA, to=f"{ALICE}, Bob <bob@example.org>, ana@elsewhere.example", cc="Bob <BOB@example.org>, carol@x.example"),
    )
    found = drafting.recipients(Message.objects.get(thread=thread), frozenset({"alice@example.org"}), everyone=True)
    assert [one.address for one in found.to] == ["ana@elsewhere.example"]
    assert [one.address for one in found.cc] == ["bob@example.org", "carol@x.example"]


def test_an_answer_to_ones_own_letter_goes_where_that_went(alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ALICE, to=ANA))
    found = drafting.recipients(Message.objects.get(thread=thread), frozenset({"alice@example.org"}), everyone=False)
    assert [one.address for one in found.to] == ["ana@elsewhere.example"]


def test_reply_to_is_honoured(alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, headers={"Reply-To": "office@elsewhere.example"}))
    found = drafting.recipients(Message.objects.get(thread=thread), frozenset({"alice@example.org"}), everyone=False)
    assert [one.address for one in found.to] == ["office@elsewhere.example"]


def test_an_answer_leaves_from_the_address_that_was_written_to(web: Client, alice: Account) -> None:
    provision.add_address(alice, "treasurer@example.org")
    parent = Message.objects.get(thread=conversation(alice, "Shares", Letter(ANA, to="treasurer@example.org")))
    page = web.get("/compose", {"reply": parent.pk}).content.decode()
    assert '<option value="treasurer@example.org" selected>' in page


def test_a_forward_takes_text_header_lines_and_files_along(web: Client, alice: Account) -> None:
    file = ("offer.pdf", "application/pdf", b"%PDF-1.4 offer")
    parent = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, "See the offer.", files=[file])))
    page = web.get("/compose", {"forward": parent.pk}).content.decode()
    assert "Forwarded message" in page
    assert escape(f"From: {ANA}") in page
    assert 'value="Fwd: Roof"' in page
    keep = hidden(page, "keep")
    web.post("/compose", {**GOOD, "subject": "Fwd: Roof", "text": "Look.", "forward": parent.pk, "keep": keep})
    sent = Message.objects.get(own=True)
    assert [(one["name"], one["size"]) for one in sent.attachments] == [("offer.pdf", len(file[2]))]
    assert "in-reply-to" not in sent_fields()
    parent.refresh_from_db()
    assert "$Forwarded" in parent.keywords


def test_a_forward_takes_along_what_was_uuencoded_in_the_text(web: Client, alice: Account) -> None:
    text = f"Look:\nbegin 644 plan.txt\n{b2a_uu(b'the plan').decode()}`\nend\n"
    parent = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, text)))
    keep = hidden(web.get("/compose", {"forward": parent.pk}).content.decode(), "keep")
    web.post("/compose", {**GOOD, "subject": "Fwd: Roof", "text": "Look.", "forward": parent.pk, "keep": keep})
    assert [(one["name"], one["size"]) for one in Message.objects.get(own=True).attachments] == [("plan.txt", 8)]


def test_a_draft_is_kept_taken_up_changed_and_sent_and_is_gone_then(web: Client, alice: Account) -> None:
    file = SimpleUploadedFile("plan.txt", b"the plan", "text/plain")
    first = web.post("/compose", {**GOOD, "bcc": "carol@x.example", "do": "save", "files": file})
    page = web.get(first.headers["Location"]).content.decode()
    assert "The roof leaks." in page
    assert "carol@x.example" in page
    draft, keep = hidden(page, "draft"), hidden(page, "keep")
    web.post("/compose", {**GOOD, "text": "The roof leaks again.", "do": "save", "draft": draft, "keep": keep})
    assert mailboxes.by_role(alice.pk, "drafts").total == 1
    page = web.get("/compose", {"draft": Message.objects.get().pk}).content.decode()
    assert "leaks again" in page
    web.post("/compose", {**GOOD, "draft": hidden(page, "draft"), "keep": hidden(page, "keep")})
    assert mailboxes.by_role(alice.pk, "drafts").total == 0
    assert [one["name"] for one in Message.objects.get().attachments] == ["plan.txt"]


def test_all_versions_of_a_draft_and_what_is_sent_have_one_message_id(web: Client, alice: Account) -> None:
    web.post("/compose", {**GOOD, "do": "save"})
    first = Message.objects.get()
    web.post("/compose", {**GOOD, "text": "More.", "do": "save", "draft": first.pk})
    second = Message.objects.get()
    assert (second.pk != first.pk, second.message_id) == (True, first.message_id)
    web.post("/compose", {**GOOD, "text": "Most.", "draft": second.pk})
    assert Message.objects.get().message_id == first.message_id
    web.post("/compose", {**GOOD, "text": "Another.", "do": "save", "draft": Message.objects.get().pk})
    assert len(set(Message.objects.values_list("message_id", flat=True))) == 2, "what is sent is no draft"


def test_a_draft_of_an_answer_stays_in_its_conversation(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA))
    parent = Message.objects.get(thread=thread)
    first = web.post("/compose", {**GOOD, "subject": "Re: Roof", "reply": parent.pk, "do": "save"})
    assert Message.objects.filter(thread=thread).count() == 2
    assert hidden(web.get(first.headers["Location"]).content.decode(), "reply") == str(parent.pk)


def test_saving_the_same_twice_keeps_the_draft(web: Client, alice: Account) -> None:
    for _ in range(2):
        draft = Message.objects.values_list("pk", flat=True).first() or ""
        web.post("/compose", {**GOOD, "do": "save", "draft": draft})
    assert Message.objects.count() == 1


def test_a_discarded_draft_goes_to_trash_and_comes_back_by_undo(web: Client, alice: Account) -> None:
    web.post("/compose", {**GOOD, "do": "save"})
    draft = Message.objects.get()
    page = web.post("/compose", {**GOOD, "do": "discard", "draft": draft.pk}, follow=True).content.decode()
    assert mailboxes.by_role(alice.pk, "drafts").total == 0
    web.post("/undo", {"action": re.search(r"undo-\d+", page)[0]})
    assert mailboxes.by_role(alice.pk, "drafts").total == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"to": ""}, "To whom?"),
        ({"to": "Ana"}, "“Ana” is not an address."),
        ({"to": "ana@@elsewhere.example, bob@x.example"}, "is not an address."),
        ({"bcc": "nobody"}, "“nobody” is not an address."),
        ({"author": "bob@example.org"}, "Choose one of your addresses."),
        ({"to": "nobody@example.org"}, "There is no such address: nobody@example.org."),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(web: Client, change: dict[str, str], sentence: str) -> None:
    response = web.post("/compose", {**GOOD, **change})
    page = response.content.decode()
    assert response.status_code == 400
    assert sentence in page
    assert "The roof leaks." in page
    assert 'value="Roof"' in page
    assert not Envelope.objects.exists()


def test_files_survive_a_mistake_in_another_field(web: Client, alice: Account) -> None:
    file = SimpleUploadedFile("plan.txt", b"the plan", "text/plain")
    page = web.post("/compose", {**GOOD, "to": "Ana", "files": file}).content.decode()
    assert "plan.txt" in page
    web.post("/compose", {**GOOD, "draft": hidden(page, "draft"), "keep": hidden(page, "keep")})
    assert [one["name"] for one in Message.objects.get(account=alice).attachments] == ["plan.txt"]


def test_files_over_the_limit_are_refused_in_words(web: Client, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 100_000
    page = web.post("/compose", {**GOOD, "files": SimpleUploadedFile("big.bin", b"x" * 90_000)}).content.decode()
    assert "too large" in page
    assert "The roof leaks." in page
    assert not Envelope.objects.exists()


@pytest.mark.parametrize(
    ("change", "question"),
    [
        ({"text": "The offer is attached."}, "You wrote “attached”"),
        ({"text": "Das Angebot im Anhang."}, "You wrote “Anhang”"),
        ({"subject": ""}, "There is no subject."),
        ({"text": "> only quoted"}, "The letter is empty."),
        ({"to": "no-reply@elsewhere.example"}, "Nobody reads no-reply@elsewhere.example."),
    ],
)
def test_what_may_be_an_oversight_is_asked_once(web: Client, change: dict[str, str], question: str) -> None:
    page = web.post("/compose", {**GOOD, **change}).content.decode()
    assert question in page
    assert "Send anyway" in page
    assert not Envelope.objects.exists()
    web.post("/compose", {**GOOD, **change, "asked": hidden(page, "asked")})
    assert Envelope.objects.exists()


def test_a_word_in_the_quotation_asks_nothing(web: Client) -> None:
    web.post("/compose", {**GOOD, "text": "Thanks!\n\n> The offer is attached."})
    assert Envelope.objects.exists()


def test_no_field_can_smuggle_a_header_line(web: Client) -> None:
    web.post("/compose", {**GOOD, "subject": "Roof\r\nBcc: mallory@elsewhere.example"})
    assert sent_fields()["subject"] == "Roof Bcc: mallory@elsewhere.example"
    assert Recipient.objects.count() == 1


def test_names_and_subjects_beyond_ascii_arrive_as_written(web: Client) -> None:
    web.post(
        "/compose", {**GOOD, "to": '"Lindqvist, Åsa" <asa@elsewhere.example>', "subject": "Grüße 佐藤 " * 20, "text": "Søren ✓"}
    )
    fields = sent_fields()
    assert fields["subject"] == ("Grüße 佐藤 " * 20).strip()
    assert "Lindqvist, Åsa" in fields["to"]
    assert "Søren ✓" in drafting.resumed(Message.objects.select_related("blob").get()).text


def test_a_mailto_link_fills_the_form(web: Client) -> None:
    page = web.get(
        "/compose", {"to": "ana@elsewhere.example", "subject": "Hi\nBcc: x@y.example", "body": "Text <b>"}
    ).content.decode()
    assert 'value="ana@elsewhere.example"' in page
    assert 'value="Hi Bcc: x@y.example"' in page
    assert "Text &lt;b&gt;" in page


def test_an_old_date_is_quoted_in_the_members_own_time(web: Client, alice: Account) -> None:
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    parent = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, ago=timedelta(days=2))))
    hour = (parent.sent_at + timedelta(hours=9)).strftime("%H:%M")
    assert f"at {hour}, Ana Silva wrote:" in web.get("/compose", {"reply": parent.pk}).content.decode()


@pytest.mark.parametrize(
    ("subject", "reply"), [("Roof", "Re: Roof"), ("RE: AW: Roof", "Re: Roof"), ("Re[2]: Отчет", "Re: Отчет"), ("", "Re:")]
)
def test_a_reply_has_one_prefix(subject: str, reply: str) -> None:
    assert drafting.reply_subject(subject).strip() == reply


@pytest.mark.parametrize("name", ['a" <mallory@mallory.example>, "x', '"', "a\\", 'x\\", <mallory@mallory.example>'])
def test_a_name_adds_nobody_to_an_answer(name: str) -> None:
    written = str(drafting.Person(name, "ana@elsewhere.example"))
    assert [(one.name, one.address) for one in parse_list(written)] == [(name, "ana@elsewhere.example")]
