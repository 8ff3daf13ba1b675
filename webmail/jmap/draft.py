"""Draft/get and /save: a draft under one id, whichever message it is by now, saved by several devices (product.md 5.3)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.bridge import writing
from mailsuite.mailstore import changes, drafts, messages, uploads
from mailsuite.mailstore.drafts import Conflict
from mailsuite.mailstore.messages import NewMessage
from mailsuite.mailstore.models import Draft, Message
from webmail.jmap import email_create, ids, standard
from webmail.jmap.arguments import number, only, strings, text, utc
from webmail.jmap.context import Context
from webmail.jmap.email_body import Body
from webmail.jmap.errors import Json, MethodError, SetError, invalid
from webmail.jmap.written_body import SHORT

PROPERTIES = ("id", "revision", "emailId", "threadId", "inReplyTo", "savedAt")
KNOWN = frozenset({"bodyValues", *SHORT})
OURS = re.compile(r"(header:)?message-?id\b", re.IGNORECASE)  # one for all versions
OPERATION = re.compile(r"[A-Za-z0-9_-]{8,64}")
PART = ("blobId", "name", "type", "size", "disposition", "cid")
SYNTHETIC = "@synthetic.invalid"  # of a message that had none


class Version(NamedTuple):
    """A draft, and the message that it is now: None where it was deleted or sent meanwhile."""

    draft: Draft
    message: Message | None


def get(context: Context, arguments: Json) -> Json:
    """All drafts, whatever program wrote them; of these ids, of these emails, or that answer these messages."""
    asked = standard.getting(context, arguments, PROPERTIES, "emailIds", "inReplyTo")
    emails, parents = strings(arguments, "emailIds"), strings(arguments, "inReplyTo")
    state = standard.mail_state(asked.account_id)
    found = {}
    for draft, message in drafts.present(asked.account_id):
        wanted = emails is None or message.email_id in emails
        if wanted and (parents is None or message.in_reply_to in parents):
            found[ids.name("D", draft.pk)] = as_json(draft, message)
    return standard.got(asked, state, found)


def as_json(draft: Draft, message: Message) -> Json:
    """The Draft object."""
    return {
        "id": ids.name("D", draft.pk),
        "revision": draft.revision,
        "emailId": message.email_id,
        "threadId": ids.name("T", message.thread_id),
        "inReplyTo": message.in_reply_to or None,
        "savedAt": utc(draft.saved_at),
    }


def save(context: Context, arguments: Json) -> Json:
    """Keep what is written, in place of the version that its writer went on from; or say that another device was there before."""
    only(arguments, "accountId", "draftId", "emailId", "revision", "operationId", "creationId", "ifConflict", "email")
    account_id, operation_id = context.account_id(arguments), _operation_id(arguments)
    wanted = arguments.get("email")
    if not isinstance(wanted, dict):
        raise invalid("email is what an Email has that is created")
    before = standard.mail_state(account_id)
    draft, revision = _base(context, arguments)
    if done := _done_before(account_id, draft, operation_id):
        return _said(context, arguments, before, Version(done, drafts.current(done)))
    try:
        _check(draft, revision)
        return _said(context, arguments, before, _kept(context, draft, revision, wanted, operation_id))
    except Conflict as conflict:
        kept = None
        if arguments.get("ifConflict") == "both":
            kept = _kept(context, Draft(account_id=account_id), 0, wanted, operation_id)
        return _said(context, arguments, before, kept, conflict)


def _operation_id(arguments: Json) -> str:
    found = text(arguments, "operationId", "") or ""
    if found and not OPERATION.fullmatch(found):
        raise invalid("operationId is 8 to 64 of A-Z, a-z, 0-9, - and _")
    if arguments.get("ifConflict") not in (None, "ask", "both"):
        raise invalid("ifConflict is ask or both")
    return found


def _base(context: Context, arguments: Json) -> tuple[Draft, int]:
    """The draft that is saved, and the revision that its writer went on from; a new one where none is named."""
    account_id, name, email = context.account.pk, text(arguments, "draftId"), text(arguments, "emailId")
    revision = number(arguments, "revision", least=1)
    if name is not None:
        if revision is None or email is not None:
            raise invalid("draftId comes with a revision, and without emailId")
        draft = drafts.find(account_id, ids.key("D", name) or 0)
    elif email is not None:
        draft = _of_email(account_id, email)
        revision = draft.revision if draft else 0
    else:
        return Draft(account_id=account_id), 0
    if draft is None:
        raise MethodError("notFound", "There is no such draft")
    return draft, revision


def _of_email(account_id: int, name: str) -> Draft | None:
    key = ids.email_key(name) or (0, 0)
    message = Message.objects.filter(account_id=account_id, pk=key[0], incarnation=key[1]).first()
    return drafts.of_message(account_id, message) if message else None


def _done_before(account_id: int, draft: Draft, operation_id: str) -> Draft | None:
    """The draft that this very saving made or changed already: its client did not hear of it."""
    if not operation_id:
        return None
    if draft.pk is None:
        return drafts.made_by(account_id, operation_id)
    # With `ifConflict: both` the saving may have made another draft than the one it names.
    return draft if draft.operation_id == operation_id else drafts.made_by(account_id, operation_id)


def _check(draft: Draft, revision: int) -> None:
    """Look before anything is composed: the attachments may be those of the version before. Raises Conflict."""
    if draft.pk is not None:
        drafts.check(draft, revision)


def _kept(context: Context, draft: Draft, revision: int, wanted: Json, operation_id: str) -> Version:
    """Compose and save; what an Email/set would say of what is wrong is an error of the method."""
    try:
        content = _content(context, draft, wanted)
        new, packed = email_create.ready(context, content, now())
        with email_create.refusals(), writing():
            changes.lock(context.account.pk)
            return _saved(draft, revision, new, packed, operation_id)
    except SetError as error:
        raise MethodError(error.arguments.pop("type"), **error.arguments) from error


def _saved(draft: Draft, revision: int, new: NewMessage, packed: store.Draft, operation_id: str) -> Version:
    """Save, unless the same saving came twice at once and the other was quicker. The account is locked."""
    known = drafts.find(draft.account_id, draft.pk) if draft.pk else draft
    done = _done_before(draft.account_id, known or draft, operation_id)
    if done is not None:
        return Version(done, drafts.current(done))
    draft.operation_id = operation_id
    draft.made_by = draft.made_by if draft.pk else operation_id
    return Version(draft, drafts.save(draft, revision, new, packed))


def _content(context: Context, draft: Draft, wanted: Json) -> bytes:
    if wrong := sorted(name for name in wanted if OURS.match(name)):
        raise SetError("invalidProperties", "A draft has one Message-ID, which is given to it.", properties=wrong[:20])
    fields, rest = email_create.known(wanted, KNOWN)
    if not draft.message_id or draft.message_id.endswith(SYNTHETIC):
        draft.message_id = email_create.new_message_id(fields)
    uploads.renew(context.account.pk, _uploads_in(wanted))
    return email_create.composed(context, fields | {"messageId": [draft.message_id]}, rest, flowed=True)


def _uploads_in(value: Any) -> set[int]:
    """Keys of the files that were uploaded and are named in it: they are needed again, at the next saving."""
    if isinstance(value, dict):
        own = ids.key("U", value.get("blobId"))
        return {key for one in value.values() for key in _uploads_in(one)} | ({own} if own else set())
    return {key for one in value for key in _uploads_in(one)} if isinstance(value, list) else set()


def _said(context: Context, arguments: Json, before: str, kept: Version | None, conflict: Conflict | None = None) -> Json:
    """The response; `draft` is null where nothing was kept."""
    message = kept.message if kept else None
    creation_id = text(arguments, "creationId")
    if message is not None and creation_id is not None:
        context.created[creation_id] = message.email_id
    return {
        "accountId": ids.name("A", context.account.pk),
        "oldState": before,
        "newState": standard.mail_state(context.account.pk),
        "draft": as_json(kept.draft, message) if kept and message else None,
        "attachments": _attachments(message) if message else [],
        "conflict": _conflict(conflict) if conflict else None,
    }


def _attachments(message: Message) -> list[Json]:
    """Its files, under the ids by which the next saving names them: those of the version before are gone."""
    body = Body(messages.content(message), ids.name("R", message.pk))
    return [body.described(part, list(PART)) for part in body.divided.attachments]


def _conflict(conflict: Conflict) -> Json:
    """What the draft is now; `draft` null where it is gone: sent, or deleted."""
    draft, message = conflict.draft, conflict.message
    return {"draftId": ids.name("D", draft.pk), "draft": as_json(draft, message) if message else None}
