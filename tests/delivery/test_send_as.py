"""Mail as an address elsewhere leaves as ours does: returned to us, signed by us, and only for who proved it (F82)."""

from __future__ import annotations

import pytest

from mailsuite.accounts import outside
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.delivery import notice
from mailsuite.delivery.submit import SubmissionRefused, submit
from mailsuite.queue.models import Envelope
from tests.queued import account

pytestmark = pytest.mark.django_db(transaction=True)
LETTER = b"From: Ana <ana@elsewhere.example>\r\nTo: carol@elsewhere.example\r\nSubject: Beans\r\n\r\nUp.\r\n"


@pytest.fixture
def alice() -> Account:
    return account()


def send(alice: Account) -> Envelope:
    sent = submit(alice, LETTER, reverse_path="ana@elsewhere.example", recipients=["carol@elsewhere.example"])
    return sent.envelope


def test_who_proved_it_may_and_it_is_returned_to_us(alice: Account) -> None:
    with pytest.raises(SubmissionRefused):
        send(alice)
    proof, code = outside.ask(alice, "ana@elsewhere.example", "")
    made = outside.prove(alice, proof.pk, code)
    envelope = send(alice)
    assert envelope.reverse_path == alice.login
    assert b"d=elsewhere.example" not in bytes(envelope.trace)
    outside.remove(alice, made.pk)
    with pytest.raises(SubmissionRefused):
        send(alice)


def test_a_notice_comes_from_the_postmaster_and_returns_to_nobody(alice: Account) -> None:
    envelope = notice.send(alice, "ana@elsewhere.example", "Your code", "ABCD-EFGH")
    content = store.read(envelope.blob)
    assert (envelope.reverse_path, envelope.account_id) == ("", None)
    assert b"postmaster@example.org" in content
    assert b"Auto-Submitted: auto-generated" in content
    assert [row.address for row in envelope.recipients.all()] == ["ana@elsewhere.example"]
