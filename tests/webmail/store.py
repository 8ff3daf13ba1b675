"""Mail for the tests of the web door: members, and conversations as the store would keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.db import transaction
from django.utils import timezone

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account, Domain
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import changes, mailboxes, rows
from mailsuite.mailstore.models import Mailbox, Membership, Message, Thread

PASSWORD = "correct horse"


def member(name: str = "alice", display: str = "", *, password: str = PASSWORD) -> Account:
    if not Domain.objects.filter(name="example.org").exists():
        Domain.objects.create(name="example.org")
    account = provision.add_account(f"{name}@example.org", password, display_name=display or f"{name.title()} Example")
    mailboxes.ensure(account.pk)
    return account


@dataclass
class Letter:
    """One message of a conversation."""

    who: str = "Bob Roe <bob@example.org>"
    text: str = "Hello."
    ago: timedelta = timedelta(hours=1)
    to: str = "Alice Example <alice@example.org>"
    cc: str = ""
    html: str = ""
    files: Sequence[tuple[str, str, bytes]] = ()
    seen: bool = True
    starred: bool = False
    draft: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    decision: dict[str, object] = field(default_factory=dict)


@transaction.atomic
def conversation(
    account: Account,
    subject: str,
    *letters: Letter,
    place: int = Message.Place.MAIL,
    archived: bool = False,
    labels: Sequence[Mailbox] = (),
) -> Thread:
    """Letters kept as one conversation; what the account wrote is in Sent, the rest in Inbox unless archived."""
    modseq = changes.begin([account.pk])[account.pk]
    now = timezone.now()
    boxes = rows.load_boxes([account.pk])
    thread = Thread.objects.create(account=account, subject=subject, oldest_at=now, newest_at=now)
    for number, letter in enumerate(letters, 1):
        message = _keep(account, thread, subject, letter, now - letter.ago, place, modseq, number)
        for box in _homes(boxes.values(), letter, message, archived, labels):
            Membership.objects.create(mailbox=box, message=message, uid=box.uidnext, modseq=modseq)
            box.uidnext += 1
    rows.refresh([thread.pk], boxes, {account.pk: modseq})
    rows.save_boxes(boxes.values())
    thread.refresh_from_db()
    return thread


def _keep(
    account: Account, thread: Thread, subject: str, letter: Letter, at: datetime, place: int, modseq: int, number: int
) -> Message:
    content = _content(subject, letter, at, thread.pk, number)
    blob = blobs.save([(blobs.draft(content), 1)])[0]
    name, address = _pair(letter.who)
    flags = Message.SEEN * letter.seen | Message.FLAGGED * letter.starred | Message.DRAFT * letter.draft
    return Message.objects.create(
        account=account,
        blob=blob,
        size=len(content),
        thread=thread,
        place=place,
        flags=flags,
        own=address == account.login,
        modseq=modseq,
        created_modseq=modseq,
        received_at=at,
        sent_at=at,
        trashed_at=None if place == Message.Place.MAIL else timezone.now(),
        message_id=f"{thread.pk}.{number}@example.org",
        subject=subject if number == 1 else f"Re: {subject}",
        author_name=name,
        author_address=address,
        people={"from": [[name, address]], "to": _pairs(letter.to), **({"cc": _pairs(letter.cc)} if letter.cc else {})},
        preview=" ".join(letter.text.split())[:200],
        attachments=[
            {"part": str(n + 1), "name": file, "type": kind, "size": len(data), "inline": False}
            for n, (file, kind, data) in enumerate(letter.files, 1)
        ],
        imap_envelope=b"",
        imap_structure=b"",
        decision=letter.decision,
    )


def _pair(text: str) -> list[str]:
    name, _, rest = text.rpartition("<")
    return [name.strip(), rest.strip(" >")]


def _pairs(text: str) -> list[list[str]]:
    return [_pair(one) for one in text.split(",")]


def _content(subject: str, letter: Letter, at: datetime, thread: int, number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Date"] = letter.who, letter.to, format_datetime(at)
    if letter.cc:
        message["Cc"] = letter.cc
    message["Subject"] = subject if number == 1 else f"Re: {subject}"
    message["Message-ID"] = f"<{thread}.{number}@example.org>"
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for file, kind, data in letter.files:
        message.add_attachment(data, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=file)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _homes(boxes, letter: Letter, message: Message, archived: bool, labels: Sequence[Mailbox]) -> list[Mailbox]:
    by_role = {box.role: box for box in boxes if box.role}
    role = Mailbox.Role
    if message.place != Message.Place.MAIL:
        return [by_role[role.JUNK if message.place == Message.Place.SPAM else role.TRASH]]
    home = role.DRAFTS if letter.draft else role.SENT if message.own else role.ARCHIVE if archived else role.INBOX
    found = [by_role[role.ALL], by_role[home]] + ([by_role[role.STARRED]] if letter.starred else [])
    return found + [box for box in boxes if box.pk in {label.pk for label in labels}]
