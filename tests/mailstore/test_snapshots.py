"""What is kept of a mailbox in memory is always what a fresh look would find."""

from __future__ import annotations

import random
from array import array

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.mailstore import placement, selected, snapshots
from mailsuite.mailstore.models import AccountState, Change, Mailbox, Message
from mailsuite.mailstore.snapshots import Snapshots
from tests.mailstore.conftest import Box

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inbox(box: Box) -> Mailbox:
    for _ in range(6):
        box.receive()
    return box.mailbox("inbox")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Snapshots:
    kept = Snapshots()
    monkeypatch.setattr(snapshots, "_process", kept)
    return kept


def flags(mailbox: Mailbox) -> dict[int, str]:
    marked = snapshots.marked(mailbox)
    assert marked
    return {uid: marked.legend[code] for uid, code in zip(marked.uids, marked.codes, strict=True)}


def is_right(mailbox: Mailbox) -> None:
    assert snapshots.snapshot(mailbox).uids == selected.uids(mailbox.pk)
    assert flags(mailbox) == dict(selected.rows_between(mailbox.pk, 1, 2**32, ("uid", "marks")))


@pytest.mark.parametrize("seed", range(5))
def test_it_follows_all_that_happens(box: Box, inbox: Mailbox, fresh: Snapshots, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        uids = list(selected.uids(inbox.pk))
        some = chance.sample(uids, min(len(uids), chance.randint(1, 3)))
        match chance.randint(0, 4):
            case 0:
                box.receive()
            case 1:
                placement.move(inbox, some, box.mailbox("archive"))
            case 2:
                placement.store_flags(inbox, some, chance.randint(0, 15) & ~Message.DRAFT, ("work",), chance.choice("+-="))
            case 3:
                placement.store_flags(inbox, some, deleted=True)
            case 4:
                placement.expunge(inbox)
        is_right(inbox)


def test_what_has_not_changed_costs_one_query(inbox: Mailbox, fresh: Snapshots) -> None:
    snapshots.marked(inbox)
    with CaptureQueriesContext(connection) as asked:
        snapshots.snapshot(inbox)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        snapshots.marked(inbox)
    assert len(asked) == 1


def test_what_was_given_out_does_not_change(box: Box, inbox: Mailbox, fresh: Snapshots) -> None:
    given = snapshots.snapshot(inbox).uids
    box.receive()
    placement.move(inbox, [given[0]], box.mailbox("archive"))
    snapshots.snapshot(inbox)
    assert given == array("I", range(1, 7))


def test_a_log_that_was_compacted_is_not_needed(box: Box, inbox: Mailbox, fresh: Snapshots) -> None:
    is_right(inbox)
    placement.move(inbox, [2, 3], box.mailbox("archive"))
    Change.objects.all().delete()
    state = AccountState.objects.get(account_id=box.pk)
    AccountState.objects.filter(pk=state.pk).update(floor=state.modseq)
    is_right(inbox)


def test_many_that_go_at_once_are_left_out(box: Box, inbox: Mailbox, fresh: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FEW", 1)
    is_right(inbox)
    placement.move(inbox, [2, 3, 6], box.mailbox("archive"))
    is_right(inbox)


def test_more_sets_of_keywords_than_can_be_told_apart_are_not_kept(
    box: Box, inbox: Mailbox, fresh: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MOST_SETS", 2)
    is_right(inbox)
    for uid in (1, 2):
        placement.store_flags(inbox, [uid], 0, (f"work{uid}",), "+")
    assert snapshots.marked(inbox) is None
    assert snapshots.snapshot(inbox).uids == selected.uids(inbox.pk)


def test_what_was_used_last_stays_when_there_is_no_room(box: Box, inbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_process", Snapshots(most=600))
    snapshots.snapshot(box.mailbox("all"))
    snapshots.snapshot(inbox)
    with CaptureQueriesContext(connection) as asked:
        snapshots.snapshot(inbox)
        snapshots.snapshot(box.mailbox("all"))
    assert len([one for one in asked if "membership" in one["sql"]]) == 1
    is_right(inbox)
