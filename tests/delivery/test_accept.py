"""Acceptance: blob and queue rows in one transaction, and what goes in circles refused."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.bridge import GroupCommit
from mailsuite.delivery.accept import Incoming, LoopDetected, NewRecipient, accept_many
from mailsuite.queue.models import Envelope, Recipient
from tests.queued import LETTER, account


def incoming(*addresses: str, content: bytes = LETTER, **fields: object) -> Incoming:
    recipients = [NewRecipient(address) for address in addresses]
    return Incoming(store.draft(content), "carol@elsewhere.example", recipients, **fields)


@pytest.mark.django_db(transaction=True)
def test_accepted_mail_is_a_blob_and_a_row_for_each_recipient(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    message = incoming("bob@elsewhere.example", "dan@elsewhere.example", trace=b"Received: x\r\n", verdict={"junk": False})
    alice = account()
    message.recipients = [*message.recipients, NewRecipient("alice@example.org", alice.pk, original="team@example.org")]
    with transaction.atomic():
        [envelope] = accept_many([message])
    stored = Envelope.objects.get(pk=envelope.pk)
    assert store.read(stored.blob) == LETTER
    assert (bytes(stored.trace), stored.reverse_path, stored.blob.references) == (
        b"Received: x\r\n",
        "carol@elsewhere.example",
        1,
    )
    assert list(Recipient.objects.order_by("pk").values_list("address", "account", "original", "state")) == [
        ("bob@elsewhere.example", None, "", "due"),
        ("dan@elsewhere.example", None, "", "due"),
        ("alice@example.org", alice.pk, "team@example.org", "due"),
    ]
    assert "accepted envelope=" in caplog.text


@pytest.mark.django_db
def test_an_address_reached_by_two_aliases_gets_the_message_once() -> None:
    with transaction.atomic():
        accept_many([incoming("bob@elsewhere.example", "bob@elsewhere.example")])
    assert Recipient.objects.count() == 1


@pytest.mark.django_db
def test_many_messages_share_what_is_the_same_and_keep_their_order() -> None:
    with transaction.atomic():
        envelopes = accept_many([incoming(f"n{n}@elsewhere.example", content=b"%d" % (n % 2)) for n in range(250)])
    assert [store.read(envelope.blob) for envelope in envelopes] == [b"%d" % (n % 2) for n in range(250)]
    assert list(Blob.objects.values_list("references", flat=True)) == [125, 125]


@pytest.mark.django_db
def test_too_many_hops_are_refused_for_good(settings: object) -> None:
    with pytest.raises(LoopDetected) as caught, transaction.atomic():
        accept_many([incoming("bob@elsewhere.example", hops=settings.HOP_LIMIT + 1)])
    assert not caught.value.temporary
    assert not Envelope.objects.exists()


@pytest.mark.django_db
def test_mail_that_an_alias_forwarded_and_that_came_back_is_refused() -> None:
    message = incoming("x", delivered_to=["Garden@example.org"])
    message.recipients = [NewRecipient("carol@elsewhere.example", None, original="garden@example.org")]
    with pytest.raises(LoopDetected), transaction.atomic():
        accept_many([message])


@pytest.mark.django_db(transaction=True)
async def test_a_bad_message_in_a_group_commit_hurts_only_itself() -> None:
    import asyncio

    accept = GroupCommit(accept_many)
    good = [incoming(f"n{n}@elsewhere.example") for n in range(5)]
    outcomes = await asyncio.gather(*map(accept, [*good, incoming("bad@elsewhere.example", hops=999)]), return_exceptions=True)
    assert [isinstance(outcome, Envelope) for outcome in outcomes] == [True] * 5 + [False]
    assert isinstance(outcomes[5], LoopDetected)
