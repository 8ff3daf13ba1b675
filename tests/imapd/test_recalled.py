"""FETCH of all flags from memory says what the store would say."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.accounts.models import Account
from mailsuite.imapd import recalled
from mailsuite.imapd.fetching import FLAGS, UID, Batch
from mailsuite.mailstore import placement
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Message
from tests.imapd.conftest import Client, Connect, deliver, letter, mailbox

ASKED = ["(UID FLAGS)", "(FLAGS UID)", "FLAGS"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalled, "MANY", 1)


def both(client: Client, asked: str, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What memory says, once it is known that the store says the same."""
    client.ok("NOOP")
    told = client.say(asked)
    with monkeypatch.context() as without:
        without.setattr(recalled, "MANY", 10**9)
        assert [line.split(b" ", 1)[1] for line in client.say(asked)] == [line.split(b" ", 1)[1] for line in told]
    return told


@pytest.mark.parametrize("items", ASKED)
def test_memory_and_store_say_the_same(items: str, alice: Account, inbox: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    both(inbox, f"FETCH 1:* {items}", monkeypatch)
    placement.store_flags(mailbox(alice, "INBOX"), [2, 4], FlagChange(Message.FLAGGED, ("work", "$Forwarded")))
    placement.store_flags(mailbox(alice, "INBOX"), [4], FlagChange(deleted=True))
    told = both(inbox, f"FETCH 1:* {items}", monkeypatch)
    assert b"$Forwarded work" in told[1]
    deliver(alice, letter(6))
    placement.move(mailbox(alice, "INBOX"), [1, 3], mailbox(alice, "Trash"))
    assert len(both(inbox, f"UID FETCH 1,2,4:* {items}", monkeypatch)) == 4 + 1
    both(inbox, f"FETCH 2:3 {items}", monkeypatch)


def test_what_others_expunged_is_missing_before_it_is_told(
    alice: Account, inbox: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.ok("FETCH 1:* FLAGS")
    placement.move(mailbox(alice, "INBOX"), [2], mailbox(alice, "Trash"))
    *told, last = inbox.say("FETCH 1:* FLAGS")
    assert [line.split()[1] for line in told] == [b"1", b"3", b"4", b"5"]
    assert b"OK [EXPUNGEISSUED]" in last


def test_it_costs_one_query_when_nothing_has_changed(alice: Account, inbox: Client) -> None:
    batch = Batch(mailbox(alice, "INBOX"), [UID, FLAGS])
    assert recalled.recall(batch)
    with CaptureQueriesContext(connection) as asked:
        assert recalled.recall(batch)
    assert len(asked) == 1
