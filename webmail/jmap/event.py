"""Event/answer: say whether one comes to what an email invites to (product.md 5.8)."""

from __future__ import annotations

from mailsuite.mailstore.models import Message
from webmail import invitations
from webmail.invitations import ANSWERS, MOST_NOTE, CannotAnswer
from webmail.jmap import ids, standard
from webmail.jmap.arguments import only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid


def answer(context: Context, arguments: Json) -> Json:
    """Tell the organiser, and keep it. The same answer again, without a note, is told to nobody."""
    only(arguments, "accountId", "emailId", "answer", "note")
    account_id, given = context.account_id(arguments), ANSWERS.get(text(arguments, "answer") or "")
    note = text(arguments, "note") or ""
    if given is None:
        raise invalid(f"answer is one of {', '.join(ANSWERS)}")
    if len(note) > MOST_NOTE:
        raise invalid(f"note has at most {MOST_NOTE} characters")
    message = _message(context, account_id, text(arguments, "emailId"))
    before = standard.mail_state(account_id)
    try:
        sent = invitations.answer(context.account, message, given, note)
    except CannotAnswer as reason:
        raise MethodError("cannotAnswer", str(reason)) from reason
    state = standard.mail_state(account_id)
    return {"accountId": ids.name("A", account_id), "oldState": before, "newState": state, "isSent": sent}


def _message(context: Context, account_id: int, name: str | None) -> Message:
    key = ids.email_key(context.resolved(name)) or (0, 0)
    message = Message.objects.filter(account_id=account_id, pk=key[0], incarnation=key[1]).first()
    if message is None:
        raise MethodError("notFound")
    return message
