"""Write, answer, pass on; keep as a draft; send. Whatever goes wrong, nothing that was written is lost."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from mailsuite.delivery.submit import SubmissionRefused
from mailsuite.mailstore import actions
from mailsuite.mailstore.models import Message
from webmail import access, drafting, sending
from webmail.drafting import Kept, Letter
from webmail.i18n import t
from webmail.page import own_addresses, page

FIELDS = ("author", "to", "cc", "bcc", "subject", "text")
SINGLE_LINES = FIELDS[:-1]


@require_http_methods(["GET", "HEAD", "POST"])
@access.signed_in
def compose(request: HttpRequest) -> HttpResponse:
    """The form (GET), and what its buttons do (POST: `do`)."""
    if request.method != "POST":
        return _form(request, _begun(request))
    letter, uploads = _received(request), request.FILES.getlist("files")
    match request.POST.get("do"):
        case "send":
            return _send(request, letter, uploads)
        case "discard":
            return _discard(request, letter)
        case "open":
            return _form(request, letter)
    return _keep(request, letter, uploads)


def _begun(request: HttpRequest) -> Letter:
    """The letter a link asks for: an answer, a forward, a draft, or a new one with fields filled in (RFC 6068's names)."""
    asked, account_id = request.GET, request.user.pk
    identities = drafting.identities(account_id)
    if pk := _number(asked, "draft"):
        draft = access.own_message(request, pk)
        return drafting.resumed(draft) if draft.flags & Message.DRAFT else drafting.passed_on(draft, identities)
    if pk := _number(asked, "reply"):
        return drafting.answer(
            access.own_message(request, pk), own_addresses(account_id), identities, everyone=asked.get("all") == "1"
        )
    if pk := _number(asked, "forward"):
        return drafting.passed_on(access.own_message(request, pk), identities)
    filled = {name: " ".join(asked.get(name, "").split()) for name in ("to", "cc", "bcc", "subject")}
    return Letter(author=identities[0].address, text=asked.get("body", "")[:100_000], **filled)


def _received(request: HttpRequest) -> Letter:
    """The letter as the form sends it. The box under a conversation sends only the text: the rest is as in an answer."""
    posted = request.POST
    if "quick" in posted and (pk := _number(posted, "reply")):
        parent = access.own_message(request, pk)
        letter = drafting.answer(parent, own_addresses(request.user.pk), drafting.identities(request.user.pk), everyone=False)
        letter.text = _lines(posted.get("text", "")).rstrip("\n") + letter.text
        return letter
    fields = {name: posted.get(name, "") for name in FIELDS}
    fields |= {name: " ".join(fields[name].split()) for name in SINGLE_LINES}
    return Letter(
        **fields | {"text": _lines(fields["text"])},
        kept=_kept(request),
        reply=_own(request, "reply"),
        forward=_own(request, "forward"),
        draft=_own(request, "draft"),
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _number(values: QueryDict, name: str) -> int | None:
    value = values.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


def _own(request: HttpRequest, name: str) -> int | None:
    """The id in this field, if it is of a message of the member's own."""
    pk = _number(request.POST, name)
    return pk if pk and Message.objects.filter(account_id=request.user.pk, pk=pk).exists() else None


def _kept(request: HttpRequest) -> list[Kept]:
    """The files that stay ticked: `message:part` of messages of the member's own."""
    wanted = dict.fromkeys(request.POST.getlist("keep")[:200])
    numbers = {key.partition(":")[0] for key in wanted}
    ids = [int(number) for number in numbers if number.isdecimal() and len(number) < 19]
    held = Message.objects.filter(account_id=request.user.pk, pk__in=ids)
    known = {one.key: one for message in held for one in drafting.kept(message)}
    return [known[key] for key in wanted if key in known]


def _send(request: HttpRequest, letter: Letter, uploads: list[UploadedFile]) -> HttpResponse:
    faults = sending.faults(letter, uploads, request.user.pk)
    asked = request.POST.getlist("asked")
    guards = [] if faults else sending.guards(letter, uploads, asked)
    if faults or guards:
        return _again(request, letter, uploads, faults, guards, asked)
    try:
        sent = sending.send(request.user, letter, uploads)
    except SubmissionRefused as refusal:
        text = refusal.reply.text[:1].upper() + refusal.reply.text[1:]
        return _again(request, letter, uploads, {"to" if refusal.reply.enhanced.startswith("5.1") else "form": text + "."})
    messages.success(request, t("Sent."))
    if letter.reply and sent.message is not None:
        return HttpResponseRedirect(reverse("conversation", args=[sent.message.thread_id]) + f"#m{sent.message.pk}")
    return HttpResponseRedirect(reverse("inbox"))


def _again(request, letter, uploads, faults, guards=(), asked=()) -> HttpResponse:
    """The form once more. A browser does not send a file twice by itself: what was uploaded is kept in a draft."""
    if uploads and "files" not in faults:
        letter = _with_files(request, letter, uploads)
    return _form(request, letter, faults, guards, [*asked, *(guard.code for guard in guards)], status=400 if faults else 200)


def _with_files(request: HttpRequest, letter: Letter, uploads: list[UploadedFile]) -> Letter:
    if letter.author not in {one.address for one in drafting.identities(request.user.pk)}:
        letter.author = request.user.login
    kept = sending.keep(request.user, letter, uploads)
    if isinstance(kept, Message):
        letter.draft, letter.kept = kept.pk, drafting.kept(kept)
    return letter


def _keep(request: HttpRequest, letter: Letter, uploads: list[UploadedFile]) -> HttpResponse:
    """Save as a draft and go on writing."""
    faults = sending.file_faults(uploads)
    if letter.author not in {one.address for one in drafting.identities(request.user.pk)}:
        faults["author"] = t("Choose one of your addresses.")
    if faults:
        return _form(request, letter, faults, status=400)
    kept = sending.keep(request.user, letter, uploads)
    if not isinstance(kept, Message):
        return _form(request, letter, {"form": t("Your mailbox is full. Delete something, then save again.")}, status=507)
    messages.success(request, t("Draft saved."))
    return HttpResponseRedirect(f"{reverse('compose')}?draft={kept.pk}")


def _discard(request: HttpRequest, letter: Letter) -> HttpResponse:
    """Away with it; a saved draft goes to Trash, from where it can be had back."""
    if letter.draft:
        action = actions.trash(request.user.pk, message_ids=[letter.draft])
        messages.success(request, t("Draft discarded."), extra_tags=f"undo-{action.pk}" if action.pk else "")
    return HttpResponseRedirect(reverse("inbox"))


def _form(request: HttpRequest, letter: Letter, faults=None, guards=(), asked=(), status: int = 200) -> HttpResponse:
    identities = drafting.identities(request.user.pk)
    context = {
        "title": letter.subject or t("New message"),
        "letter": letter,
        "identities": identities,
        "faults": faults or {},
        "guards": guards,
        "asked": asked,
        "people": len(sending.everyone(letter)),
        "focus": "text" if letter.reply else "to",
    }
    return page(request, "webmail/compose.html", context, status=status)
