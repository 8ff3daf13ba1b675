"""EmailSubmission/set: send a message now or later, take it back while it waits (RFC 8621 §7.5)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial

from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.bridge import writing
from mailsuite.delivery import scheduled
from mailsuite.delivery.submit import Options, SubmissionRefused, submit
from mailsuite.mailstore import changes, waiting
from mailsuite.mailstore.models import Message
from mailsuite.queue import inspect, submissions
from mailsuite.queue.models import Envelope, Submission
from mailsuite.queue.submissions import Handed
from webmail.jmap import email_set, envelope, identity, ids, limits, standard, submission
from webmail.jmap.arguments import date, only, strings, text, utc
from webmail.jmap.context import Context
from webmail.jmap.envelope import Posted
from webmail.jmap.errors import Json, MethodError, SetError, invalid
from webmail.jmap.session import OWN
from webmail.jmap.standard import Outcome, Setting

OPERATION = re.compile(r"[A-Za-z0-9_-]{8,64}")
AFTER = ("onSuccessUpdateEmail", "onSuccessDestroyEmail")


def set_submissions(context: Context, arguments: Json) -> Json:
    """EmailSubmission/set and the Email/set that it implies, in one transaction: nothing is sent and still lies in Drafts."""
    account_id, outcome = context.account_id(arguments), Outcome()
    updates, doomed = standard.objects(arguments, AFTER[0]), strings(arguments, AFTER[1]) or []
    with writing():
        changes.lock(account_id)
        before = submission.state(account_id)
        asked = standard.setting(context, arguments, before, *AFTER)
        emails = _emails(account_id, asked, context)
        standard.create_each(context, asked, outcome, partial(_create, context, emails))
        standard.update_each(context, asked, outcome, partial(_update, account_id))
        standard.destroy_each(context, asked, outcome, partial(_destroy, account_id))
        result = outcome.response(account_id, before, submission.state(account_id))
        done = {*(made["id"] for made in outcome.created.values()), *outcome.updated, *outcome.destroyed}
        of_email = {one: emails[one] for one in done if one in emails}
        _implied(context, arguments["accountId"], of_email, updates, doomed)
        _wait(account_id, [made["id"] for made in outcome.created.values() if made["id"] in emails])
    return result


def _emails(account_id: int, asked: Setting, context: Context) -> dict[str, str]:
    """The email of each submission that is to change or to be forgotten; those created are added when they are."""
    keys = [ids.key("S", context.resolved(name)) for name in (*asked.update, *asked.destroy)]
    rows = Submission.objects.filter(account_id=account_id, pk__in=[key for key in keys if key])
    return {ids.name("S", pk): email for pk, email in rows.values_list("pk", "email_id")}


def _implied(context: Context, account_id: str, of_email: dict[str, str], updates: dict[str, Json], doomed: list[str]) -> None:
    """The one Email/set for all that succeeded; its response comes after ours."""
    named = {name: context.resolved(name) for name in (*updates, *doomed)}
    update = {of_email[one]: updates[name] for name, one in named.items() if name in updates and one in of_email}
    destroy = [of_email[one] for name, one in named.items() if name in doomed and one in of_email]
    if not update and not destroy:
        return
    try:
        said = email_set.set_emails(context, {"accountId": account_id, "update": update, "destroy": destroy})
        context.more.append(("Email/set", said))
    except MethodError as error:
        context.more.append(("error", error.arguments))


def _wait(account_id: int, made: list[str]) -> None:
    """What its author chose a time for goes into Scheduled, once the client has put it into Sent."""
    for row in Submission.objects.filter(account_id=account_id, pk__in=[ids.key("S", name) for name in made]):
        scheduled.wait(row, row.send_at)


# --- create ---


def _create(context: Context, emails: dict[str, str], wanted: Json) -> Json:
    known = {"identityId", "emailId", "envelope"} | ({"operationId"} if OWN in context.using else set())
    if wrong := sorted(wanted.keys() - known):
        raise SetError("invalidProperties", f"{wrong[0][:100]} cannot be set.", properties=wrong[:20])
    operation_id = _operation_id(wanted.get("operationId"))
    if operation_id and (first := submissions.of_operation(context.account.pk, operation_id)):
        return submission.described(first)  # its client did not hear our answer; what followed from it is done too
    own = identity.described(context.account).get(str(context.resolved(wanted.get("identityId"))))
    if own is None:
        raise SetError("invalidProperties", "There is no such identity.", properties=["identityId"])
    message = _message(context, wanted.get("emailId"))
    content = store.read(message.blob)
    context.spend(len(content))
    posted = envelope.read(wanted.get("envelope"), content, own["email"], context.account.pk, now())
    row = _submitted(context, own, message, content, posted, operation_id)
    emails[ids.name("S", row.pk)] = message.email_id
    [handed] = submissions.of(context.account.pk, [row.pk])
    return {name: value for name, value in submission.described(handed).items() if wanted.get(name) is None}


def _operation_id(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not OPERATION.fullmatch(value):
        raise SetError("invalidProperties", "operationId is 8 to 64 of A-Z, a-z, 0-9, - and _.", properties=["operationId"])
    return value


def _message(context: Context, name: object) -> Message:
    key = ids.email_key(context.resolved(name)) or (0, 0)
    found = Message.objects.filter(account_id=context.account.pk, pk=key[0], incarnation=key[1])
    message = found.select_related("blob__packed").first()
    if message is None:
        raise SetError("invalidProperties", "There is no such email.", properties=["emailId"])
    return message


def _submitted(context: Context, own: Json, message: Message, content: bytes, posted: Posted, operation_id: str) -> Submission:
    options = Options(envid=posted.mail.envid, ret=posted.mail.ret, hold_until=posted.hold_until, keep_copy=False)
    try:
        sent = submit(
            context.account,
            content,
            reverse_path=posted.mail.reverse_path,
            recipients=posted.recipients,
            origin=Envelope.Origin.SUBMISSION,
            options=options,
        )
    except SubmissionRefused as refusal:
        raise _refused(refusal) from refusal
    except store.NoRoom as error:
        raise SetError("rateLimit", "The disk is full. Try again later.") from error
    return Submission.objects.create(
        account=context.account,
        envelope=sent.envelope,
        identity=ids.key("I", own["id"]),
        email_id=message.email_id,
        thread_id=message.thread_id,
        said=posted.said,
        operation_id=operation_id,
        send_at=posted.hold_until or sent.envelope.accepted_at,
        created_modseq=changes.begin([context.account.pk])[context.account.pk],
    )


def _refused(refusal: SubmissionRefused) -> SetError:
    """RFC 8621 §7.5: SMTP's reasons by JMAP's names."""
    reply = refusal.reply
    if refusal.recipient:
        return SetError("invalidRecipients", reply.text, invalidRecipients=[refusal.recipient])
    match reply.enhanced:
        case "5.3.4":
            return SetError("tooLarge", reply.text, maxSize=limits.upload_bytes())
        case "5.7.1":
            return SetError("forbiddenFrom", reply.text)
        case "4.7.1":
            return SetError("rateLimit", reply.text)
        case "5.5.1":
            return SetError("noRecipients", reply.text)
    return SetError("invalidEmail", reply.text) if reply.permanent else SetError("rateLimit", reply.text)


# --- update and destroy ---


def _update(account_id: int, name: str, patch: Json) -> None:
    handed = _own(account_id, name)
    current = submission.described(handed)
    patched = standard.patched(current, patch)
    wanted = {key: value for key, value in patched.items() if key not in current or value != current[key]}
    if not wanted:
        return
    if wanted != {"undoStatus": "canceled"}:
        raise SetError("invalidProperties", "Only undoStatus changes, to canceled.", properties=sorted(wanted)[:20])
    if not inspect.withdraw(handed.row.envelope, now()):
        raise SetError("cannotUnsend", "It has left already.")
    if handed.row.is_scheduled:
        waiting.give_back(account_id, [handed.row.message])


def _destroy(account_id: int, name: str) -> None:
    """The record goes; what it stands for is delivered all the same."""
    submissions.forget(_own(account_id, name).row, changes.begin([account_id])[account_id])


def reschedule(context: Context, arguments: Json) -> Json:
    """EmailSubmission/reschedule: have what waits leave at another time, or (sendAt null) now. An addition of ours."""
    only(arguments, "accountId", "id", "sendAt")
    account_id, name, said = context.account_id(arguments), text(arguments, "id"), arguments.get("sendAt")
    until, moment = None if said is None else date(said, "sendAt"), now()
    if until is not None and until > moment + timedelta(seconds=limits.DELAYED_SEND):
        raise invalid(f"A message waits for at most {limits.DELAYED_SEND} seconds")
    with writing():
        changes.lock(account_id)
        before = submission.state(account_id)
        try:
            row = _own(account_id, str(name)).row
        except SetError as error:
            raise MethodError("notFound") from error
        if reason := _objection(row, until):
            raise MethodError("forbidden", reason)
        if not inspect.reschedule(row.envelope, until, moment):
            raise MethodError("cannotUnsend", "It has left already, or is held by hand")
        row.send_at = max(until or moment, moment)
        row.save(update_fields=["send_at"])
        if until and until > moment:
            scheduled.wait(row, until)
        elif row.is_scheduled:
            waiting.go(account_id, [row.message], moment)
        after = submission.state(account_id)
    return {
        "accountId": ids.name("A", account_id),
        "oldState": before,
        "newState": after,
        "id": name,
        "sendAt": utc(row.send_at),
    }


def _objection(row: Submission, until: datetime | None) -> str:
    """Why what was scheduled may not leave now, or is not scheduled any more; empty where it may."""
    if not row.is_scheduled:
        return ""
    if not waiting.stands(row.account_id, row.message):
        return "It is not in Scheduled any more, and will not be sent."
    return scheduled.objection(row) if until is None else ""


def _own(account_id: int, name: str) -> Handed:
    key = ids.key("S", name)
    found = submissions.of(account_id, [key]) if key else []
    if not found:
        raise SetError("notFound")
    return found[0]
