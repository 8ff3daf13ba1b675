"""Mail of senders whom an account has blocked goes into its Trash, where the member can still find it for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailsuite.mailstore.messages import NewMessage
from mailsuite.people import choices
from mailsuite.queue.models import Recipient

REASON = {"code": "blocked", "text": "You have blocked this sender.", "weight": 0}


def applied(new: Sequence[tuple[Recipient, NewMessage]]) -> list[tuple[Recipient, NewMessage]]:
    """The same, what is of blocked senders bound for Trash. One query for all."""
    blocked = choices.blocking([(message.account_id, _author(message)) for _, message in new])
    return [
        (recipient, _into_trash(message) if (message.account_id, choices.folded(_author(message))) in blocked else message)
        for recipient, message in new
    ]


def _author(message: NewMessage) -> str:
    authors = message.summary.people.get("from", ()) if message.summary else ()
    return authors[0][1] if authors else ""


def _into_trash(message: NewMessage) -> NewMessage:
    reasons = [*message.decision.get("reasons", ()), REASON]
    return replace(message, role="trash", decision={**message.decision, "reasons": reasons})
