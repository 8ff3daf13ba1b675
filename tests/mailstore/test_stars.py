"""Stars have colours, which mail programs keep as keywords; and what comes in although it is muted."""

from __future__ import annotations

import pytest

from mailsuite.accounts.models import Address, Domain
from mailsuite.mailstore import actions, placement, stars
from mailsuite.mailstore.actions import How
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import ALICE, BOB, CAROL, Box
from tests.mailstore.test_actions import snapshot


@pytest.mark.parametrize("color", stars.COLORS)
def test_every_colour_is_found_again(color: str) -> None:
    kept = stars.painted(["$label1", "$mailflagbit2", "$MailFlagBit0"], color)
    assert stars.color(kept) == color
    assert "$label1" in kept
    assert len(kept) == 1 + f"{stars.COLORS.index(color):b}".count("1")


def test_bits_that_mean_no_colour_are_the_plain_star() -> None:
    assert stars.color(stars.BITS) == stars.color([]) == stars.color(["x"]) == "red"


def test_a_star_is_painted_and_keeps_its_colour_until_it_goes(box: Box) -> None:
    message = box.receive()
    threads = [message.thread_id]
    before = snapshot(box.pk)
    for color in ("blue", "green"):
        actions.do(box.pk, "star", threads, (), How(color=color))
        assert (box.thread(message).starred, box.thread(message).star) == (True, color)
    assert actions.star(box.pk, threads).pk is None
    actions.unstar(box.pk, threads)
    assert (box.thread(message).star, Message.objects.get().keywords) == ("", [])
    actions.undo(box.pk)
    assert box.thread(message).star == "green"
    for _ in range(2):
        actions.undo(box.pk)
    assert snapshot(box.pk) == before
    actions.star(box.pk, threads)
    assert box.thread(message).star == "red"
    assert list(verify(box.pk)) == []


def test_the_colour_that_a_mail_program_gives_is_shown(box: Box) -> None:
    message = box.receive()
    inbox, uids = box.mailbox("inbox"), [box.uid(message, "inbox")]
    placement.store_flags(inbox, uids, FlagChange(Message.FLAGGED))
    assert box.thread(message).star == "red"
    placement.store_flags(inbox, uids, FlagChange(keywords=["$MAILFLAGBIT2"]))
    assert box.thread(message).star == "blue"
    placement.store_flags(inbox, uids, FlagChange(keywords=["$MailFlagBit2"], mode="-"))
    assert box.thread(message).star == "red"
    assert list(verify(box.pk)) == []


@pytest.mark.parametrize(
    ("first", "second", "comes"),
    [(BOB, ALICE, True), (BOB, "Alice+roof@EXAMPLE.org", True), (ALICE, ALICE, False), (BOB, CAROL, False)],
)
def test_a_muted_conversation_that_names_me_for_the_first_time_comes_in(box: Box, first: str, second: str, comes: bool) -> None:
    Address.objects.create(domain=Domain.objects.create(name="example.org"), local_part="alice", account=box.account)
    root = box.receive(msgid="root@x", to=first)
    actions.mute(box.pk, [root.thread_id])
    answer = box.receive(subject="Re: Lunch?", references=["root@x"], author=CAROL, to=second)
    assert ("INBOX" in box.where(answer)) == comes
    assert "INBOX" not in box.where(root)
    assert box.thread(answer).muted
    again = box.receive(subject="Re: Lunch?", references=["root@x"], author=CAROL, to=second)
    assert "INBOX" not in box.where(again)
