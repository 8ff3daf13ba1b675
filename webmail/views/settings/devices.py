"""Settings of what opens the account: its password, and one for each phone and mail program."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest

from mailsuite.accounts import provision
from mailsuite.accounts.models import AppPassword
from webmail import dates, display
from webmail.i18n import t
from webmail.views.settings.form import Refusal, Save, confirm_password, number


def _password(request: HttpRequest) -> None:
    """Change it; this session stays, every other one ends, for sessions are bound to the password."""
    confirm_password(request, "old")
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise Refusal("again", t("The two new passwords differ."))
    try:
        provision.set_password(request.user, new)
    except provision.ProvisionError as error:
        raise Refusal("new", str(error)) from error
    auth.update_session_auth_hash(request, request.user)
    messages.success(request, t("Password changed. Other browsers are signed out."))


def _add_device(request: HttpRequest) -> dict[str, Any]:
    """A new app password. It is shown in this answer and never again."""
    label = display.clean(request.POST.get("label", ""))[:100]
    if not label:
        raise Refusal("label", t("Give it the name of the device."))
    confirm_password(request, "password")
    return {"secret": provision.add_app_password(request.user, label), "secret_for": label}


def _revoke(request: HttpRequest) -> None:
    if provision.revoke_app_password(request.user, number(request.POST.get("device", ""))):
        messages.success(request, t("Revoked. That device is refused from now on."))


FORMS: dict[str, Save] = {"password": _password, "add-device": _add_device, "revoke": _revoke}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows."""
    devices = AppPassword.objects.filter(account=request.user, revoked_at=None).order_by("-created_at")
    return {
        "devices": [
            {
                "pk": one.pk,
                "label": one.label,
                "made": dates.short(one.created_at),
                "used": one.last_used_at and dates.middle(one.last_used_at),
            }
            for one in devices
        ],
        "servers": _servers(),
    }


def _servers() -> list[tuple[str, str]]:
    """What to type into a mail program."""
    return [
        ("IMAP", t("{host}, port {port}, TLS", host=settings.HOSTNAME, port=str(settings.IMAPS_PORT))),
        ("SMTP", t("{host}, port {port}, TLS", host=settings.HOSTNAME, port=str(settings.SUBMISSIONS_PORT))),
    ]
