"""A conversation: all its messages, both sides, and what can be done with it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Mailbox, Message, Thread, ThreadRow
from webmail import access, conversation, display, drafting
from webmail.boot import boot, wanted
from webmail.i18n import t
from webmail.page import labels, mailboxes, own_addresses, page
from webmail.places import BY_SLUG
from webmail.reading import mark_read

Place = Message.Place
SIDES = {"spam": Place.SPAM, "trash": Place.TRASH}


@require_safe
@access.signed_in
def show(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The page. Reading it marks what it shows as read."""
    thread = access.own_thread(request, thread_id)
    found = store.conversation(request.user.pk, thread.pk)
    here, aside = _visible(found, request.GET.get("in", ""))
    if not here:
        raise Http404
    if not wanted(request) and len(found) == 1 and found[0].flags & Message.DRAFT and found[0].place == Place.MAIL:
        return HttpResponseRedirect(f"{reverse('compose')}?draft={found[0].pk}")
    prefetch_related_objects(here, "blob__packed")
    shown = conversation.show(here, own_addresses(request.user.pk), everything="all" in request.GET)
    mark_read(request, [one.pk for one in shown if one.open and one.unread])
    return page(request, "webmail/conversation.html", _context(request, thread, here, shown, aside), at=_origin(request)[1])


def _visible(found: list[Message], origin: str) -> tuple[list[Message], dict[int, int]]:
    """The messages to show, and how many lie in other places. Spam is never mixed into a conversation (rule R14)."""
    by_place = {place: [message for message in found if message.place == place] for place in Place}
    side = SIDES.get(origin, Place.MAIL)
    place = side if by_place[side] else next((place for place in Place if by_place[place]), Place.MAIL)
    return by_place[place], {other: len(rest) for other, rest in by_place.items() if other != place and rest}


def _origin(request: HttpRequest) -> tuple[Mailbox | None, str, str]:
    """The list one came from: its mailbox, address and name. A search is named by its query."""
    origin = request.GET.get("in", "inbox")
    if place := BY_SLUG.get(origin):
        box = next((box for box in mailboxes(request) if box.role == place.role), None)
        return box, place.href, place.title
    for box in mailboxes(request):
        if origin == f"label-{box.pk}":
            return box, reverse("label", args=[box.pk]), display.clean(box.name)
    if query := request.GET.get("q"):
        return None, f"{reverse('search')}?{urlencode({'q': query})}", t("Search")
    return None, reverse("inbox"), t("Inbox")


def _context(
    request: HttpRequest, thread: Thread, here: list[Message], shown: list[conversation.Shown], aside: dict[int, int]
) -> dict[str, object]:
    box, back, back_name = _origin(request)
    all_labels = labels(request)
    answer = conversation.reply_to(here)
    return {
        "title": display.clean(thread.subject) or "(no subject)",
        "thread": thread,
        "groups": list(conversation.groups(shown)),
        "count": len(shown),
        "place": {Place.SPAM: "spam", Place.TRASH: "trash"}.get(Place(here[0].place), "mail"),
        "chips": [all_labels[pk] for pk in thread.labels if pk in all_labels],
        "carried": set(thread.labels),
        "back": back,
        "back_name": back_name,
        "origin": request.GET.get("in", ""),
        "neighbours": _neighbours(box, thread),
        "linked": _linked(thread),
        "in_trash": aside.get(Place.TRASH, 0),
        "in_spam": aside.get(Place.SPAM, 0),
        "answer": _answer(request, answer),
        "starred": any(one.starred for one in shown),
        "boot": boot(request, unread=[one.pk for one in shown if one.unread]) if wanted(request) else "",
    }


def _answer(request: HttpRequest, message: Message | None) -> dict[str, object] | None:
    """Whom the box at the end writes to."""
    if message is None:
        return None
    to = drafting.recipients(message, own_addresses(request.user.pk), everyone=False)
    everyone = drafting.recipients(message, own_addresses(request.user.pk), everyone=True)
    names = ", ".join(display.name_of(one.name, one.address) for one in to.to) or "nobody"
    return {"pk": message.pk, "names": names, "everyone": len(everyone.to) + len(everyone.cc), "alone": len(to.to)}


def _neighbours(box: Mailbox | None, thread: Thread) -> dict[str, int | None]:
    """The conversations above and below this one in the list one came from."""
    if box is None:
        return {}
    rows, at, pk = ThreadRow.objects.filter(mailbox=box), OuterRef("newest_at"), OuterRef("thread")
    above = rows.filter(newest_at__gte=at).exclude(newest_at=at, thread__lte=pk).order_by("newest_at", "thread")
    below = rows.filter(newest_at__lte=at).exclude(newest_at=at, thread__gte=pk).order_by("-newest_at", "-thread")
    found = rows.filter(thread=thread).values_list(Subquery(above.values("thread")[:1]), Subquery(below.values("thread")[:1]))
    newer, older = found.first() or (None, None)
    return {"newer": newer, "older": older} if newer or older else {}


def _linked(thread: Thread) -> list[dict[str, object]]:
    """Where this conversation came from and what it went on as (rule R7)."""
    related = Q(continues=thread.pk)
    if thread.continues_id:  # beside an id that is none, SQLite would read every conversation
        related |= Q(pk=thread.continues_id)
    found = Thread.objects.filter(related, account_id=thread.account_id)
    return [
        {"pk": one.pk, "before": one.pk == thread.continues_id, "subject": display.clean(one.subject) or "(no subject)"}
        for one in found.order_by("newest_at")[:5]
    ]
