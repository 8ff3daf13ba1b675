"""Email/import and Email/copy (RFC 8621 §4.7, §4.8)."""

from __future__ import annotations

import hashlib

from mailsuite.mailstore.models import Message
from webmail.jmap import blobs, email_create, email_wish, ids, limits, standard
from webmail.jmap.arguments import boolean, only, text
from webmail.jmap.context import Context
from webmail.jmap.email_set import held_still
from webmail.jmap.errors import Json, MethodError, SetError, invalid
from webmail.jmap.standard import refused_into

EMAIL = frozenset({"blobId", "mailboxIds", "keywords", "receivedAt"})
COPY = ("fromAccountId", "ifFromInState", "accountId", "ifInState", "create", "onSuccessDestroyOriginal", "destroyFromIfInState")


def take_in(context: Context, arguments: Json) -> Json:
    """Email/import: messages that were uploaded, or lie in others, byte for byte."""
    only(arguments, "accountId", "ifInState", "emails")
    account_id, wanted = context.account_id(arguments), standard.objects(arguments, "emails")
    if len(wanted) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} objects")
    in_state = text(arguments, "ifInState")
    created: dict[str, Json] = {}
    refused: dict[str, Json] = {}
    with held_still(account_id, only_if=in_state is not None):
        before = standard.mail_state(account_id)
        if in_state not in (None, before):
            raise MethodError("stateMismatch")
        for name, one in wanted.items():
            with refused_into(refused, name):
                created[name] = _imported(context, one)
                context.created[name] = created[name]["id"]
        after = standard.mail_state(account_id)
    states = {"oldState": before, "newState": after}
    return {"accountId": arguments["accountId"], **states, "created": created or None, "notCreated": refused or None}


def _imported(context: Context, wanted: Json) -> Json:
    if wrong := sorted(wanted.keys() - EMAIL):
        raise SetError("invalidProperties", f"{wrong[0][:100]} is no property of an import.", properties=wrong[:20])
    wish, received_at = email_wish.of_new(context, wanted), email_create.date_of(wanted.get("receivedAt"))
    content = blobs.Reader(context.account, context.spend).open(wanted.get("blobId"))
    if content is None:
        raise SetError("invalidProperties", "There is no such blob.", properties=["blobId"])
    if not content.strip():
        raise SetError("invalidEmail", "There is nothing in it.")
    if held := _held(context.account.pk, wanted["blobId"], content):
        raise SetError("alreadyExists", "The account has this message.", existingId=held.email_id)
    return email_create.keep(context, content, wish, received_at)


def _held(account_id: int, blob_id: str, content: bytes) -> Message | None:
    """The message of the account that has these bytes already (rule R11)."""
    own = Message.objects.filter(account_id=account_id)
    digest = hashlib.sha256(content).hexdigest()
    return own.filter(pk=ids.key("R", blob_id) or 0).first() or own.filter(blob__hash=digest).first()


def copy(context: Context, arguments: Json) -> Json:
    """Email/copy: from another account. Everybody has one account, so there is never another to copy from."""
    only(arguments, *COPY)
    context.account_id(arguments)
    standard.objects(arguments, "create")
    boolean(arguments, "onSuccessDestroyOriginal")
    if text(arguments, "fromAccountId") is None:
        raise invalid("fromAccountId is missing")
    if arguments["fromAccountId"] == arguments["accountId"]:
        raise invalid("fromAccountId is another account than accountId (RFC 8620 §5.4)")
    raise MethodError("fromAccountNotFound")
