"""Settings of the answer while away: from when to when, to whom, and what it says."""

from __future__ import annotations

import copy
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from mailsuite.accounts import vacation
from mailsuite.accounts.models import Account
from webmail import dates
from webmail.i18n import t
from webmail.views.settings.form import Refusal, Save

SUBJECT, TEXT = 500, 50_000  # characters, as over JMAP


@transaction.atomic
def _save(request: HttpRequest) -> None:
    Account.objects.select_for_update().get(pk=request.user.pk)
    one = vacation.of(request.user.pk)
    before, form = copy.copy(one), request.POST
    one.is_enabled, one.contacts_only = "is_enabled" in form, "contacts_only" in form
    first, last = _day(form.get("first", ""), "first"), _day(form.get("last", ""), "last")
    if first and last and last < first:
        raise Refusal("last", t("It ends before it begins."))
    one.from_date = _midnight(request, first) if first else None
    one.to_date = _midnight(request, last + timedelta(days=1)) if last else None
    one.subject, text = _text(form, "subject", SUBJECT) or None, _text(form, "text", TEXT) or None
    if text != one.text:
        one.text, one.html = text, None  # what was written elsewhere in HTML said something else
    vacation.keep(one, before)
    messages.success(request, t("Saved.") if not one.is_enabled else t("Saved. Who writes to you hears that you are away."))


def _day(text: str, field: str) -> date | None:
    """Of a date field; after 9000 the day after it could not be written."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text[:20])
    except ValueError as error:
        raise Refusal(field, t("Write a date such as 2026-12-24.")) from error
    if not 1970 < found.year < 9000:
        raise Refusal(field, t("Write a date such as 2026-12-24."))
    return found


def _midnight(request: HttpRequest, day: date) -> datetime:
    """When the day begins where the member is."""
    return datetime.combine(day, time(), dates.zone_of(request.user.time_zone))


def _text(form: Any, name: str, most: int) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > most or "\0" in text:
        raise Refusal(name, t("At most {most} characters.", most=most))
    return text


FORMS: dict[str, Save] = {"away": _save}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows; a form that was refused shows what was typed."""
    one, zone = vacation.of(request.user.pk), dates.zone_of(request.user.time_zone)
    last = one.to_date and (one.to_date - timedelta(seconds=1)).astimezone(zone).date()
    kept = {
        "is_enabled": one.is_enabled,
        "contacts_only": one.contacts_only,
        "first": one.from_date.astimezone(zone).date().isoformat() if one.from_date else "",
        "last": last.isoformat() if last else "",
        "subject": one.subject or "",
        "text": one.text or "",
    }
    typed = {name: request.POST.get(name, "") for name in kept} if request.method == "POST" else {}
    return {"away": kept | typed, "has_html": bool(one.html and not one.text)}
