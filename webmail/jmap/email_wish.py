"""mailboxIds and keywords of an Email, read from what a client sends, whole or as a patch (RFC 8621 §4.1.1)."""

from __future__ import annotations

import re
from typing import Any

from mailsuite.mailstore.desired import Had, Impossible, Wish
from webmail.jmap import ids
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError

KEYWORD = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]{1,255}")  # printable ASCII without ( ) { ] % * " \
NAMES = {"mailboxes": "mailboxIds", "keywords": "keywords"}


def of_new(context: Context, wanted: Json) -> Wish:
    """What a new Email shall have. Raises SetError."""
    boxes = _mailboxes(context, _whole(wanted.get("mailboxIds"), "mailboxIds"))
    return Wish(boxes=boxes, words=_words(_whole(wanted.get("keywords") or {}, "keywords")))


def of_patch(context: Context, patch: Json) -> Wish:
    """What an Email shall have from now on. Raises SetError: nothing else of an Email ever changes."""
    whole: Json = {}
    enter: dict[str, set[str]] = {name: set() for name in NAMES.values()}
    leave: dict[str, set[str]] = {name: set() for name in NAMES.values()}
    for path, value in patch.items():
        name, slash, rest = path.partition("/")
        if name not in enter:
            raise SetError("invalidProperties", "Only mailboxIds and keywords of an Email change.", properties=[name[:255]])
        if not slash:
            whole[name] = _whole({} if value is None and name == "keywords" else value, name)
            continue
        if "/" in rest or value not in (True, None) or (value == 1 and value is not True):
            raise SetError("invalidPatch", f"{path[:100]} is true or null")
        (leave if value is None else enter)[name].add(rest.replace("~1", "/").replace("~0", "~"))
    if twice := [name for name in whole if enter[name] or leave[name]]:
        raise SetError("invalidPatch", f"{twice[0]} is patched twice")
    return Wish(
        boxes=_mailboxes(context, whole["mailboxIds"]) if "mailboxIds" in whole else None,
        enter=_mailboxes(context, enter["mailboxIds"]),
        leave=_mailboxes(context, leave["mailboxIds"]),
        words=_words(whole["keywords"]) if "keywords" in whole else None,
        add=_words(enter["keywords"]),
        drop=_words(leave["keywords"]),
    )


def _whole(value: Any, name: str) -> set[str]:
    """The names in an object whose values are all true."""
    if not isinstance(value, dict) or not all(one is True for one in value.values()):
        raise SetError("invalidProperties", f"{name} maps names to true.", properties=[name])
    return set(value)


def _mailboxes(context: Context, names: set[str]) -> frozenset[int]:
    """Keys of mailboxes. What is no id of one stays unknown: the store says that there is no such mailbox."""
    keys = {name: ids.key("F", context.resolved(name)) for name in names}
    if unknown := sorted(name for name, key in keys.items() if key is None):
        raise SetError("invalidProperties", f"There is no mailbox {unknown[0][:100]}.", properties=["mailboxIds"])
    return frozenset(key for key in keys.values() if key is not None)


def _words(names: set[str]) -> frozenset[str]:
    if wrong := sorted(name for name in names if not KEYWORD.fullmatch(name)):
        raise SetError("invalidProperties", f"{wrong[0][:100]!r} is no keyword.", properties=["keywords"])
    return frozenset(names)


def refusal(error: Impossible) -> SetError:
    """What no message can be, as the client hears it."""
    name = NAMES[error.about]
    if error.too_many:
        return SetError("tooManyKeywords", error.reason)
    return SetError("invalidProperties", error.reason, properties=[name])


def otherwise(expected: Had, real: Had) -> Json | None:
    """What an Email has now that a client which knows only what it asked for would not expect (RFC 8620 §5.3)."""
    told: Json = {}
    if real.boxes != expected.boxes:
        told["mailboxIds"] = {ids.name("F", pk): True for pk in sorted(real.boxes)}
    if real.words != expected.words:
        told["keywords"] = dict.fromkeys(sorted(real.words), True)
    return told or None
