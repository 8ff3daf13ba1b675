"""Submission: an account writes as itself, and what it wrote is queued, signed and in Sent, or nothing is."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from mailsuite.accounts.models import Account, Address, AliasTarget, Domain
from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.delivery import attempt
from mailsuite.delivery.submit import Options, SubmissionRefused, Submitted, submit
from mailsuite.mailstore import changes, messages
from mailsuite.mailstore.messages import NewMessage
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.queue import inspect
from mailsuite.queue.models import Envelope, Recipient
from tests.queued import account, states

pytestmark = pytest.mark.django_db(transaction=True)
LETTER = (
    b"From: Alice <alice@example.org>\r\nTo: carol@elsewhere.example\r\nSubject: Beans\r\nMessage-ID: <b1@example.org>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nThe beans are up.\r\n"
)


@pytest.fixture
def alice() -> Account:
    return account()


def send(alice: Account, content: bytes = LETTER, *to: str, **more: object) -> Submitted:
    return submit(alice, content, reverse_path="alice@example.org", recipients=to or ["carol@elsewhere.example"], **more)


def refused(alice: Account, content: bytes = LETTER, *to: str, **more: object) -> SubmissionRefused:
    with pytest.raises(SubmissionRefused) as caught:
        submit(alice, content, **{"reverse_path": "alice@example.org", "recipients": to or ["carol@elsewhere.example"]} | more)
    assert not Envelope.objects.exists()
    assert not Message.objects.exists()
    return caught.value


def on_the_wire(sent: Submitted) -> bytes:
    envelope = Envelope.objects.get(pk=sent.envelope.pk)
    return bytes(envelope.trace) + store.read(envelope.blob)


def roles(message: Message) -> set[str]:
    rows = Mailbox.objects.filter(pk__in=Membership.objects.filter(message=message).values("mailbox"))
    return set(rows.values_list("role", flat=True))


def test_what_is_submitted_is_queued_and_in_sent_as_one_blob(alice: Account) -> None:
    sent = send(alice)
    assert states() == ["due"]
    assert on_the_wire(sent) == LETTER
    assert messages.content(sent.message) == LETTER
    assert "sent" in roles(sent.message)
    assert sent.message.flags == Message.SEEN
    assert Blob.objects.get().references == 2
    assert (sent.envelope.account_id, sent.message_id) == (alice.pk, "b1@example.org")


def test_a_client_that_appends_the_same_letter_meanwhile_waits_for_nobody_in_a_circle(alice: Account) -> None:
    begun = threading.Event()

    def copy_to_sent() -> None:
        with transaction.atomic():
            changes.begin([alice.pk])
            begun.set()
            time.sleep(0.5)  # the submission comes as far as it can
            [blob] = store.save([(store.draft(LETTER), 0)])
            messages.append([NewMessage(alice.pk, blob, LETTER, role="sent", by_member=True)])
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        appended = pool.submit(copy_to_sent)
        assert begun.wait(10)
        send(alice)
        appended.result(timeout=20)
    assert Message.objects.count() == 1
    assert Blob.objects.get().references == 2


def test_it_is_signed_last_and_the_copy_in_sent_is_not(alice: Account) -> None:
    from mailsuite.accounts import provision

    Domain.objects.all().delete()
    Account.objects.all().delete()
    provision.add_domain("example.org")
    alice = provision.add_account("alice@example.org", "correct horse battery staple")
    sent = send(alice, options=Options(trace=b"Received: from a phone\r\n"))
    wire = on_the_wire(sent)
    assert wire.startswith(b"Received: from a phone\r\nDKIM-Signature:")
    assert wire.endswith(LETTER)
    assert messages.content(sent.message) == LETTER


def test_date_and_message_id_are_added_where_they_are_missing(alice: Account) -> None:
    sent = send(alice, b"From: alice@example.org\r\n\r\nhello\r\n")
    wire = on_the_wire(sent)
    assert re.search(rb"^Message-ID: <[0-9a-f]{32}@example\.org>\r$", wire, re.M)
    assert re.search(rb"^Date: \w\w\w, ", wire, re.M)
    assert Message.objects.get().message_id == sent.message_id


def test_nobody_but_the_author_sees_a_bcc(alice: Account) -> None:
    content = LETTER.replace(b"Subject:", b"Bcc: dan@third.example,\r\n erin@third.example\r\nSubject:")
    sent = send(alice, content, "carol@elsewhere.example", "dan@third.example")
    assert on_the_wire(sent) == LETTER
    assert messages.content(sent.message) == content
    assert sorted(Blob.objects.values_list("references", flat=True)) == [1, 1]


def test_a_client_that_appends_its_own_copy_to_sent_makes_no_second_message(alice: Account) -> None:
    sent = send(alice)
    blob = Blob.objects.get()
    [again] = messages.append([NewMessage(alice.pk, blob, LETTER, flags=Message.SEEN, role="sent", own=True, by_member=True)])
    assert again.pk == sent.message.pk
    assert Message.objects.count() == 1


def test_line_ends_of_sloppy_clients_are_mended(alice: Account) -> None:
    assert on_the_wire(send(alice, LETTER.replace(b"\r\n", b"\n"))) == LETTER


def test_an_account_writes_as_itself_only(alice: Account) -> None:
    account("bob")
    for content, path in [
        (LETTER.replace(b"alice@", b"bob@"), "alice@example.org"),
        (LETTER.replace(b"<alice@example.org>", b"<alice@example.org>, bob@example.org"), "alice@example.org"),
        (LETTER.replace(b"Subject:", b"Sender: mallory@elsewhere.example\r\nSubject:"), "alice@example.org"),
        (LETTER.replace(b"Subject:", b"From: bob@example.org\r\nSubject:"), "alice@example.org"),
        (LETTER, "bob@example.org"),
    ]:
        assert refused(alice, content, reverse_path=path).reply.enhanced == "5.7.1"


@pytest.mark.parametrize(
    "head",
    [
        b"From: <mallory@example.org> <alice@example.org>",
        b"From: <alice@example.org> mallory@example.org",
        b'From: alice@example.org (x) <alice@example.org>, "q" mallory@example.org (y',
        b"From: alice@example.org\r\nFr\0om: mallory@example.org",
        b"From: alice@example.org\r\n" + b"X: y\r\n" * 60_000 + b"From: mallory@example.org",
        b"From: alice@example.org\r\nResent-From: mallory@example.org",
        b"From: alice@example.org\r\nResent-Sender: mallory@example.org",
    ],
)
def test_no_other_reader_finds_another_author(alice: Account, head: bytes) -> None:
    assert refused(alice, head + b"\r\n\r\nx\r\n").reply.code == 550


@pytest.mark.parametrize(
    "author",
    [
        b'"Alice, of carol@elsewhere.example" <alice@example.org>',
        b"alice@example.org (Alice, not carol@elsewhere.example)",
        b"Alice <Alice@Example.ORG>",
        b'"alice"@example.org',
    ],
)
def test_a_name_may_say_what_it_likes(alice: Account, author: bytes) -> None:
    assert send(alice, b"From: " + author + b"\r\n\r\nx\r\n")


def test_a_tag_of_an_own_address_is_own(alice: Account) -> None:
    sent = submit(
        alice, LETTER.replace(b"alice@", b"alice+shop@"), reverse_path="alice+x@example.org", recipients=["c@x.example"]
    )
    assert sent.envelope.reverse_path == "alice+x@example.org"


def test_a_message_without_an_author_is_refused(alice: Account) -> None:
    for content in (b"Subject: x\r\n\r\n", b"From: undisclosed:;\r\n\r\n", b"From: nobody\r\n\r\n", b""):
        assert refused(alice, content).reply.code == 550


def test_a_recipient_of_ours_that_does_not_exist_is_named(alice: Account) -> None:
    error = refused(alice, LETTER, "carol@elsewhere.example", "nobdy@example.org")
    assert error.reply.enhanced == "5.1.1"
    assert "nobdy@example.org" in str(error)
    assert not error.temporary


def test_mail_among_members_never_leaves_the_house(alice: Account) -> None:
    bob = account("bob")
    team = Address.objects.create(domain=Domain.objects.get(), local_part="team")
    for target in ("bob@example.org", "carol@elsewhere.example"):
        AliasTarget.objects.create(address=team, target=target)
    send(alice, LETTER, "team@example.org")
    assert set(Recipient.objects.values_list("address", "account", "original")) == {
        ("bob@example.org", bob.pk, "team@example.org"),
        ("carol@elsewhere.example", None, "team@example.org"),
    }
    attempt.local_batch("me")
    assert "inbox" in roles(Message.objects.get(account=bob))


def test_a_letter_to_oneself_is_one_message_in_sent_and_inbox(alice: Account) -> None:
    sent = send(alice, LETTER, "alice@example.org")
    attempt.local_batch("me")
    assert Message.objects.count() == 1
    assert {"sent", "inbox"} <= roles(sent.message)


def test_too_many_recipients_in_a_day_are_deferred(alice: Account, settings: object) -> None:
    settings.DAILY_RECIPIENTS = 3
    send(alice, LETTER, "a@x.example", "b@x.example")
    with pytest.raises(SubmissionRefused) as caught:
        send(alice, LETTER, "c@x.example", "d@x.example")
    assert caught.value.temporary
    Envelope.objects.update(accepted_at=now() - timedelta(hours=25))
    send(alice, LETTER, "c@x.example", "d@x.example")


def test_too_large_and_too_many_hops_are_refused(alice: Account, settings: object) -> None:
    settings.MESSAGE_SIZE_LIMIT = 70_000
    assert refused(alice, LETTER + b"x" * 70_000).reply.code == 552
    assert refused(alice, b"Received: x\r\n" * 51 + LETTER).reply.enhanced == "5.4.6"


def test_sending_can_be_undone_while_it_is_held(alice: Account) -> None:
    sent = send(alice, options=Options(hold_until=now() + timedelta(seconds=10)))
    assert states() == ["held"]
    assert inspect.withdraw(sent.envelope, now())


def test_a_full_mailbox_still_sends(alice: Account) -> None:
    Account.objects.update(quota=10)
    sent = send(alice)
    assert sent.message is None
    assert states() == ["due"]


def test_eight_bit_content_and_international_addresses_are_marked(alice: Account) -> None:
    sent = send(alice, LETTER + "grün\r\n".encode(), "jürgen@elsewhere.example")
    assert (sent.envelope.body_8bit, sent.envelope.smtputf8) == (True, True)
