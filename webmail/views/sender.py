"""What a member decides about the sender of a message: images always, a warning that is fine, a block, a list to leave."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from mailsuite.delivery import unsubscribe
from mailsuite.delivery.submit import SubmissionRefused
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from mailsuite.people.models import Choice
from webmail import access, display
from webmail.cautions.warning import SENTENCES
from webmail.i18n import t
from webmail.page import page

Kind = Choice.Kind


@require_POST
@access.signed_in
def decide(request: HttpRequest, message_id: int) -> HttpResponse:
    """Do what the form asks about the sender of the member's own message, and go back to it."""
    message = access.own_message(request, message_id)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        return HttpResponseBadRequest("There is no such act.")
    try:
        return act(request, message) or HttpResponseRedirect(access.safe_next(request))
    except choices.TooManyChoices:
        messages.error(request, t("You have decided about so many senders that some must be taken back first, in Settings."))
        return HttpResponseRedirect(access.safe_next(request))


def _images(request: HttpRequest, message: Message) -> None:
    choices.choose(request.user.pk, message.author_address, Kind.IMAGES)
    messages.success(request, t("Images from {address} are shown from now on.", address=display.clean(message.author_address)))


def _block(request: HttpRequest, message: Message) -> None:
    choices.choose(request.user.pk, message.author_address, Kind.BLOCKED)
    messages.success(
        request, t("Blocked. What {address} sends from now on goes to Trash.", address=display.clean(message.author_address))
    )


def _fine(request: HttpRequest, message: Message) -> None:
    signal = request.POST.get("signal", "")
    if signal in SENTENCES:
        choices.choose(request.user.pk, message.author_address, Kind.FINE, signal=signal)
        messages.success(request, t("You will not be warned of this again."))


def _light(request: HttpRequest, message: Message) -> None:
    choices.choose(request.user.pk, message.author_address, Kind.LIGHT)
    messages.success(request, f"Mail from {display.clean(message.author_address)} keeps its own colours from now on.")


def _leave(request: HttpRequest, message: Message) -> HttpResponse | None:
    try:
        how, address = unsubscribe.leave(request.user, message)
    except unsubscribe.NothingToLeave:
        messages.info(request, t("This message offers no way to unsubscribe."))
    except unsubscribe.Busy:
        messages.error(request, t("That did not work just now. Try again in a moment."))
    except SubmissionRefused as refused:
        messages.error(request, t("The mail that unsubscribes could not be sent: {reason}.", reason=refused.reply.text))
    else:
        if how == "page":
            return page(
                request,
                "webmail/unsubscribe.html",
                {"title": t("Unsubscribe"), "address": address, "next": access.safe_next(request)},
            )
        messages.success(
            request, t("Unsubscribed. It may take them a few days.") if how == "post" else t("Unsubscribed by mail.")
        )
    return None


ACTS: dict[str, Callable[[HttpRequest, Message], HttpResponse | None]] = {
    "images": _images,
    "block": _block,
    "fine": _fine,
    "light": _light,
    "unsubscribe": _leave,
}
