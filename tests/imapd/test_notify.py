"""NOTIFY where something goes wrong; tests/imapd/transcripts/notify.txt shows where all is well."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from mailsuite.accounts.models import Account
from mailsuite.imapd.commands import notifying
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import AccountState
from tests.imapd.conftest import Client, Connect, RunningServer, deliver, letter

ALL = "NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))"


def test_who_cannot_be_told_everything_is_told_that(inbox: Client, alice: Account) -> None:
    inbox.ok(ALL)
    AccountState.objects.filter(account_id=alice.pk).update(floor=1_000_000, modseq=1_000_000)  # the log was compacted
    deliver(alice, letter(6), role="junk")
    assert inbox.read().startswith(b"* OK [NOTIFICATIONOVERFLOW]")
    deliver(alice, letter(7), role="junk")
    deliver(alice, letter(8))
    assert [line[:10] for line in inbox.ok("NOOP")] == [b"* 6 EXISTS"], "and hears no more than without NOTIFY"


def test_a_store_that_does_not_answer_ends_the_notices_and_not_the_session(
    inbox: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.ok(ALL)

    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(notifying, "_read", busy)
    mailboxes.create(alice.pk, "Work")
    assert inbox.read().startswith(b"* OK [NOTIFICATIONOVERFLOW]")
    assert inbox.ok("NOOP") == []


def test_a_hidden_mailbox_is_not_told_of(inbox: Client, alice: Account) -> None:
    work = mailboxes.create(alice.pk, "Work")
    inbox.ok(ALL)
    mailboxes.Mailbox.objects.filter(pk=work.pk).update(in_imap=False)
    mailboxes.subscribe(work, False)  # so that it changes
    assert inbox.read() == b'* LIST (\\NonExistent) "/" Work'
    inbox.ok("COPY 1 Work")
    deliver(alice, letter(6), role="junk")
    assert inbox.read().startswith(b"* STATUS Junk")
    mailboxes.delete(work)
    mailboxes.create(alice.pk, "Play")
    assert inbox.read() == b'* LIST (\\Subscribed \\HasNoChildren) "/" Play'


def test_no_events_of_the_selected_mailbox_are_told_between_commands(inbox: Client, alice: Account) -> None:
    inbox.ok("NOTIFY SET (selected NONE) (mailboxes Junk (MessageNew MessageExpunge))")
    deliver(alice, letter(6))
    deliver(alice, letter(7), role="junk")
    assert inbox.read().startswith(b"* STATUS Junk")
    assert inbox.ok("NOOP") == [b"* 6 EXISTS"]


def test_many_mailboxes_that_change_at_once_are_told_of_in_turns(
    inbox: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "AT_ONCE", 3)
    inbox.ok(ALL)
    for n in range(10):
        mailboxes.create(alice.pk, f"Work{n}")
    assert [inbox.read().split()[-1] for _ in range(10)] == [b"Work%d" % n for n in range(10)]


def test_nobody_listens_any_more_when_all_is_over(inbox: Client, server: RunningServer, connect: Connect) -> None:
    inbox.ok(ALL)
    inbox.ok(ALL)
    other = connect().login()
    other.ok("NOTIFY SET (subscribed (MailboxName))")
    other.ok("NOTIFY NONE")
    (session,) = [one for one in server.door.sessions if one.news]
    assert len(server.door.watch._watchers[session.account_id]) == 1
    inbox.ok("LOGOUT")
    other.ok("LOGOUT")
    assert inbox.read() == other.read() == b""
    assert not server.door.watch._watchers
