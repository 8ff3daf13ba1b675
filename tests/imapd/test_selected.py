"""The client's view, and what it is told, without a connection."""

from __future__ import annotations

from array import array

import pytest
from django.db.models import F

from mailsuite.accounts.models import Account
from mailsuite.imapd.selected import Manner, Selected
from mailsuite.mailstore import placement, snapshots
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Message
from mailsuite.protocol.imap.sequence import SequenceSet
from tests.imapd.conftest import deliver, letter, mailbox

PLAIN = Manner()


@pytest.fixture
def view(alice: Account) -> Selected:
    deliver(alice, *(letter(n) for n in range(1, 8)))
    return Selected(snapshots.snapshot(mailbox(alice, "INBOX")), read_only=False)


def told(view: Selected, *, expunges: bool = True, manner: Manner = PLAIN) -> bytes:
    delta = store.changed_since(view.mailbox.pk, view.modseq, view.last_uid)
    return b"".join(view.announce(delta, manner, expunges=expunges)) if delta else b""


def test_nothing_happened_and_nothing_is_told(view: Selected) -> None:
    assert told(view) == b""


def test_an_expunge_waits_until_it_may_be_told_and_numbers_hold_until_then(view: Selected, alice: Account) -> None:
    placement.move(view.mailbox, [2, 3, 6], mailbox(alice, "Trash"))
    assert told(view, expunges=False) == b""
    assert view.sequence(7) == 7
    assert view.gone == {2, 3, 6}
    assert view.expunge_responses(PLAIN) == b"* 6 EXPUNGE\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n"
    assert list(view.uids) == [1, 4, 5, 7]
    assert view.sequence(7) == 4


def test_a_log_compacted_meanwhile_is_made_good_by_looking_at_everything(view: Selected, alice: Account) -> None:
    placement.move(view.mailbox, [1, 7], mailbox(alice, "Trash"))
    deliver(alice, letter(8))
    Change.objects.all().delete()
    AccountState.objects.update(floor=F("modseq"))
    assert told(view) == b"* 7 EXPUNGE\r\n* 1 EXPUNGE\r\n* 6 EXISTS\r\n"
    assert list(view.uids) == [2, 3, 4, 5, 6, 8]


def test_what_the_session_did_itself_is_not_told_again_but_what_others_do_to_the_same_is(view: Selected) -> None:
    stored = placement.store_flags(view.mailbox, [1, 2], Message.SEEN, (), "+")
    view.did(stored.modseq)
    placement.store_flags(view.mailbox, [2], Message.ANSWERED, ("work",), "+")
    assert told(view) == b"* 2 FETCH (UID 2 FLAGS (\\Seen \\Answered work))\r\n"


def test_a_deleted_mailbox_is_noticed(view: Selected) -> None:
    Mailbox.objects.filter(pk=view.mailbox.pk).delete()
    with pytest.raises(Mailbox.DoesNotExist):
        told(view)


def test_numbers_and_uids_become_ranges_of_the_view(view: Selected, alice: Account) -> None:
    placement.move(view.mailbox, [2], mailbox(alice, "Trash"))
    told(view)
    chosen = {
        (b"1:3", False): [1, 3, 4],
        (b"1:3", True): [1, 3],
        (b"2", True): [],
        (b"*", False): [7],
        (b"9:*", True): [7],
        (b"5,1,1:2", False): [1, 3, 6],
    }
    for (numbers, by_uid), uids in chosen.items():
        assert list(view.chosen(SequenceSet.parse(numbers), by_uid=by_uid)) == uids
    view.saved = array("I", [3, 4, 7, 99])
    assert view.ranges(SequenceSet.parse(b"$"), by_uid=False) == [range(1, 3), range(5, 6)]
    with pytest.raises(ValueError):
        view.ranges(SequenceSet.parse(b"7"), by_uid=False)


def test_rows_come_by_range_and_by_name_alike(view: Selected) -> None:
    columns = ("uid", "marks", "size", "email")
    by_name = store.rows(view.mailbox.pk, [2, 4, 99], columns)
    between = store.rows_between(view.mailbox.pk, 2, 4, columns)
    assert [row[0] for row in by_name] == [2, 4]
    assert by_name == [between[0], between[2]]
    assert store.split_marks(by_name[0][1]) == (0, [])
    assert store.rows(view.mailbox.pk, [1], columns, changed_since=10_000) == []
