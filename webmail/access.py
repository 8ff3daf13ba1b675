"""Who may come in: the door to every page that shows mail, and the objects that are the member's own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mailsuite.mailstore.models import Mailbox, Message, Thread

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """A view for members; others are sent to sign in, and from there back to where they wanted to go."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        wanted = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        query = "" if wanted == "/" else "?" + urlencode({"next": wanted})
        return HttpResponseRedirect(reverse("sign-in") + query)

    return guarded


def safe_next(request: HttpRequest, default: str = "/", *, field: str = "next") -> str:
    """The address in the form's `next` (or other field), if it is one of ours."""
    wanted = request.POST.get(field) or request.GET.get(field) or default
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and wanted.startswith("/") else default


# What is not the member's own does not exist: 404, never 403, so that numbers can't be probed.


def own_thread(request: HttpRequest, pk: int) -> Thread:
    return _own(Thread.objects.filter(account_id=request.user.pk, pk=pk).first())


def own_message(request: HttpRequest, pk: int) -> Message:
    return _own(Message.objects.select_related("blob__packed").filter(account_id=request.user.pk, pk=pk).first())


def own_label(request: HttpRequest, pk: int) -> Mailbox:
    return _own(Mailbox.objects.filter(account_id=request.user.pk, pk=pk, role="").first())


def _own(found):
    if found is None:
        raise Http404
    return found
