"""Sending is held for a while, taken back as it was, and never done twice, whatever answer was lost (product.md 5.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account, Address
from mailsuite.delivery import scheduled
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Membership, Message
from mailsuite.mailstore.verify import verify
from mailsuite.queue import inspect, lease
from mailsuite.queue.models import Envelope, Recipient, Submission
from mailsuite.worker import timetable
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.jmap.shapes import problems
from tests.webmail.jmap.test_submission import CAROL, Sender, envelope, sender, where  # noqa: F401
from webmail.jmap import ids
from webmail.jmap.types import submission as types

OPERATION = "op-0123456789"


def hand_in(sender: Sender, draft: Message, seconds: int = 10, **more: Any) -> tuple[dict[str, Any], list[Any]]:  # noqa: F811
    """Send as the application does: held, and in Sent at once."""
    wanted = {"identityId": sender.identity, "emailId": draft.email_id, "envelope": envelope(HOLDFOR=str(seconds)), **more}
    patch = {f"mailboxIds/{sender.drafts}": None, f"mailboxIds/{sender.sent}": True, "keywords/$draft": None}
    return sender.do("EmailSubmission/set", create={"s": wanted}, onSuccessUpdateEmail={"#s": patch}), [patch]


def take_back(sender: Sender, name: str) -> Any:  # noqa: F811
    patch = {f"mailboxIds/{sender.drafts}": True, f"mailboxIds/{sender.sent}": None, "keywords/$draft": True}
    said = sender.do("EmailSubmission/set", update={name: {"undoStatus": "canceled"}}, onSuccessUpdateEmail={name: patch})
    return said


def due(days: int = 2) -> list[Recipient]:
    return list(Recipient.objects.filter(state__in=("held", "due"), next_attempt_at__lte=now() + timedelta(days=days)))


@pytest.mark.parametrize("seconds", [5, 10, 20, 30, 60, 120])
def test_what_is_undone_is_the_draft_that_it_was(sender: Sender, seconds: int) -> None:  # noqa: F811
    draft = sender.draft(bcc=[{"email": "dan@elsewhere.example"}], **{"header:X-Mine:asText": "kept"})
    label = mailboxes.create(sender.account.pk, "Garden")
    sender.do("Email/set", update={draft.email_id: {f"mailboxIds/{ids.name('F', label.pk)}": True}})
    before, bytes_before = where(draft), messages.content(draft)
    (said, [[_, moved]]), _ = hand_in(sender, draft, seconds)
    name = said["created"]["s"]["id"]
    assert moved["updated"] == {draft.email_id: None}
    assert where(draft) == {"Sent", "All Mail", "Garden"}
    assert sender.get(name)["undoStatus"] == "pending"
    take_back(sender, name)
    draft.refresh_from_db()
    assert (where(draft), messages.content(draft)) == (before, bytes_before)
    assert draft.flags & Message.DRAFT
    assert sender.get(name)["undoStatus"] == "canceled"
    assert due() == []
    assert list(verify(sender.account.pk)) == []


def test_without_a_hold_it_leaves_at_once(sender: Sender) -> None:  # noqa: F811
    (said, _), _ = hand_in(sender, sender.draft(), 0)
    assert said["created"]["s"]["undoStatus"] == "final"
    assert Recipient.objects.get().state == "due"


def test_the_same_operation_again_sends_nothing_again(sender: Sender) -> None:  # noqa: F811
    draft = sender.draft()
    (first, _), _ = hand_in(sender, draft, operationId=OPERATION)
    again, _ = hand_in(sender, draft, operationId=OPERATION)
    made = (again[0] if isinstance(again, tuple) else again)["created"]["s"]
    assert made["id"] == first["created"]["s"]["id"]
    assert problems(made, types.EmailSubmission) == []
    assert Envelope.objects.count() == Submission.objects.count() == 1
    other = sender.send(sender.draft(), operationId="op-another-one")
    assert other["id"] != made["id"]


def test_a_late_repetition_does_not_send_what_was_undone(sender: Sender) -> None:  # noqa: F811
    draft = sender.draft()
    (first, _), _ = hand_in(sender, draft, operationId=OPERATION)
    take_back(sender, first["created"]["s"]["id"])
    again, _ = hand_in(sender, draft, operationId=OPERATION)
    assert again["created"]["s"]["undoStatus"] == "canceled", "one response alone: nothing was moved"
    assert where(draft) == {"Drafts", "All Mail"}
    assert due() == []


def test_a_repetition_is_known_though_its_draft_is_gone(sender: Sender) -> None:  # noqa: F811
    draft = sender.draft()
    (first, _), _ = hand_in(sender, draft, operationId=OPERATION)
    sender.do("Email/set", destroy=[draft.email_id])
    sender.do("EmailSubmission/set", destroy=[first["created"]["s"]["id"]])
    assert sender.send(draft, operationId=OPERATION)["id"] == first["created"]["s"]["id"]


def test_two_in_one_request_are_one(sender: Sender) -> None:  # noqa: F811
    wanted = {"identityId": sender.identity, "emailId": sender.draft().email_id, "operationId": OPERATION}
    said = sender.do("EmailSubmission/set", create={"a": wanted, "b": wanted})
    assert said["created"]["a"]["id"] == said["created"]["b"]["id"]
    assert Envelope.objects.count() == 1


def test_another_account_may_use_the_same_word(sender: Sender, bob: Account) -> None:  # noqa: F811
    sender.send(operationId=OPERATION)
    hers = Submission.objects.get()
    hers.pk, hers.account, hers.envelope = None, bob, Envelope.objects.create(blob=hers.envelope.blob, accepted_at=now())
    hers.save()
    assert Submission.objects.filter(operation_id=OPERATION).count() == 2


@pytest.mark.parametrize("wrong", ["short", "x" * 65, "with blank", 7, [], "(" * 1_000_000])
def test_an_operation_id_has_a_form(sender: Sender, wrong: Any) -> None:  # noqa: F811
    assert sender.send(operationId=wrong)["properties"] == ["operationId"]
    assert not Envelope.objects.exists()


def test_what_is_refused_is_refused_before_it_is_held(sender: Sender, settings) -> None:  # noqa: F811
    draft = sender.draft()
    for to, kind in (("nobody@example.org", "invalidRecipients"), ("carol@@x", "invalidRecipients")):
        (said), _ = hand_in(sender, draft, envelope=envelope(to, HOLDFOR="10"))
        assert said["notCreated"]["s"]["type"] == kind
    settings.MESSAGE_SIZE_LIMIT = 100
    said, _ = hand_in(sender, draft)
    assert said["notCreated"]["s"]["type"] == "tooLarge"
    assert where(draft) == {"Drafts", "All Mail"}


# --- another time ---


def test_what_waits_leaves_at_another_time_or_now(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    name = sender.later(3_600)["id"]
    until = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = one(call, "EmailSubmission/reschedule", me, id=name, sendAt=until)
    assert problems(said, types.EmailSubmissionRescheduleResponse) == []
    assert said["sendAt"] == sender.get(name)["sendAt"] == until
    assert said["newState"] != said["oldState"]
    assert sender.get(name)["undoStatus"] == "pending"
    one(call, "EmailSubmission/reschedule", me, id=name, sendAt=None)
    assert [row.pk for row in lease.take("w", local=False, limit=9, now=now())] == [Recipient.objects.get().pk]
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt=None) == "cannotUnsend"


def test_only_what_waits_and_is_ones_own_is_rescheduled(call: Call, sender: Sender, me: str) -> None:  # noqa: F811
    name = sender.later(3_600)["id"]
    assert refused(call, "EmailSubmission/reschedule", me, id="S999", sendAt=None) == "notFound"
    assert refused(call, "EmailSubmission/reschedule", me, id=None, sendAt=None) == "notFound"
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt="soon") == "invalidArguments"
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt="2999-01-01T00:00:00Z") == "invalidArguments"
    inspect.hold([Recipient.objects.get().pk])  # by the operator's hand
    assert refused(call, "EmailSubmission/reschedule", me, id=name, sendAt=None) == "cannotUnsend"
    assert Recipient.objects.get().state == "held"


# --- what may not leave any more ---


def wait_until_due(sender: Sender) -> Message:  # noqa: F811
    draft = sender.draft(subject="Beans")
    hand_in(sender, draft, 60)
    Recipient.objects.update(hold_until=now())
    return draft


def test_what_is_still_right_leaves(sender: Sender) -> None:  # noqa: F811
    draft = wait_until_due(sender)
    timetable.sweep()
    assert Recipient.objects.get().state == "due"
    assert where(draft) == {"Sent", "All Mail"}


def test_who_lost_the_address_has_the_draft_again_and_hears_why(sender: Sender, call: Call, me: str) -> None:  # noqa: F811
    provision.add_alias("garden@example.org", ["alice@example.org"])
    garden = next(i["id"] for i in sender.do("Identity/get")["list"] if i["email"] == "garden@example.org")
    sender.identity = garden
    draft = sender.draft(**{"from": [{"email": "garden@example.org"}], "subject": "Bäume"})
    hand_in(sender, draft, 60)
    Recipient.objects.update(hold_until=now())
    Address.objects.get(local_part="garden").delete()
    timetable.sweep()
    assert Recipient.objects.get().state == "failed"
    assert where(draft) == {"Drafts", "All Mail"}
    notice = Message.objects.get(memberships__mailbox__role="inbox")
    assert notice.subject == "Not sent: Bäume"
    assert "You cannot write as" in notice.preview
    assert not notice.flags & Message.SEEN
    assert scheduled.look_again(now()) == 0, "once"
    assert list(verify(sender.account.pk)) == []


def test_who_has_no_room_has_the_draft_again(sender: Sender) -> None:  # noqa: F811
    draft = wait_until_due(sender)
    Account.objects.update(quota=1)
    timetable.sweep()
    assert where(draft) == {"Drafts", "All Mail"}
    assert Recipient.objects.get().state == "failed"
    assert not Membership.objects.filter(mailbox__role="inbox").exists(), "there is no room for a word either"


def test_a_paused_account_sends_nothing_more(sender: Sender) -> None:  # noqa: F811
    wait_until_due(sender)
    Account.objects.update(is_active=False)
    timetable.sweep()
    assert Recipient.objects.get().state == "failed"


def test_one_that_cannot_be_judged_stops_no_other(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    wait_until_due(sender)
    monkeypatch.setattr(scheduled, "objection", lambda row: 1 / 0)
    timetable.sweep()
    assert Recipient.objects.get().state == "due"


def test_a_message_that_is_gone_is_still_not_sent(sender: Sender) -> None:  # noqa: F811
    draft = wait_until_due(sender)
    sender.do("Email/set", destroy=[draft.email_id])
    Account.objects.update(is_active=False)
    timetable.sweep()
    assert Recipient.objects.get().state == "failed"
    assert Recipient.objects.get().address == CAROL
