"""What a member chose: every preference with the values that it can have, and what holds where nothing was chosen.

They are kept as one JSON object on the account, by these names, and only as far as something was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from django.db import transaction

from mailsuite.accounts.models import Account

Keys = dict[str, str]
MOST_KEYS, LONGEST_KEY = 300, 40  # entries of a member's own keyboard, characters of a key or of what it does
Swipe = Literal["archive", "trash", "spam", "read", "star", "snooze", "label", "move", "none"]


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing to choose. kind: bool, a Literal, or Keys."""

    name: str
    kind: Any
    default: Any
    why: str

    def allows(self, value: Any) -> bool:
        """Can it have this value?"""
        if self.kind is Keys:
            return _are_keys(value)
        allowed = (True, False) if self.kind is bool else _values(self.kind)
        return any(value == one and type(value) is type(one) for one in allowed)


def _values(kind: Any) -> tuple[Any, ...]:
    """All that a Literal, or one or None, allows."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(None if one is type(None) else value for one in get_args(kind) for value in (_values(one) or (None,)))


def _are_keys(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) > MOST_KEYS:
        return False
    words = [*value.keys(), *value.values()]
    return all(isinstance(word, str) and 0 < len(word) <= LONGEST_KEY and word.isprintable() for word in words)


ALL = {
    one.name: one
    for one in (
        Preference("conversations", bool, True, "lists show conversations, not single messages"),
        Preference("chronology", Literal["oldest", "newest"], "oldest", "what a conversation begins with"),
        Preference("density", Literal["comfortable", "default", "compact"], "default", "height of a line in lists"),
        Preference("theme", Literal["system", "light", "dark"], "system", "light or dark, or as the device is"),
        Preference("language", Literal["en", "de", "fr", "es", "ar"] | None, None, "of the interface; null is the browser's"),
        Preference("keys", Literal["gmail", "off", "custom"], "gmail", "the keyboard of product.md 2.7"),
        Preference("custom_keys", Keys, {}, "where keys is custom: what each does"),
        Preference("swipe_right_short", Swipe, "archive", ""),
        Preference("swipe_right_long", Swipe, "trash", ""),
        Preference("swipe_left_short", Swipe, "read", ""),
        Preference("swipe_left_long", Swipe, "snooze", ""),
        Preference("undo_send_seconds", Literal[0, 5, 10, 20, 30, 60, 120], 10, "how long a message waits before it leaves"),
        Preference("reply_position", Literal["above", "below"], "above", "where one writes: above the quote or below"),
        Preference("quote", Literal["folded", "none"], "folded", "what an answer quotes"),
        Preference("signature_position", Literal["above", "end"], "above", "above the quote or at the end"),
        Preference("signature_in_replies", bool, True, "answers in a conversation are signed too"),
        Preference("spellcheck", bool, True, "the browser marks misspelt words"),
        Preference("images_by_trust", bool, True, "images of who is trusted are shown at once, else only when asked for"),
        Preference("pane", Literal["none", "right", "bottom", "auto"], "auto", "where a conversation opens; auto: by the width"),
        Preference("after_act", Literal["list", "older", "newer"], "list", "what is shown after an act on what is open"),
        Preference("purge_days", Literal[7, 30, 90, 0], 30, "days that mail stays in Trash and Spam; 0 is for ever"),
        Preference("inbox_expunge", Literal["archive", "trash"], "archive", "what a mail program's deleting in Inbox does"),
    )
}


LONGEST_UNDO = max(_values(ALL["undo_send_seconds"].kind))  # what is held for longer was scheduled


class NotAllowed(Exception):
    """There is no such preference, or it cannot have this value. Never temporary."""

    temporary = False

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:100]} cannot be that.")
        self.name = name


def of(account: Account) -> dict[str, Any]:
    """All preferences of an account. What was chosen once and is not allowed any more is as if it had not been."""
    kept = account.preferences
    return {name: kept[name] if name in kept and one.allows(kept[name]) else one.default for name, one in ALL.items()}


@transaction.atomic
def change(account: Account, values: Mapping[str, Any]) -> None:
    """Choose some; others stay as they are, whoever changes them meanwhile. Raises NotAllowed, and changes nothing."""
    for name, value in values.items():
        if name not in ALL or not ALL[name].allows(value):
            raise NotAllowed(name)
    kept = Account.objects.select_for_update().values_list("preferences", flat=True).get(pk=account.pk)
    account.preferences = kept | dict(values)
    account.save(update_fields=["preferences"])
