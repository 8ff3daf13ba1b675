"""What a client that comes back is told: from the log, and without it from what the client says it knows (RFC 7162 §3.2.5)."""

from __future__ import annotations

import re
from array import array

import pytest
from django.db import OperationalError
from django.db.models import F

from mailsuite.accounts.models import Account
from mailsuite.imapd import resync
from mailsuite.imapd.selected import Manner, Selected
from mailsuite.mailstore import annotations, placement, selected, snapshots
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Message
from mailsuite.protocol.imap.selection import Resync
from mailsuite.protocol.imap.sequence import SequenceSet
from tests.imapd.conftest import Client, Connect, deliver, letter, mailbox

MANNER = Manner(modseqs=True, vanished=True)


@pytest.fixture
def before(alice: Account) -> Selected:
    deliver(alice, *(letter(n) for n in range(1, 8)))
    return opened(alice)


def opened(alice: Account) -> Selected:
    return Selected(snapshots.snapshot(mailbox(alice, "INBOX")), read_only=False)


def forget() -> None:
    Change.objects.all().delete()
    AccountState.objects.update(floor=F("modseq"))


def missed(alice: Account, knew: Selected, known: bytes = b"", numbers: bytes = b"", uids: bytes = b"") -> list[bytes]:
    sets = [SequenceSet.parse(one) if one else None for one in (known, numbers, uids)]
    asked = Resync(knew.mailbox.uidvalidity, knew.modseq, *sets)
    return b"".join(resync.missed(opened(alice), asked, MANNER)).splitlines()


def test_from_the_log_comes_what_is_gone_and_what_changed(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2, 3, 6], mailbox(alice, "Trash"))
    placement.store_flags(before.mailbox, [4, 7], FlagChange(Message.SEEN))
    gone, *changed = missed(alice, before)
    assert gone == b"* VANISHED (EARLIER) 2:3,6"
    assert [line.partition(b" MODSEQ")[0] for line in changed] == [
        b"* 2 FETCH (UID 4 FLAGS (\\Seen)",
        b"* 4 FETCH (UID 7 FLAGS (\\Seen)",
    ]
    assert missed(alice, opened(alice)) == []


def test_only_what_the_client_knows_is_told(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2, 3, 6], mailbox(alice, "Trash"))
    placement.store_flags(before.mailbox, [4, 7], FlagChange(Message.SEEN))
    gone, changed = missed(alice, before, known=b"5:4294967295,3")
    assert gone == b"* VANISHED (EARLIER) 3,6"
    assert changed.startswith(b"* 4 FETCH (UID 7 ")


def test_without_a_log_all_is_gone_that_the_client_knows_and_that_is_not_there(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2, 3, 6, 7], mailbox(alice, "Trash"))
    forget()
    assert missed(alice, before) == [b"* VANISHED (EARLIER) 2:3,6:7"]
    assert missed(alice, before, known=b"1:2,4,7:4294967295") == [b"* VANISHED (EARLIER) 2,7"]
    assert missed(alice, before, known=b"1,4:5") == []


def test_what_stands_where_the_client_says_needs_no_telling(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2], mailbox(alice, "Trash"))
    knew = opened(alice)
    placement.move(before.mailbox, [6], mailbox(alice, "Trash"))
    forget()
    assert missed(alice, knew, numbers=b"1:6", uids=b"1,3:7") == [b"* VANISHED (EARLIER) 6"]
    assert missed(alice, knew, numbers=b"1,2", uids=b"1,4") == [b"* VANISHED (EARLIER) 2,6"]


def test_other_uids_are_of_another_mailbox(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2], mailbox(alice, "Trash"))
    asked = Resync(before.mailbox.uidvalidity + 1, before.modseq)
    assert resync.missed(opened(alice), asked, MANNER) == []


def test_a_modseq_of_a_store_that_was_lost_tells_everything(alice: Account, before: Selected) -> None:
    placement.move(before.mailbox, [2], mailbox(alice, "Trash"))
    now = opened(alice)
    asked = Resync(now.mailbox.uidvalidity, now.modseq + 1_000, SequenceSet.parse(b"1:7"))
    told = b"".join(resync.missed(now, asked, MANNER)).splitlines()
    assert told[0] == b"* VANISHED (EARLIER) 2"
    assert [line.split()[1] for line in told[1:]] == [b"1", b"2", b"3", b"4", b"5", b"6"]


def test_a_value_that_is_kept_with_a_mailbox_raises_its_modseq(alice: Account, before: Selected) -> None:
    annotations.put(alice.pk, before.mailbox, {"/private/comment": b"mine"})
    assert mailbox(alice, "INBOX").modseq > before.modseq
    assert missed(alice, before) == []


def test_a_mailbox_full_of_holes_is_told_in_short_lines() -> None:
    uids = array("I", range(2, 200_001, 2))
    there = Mailbox(pk=1, account_id=1, name="INBOX", uidvalidity=7, uidnext=200_001, modseq=5)
    view = Selected(snapshots.Snapshot(there, 5, uids), read_only=False)
    every = [(1, 4_294_967_295)]
    assert sum(1 for _ in resync._gone(view, None, every)) == 100_000
    assert list(resync._gone(view, None, every, above=199_990)) == [(uid, uid) for uid in range(199_991, 200_001, 2)]
    apart = [(uid, uid) for uid in range(1, 20_001, 2)]
    assert list(resync._gone(view, None, apart)) == apart


def test_a_refused_command_says_how_far_its_client_is(inbox: Client, connect: Connect, alice: Account) -> None:
    """It has shown modseqs beyond that of an EXPUNGE that it could not tell: who comes back with these would never hear of it."""
    mine = connect().login()
    mine.ok("ENABLE QRESYNC")
    lines = mine.ok("SELECT INBOX")
    known = _highest(lines)
    inbox.ok("STORE 4 +FLAGS.SILENT (\\Deleted)")
    inbox.ok("EXPUNGE")
    inbox.ok("STORE 2 +FLAGS.SILENT (\\Answered)")
    lines = mine.say(f"STORE 1:5 (UNCHANGEDSINCE {known}) +FLAGS (\\Seen)")
    assert b" NO [MODIFIED 2]" in lines[-1]
    assert _highest(lines) == known
    again = connect().login()
    again.ok("ENABLE QRESYNC")
    assert b"* VANISHED (EARLIER) 4" in again.ok(f"SELECT INBOX (QRESYNC ({_validity(alice)} {known}))")


def test_a_command_after_which_nobody_could_look_says_how_far_its_client_is(
    inbox: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.ok("ENABLE QRESYNC")
    known = _highest(inbox.ok("SELECT INBOX"))

    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(selected, "changed_since", busy)
        assert _highest(inbox.say("FETCH 1 FLAGS")) == known
    assert not any(b"HIGHESTMODSEQ" in line for line in inbox.say("FETCH 1 FLAGS"))


def _highest(lines: list[bytes]) -> int:
    return [int(found[1]) for line in lines if (found := re.search(rb"HIGHESTMODSEQ (\d+)", line))][-1]


def _validity(alice: Account) -> int:
    return mailbox(alice, "INBOX").uidvalidity
