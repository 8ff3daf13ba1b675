"""Pages for what went wrong, in the style of the house, that need neither database nor session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webmail.i18n import mark, t


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "webmail/error.html", {"title": t(title), "text": t(text), "status_code": status}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 400, mark("That request made no sense"), mark("The address or the form was not as we expect it."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 403, mark("Not allowed"), mark("This is not yours to open."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 404, mark("Nothing here"), mark("There is no such page, or what it showed has been moved or deleted."))


def broken(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        500,
        mark("Something broke on our side"),
        mark("Your mail is safe. Try again; if it stays, tell your co-op's stewards."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        413,
        mark("Too large to send"),
        mark("Go back: what you wrote is still in the form. Attach less, or sign in again in another tab if you were away long."),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an old page or another site; CSRF_FAILURE_VIEW."""
    return _page(request, 403, mark("This form has expired"), mark("Go back, load the page again, and send it once more."))
