"""Email/unsubscribe: leave the list that an email is from (RFC 8058, RFC 2369; F42)."""

from __future__ import annotations

from mailsuite.delivery import unsubscribe
from mailsuite.delivery.submit import SubmissionRefused
from mailsuite.mailstore.models import Message
from mailsuite.people.choices import MOST, TooManyChoices
from webmail.jmap import ids
from webmail.jmap.arguments import only, text
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError


def leave(context: Context, arguments: Json) -> Json:
    """Do it. It may ask the list's host, and wait for it some seconds."""
    only(arguments, "accountId", "emailId")
    account_id, key = context.account_id(arguments), ids.email_key(text(arguments, "emailId"))
    rows = Message.objects.filter(account_id=account_id).select_related("blob__packed")
    message = rows.filter(pk=key[0], incarnation=key[1]).first() if key else None
    if message is None:
        raise MethodError("notFound")
    said: Json = {"accountId": ids.name("A", account_id), "emailId": message.email_id}
    try:
        how, page = unsubscribe.leave(context.account, message)
    except unsubscribe.NothingToLeave:
        return said | {"how": None}
    except unsubscribe.Busy as error:
        raise MethodError("serverUnavailable", "Others are leaving lists at the moment.") from error
    except SubmissionRefused as error:
        raise MethodError("forbidden", error.reply.text) from error
    except TooManyChoices as error:
        raise MethodError("overQuota", f"At most {MOST} choices; take some back first.") from error
    return said | {"how": how} | ({"page": page} if page else {})
