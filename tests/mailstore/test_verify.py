"""What is broken on purpose is found, and said in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import F

from mailsuite.blobs.models import Blob
from mailsuite.mailstore.models import (
    AccountState,
    IndexedText,
    Mailbox,
    Membership,
    Message,
    Reference,
    Thread,
    ThreadRow,
)
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import Box

DAMAGE: dict[str, tuple[Callable[[], object], str]] = {
    "a membership is lost": (lambda: Membership.objects.filter(mailbox__role="all").delete(), "All Mail"),
    "one is too many": (lambda: _enter("trash"), "Trash"),
    "a count is wrong": (lambda: Mailbox.objects.filter(role="inbox").update(unread=7), "INBOX says it holds"),
    "a uid could come twice": (lambda: Mailbox.objects.filter(role="inbox").update(uidnext=1), "would give UID 1"),
    "a row is lost": (lambda: ThreadRow.objects.all().delete(), "other rows"),
    "a thread is out of date": (lambda: Thread.objects.update(unread=F("unread") + 5), "says unread is 6"),
    "a thread is empty": (lambda: _empty_thread(), "has no message"),
    "bytes are miscounted": (lambda: AccountState.objects.update(bytes_used=1), "uses 1 bytes"),
    "the counter went back": (lambda: AccountState.objects.update(modseq=1), "is at modseq 1"),
    "a mailbox is behind": (lambda: Mailbox.objects.filter(role="inbox").update(modseq=0), "is at modseq 0"),
    "an id leads astray": (lambda: Reference.objects.update(thread_id=_empty_thread()), "leads to another thread"),
    "the index is incomplete": (lambda: IndexedText.objects.all().delete(), "full-text"),
    "a blob could be swept": (lambda: Blob.objects.update(references=0), "0 references"),
    "a place has no date": (lambda: Message.objects.update(place=Message.Place.TRASH), "in place 3"),
}


def _enter(role: str) -> None:
    Membership.objects.create(mailbox=Mailbox.objects.get(role=role), message=Message.objects.get(), uid=1, modseq=1)


def _empty_thread() -> int:
    model = Thread.objects.get()
    return Thread.objects.create(account_id=model.account_id, oldest_at=model.oldest_at, newest_at=model.newest_at).pk


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_named(box: Box, damage: str) -> None:
    box.receive()
    assert list(verify()) == []
    do, words = DAMAGE[damage]
    do()
    problems = list(verify())
    assert any(words in problem for problem in problems), problems
    assert all(problem.endswith(".") for problem in problems)


def test_damaged_bytes_are_found_where_they_are_read(box: Box) -> None:
    message = box.receive()
    Blob.objects.filter(pk=message.blob_id).update(hash="0" * 64)
    assert list(verify()) == []
    assert "other bytes" in next(verify(read_bytes=True))
