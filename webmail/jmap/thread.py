"""Thread/get and /changes (RFC 8621 §3): conversations as the store has them, in all places."""

from __future__ import annotations

from mailsuite.mailstore import emails as store
from webmail.jmap import ids, limits, standard
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError

PROPERTIES = ("id", "emailIds")


def get(context: Context, arguments: Json) -> Json:
    """Thread/get: the emails of each, oldest first."""
    asked = standard.getting(context, arguments, PROPERTIES)
    state = standard.mail_state(asked.account_id)
    keys = asked.keys("T")
    if keys is None:
        keys = store.thread_ids(asked.account_id, limits.OBJECTS_IN_GET + 1)
        if len(keys) > limits.OBJECTS_IN_GET:
            raise MethodError("requestTooLarge", f"There are more than {limits.OBJECTS_IN_GET}")
    found = store.email_ids(asked.account_id, keys)
    return standard.got(asked, state, {ids.name("T", pk): {"id": ids.name("T", pk), "emailIds": found[pk]} for pk in found})


def changes(context: Context, arguments: Json) -> Json:
    """Thread/changes."""
    return standard.mail_changes(context, arguments, "threads", lambda pk: ids.name("T", pk))
