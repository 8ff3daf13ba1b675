"""The page of a conversation."""

from __future__ import annotations

import re
import resource
from binascii import b2a_uu
from datetime import timedelta

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import actions, mailboxes, messages
from mailsuite.mailstore.models import Message
from tests.webmail.store import Letter, conversation
from webmail import attachments

ALICE = "Alice Example <alice@example.org>"
ANA = "Ana Silva <ana@elsewhere.example>"


def ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def test_both_sides_are_shown_in_order_and_the_last_is_open(web: Client, alice: Account) -> None:
    thread = conversation(
        alice, "Roof", Letter(ANA, "It leaks.", ago(3)), Letter(ALICE, "I call him.", ago(2)), Letter(ANA, "Thanks!", ago(1))
    )
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "<h1" in page
    assert page.index("It leaks.") < page.index("I call him.") < page.index("Thanks!")
    assert re.findall(r'<details class="message[^"]*" id="m\d+"( open)?', page) == ["", "", " open"]
    assert ">me<" in page


def test_reading_marks_what_is_open_as_read(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, "It leaks.", ago(3), seen=False), Letter(ANA, "Much.", ago(2), seen=False))
    web.get(f"/t/{thread.pk}")
    assert not [m for m in Message.objects.filter(thread=thread) if not m.flags & Message.SEEN]
    assert mailboxes.by_role(alice.pk, "inbox").unread == 0


@pytest.mark.parametrize(
    "header", [{"HTTP_SEC_PURPOSE": "prefetch"}, {"HTTP_SEC_FETCH_DEST": "empty"}, {"HTTP_SEC_FETCH_SITE": "cross-site"}]
)
def test_what_no_person_looks_at_stays_unread(web: Client, alice: Account, header: dict[str, str]) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, seen=False))
    web.get(f"/t/{thread.pk}", **header)
    assert not Message.objects.get(thread=thread).flags & Message.SEEN


def test_reading_leaves_nothing_to_undo(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, seen=False))
    web.get(f"/t/{thread.pk}")
    assert actions.undo(alice.pk) is None


def test_many_read_messages_fold_into_one_line_behind_the_first(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", *(Letter(ANA, f"Text {n}", ago(20 - n)) for n in range(8)))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "6 older messages" in page
    assert page.index("Text 0") < page.index("6 older messages") < page.index("Text 1")


def test_a_very_long_conversation_loads_its_middle_on_demand(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", *(Letter(ANA, f"Text number {n}.", ago(100 - n)) for n in range(70)))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "Show 49 more messages" in page
    assert "Text number 30." not in page
    assert "Text number 30." in web.get(f"/t/{thread.pk}?all=1").content.decode()


def test_a_quotation_of_what_was_said_is_folded_and_an_answer_inside_it_is_not(web: Client, alice: Account) -> None:
    question = "Which tiles?\nAnd when does he come?"
    trailing = "On Tuesday.\n\nOn 3 October 2026 at 14:02, Ana wrote:\n> Which tiles?\n> And when does he come?\n"
    inline = "> Which tiles?\nThe red ones.\n> And when does he come?\nOn Tuesday."
    thread = conversation(
        alice, "Roof", Letter(ANA, question, ago(3)), Letter(text=trailing, ago=ago(2)), Letter(text=inline, ago=ago(1))
    )
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert page.count('<details class="quote">') == 1
    folded = page.split('<details class="quote">')[1].split("</details>")[0]
    assert "Ana wrote:" in folded
    assert "Which tiles?" in folded
    assert "The red ones." not in folded


def test_text_is_escaped_and_only_links_become_links(web: Client, alice: Account) -> None:
    text = "<script>alert(1)</script> see https://roofs.example/a?b=1&c=(2). javascript:alert(2) or write bob@example.org"
    thread = conversation(alice, "Roof", Letter(ANA, text))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "<script>alert" not in page
    assert '<a href="https://roofs.example/a?b=1&amp;c=(2)" target="_blank" rel="noopener noreferrer nofollow">' in page
    assert 'href="javascript' not in page
    assert '<a href="/compose?to=bob%40example.org">' in page


def test_what_lies_in_trash_is_a_line_and_a_click_away(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, "Old words.", ago(3)), Letter(ANA, "New words.", ago(1)))
    first = Message.objects.filter(thread=thread).order_by("received_at")[0]
    actions.trash(alice.pk, message_ids=[first.pk])
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "1 message of this conversation is in Trash" in page
    assert "Old words." not in page
    assert "Old words." in web.get(f"/t/{thread.pk}?in=trash").content.decode()


def test_spam_is_never_mixed_into_a_conversation(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, "It leaks.", ago(3)), Letter("x@mallory.example", "Pay here.", ago(1)))
    spam = Message.objects.filter(thread=thread).order_by("received_at")[1]
    actions.report_spam(alice.pk, message_ids=[spam.pk])
    assert "Pay here." not in web.get(f"/t/{thread.pk}").content.decode()


