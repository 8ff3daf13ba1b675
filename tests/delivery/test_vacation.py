"""Who writes to a member who is away hears it once, from nobody's loop (RFC 3834)."""

from __future__ import annotations

import email
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils.timezone import now

from mailsuite.accounts import provision, vacation
from mailsuite.accounts.models import Account, Vacation, VacationAnswer
from mailsuite.blobs import store
from mailsuite.delivery import attempt
from mailsuite.delivery import vacation as responder
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from mailsuite.protocol import autoreply, header
from mailsuite.queue.models import Envelope, Recipient
from tests.queued import account, queued

pytestmark = pytest.mark.django_db(transaction=True)
CAROL = "carol@elsewhere.example"


@pytest.fixture
def alice() -> Account:
    return account()


@pytest.fixture
def away(alice: Account) -> Vacation:
    return Vacation.objects.create(account=alice, is_enabled=True, subject="In the hills", text="Back in May.")


def letter(to: str = "alice@example.org", more: str = "", number: int = 0, subject: str = "Beans") -> bytes:
    head = f"From: Carol <{CAROL}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{number}@elsewhere.example>\n{more}"
    return f"{head}\nThe beans are up.\n".replace("\n", "\r\n").encode()


def deliver(alice: Account, content: bytes | None = None, **fields: Any) -> None:
    queued("alice@example.org", account=alice, content=content or letter(), **fields)
    assert attempt.local_batch("me") == 1
    assert not Recipient.objects.filter(state="leased").exists()


def answers() -> list[EmailMessage]:
    found = Envelope.objects.filter(origin="report").order_by("pk")
    return [email.message_from_bytes(store.read(one.blob), policy=policy.default) for one in found]


def test_a_letter_is_answered_once(alice: Account, away: Vacation) -> None:
    deliver(alice)
    deliver(alice, letter(number=1))
    [said] = answers()
    assert (said["To"], said["From"], said["Subject"]) == (CAROL, "Alice <alice@example.org>", "In the hills")
    assert (said["Auto-Submitted"], said["In-Reply-To"]) == ("auto-replied", "<0@elsewhere.example>")
    assert said.get_content().strip() == "Back in May."
    [envelope] = Envelope.objects.filter(origin="report")
    assert envelope.reverse_path == "", "so that nothing ever comes back"
    assert [(to.address, to.account_id) for to in envelope.recipients.all()] == [(CAROL, None)]
    assert Message.objects.count() == 2, "both letters are there"


def test_after_four_days_it_is_said_again(alice: Account, away: Vacation) -> None:
    deliver(alice)
    VacationAnswer.objects.update(at=now() - timedelta(days=4))
    deliver(alice, letter(number=1))
    assert len(answers()) == 2
    assert vacation.forget(now()) == 0
    assert vacation.forget(now() + timedelta(days=5)) == 1


def test_who_goes_away_anew_answers_anew(alice: Account, away: Vacation) -> None:
    deliver(alice)
    before = vacation.of(alice.pk)
    later = vacation.of(alice.pk)
    later.text = "Back in June."
    vacation.keep(later, before)
    assert VacationAnswer.objects.exists(), "other words are no other holiday"
    later.is_enabled = False
    vacation.keep(later, before)
    before = vacation.of(alice.pk)
    later.is_enabled = True
    vacation.keep(later, before)
    deliver(alice, letter(number=1))
    assert len(answers()) == 2


@pytest.mark.parametrize(
    "more",
    [
        "List-Id: <talk.lists.example>\n",
        "List-Unsubscribe: <mailto:x@lists.example>\n",
        "Precedence: bulk\n",
        "Precedence: LIST\n",
        "Precedence: junk\n",
        "Auto-Submitted: auto-generated\n",
        "Auto-Submitted: auto-replied; owner-email=x\n",
        "X-Auto-Response-Suppress: DR, OOF\n",
        "X-Loop: alice@example.org\n",
        "Feedback-ID: 1:2:3\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n",
    ],
)
def test_lists_and_machines_are_not_answered(alice: Account, away: Vacation, more: str) -> None:
    deliver(alice, letter(more=more))
    assert answers() == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "MAILER-DAEMON@elsewhere.example",
        "owner-talk@lists.example",
        "talk-request@lists.example",
        "talk-bounces+alice=example.org@lists.example",
        "noreply@shop.example",
        "no-reply+123@shop.example",
        "newsletter-donotreply@shop.example",
        "postmaster@elsewhere.example",
    ],
)
def test_nobody_and_robots_are_not_answered(alice: Account, away: Vacation, path: str) -> None:
    deliver(alice, reverse_path=path)
    assert answers() == []


