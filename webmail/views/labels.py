"""Make, rename, paint, merge and delete labels."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mailsuite.mailstore import labels
from mailsuite.mailstore import mailboxes as store
from mailsuite.mailstore.models import Action, Mailbox
from webmail import access, display
from webmail.i18n import t
from webmail.page import mailboxes, page
from webmail.sentences import said


@require_http_methods(["GET", "HEAD", "POST"])
@access.signed_in
def manage(request: HttpRequest) -> HttpResponse:
    """All labels, and the form for a new one."""
    if request.method != "POST":
        return _page(request)
    name = request.POST.get("name", "").strip()
    try:
        store.create(request.user.pk, name, color=_color(request))
    except store.MailboxError as error:
        return _page(request, name, str(error))
    messages.success(request, t("Label {label} made.", label=display.clean(name)))
    return HttpResponseRedirect(reverse("labels"))


@require_POST
@access.signed_in
def change(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Rename or paint one; or delete it, or merge it into another, with a way back."""
    label = access.own_label(request, mailbox_id)
    try:
        if request.POST.get("do") == "delete":
            _say(request, labels.delete_label(request.user.pk, label.pk))
        elif request.POST.get("do") == "merge":
            into = store.find(request.user.pk, request.POST.get("into", "").replace("\0", "").strip())
            _say(request, labels.merge_labels(request.user.pk, label.pk, into.pk))
        else:
            _save(request, label)
            messages.success(request, t("Label {label} saved.", label=display.clean(label.name)))
    except store.MailboxError as error:
        return _page(request, error_at=label.pk, error=str(error))
    return HttpResponseRedirect(reverse("labels"))


def _say(request: HttpRequest, done: Action) -> None:
    undo = f"undo-{done.pk}" if done.pk else ""  # none where there was too much to remember
    messages.success(request, t("{what} Its mail stays.", what=said(done)), extra_tags=undo)


def _save(request: HttpRequest, label: Mailbox) -> None:
    name = request.POST.get("name", "").strip()
    if name != label.name:
        label.name = store.rename(label, name).name
    store.describe(label, color=_color(request), sticky="sticky" in request.POST)


def _color(request: HttpRequest) -> str:
    color = request.POST.get("color", "")
    return color if color in display.HUES else "grey"


def _page(request: HttpRequest, name: str = "", error: str = "", error_at: int | None = None) -> HttpResponse:
    rows = [
        {
            "box": box,
            "name": display.clean(box.name),
            "hue": display.label_hue(box.color),
            "error": error if box.pk == error_at else "",
        }
        for box in mailboxes(request)
        if not box.role
    ]
    context = {"title": t("Labels"), "labels": rows, "hues": display.HUES, "name": name, "error": "" if error_at else error}
    return page(request, "webmail/labels.html", context, at=reverse("labels"), status=400 if error else 200)
