"""What was to be sent later is looked at when its time comes: may it still leave? Else it is a draft again, with a word why.

Its author may have lost the address that it was written as since, or the account may hold more than it may. What waits only a
few seconds, so that it can be undone, comes by here too, and finds nothing changed. What its author chose a time for is in
Scheduled until then: what was deleted there, or made a draft again by a mail program, does not leave.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from mailsuite import maillog
from mailsuite.accounts import addresses, identities, preferences
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.bridge import writing
from mailsuite.delivery import trouble
from mailsuite.mailstore import changes, desired, mailboxes, messages, quota, waiting
from mailsuite.mailstore.desired import Wish
from mailsuite.mailstore.models import Message
from mailsuite.protocol import compose
from mailsuite.queue import inspect, submissions
from mailsuite.queue.models import Submission

UNDO = timedelta(seconds=preferences.LONGEST_UNDO)


def look_again(now: datetime) -> int:
    """Take back what may not leave any more, of all that waits until now; returns how many. To be done before they are freed."""
    taken = sum(_looked_at(row, now) for row in submissions.scheduled(now))
    for account_id, message_id in waiting.over(now):
        _move_on(account_id, message_id, now)
    return taken


def wait(row: Submission, until: datetime) -> None:
    """Have its message wait in Scheduled, where until then is longer than what is held only to be undone."""
    if row.is_scheduled or until - timezone.now() > UNDO:
        row.is_scheduled = waiting.wait(row.account_id, row.message, until)
        row.save(update_fields=["is_scheduled"])


def _move_on(account_id: int, message_id: int, now: datetime) -> None:
    """Out of Scheduled what leaves now, or left in another way. What is held by hand stays."""
    handed = submissions.of_message(account_id, message_id)
    if handed and handed.undo_status == "canceled":
        waiting.give_back(account_id, [message_id])
    elif not handed or handed.leaves(now):
        waiting.go(account_id, [message_id], now)


def _looked_at(row: Submission, now: datetime) -> bool:
    """One that we cannot judge leaves as it was asked to, and stops no other."""
    try:
        return _taken_back(row, now)
    except Exception as error:
        if trouble.is_machines(error):
            raise
        maillog.problem("look-again-failed", envelope=row.envelope_id, reason=f"{type(error).__name__}: {error}")
        return False


def _taken_back(row: Submission, now: datetime) -> bool:
    gone = row.is_scheduled and not waiting.stands(row.account_id, row.message)
    reason = "" if gone else objection(row)
    if not gone and not reason:
        return False
    with writing():
        changes.lock(row.account_id)
        if not inspect.withdraw(row.envelope, now):
            return False
        subject = _to_drafts(row)
        if reason:
            _tell(row.account, subject, reason, now)
    why = reason or "not in Scheduled any more"
    maillog.event("returned-to-drafts", envelope=row.envelope_id, account=row.account.login, reason=why)
    return True


def objection(row: Submission) -> str:
    """Why it may not leave, as a sentence; empty where it may."""
    if not row.account.is_active:
        return "The account is paused."
    reverse_path = row.envelope.reverse_path
    lost = reverse_path and not addresses.may_author(row.account_id, reverse_path)
    if lost or row.identity not in {one.key for one in identities.of(row.account)}:
        return f"You cannot write as {reverse_path or 'that address'} any more."
    used, limit = quota.usage(row.account_id)
    if limit and used > limit:
        return "Your mailbox is full. Make room, and send it again."
    return ""


def _to_drafts(row: Submission) -> str:
    """The message as the draft that it was; its subject."""
    found = Message.objects.filter(account_id=row.account_id, pk=row.message).first()
    if found is None:
        return ""
    if row.is_scheduled:
        waiting.give_back(row.account_id, [found.pk])
        return found.subject
    drafts = mailboxes.by_role(row.account_id, "drafts").pk
    away = mailboxes.by_role(row.account_id, "sent").pk
    wish = Wish(enter=frozenset({drafts}), leave=frozenset({away}), add=frozenset({"$draft", "$seen"}))
    desired.fulfil(row.account_id, {found.pk: wish})
    return found.subject


def _tell(account: Account, subject: str, reason: str, now: datetime) -> None:
    """A message in Inbox. A full mailbox does not get it; the draft is there all the same."""
    domain = account.login.rpartition("@")[2]
    text = f"{reason}\n\nYour message{f' “{subject}”' if subject else ''} was to be sent now. It was not sent, and is in Drafts."
    content = compose.build(
        compose.Draft(
            author=("Mail system", f"postmaster@{domain}"),
            date=now,
            message_id=f"{uuid.uuid4().hex}@{domain}",
            to=[(account.display_name, account.login)],
            subject=f"Not sent: {subject}" if subject else "A message was not sent",
            text=text,
        )
    )
    [blob] = store.save([(store.draft(content), 0)])
    messages.append([messages.NewMessage(account.pk, blob, content, received_at=now)])
