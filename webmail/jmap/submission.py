"""EmailSubmission/get, /changes, /query and /queryChanges: what was handed in, and what became of it (RFC 8621 §7)."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from mailsuite.queue import submissions
from mailsuite.queue.submissions import Handed
from webmail.jmap import ids, limits, querying, standard
from webmail.jmap.arguments import date, number, only, text, utc
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid

BLOBS = ("dsnBlobIds", "mdnBlobIds")
PROPERTIES = ("id", "identityId", "emailId", "threadId", "envelope", "sendAt", "undoStatus", "deliveryStatus", *BLOBS)
LISTS = {"identityIds": "identityId", "emailIds": "emailId", "threadIds": "threadId"}
CONDITIONS = (*LISTS, "undoStatus", "before", "after")
STATE = re.compile(r"(\d{1,18})-(\d{1,9})-[0-9a-f]{16}")
REPLY = re.compile(r"[2-5]\d\d[ -]")


def get(context: Context, arguments: Json) -> Json:
    """EmailSubmission/get."""
    asked = standard.getting(context, arguments, PROPERTIES)
    found = all_of(asked.account_id)
    if asked.ids is None and len(found) > limits.OBJECTS_IN_GET:
        raise MethodError("requestTooLarge", f"There are more than {limits.OBJECTS_IN_GET}; name them by their ids")
    return standard.got(asked, state(asked.account_id), found)


def all_of(account_id: int) -> dict[str, Json]:
    """The EmailSubmission objects of an account by id."""
    return {one["id"]: one for one in map(described, submissions.of(account_id))}


def described(one: Handed) -> Json:
    """The EmailSubmission object."""
    row = one.row
    return {
        "id": ids.name("S", row.pk),
        "identityId": ids.name("I", row.identity),
        "emailId": row.email_id,
        "threadId": ids.name("T", row.thread_id),
        "envelope": row.said,
        "sendAt": utc(row.send_at),
        "undoStatus": one.undo_status,
        "deliveryStatus": {to["email"]: _status(*one.status(to["email"])) for to in row.said["rcptTo"]},
        **{name: [] for name in BLOBS},
    }


def _status(words: str, delivered: str) -> Json:
    """`smtpReply` is always one: our own words about a recipient are put behind a code of their kind."""
    if not REPLY.match(words):
        code = {"no": "550 5.0.0", "queued": "250 2.1.5"}.get(delivered, "250 2.0.0")
        words = f"{code} {words or 'in the queue'}"
    return {"smtpReply": words, "delivered": delivered, "displayed": "unknown"}


def state(account_id: int) -> str:
    """The modseq of the last that came or was forgotten, how many there are, and a hash of how far they are."""
    found = submissions.of(account_id)
    marks = [
        [one.row.pk, one.undo_status, one.row.send_at.timestamp(), [[r.state, r.last_reply] for r in one.recipients]]
        for one in found
    ]
    digest = hashlib.sha256(json.dumps(marks).encode()).hexdigest()[:16]
    return f"{submissions.last_change(account_id)}-{len(found)}-{digest}"


def changes(context: Context, arguments: Json) -> Json:
    """EmailSubmission/changes. How far they are changes with every try: where anything did, all that stayed are named."""
    only(arguments, "accountId", "sinceState", "maxChanges")
    account_id, since = context.account_id(arguments), text(arguments, "sinceState")
    most = number(arguments, "maxChanges", least=1)
    if since is None:
        raise invalid("sinceState is missing")
    told, now = STATE.fullmatch(since), state(account_id)
    found = submissions.since(account_id, int(told[1]), int(told[2])) if told else None
    if found is None:
        raise MethodError("cannotCalculateChanges")
    came, stayed, gone = found if since != now else ([], [], [])
    if most is not None and len(came) + len(stayed) + len(gone) > most:
        raise MethodError("cannotCalculateChanges")
    names = {"created": came, "updated": stayed, "destroyed": gone}
    return {
        "accountId": ids.name("A", account_id),
        "oldState": since,
        "newState": now,
        "hasMoreChanges": False,
        **{name: [ids.name("S", key) for key in keys] for name, keys in names.items()},
    }


def query(context: Context, arguments: Json) -> Json:
    """EmailSubmission/query."""
    asked = querying.query_of(context, arguments)
    found, now = all_of(asked.account_id), state(asked.account_id)
    keys = {
        "emailId": lambda one: ids.email_key(one["emailId"]) or (0, 0),
        "threadId": lambda one: ids.key("T", one["threadId"]) or 0,
        "sentAt": lambda one: one["sendAt"],
    }
    results = querying.in_order(found.values(), asked.sort, keys)
    if asked.filter is not None:
        results = [one for one in results if querying.folded(asked.filter, _judge(one), querying.holds)]
    return querying.queried(asked, [one["id"] for one in results], now, can_calculate_changes=False)


def query_changes(context: Context, arguments: Json) -> Json:
    """EmailSubmission/queryChanges: /query says that it cannot be told."""
    querying.query_changes_of(context, arguments)
    raise MethodError("cannotCalculateChanges")


def _judge(one: Json):
    """Does a FilterCondition hold for this submission (§7.3)?"""

    def holds(condition: Json) -> bool:
        only(condition, *CONDITIONS)
        return all(_holds(one, name, value) for name, value in condition.items())

    return holds


def _holds(one: Json, name: str, value: Any) -> bool:
    if name in LISTS:
        if not isinstance(value, list) or not all(isinstance(wanted, str) for wanted in value):
            raise invalid(f"{name} is a list of ids")
        return one[LISTS[name]] in value
    if name == "undoStatus":
        return bool(one["undoStatus"] == value)
    moment = date(value, name)
    sent_at = date(one["sendAt"], "sendAt")
    return sent_at < moment if name == "before" else sent_at >= moment
