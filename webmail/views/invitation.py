"""Answer an invitation without scripts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from webmail import access, invitations
from webmail.i18n import t
from webmail.invitations import ANSWERS, CannotAnswer


@require_POST
@access.signed_in
def answer(request: HttpRequest, message_id: int) -> HttpResponse:
    """Send the answer that the pressed button names, and go back to the conversation."""
    message = access.own_message(request, message_id)
    given = ANSWERS.get(request.POST.get("answer", ""))
    if given is None:
        return HttpResponseBadRequest("An answer is yes, maybe or no.")
    try:
        sent = invitations.answer(request.user, message, given, request.POST.get("note", ""))
        messages.success(request, t("Answer sent.") if sent else t("You have answered so already."))
    except CannotAnswer as reason:
        messages.error(request, str(reason))
    return HttpResponseRedirect(access.safe_next(request, f"/t/{message.thread_id}"))
