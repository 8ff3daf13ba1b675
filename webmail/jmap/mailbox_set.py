"""Mailbox/set (RFC 8621 §2.5): labels are made, renamed, moved and deleted; what every account has stays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from mailsuite.bridge import writing
from mailsuite.mailstore import changes, labels
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore.mailboxes import MailboxError
from mailsuite.mailstore.models import Mailbox
from webmail.jmap import ids, mailbox, standard
from webmail.jmap.arguments import boolean
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError
from webmail.jmap.session import OWN
from webmail.jmap.standard import Outcome, Setting

SETTABLE = ("name", "parentId", "sortOrder", "isSubscribed")
OWN_SETTABLE = {"sticky": "sticky", "color": "color", "isImapVisible": "in_imap", "showInSidebar": "in_sidebar"}
MOST_ORDER = 2**31 - 1  # RFC 8621 §2


def set_mailboxes(context: Context, arguments: Json) -> Json:
    """Mailbox/set, in one transaction."""
    remove_emails, outcome = boolean(arguments, "onDestroyRemoveEmails"), Outcome()
    account_id = context.account_id(arguments)
    with writing():
        before = str(changes.lock(account_id))
        asked = standard.setting(context, arguments, before, "onDestroyRemoveEmails")
        standard.create_each(context, _parents_first(asked), outcome, partial(_create, context))
        standard.update_each(context, asked, outcome, partial(_update, context))
        standard.destroy_each(context, _children_first(context, asked), outcome, partial(_destroy, account_id, remove_emails))
        after = standard.mail_state(account_id)
    return outcome.response(account_id, before, after)


def _parents_first(asked: Setting) -> Setting:
    """Who names another creation as its parent comes after it; in a circle nobody can come first, and all fail."""
    ordered: dict[str, Json] = {}
    waiting = dict(asked.create)
    while waiting:
        ready = {name: one for name, one in waiting.items() if str(one.get("parentId"))[1:] not in waiting} or waiting
        ordered |= ready
        waiting = {name: one for name, one in waiting.items() if name not in ready}
    return Setting(asked.account_id, ordered, asked.update, asked.destroy)


def _children_first(context: Context, asked: Setting) -> Setting:
    depths = {ids.name("F", box.pk): box.name.count("/") for box in store.list_all(asked.account_id)}
    names = sorted(asked.destroy, key=lambda name: -depths.get(str(context.resolved(name)), 0))
    return Setting(asked.account_id, {}, {}, names)


# --- create ---


def _create(context: Context, wanted: Json) -> Json:
    if wrong := sorted(wanted.keys() - {*_settable(context), "role"}):
        raise _invalid(wrong[0], f"{wrong[0][:100]} cannot be set.")
    if wanted.get("role") is not None:
        raise _invalid("role", "The mailboxes that have a role are there already.")
    order, subscribed = _order(wanted.get("sortOrder")), _subscribed(wanted.get("isSubscribed"))
    own = _own_values(wanted)
    path = _path(_own_parent(context, wanted.get("parentId")), wanted.get("name"))
    try:
        made = store.create(context.account.pk, path, subscribed=subscribed)
    except MailboxError as error:
        raise _invalid("name", str(error)) from error
    if order is not None:
        store.describe(made, sort_order=order)
    if own:
        store.describe(made, **own)
    described = {"id": ids.name("F", made.pk), "parentId": None, "role": None, "sortOrder": mailbox.order(made)}
    described |= {"isSubscribed": made.subscribed, "myRights": mailbox.rights(made)} | dict.fromkeys(mailbox.COUNTS, 0)
    described |= mailbox.described_for_own(made) if OWN in context.using else {}
    return {name: value for name, value in described.items() if name not in wanted}


def _settable(context: Context) -> tuple[str, ...]:
    return (*SETTABLE, *OWN_SETTABLE) if OWN in context.using else SETTABLE


def _own_values(wanted: Json) -> dict[str, Any]:
    """What our own capability adds, as the store has it; null is what a new label has."""
    found: dict[str, Any] = {}
    for name in wanted.keys() & OWN_SETTABLE.keys():
        value = wanted[name]
        if name == "color":
            allowed, value = (*store.HUES, ""), "" if value is None else value
        elif name == "showInSidebar":
            allowed, value = tuple(Mailbox.Sidebar.values), "show" if value is None else value
        else:
            allowed, value = (True, False), True if value is None else value
        if not any(value == one and type(value) is type(one) for one in allowed):
            raise _invalid(name, f"{name} is one of {', '.join(map(str, allowed))}.")
        found[OWN_SETTABLE[name]] = value
    return found


def _path(parent: Mailbox | None, name: Any) -> str:
    if not isinstance(name, str) or "/" in name:
        raise _invalid("name", "A name is a string without /, which divides the levels of names.")
    return f"{parent.name}/{name}" if parent else name


def _own_parent(context: Context, name: Any) -> Mailbox | None:
    if name is None:
        return None
    found = _found(context.account.pk, context.resolved(name))
    if found is None:
        raise _invalid("parentId", "There is no such mailbox.")
    return found


def _order(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_ORDER):
        raise _invalid("sortOrder", f"sortOrder is a whole number of at most {MOST_ORDER}.")
    return value


def _subscribed(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise _invalid("isSubscribed", "isSubscribed is true or false.")
    return value is not False


# --- update ---


def _update(context: Context, name: str, patch: Json) -> None:
    box = _own(context.account.pk, name)
    current = mailbox.described(box, store.list_all(box.account_id))
    wanted = {
        key: value for key, value in standard.patched(current, patch).items() if key not in current or value != current[key]
    }
    if "parentId" in wanted and context.resolved(wanted["parentId"]) == current["parentId"]:
        del wanted["parentId"]
    if wrong := sorted(wanted.keys() - set(_settable(context))):
        raise _invalid(wrong[0], f"{wrong[0][:100]} cannot be set.")
    order, subscribed = _order(wanted.get("sortOrder")), _subscribed(wanted.get("isSubscribed"))
    own = _own_values(wanted)
    if "name" in wanted or "parentId" in wanted:
        _rename(context, box, current, wanted)
    _describe(box, own)
    if "sortOrder" in wanted:
        store.describe(box, sort_order=order if order is not None else 0)
    if "isSubscribed" in wanted:
        store.subscribe(box, subscribed)


def _describe(box: Mailbox, values: dict[str, Any]) -> None:
    try:
        if values:
            store.describe(box, **values)
    except MailboxError as error:
        raise SetError("forbidden", str(error)) from error


def _rename(context: Context, box: Mailbox, current: Json, wanted: Json) -> None:
    if box.role:
        raise SetError("forbidden", f"{box.name} is a mailbox that every account has: it keeps its name and its place.")
    parent = _own_parent(context, wanted.get("parentId", current["parentId"]))
    if "name" in wanted:
        path = _path(parent, wanted["name"])
    else:  # its name may have several levels, where those above it were deleted
        path = f"{parent.name}/{current['name']}" if parent else current["name"]
    try:
        store.rename(box, path)
    except MailboxError as error:
        raise _invalid("name" if "name" in wanted else "parentId", str(error)) from error


# --- destroy ---


def _destroy(account_id: int, remove_emails: bool, name: str) -> None:
    """What carries the label stays in Mail, where every message of a label is: nothing is destroyed with it."""
    box = _own(account_id, name)
    if box.role:
        raise SetError("forbidden", f"{box.name} is a mailbox that every account has.")
    if any(parent == box for parent, _ in _places(store.list_all(account_id))):
        raise SetError("mailboxHasChild")
    if box.total and not remove_emails:
        raise SetError("mailboxHasEmail")
    labels.delete_label(account_id, box.pk)


def _places(boxes: list[Mailbox]) -> Iterable[tuple[Mailbox | None, str]]:
    return (mailbox.place_of(box, boxes) for box in boxes)


def _own(account_id: int, name: str) -> Mailbox:
    found = _found(account_id, name)
    if found is None:
        raise SetError("notFound")
    return found


def _found(account_id: int, name: object) -> Mailbox | None:
    return Mailbox.objects.filter(account_id=account_id, pk=ids.key("F", name) or 0).first()


def _invalid(name: str, sentence: str) -> SetError:
    return SetError("invalidProperties", sentence, properties=[name[:255]])
