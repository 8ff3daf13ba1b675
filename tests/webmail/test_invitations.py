"""Invitations in a conversation: shown, answered, moved, cancelled, and nobody's business else."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta

import icalendar
import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore.models import Message, Thread
from mailsuite.queue.models import Envelope
from tests.protocol.test_calendar import invitation
from tests.webmail.store import Letter, conversation
from webmail import invitations

CAROL = "Carol <carol@elsewhere.example>"
HERE = ("ORGANIZER;CN=Carol:mailto:carol@elsewhere.example", "ATTENDEE;CN=Alice:mailto:alice@example.org")
TUESDAY, WEDNESDAY = "DTSTART:20260310T100000Z", "DTSTART:20260311T100000Z"


def invite(*lines: str, method: str = "REQUEST", who: str = CAROL, hours: int = 5) -> Letter:
    content = invitation("SUMMARY:Look at the roof", *HERE, *lines, method=method).encode()
    return Letter(who, "You are invited.", timedelta(hours=hours), files=[("invite.ics", "text/calendar", content)])


def thread_of(account: Account, *letters: Letter) -> tuple[Thread, list[Message]]:
    thread = conversation(account, "Invitation: Look at the roof", *letters)
    return thread, list(thread.messages.order_by("received_at"))


def press(client: Client, message: Message, answer: str, note: str = "") -> str:
    said = {"answer": answer, "note": note}
    return client.post(f"/m/{message.pk}/answer", said, follow=True).content.decode()


def sent() -> email.message.EmailMessage:
    envelope = Envelope.objects.latest("pk")
    return email.message_from_bytes(bytes(envelope.trace) + store.read(envelope.blob), policy=email.policy.default)


@pytest.mark.parametrize(
    ("answer", "status", "keyword"),
    [("yes", "ACCEPTED", "$EventAccepted"), ("maybe", "TENTATIVE", "$EventTentative"), ("no", "DECLINED", "$EventDeclined")],
)
def test_an_answer_goes_to_the_organiser_from_the_invited_address(
    web: Client, alice: Account, answer: str, status: str, keyword: str
) -> None:
    thread, [message] = thread_of(alice, invite(TUESDAY))
    assert "Tuesday 10 March 2026" in web.get(f"/t/{thread.pk}").content.decode()
    page = press(web, message, answer, "With a ladder.")
    assert "Answer sent." in page
    envelope = Envelope.objects.get()
    assert (envelope.reverse_path, envelope.recipients.get().address) == ("alice@example.org", "carol@elsewhere.example")
    letter = sent()
    assert (letter["From"], letter["To"]) == ("alice@example.org", "carol@elsewhere.example")
    assert letter["In-Reply-To"] == f"<{message.message_id}>"
    plain, part = letter.iter_parts()
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "REPLY")
    assert "With a ladder." in plain.get_content()
    [event] = icalendar.Calendar.from_ical(part.get_content()).events
    assert event["attendee"].params["PARTSTAT"] == status
    assert str(event["attendee"]) == "mailto:alice@example.org"
    message.refresh_from_db()
    assert keyword in message.keywords
    assert message.flags & Message.ANSWERED


def test_the_last_answer_counts_and_the_same_again_sends_nothing(web: Client, alice: Account) -> None:
    _, [message] = thread_of(alice, invite(TUESDAY))
    press(web, message, "yes")
    assert "You have answered so already." in press(web, message, "yes")
    assert Envelope.objects.count() == 1
    press(web, message, "no")
    message.refresh_from_db()
    assert [one for one in message.keywords if one.startswith("$Event")] == ["$EventDeclined"]
    assert Envelope.objects.count() == 2


def test_an_update_takes_the_place_of_what_it_moves(web: Client, alice: Account) -> None:
    thread, [first, second] = thread_of(alice, invite(TUESDAY), invite(WEDNESDAY, "SEQUENCE:1", hours=3))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "Wednesday 11 March 2026, 10:00" in page
    assert "Moved from Tuesday 10 March 2026, 10:00" in page
    old, new = invitations.event(first), invitations.event(second)
    assert old is not None
    assert new is not None
    assert (old.is_replaced, old.can_answer, new.is_replaced, new.can_answer) == (True, False, False, True)
    assert "A newer invitation" in press(web, first, "yes")
    assert not Envelope.objects.exists()


def test_a_cancellation_strikes_the_event(web: Client, alice: Account) -> None:
    _, [first, second] = thread_of(alice, invite(TUESDAY), invite(TUESDAY, "SEQUENCE:1", method="CANCEL", hours=3))
    for message in (first, second):
        about = invitations.event(message)
        assert about is not None
        assert about.is_cancelled
    assert "This event was cancelled." in press(web, first, "yes")
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("decision", [{}, {"auth": {"dmarc": {"result": "fail"}}}])
def test_nobody_else_can_cancel_or_move_an_event(alice: Account, decision: dict[str, object]) -> None:
    mallory = "Mallory <mallory@elsewhere.example>" if not decision else CAROL
    forged = [invite(TUESDAY, "SEQUENCE:9", method=method, who=mallory, hours=3) for method in ("CANCEL", "REQUEST")]
    for letter in forged:
        letter.decision = decision
    _, [first, *_] = thread_of(alice, invite(TUESDAY), *forged)
    about = invitations.event(first)
    assert about is not None
    assert about.can_answer


def test_the_answer_of_a_guest_is_told(web: Client, alice: Account) -> None:
    lines = ["ORGANIZER:mailto:alice@example.org", "ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@elsewhere.example", TUESDAY]
    content = invitation("SUMMARY:Roof", *lines, method="REPLY").encode()
    thread, _ = thread_of(alice, Letter(CAROL, "No.", files=[("invite.ics", "text/calendar", content)]))
    page = web.get(f"/t/{thread.pk}").content.decode()
    assert "Bob does not come." in page
    assert 'name="answer"' not in page


@pytest.mark.parametrize("why", ["not invited", "no organiser", "no event"])
def test_what_asks_for_no_answer_gets_none(web: Client, alice: Account, why: str) -> None:
    lines = {
        "not invited": [HERE[0], "ATTENDEE:mailto:carl@elsewhere.example"],
        "no organiser": [HERE[1]],
        "no event": [],
    }[why]
    content = invitation(*lines, TUESDAY).encode() if lines else b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    _, [message] = thread_of(alice, Letter(CAROL, "x", files=[("invite.ics", "text/calendar", content)]))
    press(web, message, "yes")
    assert not Envelope.objects.exists()


def test_nobody_answers_for_another(web: Client, alice: Account, bob: Account) -> None:
    _, [message] = thread_of(alice, invite(TUESDAY))
    other = Client()
    assert other.post(f"/m/{message.pk}/answer", {"answer": "yes"}).status_code == 302
    other.force_login(bob)
    assert other.post(f"/m/{message.pk}/answer", {"answer": "yes"}).status_code == 404
    assert web.get(f"/m/{message.pk}/answer").status_code == 405
    assert web.post(f"/m/{message.pk}/answer", {"answer": "perhaps"}).status_code == 400
    assert not Envelope.objects.exists()


def test_an_event_in_a_file_is_shown_as_one(web: Client, alice: Account) -> None:
    _, [message] = thread_of(alice, invite(TUESDAY, "LOCATION:<script>alert(1)</script>"))
    part = next(one["part"] for one in message.attachments if one["type"] == "text/calendar")
    page = web.get(f"/m/{message.pk}/preview/{part}").content.decode()
    assert "Look at the roof" in page
    assert "<script" not in page
