"""Settings about senders: whose images are shown, who is blocked, which warnings are fine; each taken back by one press."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from mailsuite.people import choices
from webmail import dates, display
from webmail.i18n import mark, t
from webmail.views.settings.form import YES_NO, Option, Save, number, offered, saving

MOST = 500  # of a kind, on the page; the application lists all
IMAGES = (
    Option(
        "images_by_trust",
        mark("Show images of people you write to"),
        YES_NO,
        mark("Through the server: their hosts do not learn that you read it. Else images wait until you ask for them"),
    ),
)
KINDS = (
    ("images", mark("Images are always shown"), mark("Nobody yet. Beside a message: “Always from this sender”.")),
    ("blocked", mark("Blocked: their mail goes to Trash"), mark("Nobody. The menu of a message blocks who wrote it.")),
    ("fine", mark("Warnings that you said are fine"), ""),
    ("unsubscribed", mark("Lists that you left"), ""),
    ("light", mark("Mail that keeps its own colours on a dark page"), ""),
)


def _take_back(request: HttpRequest) -> None:
    if choices.revoke(request.user.pk, number(request.POST.get("choice", ""))):
        messages.success(request, t("Taken back."))


FORMS: dict[str, Save] = {"images": saving(IMAGES), "take-back": _take_back}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    known = choices.everything(request.user.pk)
    return {
        "forms": [("images", mark("Images"), offered(request, IMAGES))],
        "kinds": [(title, none, [_told(one) for one in known if one.kind == kind][:MOST]) for kind, title, none in KINDS],
    }


def _told(one: Any) -> dict[str, Any]:
    return {"pk": one.pk, "sender": display.clean(one.sender), "at": dates.short(one.at)}
