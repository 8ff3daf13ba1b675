"""General settings: who one is, how mail looks and is listed, what keys and swipes do, how long deleted mail stays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import translation

from mailsuite.accounts import preferences
from webmail import dates, display
from webmail.i18n import LANGUAGES, mark, negotiate, t
from webmail.views.settings.form import YES_NO, Option, Refusal, Save, choose, offered, saving

SWIPES = {
    "archive": mark("Archive"),
    "trash": mark("Move to Trash"),
    "spam": mark("Report spam"),
    "read": mark("Mark as read or unread"),
    "star": mark("Star"),
    "snooze": mark("Snooze"),
    "label": mark("Label"),
    "move": mark("Move"),
    "none": mark("Nothing"),
}
LOOK = (
    Option("theme", mark("Theme"), {"system": mark("As the device"), "light": mark("Light"), "dark": mark("Dark")}),
    Option(
        "density",
        mark("Height of a line in lists"),
        {"comfortable": mark("Comfortable"), "default": mark("Default"), "compact": mark("Compact")},
    ),
)
READING = (
    Option("conversations", mark("Conversations"), YES_NO, mark("Messages that belong together are one line of a list")),
    Option(
        "chronology",
        mark("Messages of a conversation"),
        {"oldest": mark("Oldest on top"), "newest": mark("Newest on top")},
    ),
    Option(
        "pane",
        mark("Reading pane"),
        {"none": mark("None"), "right": mark("On the right"), "bottom": mark("Below"), "auto": mark("By width")},
    ),
    Option(
        "after_act",
        mark("After an act on what is open, show"),
        {"list": mark("The list"), "older": mark("The older one"), "newer": mark("The newer one")},
    ),
    Option(
        "undo_send_seconds",
        mark("A letter can be taken back for"),
        {
            0: mark("Not at all"),
            5: mark("5 seconds"),
            10: mark("10 seconds"),
            20: mark("20 seconds"),
            30: mark("30 seconds"),
            60: mark("1 minute"),
            120: mark("2 minutes"),
        },
        mark("So long it waits before it leaves"),
        is_menu=True,
    ),
)
KEYS = (
    Option(
        "keys",
        mark("Keys"),
        {"gmail": mark("As in Gmail"), "off": mark("Off")},
        mark("Single letters that do something, such as e for Archive; ? shows them all"),
    ),
)
SWIPING = (
    Option("swipe_right_short", mark("A short swipe to the right"), SWIPES, is_menu=True),
    Option("swipe_right_long", mark("A long swipe to the right"), SWIPES, is_menu=True),
    Option("swipe_left_short", mark("A short swipe to the left"), SWIPES, is_menu=True),
    Option("swipe_left_long", mark("A long swipe to the left"), SWIPES, is_menu=True),
)
KEEPING = (
    Option(
        "purge_days",
        mark("Trash and Spam are emptied"),
        {7: mark("After 7 days"), 30: mark("After 30 days"), 90: mark("After 90 days"), 0: mark("Never")},
    ),
    Option(
        "inbox_expunge",
        mark("Deleting a message from the Inbox in a mail program"),
        {"archive": mark("Archives it"), "trash": mark("Moves it to Trash")},
    ),
)


def _profile(request: HttpRequest) -> None:
    account, zone = request.user, request.POST.get("time_zone", "")
    if zone not in dates.zone_names() and zone != "UTC":
        raise Refusal("time_zone", t("Choose a time zone from the list."))
    account.display_name = display.clean(request.POST.get("display_name", ""))[:200]
    account.time_zone = zone
    account.save(update_fields=["display_name", "time_zone"])
    messages.success(request, t("Saved."))


def _look(request: HttpRequest) -> None:
    language = request.POST.get("language")
    if language is not None and (language in LANGUAGES or not language):
        preferences.change(request.user, {"language": language or None})
        translation.activate(negotiate(language, request.headers.get("Accept-Language", "")))  # for what is said of it
    choose(request, LOOK)


FORMS: dict[str, Save] = {
    "profile": _profile,
    "look": _look,
    "reading": saving(READING),
    "keys": saving(KEYS),
    "swiping": saving(SWIPING),
    "keeping": saving(KEEPING),
}
TITLES = {
    "reading": (mark("Reading"), READING),
    "keys": (mark("Keyboard"), KEYS),
    "swiping": (mark("Swiping on a phone"), SWIPING),
    "keeping": (mark("Deleting"), KEEPING),
}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    return {
        "zones": ["UTC", *dates.zone_names()],
        "languages": LANGUAGES,
        "language": preferences.of(request.user)["language"],
        "look": offered(request, LOOK),
        "forms": [(name, title, offered(request, options)) for name, (title, options) in TITLES.items()],
    }
