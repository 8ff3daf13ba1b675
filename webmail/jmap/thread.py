"""Thread/get and /changes (RFC 8621 §3): conversations as the store has them, in all places."""

from __future__ import annotations

from collections import defaultdict

from mailsuite.mailstore import emails as store
from mailsuite.mailstore.models import Thread
from webmail import display
from webmail.jmap import ids, limits, standard
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError
from webmail.jmap.session import OWN

PROPERTIES = ("id", "emailIds")
MOST_LINKS = 20  # a conversation that was split again and again
OWN_PROPERTIES = ("links",)  # told who uses our capability


def get(context: Context, arguments: Json) -> Json:
    """Thread/get: the emails of each, oldest first."""
    asked = standard.getting(context, arguments, PROPERTIES + (OWN_PROPERTIES if OWN in context.using else ()))
    state = standard.mail_state(asked.account_id)
    keys = asked.keys("T")
    if keys is None:
        keys = store.thread_ids(asked.account_id, limits.OBJECTS_IN_GET + 1)
        if len(keys) > limits.OBJECTS_IN_GET:
            raise MethodError("requestTooLarge", f"There are more than {limits.OBJECTS_IN_GET}")
    found = store.email_ids(asked.account_id, keys)
    links = _links(asked.account_id, list(found)) if "links" in asked.properties else {}
    return standard.got(
        asked,
        state,
        {ids.name("T", pk): {"id": ids.name("T", pk), "emailIds": found[pk], "links": links.get(pk, [])} for pk in found},
    )


def _links(account_id: int, keys: list[int]) -> dict[int, list[Json]]:
    """Of each conversation those that it continues or went on as (rule R7 of product.md 3.2)."""
    found: dict[int, list[Json]] = defaultdict(list)
    for later, earlier in store.continuations(account_id, keys):
        if later.pk in keys:
            found[later.pk].append(_link(earlier, is_before=True))
        if earlier.pk in keys:
            found[earlier.pk].append(_link(later, is_before=False))
    return {pk: links[:MOST_LINKS] for pk, links in found.items()}


def _link(thread: Thread, *, is_before: bool) -> Json:
    return {"threadId": ids.name("T", thread.pk), "subject": display.clean(thread.subject), "isBefore": is_before}


def changes(context: Context, arguments: Json) -> Json:
    """Thread/changes."""
    return standard.mail_changes(context, arguments, "threads", lambda pk: ids.name("T", pk))
