"""Sign in and sign out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mailsuite import maillog
from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.accounts.models import Account
from webmail import access, boot, display
from webmail.i18n import mark, t

WRONG = mark("That address and password do not fit together.")
TOO_MANY = mark("Too many wrong passwords from here. Wait a quarter of an hour, then try again.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends. Somebody already signed in goes on at once."""
    wanted = access.safe_next(request)
    if request.method != "POST":
        return HttpResponseRedirect(wanted) if request.user.is_authenticated else _form(request, wanted)
    login, client = request.POST.get("login", ""), request.META["REMOTE_ADDR"]
    try:
        account = authenticate(login, request.POST.get("password", ""), door="web", client=client)
    except Refused as refusal:
        maillog.event("login-refused", door="web", login=login, client=client, reason=refusal.reason)
        return _form(request, wanted, login, t(TOO_MANY if refusal.temporary else WRONG), 429 if refusal.temporary else 403)
    maillog.event("logged-in", door="web", login=account.login, client=client)
    auth.login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(wanted)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and have the browser forget the pages it has seen."""
    auth.logout(request)
    response = HttpResponseRedirect(reverse("sign-in"))
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
@access.signed_in
def choose_view(request: HttpRequest) -> HttpResponse:
    """Keep this device to the simple view, or give it the application again."""
    response = HttpResponseRedirect(access.safe_next(request))
    if request.POST.get("view") == boot.SIMPLE:
        response.set_cookie(
            boot.VIEW, boot.SIMPLE, max_age=400 * 86_400, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(boot.VIEW, samesite="Lax")
    return response


def _form(request: HttpRequest, wanted: str, login: str = "", error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "next": wanted,
        "login": login,
        "error": error,
        "host": settings.HOSTNAME,
        "demo": _demo() if settings.DEMO else [],
    }
    return render(request, "webmail/sign_in.html", context, status=status)


def _demo() -> list[dict[str, str]]:
    """The sign-ins of the demo co-op; only ever shown where MAILSUITE_DEMO is on."""
    return [
        {
            "login": account.login,
            "name": display.name_of(account.display_name, account.login),
            "initials": display.initials(account.display_name, account.login),
            "hue": display.hue(account.login),
            "password": "demo-" + account.login.split("@")[0],  # as the demo co-op is made
        }
        for account in Account.objects.filter(is_active=True).order_by("pk")[:6]
    ]
