"""The member's own settings: name, look, password, devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mailsuite.accounts import preferences, provision
from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.accounts.models import AppPassword
from mailsuite.people import choices
from webmail import access, dates, display
from webmail.i18n import LANGUAGES, mark, negotiate, t
from webmail.page import page

THEMES = {"system": mark("As the device"), "light": mark("Light"), "dark": mark("Dark")}
DENSITIES = {"comfortable": mark("Comfortable"), "default": mark("Default"), "compact": mark("Compact")}
PURGES = {7: mark("After 7 days"), 30: mark("After 30 days"), 90: mark("After 90 days"), 0: mark("Never")}
EXPUNGES = {"archive": mark("Archives it"), "trash": mark("Moves it to Trash")}

MOST_SENDERS = 500  # on the page; the application lists all
DECIDED = {
    "images": "images are always shown",
    "blocked": "blocked: mail goes to Trash",
    "unsubscribed": "unsubscribed",
    "fine": "a warning is fine",
    "light": "keeps its own colours on a dark page",
}


class Refusal(Exception):
    """A form that cannot be saved; says which field is wrong and why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@access.signed_in
def show(request: HttpRequest) -> HttpResponse:
    """The page; a POST names its form in `form`."""
    if request.method != "POST":
        return _page(request)
    save = FORMS.get(request.POST.get("form", ""))
    if save is None:
        return HttpResponseRedirect(reverse("settings"))
    try:
        return save(request) or HttpResponseRedirect(reverse("settings"))
    except Refusal as refusal:
        return _page(request, {refusal.field: str(refusal)}, status=400)


def _profile(request: HttpRequest) -> None:
    account, zone = request.user, request.POST.get("time_zone", "")
    if zone not in dates.zone_names() and zone != "UTC":
        raise Refusal("time_zone", t("Choose a time zone from the list."))
    account.display_name = display.clean(request.POST.get("display_name", ""))[:200]
    account.time_zone = zone
    account.save(update_fields=["display_name", "time_zone"])
    messages.success(request, t("Saved."))


def _look(request: HttpRequest) -> None:
    language = request.POST.get("language")
    if language is not None and (language in LANGUAGES or not language):
        preferences.change(request.user, {"language": language or None})
        translation.activate(negotiate(language, request.headers.get("Accept-Language", "")))  # for what is said of it
    _choose(request, {"theme": THEMES, "density": DENSITIES})


def _keeping(request: HttpRequest) -> None:
    _choose(request, {"purge_days": PURGES, "inbox_expunge": EXPUNGES})


def _choose(request: HttpRequest, asked: Mapping[str, Mapping[Any, str]]) -> None:
    """Save the choices that the form has; a form has text alone, and what is no choice stays as it is."""
    by_text = {name: {str(value): value for value in choices} for name, choices in asked.items()}
    values = {name: known[request.POST[name]] for name, known in by_text.items() if request.POST.get(name) in known}
    preferences.change(request.user, values)
    messages.success(request, t("Saved."))


def _password(request: HttpRequest) -> None:
    """Change it; this session stays, every other one ends, for sessions are bound to the password."""
    _confirmed(request, "old")
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise Refusal("again", t("The two new passwords differ."))
    try:
        provision.set_password(request.user, new)
    except provision.ProvisionError as error:
        raise Refusal("new", str(error)) from error
    auth.update_session_auth_hash(request, request.user)
    messages.success(request, t("Password changed. Other browsers are signed out."))


def _confirmed(request: HttpRequest, field: str) -> None:
    try:
        authenticate(request.user.login, request.POST.get(field, ""), door="web", client=request.META["REMOTE_ADDR"])
    except Refused as refused:
        wrong = (
            t("Too many wrong passwords. Wait a quarter of an hour.") if refused.temporary else t("That is not your password.")
        )
        raise Refusal(field, wrong) from refused


def _add_device(request: HttpRequest) -> HttpResponse:
    """A new app password. It is shown in this answer and never again."""
    label = display.clean(request.POST.get("label", ""))[:100]
    if not label:
        raise Refusal("label", t("Give it the name of the device."))
    _confirmed(request, "password")
    return _page(request, secret=provision.add_app_password(request.user, label), secret_for=label)


def _revoke(request: HttpRequest) -> None:
    pk = request.POST.get("device", "")
    if pk.isdecimal() and len(pk) < 19 and provision.revoke_app_password(request.user, int(pk)):
        messages.success(request, t("Revoked. That device is refused from now on."))


def _take_back(request: HttpRequest) -> None:
    pk = request.POST.get("choice", "")
    if pk.isdecimal() and len(pk) < 19 and choices.revoke(request.user.pk, int(pk)):
        messages.success(request, t("Taken back."))


FORMS: dict[str, Callable[[HttpRequest], HttpResponse | None]] = {
    "profile": _profile,
    "look": _look,
    "keeping": _keeping,
    "password": _password,
    "add-device": _add_device,
    "revoke": _revoke,
    "take-back": _take_back,
}


def _page(
    request: HttpRequest, errors: dict[str, str] | None = None, *, secret: str = "", secret_for: str = "", status: int = 200
) -> HttpResponse:
    devices = AppPassword.objects.filter(account=request.user, revoked_at=None).order_by("-created_at")
    context = {
        "title": t("Settings"),
        "errors": errors or {},
        "zones": ["UTC", *dates.zone_names()],
        "themes": THEMES,
        "densities": DENSITIES,
        "purges": PURGES,
        "expunges": EXPUNGES,
        "chosen": preferences.of(request.user),
        "languages": LANGUAGES,
        "devices": [
            {
                "pk": one.pk,
                "label": one.label,
                "made": dates.short(one.created_at),
                "used": one.last_used_at and dates.middle(one.last_used_at),
            }
            for one in devices
        ],
        "senders": _senders(request.user.pk),
        "secret": secret,
        "secret_for": secret_for,
        "servers": _servers(),
    }
    return page(request, "webmail/settings.html", context, at=reverse("settings"), status=status)


def _senders(account_id: int) -> list[dict[str, object]]:
    """What was decided about senders, as the page lists it."""
    return [
        {"pk": one.pk, "sender": display.clean(one.sender), "what": DECIDED[one.kind], "at": dates.short(one.at)}
        for one in choices.everything(account_id)[:MOST_SENDERS]
    ]


def _servers() -> list[tuple[str, str]]:
    """What to type into a mail program."""
    return [
        ("IMAP", f"{settings.HOSTNAME}, port {settings.IMAPS_PORT}, TLS"),
        ("SMTP", f"{settings.HOSTNAME}, port {settings.SUBMISSIONS_PORT}, TLS"),
    ]
