"""Which mailboxes mail programs are told of."""

from __future__ import annotations

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from tests.imapd.conftest import Client


def test_a_mailbox_that_is_hidden_from_mail_programs_is_not_listed_but_can_be_selected(inbox: Client, alice: Account) -> None:
    for name in ("Work", "Home/Garden"):
        mailboxes.create(alice.pk, name)
    for name in ("Work", "Home", "All Mail"):
        mailboxes.describe(mailboxes.find(alice.pk, name), in_imap=False)
    for command in ('LIST "" *', 'LSUB "" *', 'LIST "" * RETURN (STATUS (MESSAGES))'):
        listed = b"".join(inbox.ok(command))
        assert b"Work" not in listed
        assert b"All Mail" not in listed
        assert b"Home/Garden" in listed
    assert rb'\NonExistent \Noselect \HasChildren) "/" Home' in b"".join(inbox.ok('LIST "" *'))
    inbox.ok("SELECT Work")
