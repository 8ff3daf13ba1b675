"""What is told of an account's log, all at once and in steps."""

from __future__ import annotations

import pytest

from mailsuite.mailstore import actions, changes, mailboxes
from mailsuite.mailstore.models import AccountState, Message
from tests.mailstore.conftest import Box


def told(box: Box, since: int, kind: str, most: int | None = None) -> tuple[list, list, list]:
    found = changes.some_since(box.pk, since, kind, most)
    assert found is not None
    return found.difference.created, found.difference.updated, found.difference.destroyed


def test_without_a_limit_everything_is_told_at_once(box: Box) -> None:
    old = box.receive()
    since = changes.state(box.pk)
    new = box.receive()
    actions.mark(box.pk, [old.pk], flags=Message.SEEN)
    actions.mark(box.pk, [new.pk], flags=Message.SEEN)
    found = changes.some_since(box.pk, since, "emails")
    assert found is not None
    assert (found.modseq, found.more) == (changes.state(box.pk), False)
    assert told(box, since, "emails") == ([new.email_id], [old.email_id], [])
    assert told(box, since, "threads") == ([new.thread_id], [old.thread_id], [])


def test_a_limit_cuts_where_a_transaction_ended(box: Box) -> None:
    since = changes.state(box.pk)
    first, second, third = box.receive(), box.receive(), box.receive()
    found = changes.some_since(box.pk, since, "emails", 2)
    assert found is not None
    assert (found.modseq, found.more) == (since + 2, True)
    assert found.difference.created == [first.email_id, second.email_id]
    found = changes.some_since(box.pk, found.modseq, "emails", 2)
    assert found is not None
    assert (found.modseq, found.more, found.difference.created) == (since + 3, False, [third.email_id])


def test_what_came_before_the_cut_and_changed_after_it_is_told_twice(box: Box) -> None:
    """A client that hears only of the change would not know what changed."""
    since = changes.state(box.pk)
    first, second = box.receive(), box.receive()
    actions.mark(box.pk, [first.pk], flags=Message.SEEN)
    found = changes.some_since(box.pk, since, "emails", 1)
    assert found is not None
    assert (found.difference.created, found.difference.updated) == ([first.email_id], [])
    assert told(box, found.modseq, "emails") == ([second.email_id], [first.email_id], [])


def test_steps_tell_the_same_as_one_answer(box: Box) -> None:
    since = changes.state(box.pk)
    messages = [box.receive() for _ in range(5)]
    actions.mark(box.pk, [messages[1].pk], flags=Message.SEEN)
    actions.trash(box.pk, [messages[2].thread_id])
    actions.delete_for_ever(box.pk, message_ids=[messages[2].pk])
    for kind in changes.KINDS:
        here, known, gone = since, set(), set()
        while True:
            found = changes.some_since(box.pk, here, kind, 9 if kind == "mailboxes" else 2)
            assert found is not None
            assert here < found.modseq or not found.more
            known |= {*found.difference.created, *found.difference.updated}
            gone |= {*found.difference.destroyed}
            here = found.modseq
            if not found.more:
                break
        created, updated, destroyed = told(box, since, kind)
        assert known - gone == {*created, *updated}
        assert gone == set(destroyed)
        assert here == changes.state(box.pk)


def test_a_transaction_that_touched_more_than_the_limit_cannot_be_told(box: Box) -> None:
    messages = [box.receive() for _ in range(3)]
    since = changes.state(box.pk)
    actions.mark(box.pk, [message.pk for message in messages], flags=Message.SEEN)
    assert changes.some_since(box.pk, since, "emails", 2) is None
    assert changes.some_since(box.pk, since, "emails", 3) is not None


@pytest.mark.parametrize("ahead", [1, 10**9])
def test_a_modseq_that_never_was_tells_nothing(box: Box, ahead: int) -> None:
    assert changes.some_since(box.pk, changes.state(box.pk) + ahead, "emails") is None


def test_a_log_that_was_compacted_tells_nothing_of_what_was_before(box: Box) -> None:
    since = changes.state(box.pk)
    box.receive()
    box.receive()
    AccountState.objects.filter(pk=box.pk).update(floor=since + 1)
    assert changes.some_since(box.pk, since, "emails") is None
    assert changes.some_since(box.pk, since + 1, "emails") is not None


def test_a_label_that_goes_is_told(box: Box) -> None:
    label = mailboxes.create(box.pk, "Work")
    since = changes.state(box.pk)
    mailboxes.delete(label)
    assert told(box, since, "mailboxes") == ([], [], [label.pk])
