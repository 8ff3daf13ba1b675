"""What mail programs note of mailboxes: all or nothing, and only so much."""

from __future__ import annotations

import pytest

from mailsuite.mailstore import annotations, mailboxes
from mailsuite.mailstore.annotations import TooLarge, TooMany
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import AccountState, Annotation
from tests.mailstore.conftest import BOB, Box

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def box() -> Box:
    return Box()


def test_values_come_back_as_they_were_put(box: Box) -> None:
    work = box.label("Work")
    annotations.put(box.pk, work, {"/private/a": b"\0\xff\r\n", "/shared/b": b""})
    annotations.put(box.pk, None, {"/private/a": b"of the account"})
    annotations.put(box.pk, work, {"/private/a": b"two", "/private/none": None})
    assert annotations.of_mailbox(work) == {"/private/a": b"two", "/shared/b": b""}
    assert annotations.of_account(box.pk) == {"/private/a": b"of the account"}
    assert annotations.of_account(Box(BOB).pk) == {}
    assert annotations.of_mailboxes([work.pk, box.mailbox("inbox").pk], ["/shared/b", "/x"]) == {work.pk: {"/shared/b": b""}}


def test_what_is_too_much_changes_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    annotations.put(box.pk, None, {"/private/a": b"kept"})
    with pytest.raises(TooLarge):
        annotations.put(box.pk, None, {"/private/a": b"gone", "/private/b": b"x" * (annotations.LARGEST + 1)})
    with pytest.raises(TooMany):
        annotations.put(
            box.pk, None, {f"/private/{n}": b"x" for n in range(annotations.MOST)} | {"/private/a": None, "/c": b"", "/d": b""}
        )
    monkeypatch.setattr(annotations, "OCTETS", 10)
    with pytest.raises(TooMany):
        annotations.put(box.pk, box.mailbox("inbox"), {"/private/a": b"seven.."})
    monkeypatch.setattr(annotations, "IN_ALL", 1)
    with pytest.raises(TooMany):
        annotations.put(box.pk, box.mailbox("inbox"), {"/private/a": b""})
    assert annotations.of_account(box.pk) == {"/private/a": b"kept"}
    annotations.put(box.pk, None, {"/private/a": None})


def test_a_mailbox_that_is_gone_has_none(box: Box) -> None:
    work, modseq = box.label("Work"), AccountState.objects.values_list("modseq")
    mailboxes.delete(work)
    before = modseq.get(pk=box.pk)
    with pytest.raises(NoSuchMailbox):
        annotations.put(box.pk, work, {"/private/a": b"1"})
    assert modseq.get(pk=box.pk) == before


def test_they_go_with_their_mailbox_and_with_their_account(box: Box) -> None:
    work = box.label("Work")
    annotations.put(box.pk, work, {"/private/a": b"1"})
    annotations.put(box.pk, None, {"/private/a": b"2"})
    mailboxes.delete(mailboxes.rename(work, "Labour"))
    assert [one.mailbox_id for one in Annotation.objects.all()] == [None]
    box.account.delete()
    assert not Annotation.objects.exists()