def test_only_mail_that_names_its_member_is_answered(alice: Account, away: Vacation) -> None:
    deliver(alice, letter("team@elsewhere.example"))
    assert answers() == []
    provision.add_alias("garden@example.org", ["alice@example.org"])
    deliver(alice, letter("x@elsewhere.example", "Cc: Garden <Garden+beans@Example.org>\n", 1))
    assert answers()[0]["From"] == "Alice <garden@example.org>"


@pytest.mark.parametrize("result", ["fail", "softfail"])
def test_a_forged_reverse_path_is_not_answered(alice: Account, away: Vacation, result: str) -> None:
    deliver(alice, verdict={"results": {"spf": {"result": result}}})
    assert answers() == []


def test_junk_is_not_answered(alice: Account, away: Vacation) -> None:
    deliver(alice, verdict={"action": "junk", "junk": True, "reasons": ["DMARC says quarantine"]})
    assert answers() == []


def test_an_answer_is_never_answered(alice: Account, away: Vacation) -> None:
    bob = account("bob")
    Vacation.objects.create(account=bob, is_enabled=True)
    content = letter().replace(CAROL.encode(), b"bob@example.org")
    deliver(alice, content, reverse_path="bob@example.org")
    [said] = Recipient.objects.filter(envelope__origin="report")
    assert said.account_id == bob.pk
    assert attempt.local_batch("me") == 1
    assert Envelope.objects.filter(origin="report").count() == 1
    assert b"Auto-Submitted: auto-replied" in messages.content(Message.objects.get(account=bob))


def test_nobody_answers_himself(alice: Account, away: Vacation) -> None:
    deliver(alice, letter(), reverse_path="alice@example.org")
    assert answers() == []


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"from_date": timedelta(days=1)}, 0),
        ({"from_date": -timedelta(days=1)}, 1),
        ({"to_date": -timedelta(days=1)}, 0),
        ({"to_date": timedelta(days=1)}, 1),
        ({"is_enabled": False}, 0),
    ],
)
def test_only_while_away(alice: Account, away: Vacation, values: dict[str, Any], count: int) -> None:
    moments = {name: now() + value if isinstance(value, timedelta) else value for name, value in values.items()}
    Vacation.objects.update(**moments)
    deliver(alice)
    assert len(answers()) == count


def test_contacts_alone_hear_it_where_that_is_wished(alice: Account, away: Vacation) -> None:
    Vacation.objects.update(contacts_only=True)
    deliver(alice)
    assert answers() == []
    content = b"From: alice@example.org\r\nTo: carol@elsewhere.example\r\n\r\nHello\r\n"
    [blob] = store.save([(store.draft(content), 0)])
    messages.append([messages.NewMessage(alice.pk, blob, content, role="sent", own=True)])
    deliver(alice, letter(number=1))
    assert len(answers()) == 1


def test_the_words_are_made_where_none_are_set(alice: Account, away: Vacation) -> None:
    Vacation.objects.update(subject=None, text=None, html="<p>Back in <b>May</b></p>")
    deliver(alice, letter(subject="Beans\u202e " + "x" * 5_000))
    [said] = answers()
    assert said["Subject"].startswith("Auto: Beans")
    assert said.get_content_type() == "multipart/alternative"
    assert "Back in May" in said.get_body(("plain",)).get_content()


def test_a_flood_of_forged_authors_is_not_answered_without_end(
    alice: Account, away: Vacation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vacation, "MOST_A_DAY", 3)
    for n in range(6):
        deliver(alice, letter(number=n), reverse_path=f"p{n}@elsewhere.example")
    assert len(answers()) == 3


def test_what_goes_wrong_with_an_answer_harms_no_delivery(
    alice: Account, away: Vacation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responder, "_written", lambda *_: 1 / 0)
    deliver(alice)
    assert Message.objects.count() == 1
    assert answers() == []
    assert not VacationAnswer.objects.exists()


def test_who_is_here_costs_one_question_a_batch(alice: Account, django_assert_num_queries) -> None:
    recipient = queued("alice@example.org", account=alice)[0]
    new = messages.NewMessage(alice.pk, recipient.envelope.blob, letter())
    with django_assert_num_queries(1):
        responder.answer([(recipient, new)] * 100, now())


@pytest.mark.parametrize("value", ["(" * 1_000_000, "<" * 1_000_000, "a@b, " * 200_000, "-request" * 100_000])
def test_a_megabyte_of_anything_is_judged_in_time(value: str) -> None:
    fields = header.fields(f"To: {value}\r\nAuto-Submitted: {value}\r\n".encode()[:250_000])
    autoreply.objection(fields, f"{value}@elsewhere.example", ["alice@example.org"])
    assert autoreply.addressed_to(fields, ["alice@example.org"]) == ""
