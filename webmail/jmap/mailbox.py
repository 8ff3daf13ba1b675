"""Mailbox/get, /changes, /query and /queryChanges: places, states and labels as a tree (RFC 8621 §2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mailsuite.mailstore import changes as log
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore import rows
from mailsuite.mailstore.models import Mailbox
from webmail.jmap import ids, querying, standard
from webmail.jmap.arguments import boolean, only
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, invalid
from webmail.jmap.session import OWN

COUNTS = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
PROPERTIES = ("id", "name", "parentId", "role", "sortOrder", *COUNTS, "myRights", "isSubscribed")
OWN_PROPERTIES = ("kind", "sticky", "color", "isImapVisible", "showInSidebar")  # told who uses our capability
PLACES = (Mailbox.Role.ALL, Mailbox.Role.ARCHIVE, Mailbox.Role.JUNK, Mailbox.Role.TRASH)
TREE = ("sortAsTree", "filterAsTree")
LABELS = 100  # sortOrder of labels; mailboxes with a role come before
CONDITIONS = {"parentId": str, "name": str, "role": str, "hasAnyRole": bool, "isSubscribed": bool}


def get(context: Context, arguments: Json) -> Json:
    """Mailbox/get."""
    asked = standard.getting(context, arguments, properties(context))
    state = standard.mail_state(asked.account_id)
    boxes = store.list_all(asked.account_id)
    drafts = rows.unread_drafts(boxes) if "unreadEmails" in asked.properties else {}
    return standard.got(asked, state, {ids.name("F", box.pk): described(box, boxes, drafts) for box in boxes})


def properties(context: Context) -> tuple[str, ...]:
    """Those that the client may ask for."""
    return PROPERTIES + (OWN_PROPERTIES if OWN in context.using else ())


def changes(context: Context, arguments: Json) -> Json:
    """Mailbox/changes; `updatedProperties` spares a client what it knows where only counts changed (§2.2)."""
    found = standard.mail_changes(context, arguments, "mailboxes", lambda pk: ids.name("F", pk))
    since, wanted = int(arguments["sinceState"]), {ids.key("F", one) for one in found["updated"]}
    boxes = [box for box in store.list_all(context.account.pk) if box.pk in wanted]
    only_counts = wanted and all(box.described_modseq <= since for box in boxes)
    return found | {"updatedProperties": list(COUNTS) if only_counts else None}


def query(context: Context, arguments: Json) -> Json:
    """Mailbox/query."""
    asked = querying.query_of(context, arguments, *TREE)
    state = standard.mail_state(asked.account_id)
    return querying.queried(asked, _found(asked, arguments), state, can_calculate_changes=True)


def query_changes(context: Context, arguments: Json) -> Json:
    """Mailbox/queryChanges. Where a name changed its place in the tree, everything may stand elsewhere, and is told again."""
    asked = querying.query_changes_of(context, arguments, *TREE)
    account_id, since = asked.query.account_id, standard.since_modseq(arguments, "sinceQueryState")
    known = log.some_since(account_id, since, "mailboxes")
    if known is None:
        raise MethodError("cannotCalculateChanges")
    results = _found(asked.query, arguments)
    created, gone = _names(known.difference.created), _names(known.difference.destroyed)
    boxes = store.list_all(account_id)
    moved = created or gone or any(box.described_modseq > since for box in boxes)
    changed = {*_names(box.pk for box in boxes), *created, *gone} if moved else ()
    return querying.query_changed(asked, results, created=created, changed=changed, state=str(known.modseq))


def _names(keys: Iterable[int]) -> set[str]:
    return {ids.name("F", key) for key in keys}


# --- what a mailbox is ---


def described(box: Mailbox, boxes: list[Mailbox], drafts: dict[int, int] | None = None) -> Json:
    """The Mailbox object of one of these mailboxes. drafts: how many of its unread messages are drafts, by key."""
    parent, name = place_of(box, boxes)
    return {
        "id": ids.name("F", box.pk),
        "name": name,
        "parentId": ids.name("F", parent.pk) if parent else None,
        "role": box.role or None,
        "sortOrder": order(box),
        "totalEmails": box.total,
        "unreadEmails": box.unread - (drafts or {}).get(box.pk, 0),
        "totalThreads": box.threads,
        "unreadThreads": box.unread_threads,
        "myRights": rights(box),
        "isSubscribed": box.subscribed,
        **described_for_own(box),
    }


def described_for_own(box: Mailbox) -> Json:
    """What our own capability adds (product.md 10.5)."""
    return {
        "kind": "label" if not box.role else "place" if box.role in PLACES else "state",
        "sticky": box.sticky,
        "color": box.color if box.color in store.HUES else None,
        "isImapVisible": box.in_imap,
        "showInSidebar": box.in_sidebar,
    }


def place_of(box: Mailbox, boxes: Iterable[Mailbox]) -> tuple[Mailbox | None, str]:
    """The mailbox that it is below, and its name there: that of the longest path above it that is a mailbox."""
    if box.role:
        return None, "Inbox" if box.role == Mailbox.Role.INBOX else box.name
    by_name = {one.folded: one for one in boxes}
    parts = box.name.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        if parent := by_name.get(store.fold("/".join(parts[:depth]))):
            return parent, "/".join(parts[depth:])
    return None, box.name


def rights(box: Mailbox) -> dict[str, bool]:
    """`myRights`: whose the account is may do all, but nobody renames or deletes what every account has."""
    own = not box.role
    return {
        "mayReadItems": True,
        "mayAddItems": box.role != Mailbox.Role.SCHEDULED,
        "mayRemoveItems": True,
        "maySetSeen": True,
        "maySetKeywords": True,
        "mayCreateChild": True,
        "mayRename": own,
        "mayDelete": own,
        "maySubmit": True,
    }


def order(box: Mailbox) -> int:
    """`sortOrder`: what a client said, else that of product.md 3.9, labels last."""
    if box.sort_order is not None:
        return box.sort_order
    return list(store.NAMES).index(Mailbox.Role(box.role)) + 1 if box.role else LABELS


# --- queries ---


def _found(asked: querying.Query, arguments: Json) -> list[str]:
    boxes = store.list_all(asked.account_id)
    known = {ids.name("F", box.pk): described(box, boxes, {}) | {"isSubscribed": box.subscribed} for box in boxes}
    keys = {"sortOrder": lambda one: one["sortOrder"], "name": lambda one: store.fold(one["name"]), "id": lambda one: one["id"]}
    found = querying.in_order(known.values(), asked.sort, keys)
    if asked.filter is not None:
        found = [one for one in found if querying.folded(asked.filter, _judge(one), querying.holds)]
    if boolean(arguments, "filterAsTree"):
        found = _with_all_above(found)
    if boolean(arguments, "sortAsTree"):
        found = _as_tree(found, known)
    return [one["id"] for one in found]


def _judge(box: Json):
    """Does a FilterCondition hold for this mailbox (§2.3)?"""

    def holds(condition: Json) -> bool:
        only(condition, *CONDITIONS)
        return all(_holds(box, name, value) for name, value in condition.items())

    return holds


def _holds(box: Json, name: str, value: Any) -> bool:
    if not isinstance(value, CONDITIONS[name]) and not (value is None and name in ("parentId", "role")):
        raise invalid(f"{name} is of another type")
    if name == "name":
        return store.fold(value) in store.fold(box["name"])
    if name == "hasAnyRole":
        return (box["role"] is not None) is value
    return bool(box[name] == value)


def _with_all_above(found: list[Json]) -> list[Json]:
    """Those whose parents are all there too."""
    parents = {one["id"]: one["parentId"] for one in found}

    def stands(one: str | None) -> bool:
        while one is not None and one in parents:
            one = parents[one]
        return one is None

    return [one for one in found if stands(one["id"])]


def _as_tree(found: list[Json], known: dict[str, Json]) -> list[Json]:
    """Each behind its parent; where that was not found, behind the nearest above that was."""
    there = {one["id"] for one in found}
    below: dict[str | None, list[Json]] = {}
    for one in found:
        parent = one["parentId"]
        while parent is not None and parent not in there:
            parent = known[parent]["parentId"]
        below.setdefault(parent, []).append(one)
    ordered: list[Json] = []
    pending = list(reversed(below.get(None, [])))
    while pending:
        one = pending.pop()
        ordered.append(one)
        pending += reversed(below.get(one["id"], []))
    return ordered
