"""Whose images are loaded, and whose links may stand behind any words: what is known of a message's author (product.md 4.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from mailsuite.accounts import preferences
from mailsuite.accounts.addresses import is_local_domain
from mailsuite.mailstore.correspondence import dmarc_of, was_written_to
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from mailsuite.people.models import Choice
from mailsuite.protocol.organisation import registrable
from webmail.image_address import address
from webmail.rendering.remote import Showing

Images = Literal["proxied", "blocked", "off"]
Kind = Choice.Kind


@dataclass(frozen=True, slots=True)
class Decided:
    """What the member decided about a message's author. fine: signals that are not to be warned of."""

    always_images: bool
    blocked: bool
    fine: frozenset[str]
    light: bool = False  # its mail keeps its colours on a dark page


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a message's author is. proven: really who it says. disproven: somebody looked, and it is not."""

    proven: bool
    disproven: bool


def decided(message: Message) -> Decided:
    """Ask for one message: one query."""
    found = choices.about(message.account_id, [message.author_address])
    kinds = {one.kind for one in found}
    fine = frozenset(one.signal for one in found if one.kind == Kind.FINE)
    return Decided(Kind.IMAGES in kinds, Kind.BLOCKED in kinds, fine, Kind.LIGHT in kinds)


def standing(message: Message) -> Standing:
    """From what was found out when the message came."""
    result = dmarc_of(message.decision)
    proven = message.own or result == "pass" or (not _was_checked(message) and is_ours(message))
    return Standing(proven, disproven=result == "fail")


def images(message: Message, mine: Collection[str], known: Decided | None = None) -> Images:
    """What becomes of the message's images on the web where nothing else is asked for. mine: the account's own addresses."""
    if not settings.IMAGE_PROXY:
        return "off"
    known, author = known or decided(message), standing(message)
    if message.place == Message.Place.SPAM or author.disproven or known.blocked:
        return "blocked"
    if known.always_images:
        return "proxied"
    by_trust = author.proven and preferences.of(message.account)["images_by_trust"]
    return "proxied" if by_trust and (message.own or _is_known(message, mine)) else "blocked"


def showing(message: Message, *, load: bool, links: bool = True) -> Showing:
    """How to render it: with its images on the web through us, or without."""

    def own(url: str) -> str | None:
        return address(message.account_id, message.pk, url)

    trusted = frozenset({registrable(domain_of(message.author_address))}) if standing_proven(message) else frozenset()
    return Showing(own if load and settings.IMAGE_PROXY else None, links, trusted)


def standing_proven(message: Message) -> bool:
    """Is it really from the domain it says it is from, by DMARC?"""
    return dmarc_of(message.decision) == "pass"


def domain_of(mail_address: str) -> str:
    return mail_address.rpartition("@")[2].lower()


def _is_known(message: Message, mine: Collection[str]) -> bool:
    """A member of the co-op, or somebody whom the account has written to: they could see one read anyway."""
    return is_ours(message) or was_written_to(message.account_id, message.author_address, mine)


def is_ours(message: Message) -> bool:
    """Does its author have an address of the co-op, or says so?"""
    return is_local_domain(domain_of(message.author_address))


def _was_checked(message: Message) -> bool:
    """Did it come in from outside? Between members nothing is checked: the author signed in to send."""
    return bool((message.decision or {}).get("auth"))
