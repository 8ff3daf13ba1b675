"""What is sent at a time that its author chose waits in Scheduled, leaves once, or is a draft again (product.md 5.4, F73)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from mailsuite.accounts.models import Account
from mailsuite.mailstore import actions, mailboxes
from mailsuite.mailstore.models import Message
from mailsuite.mailstore.verify import verify
from mailsuite.queue import lease
from mailsuite.queue.models import Recipient, Submission
from mailsuite.worker import timetable
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.jmap.shapes import problems
from tests.webmail.jmap.test_submission import Sender, envelope, sender, where  # noqa: F401
from tests.webmail.jmap.test_undo_send import hand_in, take_back
from webmail.jmap import ids
from webmail.jmap.arguments import utc
from webmail.jmap.types import mail, own

HOUR = 3_600
HERE, SENT, DRAFTS = {"Scheduled", "All Mail"}, {"Sent", "All Mail"}, {"Drafts", "All Mail"}


def later(sender: Sender, seconds: int = HOUR, **more: Any) -> tuple[Message, str]:  # noqa: F811
    """A message that is sent later, and its EmailSubmission's id."""
    draft = sender.draft(subject="Beans")
    (said, _), _ = hand_in(sender, draft, seconds, **more)
    draft.refresh_from_db()
    return draft, said["created"]["s"]["id"]


def time_passes() -> None:
    """Its time comes."""
    Recipient.objects.filter(state="held").update(hold_until=now())
    Message.objects.filter(sends_at__isnull=False).update(sends_at=now())
    timetable.sweep()


def taken() -> int:
    """How many are handed to a worker."""
    return len(lease.take("w", local=False, limit=9, now=now()))


@pytest.mark.parametrize(("seconds", "there"), [(120, SENT), (130, HERE), (HOUR, HERE)])
def test_a_hold_to_undo_is_no_schedule(sender: Sender, seconds: int, there: set[str]) -> None:  # noqa: F811
    message, _ = later(sender, seconds)
    assert where(message) == there
    assert Submission.objects.get().is_scheduled == (there == HERE)


def test_it_says_when_it_goes_and_goes_to_sent_once(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    message, name = later(sender)
    until = sender.get(name)["sendAt"]
    box = ids.name("F", mailboxes.by_role(sender.account.pk, "scheduled").pk)
    [row] = one(call, "ThreadRow/query", me, mailboxId=box)["list"]
    assert (row["sendAt"], problems(row, own.ThreadRow)) == (until, [])
    asked = {"ids": [message.email_id], "properties": ["scheduled", "mailboxIds"]}
    [email] = one(call, "Email/get", me, **asked)["list"]
    assert email["scheduled"] == {"sendAt": until, "submissionId": name}
    assert problems(email["scheduled"], mail.Scheduled) == []
    timetable.sweep()
    assert (where(message), taken()) == (HERE, 0), "not before"
    time_passes()
    timetable.sweep()
    assert (where(message), taken(), taken()) == (SENT, 1, 0)
    [email] = one(call, "Email/get", me, **asked)["list"]
    assert email["scheduled"] is None
    assert list(verify(sender.account.pk)) == []


def test_taken_back_it_is_the_draft_with_and_without_being_told_so(sender: Sender) -> None:  # noqa: F811
    first, name = later(sender)
    take_back(sender, name)
    second, name = later(sender)
    sender.do("EmailSubmission/set", update={name: {"undoStatus": "canceled"}})
    assert where(first) == where(second) == DRAFTS
    time_passes()
    assert taken() == 0


def test_it_is_sent_now_or_at_another_time(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    message, name = later(sender)
    until = utc(now() + timedelta(days=3))
    one(call, "EmailSubmission/reschedule", me, id=name, sendAt=until)
    message.refresh_from_db()
    assert (utc(message.sends_at), where(message)) == (until, HERE)
    one(call, "EmailSubmission/reschedule", me, id=name, sendAt=None)
    assert (where(message), taken()) == (SENT, 1)
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt=until) == "cannotUnsend"
    assert where(message) == SENT


def test_what_waits_to_be_undone_is_scheduled_by_another_time(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    message, name = later(sender, 60)
    one(call, "EmailSubmission/reschedule", me, id=name, sendAt=utc(now() + timedelta(days=3)))
    assert where(message) == HERE


@pytest.mark.parametrize("away", ["trash", "drafts", "destroyed"])
def test_what_is_not_in_scheduled_any_more_is_not_sent(call: Call, sender: Sender, me: str, away: str) -> None:  # noqa: F811
    message, name = later(sender)
    if away == "trash":
        actions.trash(sender.account.pk, message_ids=[message.pk])
    elif away == "drafts":
        sender.do("Email/set", update={message.email_id: {"mailboxIds": {sender.drafts: True}, "keywords/$draft": True}})
    else:
        sender.do("Email/set", destroy=[message.email_id])
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt=None) == "forbidden"
    time_passes()
    assert (taken(), sender.get(name)["undoStatus"]) == (0, "canceled")
    assert not Message.objects.filter(memberships__mailbox__role="inbox").exists(), "who deleted it needs no word of it"
    if away == "trash":
        actions.undo(sender.account.pk)
    if away != "destroyed":
        assert where(message) == DRAFTS
    assert list(verify(sender.account.pk)) == []


def test_restored_in_time_it_leaves(sender: Sender) -> None:  # noqa: F811
    message, _ = later(sender)
    actions.trash(sender.account.pk, message_ids=[message.pk])
    actions.undo(sender.account.pk)
    time_passes()
    assert (where(message), taken()) == (SENT, 1)


def test_what_may_not_leave_is_a_draft_with_a_word_why(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    message, name = later(sender)
    Account.objects.update(quota=1)
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt=None) == "forbidden"
    assert where(message) == HERE
    time_passes()
    assert (where(message), taken()) == (DRAFTS, 0)


def test_held_by_hand_it_does_not_say_that_it_was_sent(sender: Sender) -> None:  # noqa: F811
    message, _ = later(sender)
    Recipient.objects.update(hold_until=None)
    Message.objects.filter(sends_at__isnull=False).update(sends_at=now())
    timetable.sweep()
    assert where(message) == HERE
    Recipient.objects.update(state="due")
    timetable.sweep()
    assert where(message) == SENT


def test_the_same_operation_again_leaves_a_draft_a_draft(sender: Sender) -> None:  # noqa: F811
    message, name = later(sender, operationId="op-0123456789")
    take_back(sender, name)
    hand_in(sender, message, HOUR, operationId="op-0123456789")
    assert where(message) == DRAFTS


def test_a_client_that_keeps_no_copy_has_it_sent_all_the_same(sender: Sender) -> None:  # noqa: F811
    draft = sender.draft()
    wanted = {"identityId": sender.identity, "emailId": draft.email_id, "envelope": envelope(HOLDFOR=str(HOUR))}
    sender.do("EmailSubmission/set", create={"s": wanted}, onSuccessDestroyEmail=["#s"])
    assert not Message.objects.filter(pk=draft.pk).exists()
    time_passes()
    assert taken() == 1
