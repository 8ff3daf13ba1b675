"""Who may use the API: the browser by its session and a CSRF token, a program by login and app password (RFC 7617)."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Concatenate, NamedTuple, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from mailsuite import maillog
from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.accounts.models import Account
from webmail.jmap.errors import RequestError

CHALLENGE = 'Basic realm="Mailsuite", charset="UTF-8"'

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member(view: View[P]) -> View[P]:
    """A view of the API: `request.user` is who asks; everybody else gets 401, and what is wrong is told as problem details."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        account = _asking(request)
        if account is None:
            return _refused()
        request.user = account
        try:
            return view(request, *args, **kwargs)
        except RequestError as error:
            return JsonResponse(error.problem(), status=error.status, content_type="application/problem+json")

    return csrf_exempt(guarded)


def _asking(request: HttpRequest) -> Account | None:
    header = request.headers.get("Authorization", "")
    if header:
        found = by_secret(header, request.META["REMOTE_ADDR"])
        return found.account if found else None
    if not request.user.is_authenticated:
        return None
    return request.user if request.method in ("GET", "HEAD") or _is_ours(request) else None


def _is_ours(request: HttpRequest) -> bool:
    """Did a page of ours send it? A cookie alone proves nothing: every page in the world can send one along."""
    check = CsrfViewMiddleware(lambda _: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _is_ours, (), {}) is None


class Admitted(NamedTuple):
    """Whom a login and secret let in, and the secret."""

    account: Account
    secret: str


def by_secret(header: str, client: str) -> Admitted | None:
    """Who sends this Authorization header from this IP address; None for who cannot come in."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic" or len(coded) > 8_192:
        return None
    try:
        login, colon, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    if not colon:
        return None
    try:
        return Admitted(authenticate(login, secret, door="jmap", client=client), secret)
    except Refused as refusal:
        maillog.event("login-refused", door="jmap", login=login[:320], client=client, reason=refusal.reason)
        return None


def _refused() -> HttpResponse:
    """A page's own script handles a 401 itself; the browser must not ask for a password over it."""
    response = HttpResponse(status=401)
    response["WWW-Authenticate"] = CHALLENGE
    return response
