"""Mailboxes: their names, what is refused, and what happens to their mail."""

from __future__ import annotations

import pytest

from mailsuite.accounts.models import Account
from mailsuite.mailstore import changes, mailboxes
from mailsuite.mailstore.mailboxes import MailboxExists, NameRefused, NoSuchMailbox
from mailsuite.mailstore.models import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> Account:
    return Account.objects.create(login="alice@example.org")


def test_every_account_has_the_ten_mailboxes_with_uidvalidities_of_their_own(alice: Account) -> None:
    found = mailboxes.list_all(alice.pk)
    assert [box.name for box in found] == [
        "INBOX",
        "Starred",
        "Snoozed",
        "Scheduled",
        "Sent",
        "Drafts",
        "Archive",
        "All Mail",
        "Junk",
        "Trash",
    ]
    assert len({box.uidvalidity for box in found}) == 10
    assert [box.name for box in found if not box.subscribed] == ["Starred", "Snoozed", "Scheduled", "All Mail"]
    mailboxes.ensure(alice.pk)
    assert Mailbox.objects.count() == 10


def test_a_label_brings_the_labels_above_it(alice: Account) -> None:
    made = mailboxes.create(alice.pk, "Invoices/2026/March", color="teal", sticky=False)
    assert (made.name, made.color, made.sticky) == ("Invoices/2026/March", "teal", False)
    assert mailboxes.find(alice.pk, "invoices/2026").name == "Invoices/2026"
    assert mailboxes.find(alice.pk, "inbox").role == "inbox"


@pytest.mark.parametrize(
    "name", ["", "a//b", "/a", " a", "a\nb", "Inbox", "sent", "All mail", "Shared/x", "x" * 101, "a/" * 260 + "b"]
)
def test_a_name_that_no_label_can_have_is_refused_with_a_reason(alice: Account, name: str) -> None:
    with pytest.raises(NameRefused, match=r"\.$"):
        mailboxes.create(alice.pk, name)


def test_names_are_unique_whatever_their_case_and_form(alice: Account) -> None:
    mailboxes.create(alice.pk, "Caf\u00e9")
    with pytest.raises(MailboxExists):
        mailboxes.create(alice.pk, "CAFE\u0301")


def test_a_label_is_renamed_with_all_below_it(alice: Account) -> None:
    mailboxes.create(alice.pk, "Club/Minutes")
    mailboxes.rename(mailboxes.find(alice.pk, "Club"), "Garden/Club")
    assert [box.name for box in mailboxes.list_all(alice.pk) if not box.role] == ["Garden", "Garden/Club", "Garden/Club/Minutes"]
    with pytest.raises(NoSuchMailbox):
        mailboxes.find(alice.pk, "Club")
    with pytest.raises(NameRefused):
        mailboxes.rename(mailboxes.find(alice.pk, "Garden"), "garden/club/garden")
    other = mailboxes.create(alice.pk, "Other")
    with pytest.raises(MailboxExists):
        mailboxes.rename(other, "GARDEN/club")


def test_a_label_made_anew_under_its_name_has_a_greater_uidvalidity(alice: Account) -> None:
    first = mailboxes.create(alice.pk, "Work")
    mailboxes.delete(first)
    assert mailboxes.create(alice.pk, "Work").uidvalidity > first.uidvalidity


def test_what_everyone_has_can_be_neither_deleted_nor_renamed(alice: Account) -> None:
    with pytest.raises(NameRefused):
        mailboxes.delete(mailboxes.by_role(alice.pk, "archive"))
    with pytest.raises(NameRefused):
        mailboxes.rename(mailboxes.by_role(alice.pk, "archive"), "Old")


def test_changes_of_mailboxes_are_told_since_any_modseq(alice: Account) -> None:
    kept = mailboxes.create(alice.pk, "Kept")
    lost = mailboxes.create(alice.pk, "Lost")
    before = changes.state(alice.pk)
    mailboxes.subscribe(kept, False)
    mailboxes.delete(lost)
    made = mailboxes.create(alice.pk, "Made")
    told = changes.since(alice.pk, before)
    assert told
    assert (told.mailboxes.created, told.mailboxes.updated, told.mailboxes.destroyed) == (
        [made.pk],
        [kept.pk],
        [lost.pk],
    )
    assert changes.since(alice.pk, told.modseq + 1) is None


def test_an_account_has_a_thousand_mailboxes_at_most(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "MOST", 12)
    mailboxes.list_all(alice.pk)
    mailboxes.create(alice.pk, "a/b")
    with pytest.raises(NameRefused, match="at most 12"):
        mailboxes.create(alice.pk, "c")
