"""The list of conversations in a place or under a label."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from mailsuite.mailstore import purge, rows
from mailsuite.mailstore.models import Mailbox
from webmail import access, display, listing
from webmail.boot import boot, wanted
from webmail.i18n import t
from webmail.page import labels, mailboxes, own_addresses, page
from webmail.places import BY_SLUG, Place


@require_safe
@access.signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    return _place(request, BY_SLUG["inbox"])


@require_safe
@access.signed_in
def place(request: HttpRequest, place: str) -> HttpResponse:
    if place not in BY_SLUG:
        raise Http404
    return _place(request, BY_SLUG[place])


def _place(request: HttpRequest, place: Place) -> HttpResponse:
    box = next(box for box in mailboxes(request) if box.role == place.role)
    return _list(request, box, place.title, place.href, place)


@require_safe
@access.signed_in
def label(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    box = next((box for box in mailboxes(request) if box.pk == mailbox_id and not box.role), None)
    if box is None:
        raise Http404
    return _list(request, box, display.clean(box.name), reverse("label", args=[box.pk]))


def _list(request: HttpRequest, box: Mailbox, title: str, href: str, place: Place | None = None) -> HttpResponse:
    number = page_number(request)
    found = rows.page(box, limit=listing.PER_PAGE, skip=(number - 1) * listing.PER_PAGE)
    context = {
        "title": title,
        "place": place.slug if place else "label",
        "unread_here": box.unread_threads,
        "rows": _ready(request, box, found),
        "paging": paging(href, number, len(found), box.threads),
        "origin": place.slug if place else f"label-{box.pk}",
        "boot": boot(request, mailbox_id=box.pk) if wanted(request) else "",
    }
    return page(request, "webmail/list.html", context, at=href)


def _ready(request: HttpRequest, box: Mailbox, found: list[rows.ListRow]) -> list[listing.Row]:
    """Rows for the template; in Trash and Spam each says how long it stays."""
    shown = listing.rows_of(found, own_addresses(request.user.pk), labels(request), hide_label=box.pk)
    if box.role in (Mailbox.Role.TRASH, Mailbox.Role.JUNK):
        moved = rows.moved_at(box, [row.thread.pk for row in found])
        for row in shown:
            row.until = listing.days_left(moved.get(int(row.pk)), purge.keeps_for(request.user))
    return shown


def page_number(request: HttpRequest) -> int:
    """The page of the list that is asked for, from 1."""
    asked = request.GET.get("page", "1")
    return min(max(int(asked), 1), 100_000) if asked.isdecimal() and len(asked) < 8 else 1


def paging(href: str, number: int, shown: int, total: int) -> dict[str, object]:
    """What stands at the list's corner: "51–100 of 812", and the links to either side."""
    first, joint = (number - 1) * listing.PER_PAGE, "&" if "?" in href else "?"
    return {
        "range": t("{first}–{last} of {total}", first=first + 1, last=first + shown, total=total) if shown else "",
        "newer": "" if number == 1 else href if number == 2 else f"{href}{joint}page={number - 1}",
        "older": f"{href}{joint}page={number + 1}" if first + shown < total else "",
    }
