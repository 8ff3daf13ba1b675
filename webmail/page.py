"""A page in the shell: places with their counts, labels, storage, what was just done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from mailsuite.accounts import addresses, preferences
from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore.models import AccountState, Mailbox
from webmail import built, display, i18n
from webmail.places import PLACES, Place

DEEPEST = 2  # levels of labels that the sidebar indents
SHORTCUTS = (  # what live.js knows
    (("j", "k"), i18n.mark("next, previous conversation")),
    (("o", "Enter"), i18n.mark("open")),
    (("u",), i18n.mark("back to the list")),
    (("x",), i18n.mark("select")),
    (("e",), i18n.mark("archive")),
    (("#",), i18n.mark("to Trash")),
    (("!",), i18n.mark("report spam")),
    (("s",), i18n.mark("star")),
    (("I", "U"), i18n.mark("mark read, unread")),
    (("m",), i18n.mark("mute")),
    (("r", "a", "f"), i18n.mark("reply, reply all, forward")),
    (("c",), i18n.mark("compose")),
    (("/",), i18n.mark("search")),
    (("z",), i18n.mark("undo")),
    (("g i", "g t", "g d"), i18n.mark("go to Inbox, Sent, Drafts")),
    (("?",), i18n.mark("this list")),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the sidebar."""

    name: str
    href: str
    count: int = 0
    current: bool = False
    unread: bool = False
    icon: str = ""
    hue: str = ""
    depth: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A member's own label, as chips and menus show it."""

    pk: int
    name: str
    hue: str


@dataclass(frozen=True, slots=True)
class Storage:
    """What the account uses of what it may."""

    used: str
    quota: str
    share: float
    bytes_used: int
    modseq: int


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, at: str = "", status: int = 200
) -> HttpResponse:
    """The template inside the shell. `at` is the href of the place that the sidebar marks as current."""
    boxes, chosen = mailboxes(request), preferences.of(request.user)
    shell = {
        "places": _places(boxes, at),
        "labels_nav": _labels(boxes, at),
        "all_labels": labels(request),
        "storage": storage(request.user),
        "me": person(request.user),
        "theme": chosen["theme"],
        "density": chosen["density"],
        "words": static(f"app/{i18n.current()}.json") if i18n.current() != "en" else "",
        "preloads": built.preloads(),
        "here": request.get_full_path(),
        "shortcuts": SHORTCUTS,
    }
    return render(request, template, shell | dict(context or {}), status=status)


def mailboxes(request: HttpRequest) -> list[Mailbox]:
    """The account's mailboxes with their counts, labels by name; asked once a request."""
    if not hasattr(request, "_mailboxes"):
        request._mailboxes = store.list_all(request.user.pk)
    return request._mailboxes


def labels(request: HttpRequest) -> dict[int, Label]:
    """The account's own labels by id, in order of name."""
    return {
        box.pk: Label(box.pk, display.clean(box.name), display.label_hue(box.color)) for box in mailboxes(request) if not box.role
    }


def _places(boxes: list[Mailbox], at: str) -> list[Link]:
    by_role = {box.role: box for box in boxes if box.role}
    return [_place(place, by_role[place.role], at == place.href) for place in PLACES if place.in_sidebar]


def _place(place: Place, box: Mailbox, current: bool) -> Link:
    """Inbox and Spam count what is unread, Drafts what is unfinished; a number beside the others would only be noise."""
    count = box.threads if place.slug == "drafts" else box.unread_threads if place.slug in ("inbox", "spam") else 0
    return Link(place.name, place.href, count, current, unread=place.slug == "inbox" and count > 0, icon=place.icon)


def _labels(boxes: list[Mailbox], at: str) -> list[Link]:
    """Those that their member wants to see there, and the one that is looked at."""
    shown = [Mailbox.Sidebar.SHOW, Mailbox.Sidebar.UNREAD]
    links = [(box, _label(box, at)) for box in boxes if not box.role]
    return [link for box, link in links if link.current or box.in_sidebar in shown[: 2 if link.unread else 1]]


def _label(box: Mailbox, at: str) -> Link:
    href, name, count = reverse("label", args=[box.pk]), display.clean(box.name), box.unread_threads
    depth = min(name.count("/"), DEEPEST)
    short = name.rsplit("/", 1)[-1] if depth else name
    return Link(short, href, count, at == href, count > 0, hue=display.label_hue(box.color), depth=depth, title=name)


def storage(account: Account) -> Storage:
    """The account's storage, and the modseq that the page shows."""
    state = AccountState.objects.filter(account_id=account.pk).first() or AccountState(modseq=0)
    share = min(1.0, state.bytes_used / account.quota) if account.quota else 0.0
    quota = display.size(account.quota) if account.quota else ""
    return Storage(display.size(state.bytes_used), quota, round(share, 3), state.bytes_used, state.modseq)


def person(account: Account) -> dict[str, str]:
    """The member as the corner of the page shows them."""
    return {
        "name": display.name_of(account.display_name, account.login),
        "login": account.login,
        "initials": display.initials(account.display_name, account.login),
        "hue": display.hue(account.login),
    }


def own_addresses(account_id: int) -> frozenset[str]:
    """Every address that is the member's, case-folded; remembered for a minute, since lists ask for it on each page."""
    key = f"own-addresses:{account_id}"
    found = cache.get(key)
    if found is None:
        found = frozenset(identity.address.casefold() for identity in addresses.identities(account_id))
        cache.set(key, found, 60)
    return found
