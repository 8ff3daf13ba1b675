"""checkstore finds what is damaged, and says nothing against what is whole."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from mailsuite.accounts.provision import add_account, add_domain
from mailsuite.blobs import store
from mailsuite.blobs.models import Blob, Packed
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Membership

pytestmark = pytest.mark.django_db
LETTER = b"From: carol@elsewhere.example\r\nSubject: Hello\r\n\r\nDear Alice\r\n"


@pytest.fixture(autouse=True)
def letter() -> None:
    add_domain("example.org")
    alice = add_account("alice@example.org", "correct horse")
    mailboxes.ensure(alice.pk)
    [blob] = store.save([(store.draft(LETTER), 0)])
    messages.append([messages.NewMessage(alice.pk, blob, LETTER)])


def check(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("checkstore", *words, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize("words", [(), ("--quick",), ("--account", "alice@example.org")])
def test_a_whole_store_has_no_problem(words: tuple[str, ...]) -> None:
    status, said = check(*words)
    assert status == 0
    assert "1 messages, 1 blobs, no problems" in said


def test_damaged_bytes_are_found_unless_asked_to_be_quick() -> None:
    blob = Blob.objects.get()
    damaged = bytearray(bytes(blob.inline or b""))
    damaged[-3] ^= 0xFF
    Packed.objects.update(content=bytes(damaged))
    status, said = check()
    assert status == 1
    assert blob.hash[:16] in said
    assert check("--quick")[0] == 0


def test_a_blob_that_could_be_swept_from_under_a_message_is_found() -> None:
    Blob.objects.update(references=0)
    status, said = check("--quick")
    assert status == 1
    assert "is needed 1 times and counts 0" in said


def test_a_message_missing_from_its_mailbox_is_found() -> None:
    Membership.objects.filter(mailbox__role="inbox").delete()
    assert check()[0] == 1
