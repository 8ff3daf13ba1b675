"""What is kept of a mailbox in memory is always what a fresh look would find."""

from __future__ import annotations

import random
from array import array
from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailsuite.mailstore import mailboxes, placement, purge, selected, snapshots
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.mailboxes import MailboxError
from mailsuite.mailstore.models import AccountState, Change, Expunged, Mailbox, Message
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
                placement.store_flags(
                    inbox, some, FlagChange(chance.randint(0, 15) & ~Message.DRAFT, ("work",), chance.choice("+-="))
                )
            case 3:
                placement.store_flags(inbox, some, FlagChange(deleted=True))
            case 4:
                placement.expunge(inbox)
        is_right(inbox)


def anything(box: Box, chance: random.Random) -> None:
    """One thing that happens to an account's mail, or is refused."""
    source, target = chance.choices(Mailbox.objects.filter(account_id=box.pk).exclude(role="scheduled").order_by("pk"), k=2)
    uids = list(selected.uids(source.pk))
    some = chance.sample(uids, min(len(uids), chance.randint(1, 3)))
    match chance.randint(0, 12):
        case 0:
            box.receive()
        case 1:
            placement.move(source, some, target)
        case 2:
            placement.copy(source, some, target)
        case 3:
            keyword, flags = chance.choice(["work", "home", "$Junk"]), chance.randint(0, 15) & ~Message.DRAFT
            placement.store_flags(source, some, FlagChange(flags, (keyword,), chance.choice("+-=")))
        case 4:
            placement.store_flags(source, some, FlagChange(deleted=True))
        case 5:
            placement.expunge(source)
        case 6 if some:
            placement.retire(source, some[0])
        case 7:
            gone = Expunged.objects.filter(account_id=box.pk).order_by("pk")
            purge.undelete(box.pk, list(gone.values_list("pk", flat=True)[:2]))
        case 8:
            mailboxes.rename(source, chance.choice("ABCDE"))
        case 9:
            mailboxes.delete(source)
        case 10:
            placement.rename_inbox(box.pk, chance.choice("FGHIJ"))
        case 11:
            mailboxes.create(box.pk, chance.choice(["Work", "Play", "A/b"]))
        case 12:
            purge._compact(box.pk, chance.randint(1, AccountState.objects.get(account_id=box.pk).modseq))


@pytest.mark.parametrize("seed", range(8))
def test_it_follows_what_happens_between_two_looks(box: Box, inbox: Mailbox, fresh: Snapshots, seed: int) -> None:
    chance = random.Random(seed)
    box.label("Work")
    box.label("Play")
    for _ in range(40):
        with suppress(MailboxError):
            anything(box, chance)
        for mailbox in Mailbox.objects.filter(account_id=box.pk).order_by("pk"):
            if not chance.randrange(4):
                assert snapshots.snapshot(mailbox).uids == selected.uids(mailbox.pk)
            if not chance.randrange(4):
                is_right(mailbox)


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
        placement.store_flags(inbox, [uid], FlagChange(0, (f"work{uid}",), "+"))
    assert snapshots.marked(inbox) is None
    assert snapshots.snapshot(inbox).uids == selected.uids(inbox.pk)


def test_sets_of_keywords_that_nobody_has_any_more_are_forgotten(
    inbox: Mailbox, fresh: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "OLD_SETS", 3)
    for n in range(40):
        placement.store_flags(inbox, [1], FlagChange(0, (f"work{n}",), "="))
        is_right(inbox)
        marked = snapshots.marked(inbox)
        assert marked
        assert len(marked.legend) <= 6 + 3


def test_the_text_of_keywords_counts(inbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Snapshots(most=2_000)
    monkeypatch.setattr(snapshots, "_process", kept)
    for n in range(3):
        placement.store_flags(inbox, [1], FlagChange(0, [f"{n}-{one}-{'x' * 40}" for one in range(30)], "="))
        is_right(inbox)
        assert kept.octets == 500 + 6 * 4
    placement.store_flags(inbox, [1], FlagChange(0, (), "="))
    is_right(inbox)
    assert kept.octets == 500 + 6 * (4 + 2) + 150 + len("0[]")


def test_what_was_used_last_stays_when_there_is_no_room(box: Box, inbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_process", Snapshots(most=600))
    snapshots.snapshot(box.mailbox("all"))
    snapshots.snapshot(inbox)
    with CaptureQueriesContext(connection) as asked:
        snapshots.snapshot(inbox)
        snapshots.snapshot(box.mailbox("all"))
    assert len([one for one in asked if "membership" in one["sql"]]) == 1
    is_right(inbox)
