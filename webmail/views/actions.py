"""What members do to their mail: one address that takes every act on conversations and messages, and one that takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from mailsuite.mailstore import actions
from mailsuite.mailstore.mailboxes import NoSuchMailbox, Role
from mailsuite.mailstore.models import Action, Message
from webmail import access
from webmail.i18n import t
from webmail.page import mailboxes, page
from webmail.sentences import said

MOST = 1_000  # conversations or messages in one request
Act = Callable[..., Action]

ACTS: dict[str, Act] = {
    "archive": actions.archive,
    "to_inbox": actions.to_inbox,
    "trash": actions.trash,
    "restore": actions.restore,
    "report_spam": actions.report_spam,
    "not_spam": actions.not_spam,
    "mark_read": actions.mark_read,
    "mark_unread": actions.mark_unread,
    "star": actions.star,
    "unstar": actions.unstar,
    "mute": actions.mute,
    "unmute": actions.unmute,
}
LABELLING: dict[str, Act] = {
    "add_label": actions.add_label,
    "remove_label": actions.remove_label,
    "move_to": actions.move_to,
}
STAYING = {"star", "unstar", "mark_read", "add_label", "remove_label", "unmute"}  # after these one goes on reading
EMPTIED = {"empty_trash": Role.TRASH, "empty_spam": Role.JUNK}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for: an act, its label if it has one, and what it is done to."""

    act: str
    label: int
    threads: list[int]
    messages: list[int]


@require_POST
@access.signed_in
def act(request: HttpRequest) -> HttpResponse:
    """Do it, say so with a way back, and return to the list or the conversation."""
    asked = _asked(request)
    if asked.act in EMPTIED or asked.act == "delete_for_ever":
        return _delete(request, asked)
    if not asked.threads and not asked.messages:
        messages.info(request, t("Nothing was selected."))
        return HttpResponseRedirect(access.safe_next(request))
    try:
        done = _do(request.user.pk, asked)
    except NoSuchMailbox as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(access.safe_next(request))
    if done is None:
        return HttpResponseBadRequest("There is no such act.")
    _say(request, done)
    stays = asked.act in STAYING and "stay" in request.POST
    return HttpResponseRedirect(access.safe_next(request, field="stay" if stays else "next"))


def _asked(request: HttpRequest) -> Asked:
    """`do` is an act on all that is ticked; `one` names an act and the conversation whose own button it was."""
    words = (request.POST.get("one") or request.POST.get("do") or "").split()
    name, number = [*words, "", ""][:2]
    number = int(number) if number.isdecimal() and len(number) < 19 else 0
    if "one" in request.POST:
        return Asked(name, 0, [number], [])
    return Asked(name, number, _numbers(request.POST.getlist("thread")), _numbers(request.POST.getlist("message")))


def _numbers(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 19][:MOST]


def _do(account_id: int, asked: Asked) -> Action | None:
    # The store looks for these ids in this account alone: another member's are as if they were not there.
    if asked.act in LABELLING:
        return LABELLING[asked.act](account_id, asked.label, asked.threads, asked.messages)
    if asked.act in ACTS:
        return ACTS[asked.act](account_id, asked.threads, asked.messages)
    return None


def _say(request: HttpRequest, done: Action) -> None:
    if done.pk:
        messages.success(request, said(done), extra_tags=f"undo-{done.pk}")
    else:
        messages.info(request, t("Nothing to change."))


def _delete(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Deleting for ever cannot be undone: the only act that asks first."""
    if "sure" not in request.POST:
        return page(request, "webmail/confirm.html", _question(request, asked))
    if role := EMPTIED.get(asked.act):
        deleted = actions.empty(request.user.pk, role)
    else:
        deleted = actions.delete_for_ever(request.user.pk, asked.threads, asked.messages)
    messages.success(
        request,
        t("{count, plural, one {# message deleted for ever.} other {# messages deleted for ever.}}", count=deleted.messages),
    )
    return HttpResponseRedirect(access.safe_next(request))


def _question(request: HttpRequest, asked: Asked) -> dict[str, object]:
    if role := EMPTIED.get(asked.act):
        count = next((box.total for box in mailboxes(request) if box.role == role), 0)
    else:
        gone = Message.objects.filter(account_id=request.user.pk).exclude(place=Message.Place.MAIL)
        count = gone.filter(thread_id__in=asked.threads).count() + gone.filter(pk__in=asked.messages).count()
    return {
        "title": t("Delete for ever?"),
        "what": t("{count, plural, one {# message} other {# messages}}", count=count),
        "do": asked.act,
        "threads": asked.threads,
        "chosen": asked.messages,
        "next": access.safe_next(request),
    }


@require_POST
@access.signed_in
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the act that is named, or the last one."""
    number = request.POST.get("action", "").removeprefix("undo-")
    undone = actions.undo(request.user.pk, int(number) if number.isdecimal() and len(number) < 19 else None)
    messages.info(request, t("Undone: {what}", what=said(undone)) if undone else t("There is nothing to undo."))
    return HttpResponseRedirect(access.safe_next(request))
