"""What opening a message does to it: it is read then. Nothing else may follow from a GET."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from mailsuite.mailstore import actions
from mailsuite.mailstore.models import Message


def mark_read(request: HttpRequest, message_ids: Sequence[int]) -> None:
    """Mark these as read, if a person looks at the page.

    Not for prefetches and for pages that our own script asks for behind the scenes, nor for a link that another site made the
    browser follow: reading mail elsewhere must not say that it was read here.
    """
    if message_ids and _is_looked_at(request):
        actions.mark(request.user.pk, message_ids, flags=Message.SEEN)


def _is_looked_at(request: HttpRequest) -> bool:
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return False
    return (
        request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and request.headers.get("Sec-Fetch-Site", "none") != "cross-site"
    )
