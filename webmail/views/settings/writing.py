"""Settings of writing: where one writes, what is quoted, when a letter is signed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from webmail.i18n import mark
from webmail.views.settings.form import YES_NO, Option, Save, offered, saving

ANSWERS = (
    Option(
        "reply_position",
        mark("An answer is written"),
        {"above": mark("Above what is quoted"), "below": mark("Below what is quoted")},
    ),
    Option("quote", mark("What is quoted"), {"folded": mark("The whole message, folded"), "none": mark("Nothing")}),
    Option("spellcheck", mark("The browser marks misspelt words"), YES_NO),
)
SIGNING = (
    Option(
        "signature_position",
        mark("The signature stands"),
        {"above": mark("Above what is quoted"), "end": mark("At the end")},
        mark("What it says is set for each of your addresses"),
    ),
    Option("signature_in_replies", mark("Answers are signed too"), YES_NO),
)
FORMS: dict[str, Save] = {"answers": saving(ANSWERS), "signing": saving(SIGNING)}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    return {
        "forms": [
            ("answers", mark("Answers"), offered(request, ANSWERS)),
            ("signing", mark("Signature"), offered(request, SIGNING)),
        ]
    }
