"""One message as it came: its source, the whole as a file, and the files in it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from mailsuite.mailstore import messages as store
from webmail import access, attachments, display

SHOWN_SOURCE = 2_000_000  # bytes of source that a browser is asked to lay out; the file has all


@require_safe
@access.signed_in
def original(request: HttpRequest, message_id: int) -> HttpResponse:
    """The source as plain text: no browser makes anything else of it."""
    content = store.content(access.own_message(request, message_id))[:SHOWN_SOURCE]
    response = HttpResponse(content.decode("utf-8", "replace"), content_type="text/plain; charset=utf-8")
    response["Content-Security-Policy"] = attachments.POLICY
    return response


@require_safe
@access.signed_in
def download(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """All bytes, trace lines first, exactly as they are kept."""
    message = access.own_message(request, message_id)
    name = (display.clean(message.subject).replace("/", "-")[:80] or "message") + ".eml"
    return attachments.download(store.content(message), name, "message/rfc822")


@require_safe
@access.signed_in
def part(request: HttpRequest, message_id: int, part: str, name: str) -> HttpResponseBase:
    """A file of a message; `name` in the address is only for the browser's own list of downloads."""
    response = attachments.handed_out(access.own_message(request, message_id), part)
    if response is None:
        raise Http404
    return response
