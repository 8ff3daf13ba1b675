"""From the compose form to a message: what is wrong with it, its bytes, the draft that is kept, and the sending."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import make_msgid

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.utils import timezone

from mailsuite import maillog
from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.delivery.submit import Submitted, submit
from mailsuite.mailstore import actions, changes
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.protocol import compose, mime
from mailsuite.protocol.address import parse_list, parse_path
from mailsuite.protocol.answer import Ids, reply_ids
from mailsuite.protocol.attachments import display_name, file_bytes
from mailsuite.protocol.compose import Attachment
from mailsuite.queue.models import Envelope
from webmail import drafting, plain_text
from webmail import guards as slips
from webmail.drafting import Kept, Letter
from webmail.i18n import t

MOST_RECIPIENTS = 500
FILES_SHARE = 0.72  # base64 makes three bytes into four, and a line end for each 57


@dataclass(frozen=True, slots=True)
class Guard:
    """A question that is asked once, beside the form, before a letter goes out (product.md 5.6)."""

    code: str
    text: str


def faults(letter: Letter, uploads: Sequence[UploadedFile], account_id: int) -> dict[str, str]:
    """What keeps the letter from being sent, by field; empty where nothing does."""
    found = {name: wrong for name in ("to", "cc", "bcc") if (wrong := _address_fault(getattr(letter, name)))}
    people = everyone(letter)
    if not found and not people:
        found["to"] = t("To whom?")
    if len(people) > MOST_RECIPIENTS:
        found["to"] = t("At most {count} people at once.", count=MOST_RECIPIENTS)
    if letter.author not in {one.address for one in drafting.identities(account_id)}:
        found["author"] = t("Choose one of your addresses.")
    return found | file_faults(uploads)


def file_faults(uploads: Sequence[UploadedFile]) -> dict[str, str]:
    most = int(settings.MESSAGE_SIZE_LIMIT * FILES_SHARE)
    if sum(file.size or 0 for file in uploads) > most:
        return {"files": t("These files are too large: at most {size} can go with a letter.", size=f"{most // 1_000_000} MB")}
    return {}


def _address_fault(text: str) -> str:
    for one in parse_list(text):
        if not one.address:
            return t("{address} is not an address.", address=f"“{one.name}”")
        # `ana@@x.example` could be read as a quoted local part; nobody means that who does not write the quotes.
        if parse_path(one.address) is None or (one.address.startswith('"') and '"' not in text):
            return t("{address} is not an address.", address=one.address)
    return ""


def everyone(letter: Letter) -> list[str]:
    """Every address the letter goes to, once."""
    found = (one.address for text in (letter.to, letter.cc, letter.bcc) for one in parse_list(text) if one.address)
    return list(dict.fromkeys(found))


def guards(letter: Letter, uploads: Sequence[UploadedFile], asked: Sequence[str]) -> list[Guard]:
    """What to ask before sending, without what has been asked already."""
    own_words = _own_words(letter.text)
    found = []
    if (word := slips.attached(own_words)) and not uploads and not letter.kept:
        found.append(Guard("attachment", t("You wrote “{word}”, but nothing is attached.", word=word)))
    if not letter.subject.strip():
        found.append(Guard("subject", t("There is no subject.")))
    if not own_words.strip() and not uploads and not letter.kept:
        found.append(Guard("text", t("The letter is empty.")))
    if deaf := next((address for address in everyone(letter) if slips.nobody_reads(address)), ""):
        found.append(Guard("nobody", t("Nobody reads {address}.", address=deaf)))
    return [guard for guard in found if guard.code not in asked]


def _own_words(text: str) -> str:
    """The text without what is quoted."""
    return "\n".join(line for line in text.split("\n") if not plain_text.QUOTED.match(line))


def content(account: Account, letter: Letter, uploads: Sequence[UploadedFile]) -> bytes:
    """The letter as a message. Bcc is in it: a draft keeps it, and `submit` takes it out of what leaves."""
    parent = Message.objects.filter(account_id=account.pk, pk=letter.reply or 0).select_related("blob__packed").first()
    ids = reply_ids(drafting.header_fields(parent)) if parent else Ids("", [])
    return compose.build(
        compose.Draft(
            author=(account.display_name, letter.author),
            date=timezone.localtime(),
            message_id=_message_id(account, letter),
            to=_people(letter.to),
            cc=_people(letter.cc),
            bcc=_people(letter.bcc),
            subject=letter.subject,
            text=letter.text.rstrip("\n"),
            attachments=[*_kept_files(letter.kept, account.pk), *_uploaded(uploads)],
            in_reply_to=ids.in_reply_to,
            references=ids.references,
        )
    )


def _message_id(account: Account, letter: Letter) -> str:
    """That of the draft which goes on here: all its versions have one, so that other devices know it again."""
    drafts = Message.objects.filter(account_id=account.pk, pk=letter.draft or 0, flags__gte=Message.DRAFT)
    known = drafts.values_list("message_id", flat=True).first()
    if known and not known.endswith("@synthetic.invalid"):
        return known
    return make_msgid(domain=letter.author.rpartition("@")[2]).strip("<>")


def _people(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in parse_list(text) if one.address]


def _kept_files(kept: Sequence[Kept], account_id: int) -> list[Attachment]:
    found = []
    messages = (
        Message.objects.filter(account_id=account_id).select_related("blob__packed").in_bulk({one.message_id for one in kept})
    )
    trees = {pk: (raw := store.content(message), mime.scan(raw)) for pk, message in messages.items()}
    for one in kept:
        raw, root = trees.get(one.message_id, (b"", None))
        data = file_bytes(raw, root, one.part) if root else None
        if root and data is not None:
            part = mime.find(root, one.part)
            found.append(Attachment(one.name, part.mime_type if part else "application/octet-stream", data))
    return found


def _uploaded(uploads: Sequence[UploadedFile]) -> list[Attachment]:
    """The type is by the name: what a browser says about it comes from the same place, or from nowhere."""
    named = [(display_name(file.name or "") or "file", file) for file in uploads]
    return [Attachment(name, mimetypes.guess_type(name)[0] or "application/octet-stream", file.read()) for name, file in named]


def keep(account: Account, letter: Letter, uploads: Sequence[UploadedFile]) -> Message | store.OverQuota:
    """Keep the letter among the drafts, in place of the draft it was."""
    raw = content(account, letter, uploads)
    draft = blobs.draft(raw)
    with transaction.atomic():
        changes.begin([account.pk])  # the account first, then the blob, as everywhere
        [blob] = blobs.save([(draft, 0)])
        new = store.NewMessage(account.pk, blob, raw, flags=Message.SEEN | Message.DRAFT, role=Mailbox.Role.DRAFTS, own=True)
        [kept] = store.append([new])
        if isinstance(kept, Message):
            _forget_draft(account.pk, letter, but=kept.pk)
    return kept


def send(account: Account, letter: Letter, uploads: Sequence[UploadedFile]) -> Submitted:
    """Hand the letter over for delivery; its draft is gone then, and what it answers is marked. Raises SubmissionRefused."""
    raw = content(account, letter, uploads)
    sent = submit(account, raw, reverse_path=letter.author, recipients=everyone(letter), origin=Envelope.Origin.WEB)
    try:
        _after_sending(account.pk, letter)
    except DatabaseTrouble as error:  # it is sent: an error page now would have it sent twice
        maillog.problem("draft-left-behind", envelope=sent.envelope.pk, account=account.login, reason=str(error))
    return sent


@transaction.atomic
def _after_sending(account_id: int, letter: Letter) -> None:
    _forget_draft(account_id, letter)
    if letter.reply:
        actions.mark(account_id, [letter.reply], flags=Message.ANSWERED)
    if letter.forward:
        actions.mark(account_id, [letter.forward], keywords=["$Forwarded"])


def _forget_draft(account_id: int, letter: Letter, but: int | None = None) -> None:
    found = Message.objects.filter(account_id=account_id, pk=letter.draft or 0).exclude(pk=but or 0)
    if any(flags & Message.DRAFT for flags in found.values_list("flags", flat=True)):
        actions.delete_for_ever(account_id, message_ids=[letter.draft])
