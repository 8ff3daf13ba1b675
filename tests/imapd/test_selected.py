"""The client's view, and what it is told, without a connection."""

from __future__ import annotations

import re
import tracemalloc
from array import array
from typing import Any

import pytest
from django.db.models import F

from mailsuite.accounts.models import Account
from mailsuite.imapd.selected import Manner, Selected
from mailsuite.mailstore import placement, snapshots
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.flags import FlagChange
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
    stored = placement.store_flags(view.mailbox, [1, 2], FlagChange(Message.SEEN))
    view.did(stored.modseq)
    placement.store_flags(view.mailbox, [2], FlagChange(Message.ANSWERED, ("work",), "+"))
    assert told(view) == b"* 2 FETCH (UID 2 FLAGS (\\Seen \\Answered work))\r\n"


def large(uids: array[int]) -> Selected:
    """A view of a mailbox that no database has."""
    there = Mailbox(pk=1, account_id=1, name="INBOX", uidvalidity=7, uidnext=uids[-1] + 1, modseq=5)
    return Selected(snapshots.Snapshot(there, 5, uids), read_only=False)


def test_what_is_gone_is_told_by_uid_to_who_wants_that_and_the_modseq_waits_for_it(view: Selected, alice: Account) -> None:
    before, manner = view.modseq, Manner(modseqs=True, vanished=True)
    placement.move(view.mailbox, [2, 3, 6], mailbox(alice, "Trash"))
    placement.store_flags(view.mailbox, [7], FlagChange(Message.SEEN))
    assert re.fullmatch(rb"\* 7 FETCH \(UID 7 FLAGS \(.Seen\) MODSEQ \(\d+\)\)\r\n", told(view, expunges=False, manner=manner))
    assert (view.told, view.told < view.modseq) == (before, True)
    assert view.expunge_responses(manner) == b"* VANISHED 2:3,6\r\n"
    assert view.told == view.modseq


def test_who_has_only_uids_is_told_no_numbers(view: Selected, alice: Account) -> None:
    placement.move(view.mailbox, [1, 2], mailbox(alice, "Trash"))
    placement.store_flags(view.mailbox, [7], FlagChange(Message.SEEN))
    told_now = told(view, manner=Manner(vanished=True, uids_only=True))
    assert told_now == b"* VANISHED 1:2\r\n* 7 UIDFETCH (FLAGS (\\Seen))\r\n"


@pytest.mark.parametrize("count", [3, 700])
def test_however_many_go_at_once_their_numbers_are_right_and_the_shared_array_stays(count: int) -> None:
    uids = array("I", range(1, 2_001))
    view = large(uids)
    view.gone = set(range(5, 5 + 2 * count, 2))
    numbers = [int(line.split()[1]) for line in view.expunge_responses(PLAIN).splitlines()]
    assert numbers == sorted(range(5, 5 + 2 * count, 2), reverse=True)
    assert list(view.uids) == [uid for uid in range(1, 2_001) if not (5 <= uid < 5 + 2 * count and uid % 2)]
    assert len(uids) == 2_000


def test_ten_thousand_changed_flags_are_told_in_a_few_writes() -> None:
    view = large(array("I", range(1, 10_001)))
    delta = store.Delta(6, [], None, array("I"), [(uid, "1[]", 6) for uid in range(1, 10_001)])
    writes = list(view.announce(delta, Manner(modseqs=True), expunges=True))
    assert len(writes) < 30
    assert b"".join(writes).count(b"\r\n") == 10_000


def test_a_view_of_a_hundred_thousand_messages_takes_four_octets_each() -> None:
    tracemalloc.start()
    view = large(array("I", range(1, 100_001)))
    view.gone = {5, 50_000}
    view.expunge_responses(PLAIN)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000  # the array, and the one that takes its place
    tracemalloc.stop()


def test_a_look_at_a_mailbox_where_nothing_happened_is_one_question(view: Selected, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert store.changed_since(view.mailbox.pk, view.modseq, view.last_uid) is None


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
