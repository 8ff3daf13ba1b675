"""`/settings` and its pages: shows one, saves the form that was sent, and shows it again with what is wrong."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from webmail import access
from webmail.i18n import mark
from webmail.page import page
from webmail.views.settings import addresses, away, devices, general, senders, writing
from webmail.views.settings.form import Refusal

# Each has FORMS, what its forms do by their name, and `context`, what its template shows. In the order of the menu.
PAGES: dict[str, tuple[str, ModuleType]] = {
    "": (mark("General"), general),
    "writing": (mark("Writing"), writing),
    "addresses": (mark("Addresses"), addresses),
    "away": (mark("While away"), away),
    "senders": (mark("Senders"), senders),
    "devices": (mark("Password and devices"), devices),
}
HOME = {name: section for section, (_, module) in PAGES.items() for name in module.FORMS}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@access.signed_in
def show(request: HttpRequest, section: str = "") -> HttpResponse:
    """A page; a POST names its form in `form`."""
    if section not in PAGES or (not section and request.path != reverse("settings")):
        raise Http404
    if request.method != "POST":
        return _page(request, section)
    name = request.POST.get("form", "")
    if name not in HOME:
        return HttpResponseRedirect(address(section))
    return _save(request, name, HOME[name])


def _save(request: HttpRequest, name: str, section: str) -> HttpResponse:
    module = PAGES[section][1]
    try:
        shown = module.FORMS[name](request)
    except Refusal as refusal:
        return _page(request, section, {"errors": {refusal.field: str(refusal)}, "refused": name}, status=400)
    if shown is None:
        return HttpResponseRedirect(address(section))
    return _page(request, section, shown)


def address(section: str) -> str:
    """Of a page."""
    return reverse("settings-page", args=[section]) if section else reverse("settings")


def _page(request: HttpRequest, section: str, more: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    title, module = PAGES[section]
    given = {"errors": {}, "refused": ""} | (more or {})
    context = {
        "title": title,
        "sections": [(address(one), name, one == section) for one, (name, _) in PAGES.items()],
        "posted": request.POST if given["refused"] else {},
        **module.context(request),
        **given,
    }
    return page(request, f"webmail/settings/{section or 'general'}.html", context, at=reverse("settings"), status=status)