def test_somebody_new_is_announced(web: Client, alice: Account) -> None:
    thread = conversation(
        alice,
        "Roof",
        Letter(ANA, ago=ago(3)),
        Letter("Bob Roe <bob@example.org>", ago=ago(2)),
        Letter(ANA, ago=ago(1), cc="Carol Diaz <carol@elsewhere.example>"),
    )
    assert "Carol was added by Ana" in web.get(f"/t/{thread.pk}").content.decode()


def test_why_a_message_is_here_is_said_in_sentences(web: Client, alice: Account) -> None:
    decision = {
        "auth": {"dmarc": {"result": "pass"}, "spf": {"result": "pass"}},
        "reasons": [{"code": "known", "text": "You wrote to them before", "weight": -1.5}],
    }
    thread = conversation(alice, "Roof", Letter(ANA, decision=decision))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "Confirmed: really from elsewhere.example" in page
    assert "You wrote to them before (-1.5)" in page


def test_a_file_comes_down_as_a_file_and_never_as_a_page(web: Client, alice: Account) -> None:
    script = b"<script>alert(1)</script>"
    thread = conversation(alice, "Roof", Letter(ANA, files=[("Größe \u202efdp.html", "text/html", script)]))
    page = web.get(f"/t/{thread.pk}").content.decode()
    href = re.search(r'class="take" href="([^"]+)"', page)[1]
    response = web.get(href)
    assert response.content == script
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "\u202e" not in response.headers["Content-Disposition"]
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_uuencoded_in_the_text_comes_down_decoded(web: Client, alice: Account) -> None:
    text = f"Look:\nbegin 644 plan.txt\n{b2a_uu(b'the plan').decode()}`\nend\n"
    thread = conversation(alice, "Roof", Letter(ANA, text))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert web.get(re.search(r'class="take" href="([^"]+)"', page)[1]).content == b"the plan"


def test_a_part_that_is_not_there_is_not_found(web: Client, alice: Account) -> None:
    pk = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA))).pk
    assert web.get(f"/m/{pk}/part/9.9/x").status_code == 404


def test_the_original_is_plain_text_and_the_file_is_byte_for_byte(web: Client, alice: Account) -> None:
    message = Message.objects.get(thread=conversation(alice, "Roof", Letter(ANA, "<b>Hi</b>")))
    source = web.get(f"/m/{message.pk}/original")
    assert source.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"Subject: Roof" in source.content
    whole = web.get(f"/m/{message.pk}/message.eml")
    assert len(whole.content) == message.size


def test_a_conversation_of_nothing_but_a_draft_opens_the_draft(web: Client, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ALICE, "half a", draft=True))
    response = web.get(f"/t/{thread.pk}")
    assert response.headers["Location"].startswith("/compose?draft=")


def test_a_read_conversation_takes_at_most_eleven_queries(web: Client, alice: Account, django_assert_max_num_queries) -> None:
    thread = conversation(alice, "Roof", *(Letter(ANA, f"Text {n}", ago(40 - n)) for n in range(30)))
    web.get(f"/t/{thread.pk}?in=inbox")
    with django_assert_max_num_queries(11):
        web.get(f"/t/{thread.pk}?in=inbox")


def test_a_stranger_who_writes_as_me_is_not_called_me(web: Client, alice: Account) -> None:
    failed = {"reasons": [], "auth": {"dmarc": {"result": "none", "domain": "example.org"}}}
    [blob] = blobs.save([(blobs.draft(content := b"From: Alice Example <alice@example.org>\r\nSubject: Pay\r\n\r\nPay.\r\n"), 0)])
    [message] = messages.append([messages.NewMessage(alice.pk, blob, content, decision=failed)])
    page = web.get(f"/t/{message.thread_id}").content.decode()
    assert ">me<" not in page
    assert "Alice Example" in page


def test_a_flood_of_long_unread_letters_still_opens(web: Client, alice: Account) -> None:
    many = [Letter(ANA, f"number {n} " + "leak " * 120_000, ago(60 - n), seen=False) for n in range(30)]
    thread = conversation(alice, "Roof", *many)
    page = web.get(f"/t/{thread.pk}").content
    assert len(page) < 10_000_000
    assert b"number 29 leak" in page
    assert b"all=" in page


def test_a_large_file_waits_on_disk_for_a_slow_client(web: Client, alice: Account) -> None:
    data = bytes(range(256)) * 8_000
    conversation(alice, "Plans", Letter(ANA, files=[("plan.bin", "application/octet-stream", data)]))
    message = Message.objects.get()
    part = message.attachments[0]["part"]
    whole, file = web.get(f"/m/{message.pk}/message.eml"), web.get(f"/m/{message.pk}/part/{part}/plan.bin")
    assert whole.streaming
    assert file.streaming
    assert b"".join(file.streaming_content) == data
    assert b"".join(whole.streaming_content) == messages.content(message)
    assert int(file["Content-Length"]) == len(data)
    assert file["Content-Disposition"] == 'attachment; filename="plan.bin"'


def test_a_large_file_is_handed_out_though_the_disk_is_full() -> None:
    data, before = bytes(2_000_000), resource.getrlimit(resource.RLIMIT_FSIZE)
    for most in (0, 1_500_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            response = attachments.download(data, "plan.bin", "application/octet-stream")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert not response.streaming
        assert response.content == data
