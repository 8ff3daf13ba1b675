"""What the page says beside a message about trusting it: what to be careful with, and what can be decided about its sender."""

from __future__ import annotations

from dataclasses import dataclass

from mailsuite.delivery import unsubscribe
from mailsuite.mailstore.models import Message
from webmail import dates, display, trust
from webmail.cautions.judge import warnings
from webmail.cautions.warning import Warning
from webmail.i18n import mark, t

LEAVE = {"post": mark("Unsubscribe"), "mail": mark("Unsubscribe by mail"), "page": mark("Unsubscribe on their page")}


@dataclass(frozen=True, slots=True)
class Said:
    """One warning as the page shows it."""

    code: str
    level: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """At most one bar a message: the worst, and behind it the others. hides: the body waits behind the reason.

    leave: what the button to leave the list says; left: when it was left.
    """

    worst: Said | None
    more: list[Said]
    hides: bool
    always_images: bool
    blocked: bool
    leave: str = ""
    left: str = ""


def of(message: Message, content: bytes) -> Advice:
    """For a message of somebody else."""
    known, offer = trust.decided(message), unsubscribe.offer(message)
    found = [_said(one) for one in warnings(message, content=content, known=known)]
    return Advice(
        worst=found[0] if found else None,
        more=found[1:],
        hides=bool(found) and found[0].level == "danger",
        always_images=known.always_images,
        blocked=known.blocked,
        leave=t(LEAVE[offer.how]) if offer else "",
        left=dates.short(offer.left_at) if offer and offer.left_at else "",
    )


def _said(one: Warning) -> Said:
    return Said(one.code, one.level, display.clean(one.sentence))
