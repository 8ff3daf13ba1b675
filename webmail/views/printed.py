"""A message or a conversation on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailsuite.blobs import store as blobs
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.protocol.subject import is_forward
from webmail import access, dates, display, trust
from webmail.bodies import everything_said
from webmail.page import own_addresses
from webmail.rendering import body as rendering
from webmail.rendering import printed
from webmail.rendering.printed import Sheet

MOST = 200  # messages of a conversation, the newest
MOST_BYTES = 50_000_000
PEOPLE = (("From", "from"), ("To", "to"), ("Cc", "cc"))


@require_safe
@access.signed_in
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message, its quotation with it."""
    found = access.own_message(request, message_id)
    return _page(found.subject, [found], whole=True)


@require_safe
@access.signed_in
def conversation(request: HttpRequest, thread_id: int) -> HttpResponse:
    """All messages of a conversation in one place, each text once. Drafts are not printed, nor is what lies in Spam with it."""
    thread = access.own_thread(request, thread_id)
    found = [one for one in store.conversation(request.user.pk, thread.pk) if not one.flags & Message.DRAFT]
    place = min((one.place for one in found), default=Message.Place.MAIL)
    shown, room = [], MOST_BYTES
    for one in reversed([one for one in found if one.place == place][-MOST:]):
        room -= one.size
        if room >= 0:
            shown.append(one)
    if not shown:
        raise Http404
    prefetch_related_objects(shown, "blob__packed")
    return _page(thread.subject, shown[::-1], whole=False)


def _page(subject: str, found: Sequence[Message], *, whole: bool) -> HttpResponse:
    html = printed.page(display.clean(subject) or "(no subject)", _sheets(found, whole=whole))
    return HttpResponse(html, headers=printed.HEADERS)


def _sheets(found: Sequence[Message], *, whole: bool) -> Iterator[Sheet]:
    """Each with what was said before it known."""
    said: list[str] = []
    mine = own_addresses(found[0].account_id)
    for one in found:
        content = blobs.read(one.blob)
        showing = trust.showing(one, load=trust.images(one, mine) == "proxied")
        view = rendering.View(folded=not whole, forward=is_forward(one.subject), earlier=said.copy, showing=showing)
        yield Sheet(_head(one), rendering.piece(content, inline_prefix=f"/m/{one.pk}/inline/", view=view))
        if not whole:
            said += everything_said(content)


def _head(one: Message) -> list[tuple[str, str]]:
    people = [(name, ", ".join(map(_person, one.people.get(kind, ())))) for name, kind in PEOPLE]
    files = ", ".join(display.clean(str(file["name"])) for file in one.attachments if not file.get("inline"))
    return [*people, ("Date", dates.long(one.received_at)), ("Subject", display.clean(one.subject)), ("Files", files)]


def _person(pair: Sequence[str]) -> str:
    name, address = display.clean(pair[0]), display.clean(pair[1])
    return f"{name} <{address}>" if name else address
