"""Which mailboxes mail programs are told of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.imapd.commands import listing
from mailsuite.mailstore import mailboxes
from mailsuite.protocol.imap import listing as grammar
from mailsuite.protocol.imap.syntax import Parser
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


def test_status_of_five_hundred_mailboxes_is_a_handful_of_queries(inbox: Client, alice: Account) -> None:
    """Mail programs ask for it at every start."""
    for n in range(500):
        mailboxes.create(alice.pk, f"Label {n}")
    asked = grammar.listing(Parser([b' "" "*" RETURN (STATUS (MESSAGES UNSEEN SIZE DELETED) METADATA (/private/comment))']))
    with CaptureQueriesContext(connection) as queries:
        told = listing._told(alice.pk, asked, 1_000, False)
    assert len(told) == 510
    assert len(queries) <= 5
    assert len(inbox.ok('LIST "" "*" RETURN (STATUS (MESSAGES))')) == 1_020


def test_hostile_patterns_cost_little(inbox: Client, alice: Account) -> None:
    for n in range(100):
        mailboxes.create(alice.pk, f"a{n}/" + "a" * 90)
    patterns = " ".join('"' + "a*" * 400 + 'b"' for _ in range(20))
    assert inbox.ok(f'LIST "" ({patterns})') == []


@pytest.mark.parametrize("command", ["LIST", "LSUB"])
def test_other_sessions_do_not_wait_while_names_are_matched(inbox: Client, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    matching, here = listing.matching, []

    def noted(*arguments: Any) -> Iterator[Any]:
        here.append(asyncio._get_running_loop())
        return matching(*arguments)

    monkeypatch.setattr(listing, "matching", noted)
    assert len(inbox.ok(f'{command} "" IN*')) == 1
    assert here == [None], "in a thread of the database, and not in the loop's"


def test_a_level_is_spelt_as_its_mailbox_is(alice: Account) -> None:
    mailboxes.create(alice.pk, "Work/Reports")
    assert mailboxes.create(alice.pk, "work/REPORTS/may/first").name == "Work/Reports/may/first"
    assert mailboxes.create(alice.pk, "inbox/lists").name == "INBOX/lists"
    moved = mailboxes.rename(mailboxes.find(alice.pk, "INBOX/lists"), "WORK/lists")
    assert moved.name == "Work/lists"
