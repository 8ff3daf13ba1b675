"""Mail for the tests of the web door: members, and conversations as the store would keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

from django.utils import timezone

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account, Domain
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Mailbox, Message, Thread

PASSWORD = "correct horse"
_numbers = count(1)


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


def conversation(
    account: Account,
    subject: str,
    *letters: Letter,
    place: int = Message.Place.MAIL,
    archived: bool = False,
    labels: Sequence[Mailbox] = (),
) -> Thread:
    """Letters kept as one conversation; what the account wrote is in Sent, the rest in Inbox unless archived."""
    new, number = [], next(_numbers)
    for n, letter in enumerate(letters, 1):
        content = _content(subject, letter, timezone.now() - letter.ago, number, n)
        [blob] = blobs.save([(blobs.draft(content), 0)])
        own = _pair(letter.who)[1] == account.login
        new.append(
            messages.NewMessage(
                account.pk,
                blob,
                content,
                received_at=timezone.now() - letter.ago,
                flags=Message.SEEN * letter.seen | Message.FLAGGED * letter.starred,
                role=_role(letter, place, own, archived),
                labels=[label.pk for label in labels],
                own=own,
                decision=letter.decision,
            )
        )
    kept = messages.append(new)
    return Thread.objects.get(pk=kept[0].thread_id)


def _role(letter: Letter, place: int, own: bool, archived: bool) -> str:
    role = Mailbox.Role
    if place != Message.Place.MAIL:
        return role.JUNK if place == Message.Place.SPAM else role.TRASH
    return role.DRAFTS if letter.draft else role.SENT if own else role.ARCHIVE if archived else role.INBOX


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
    if number > 1:
        message["References"] = " ".join(f"<{thread}.{n}@example.org>" for n in range(1, number))
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for file, kind, data in letter.files:
        message.add_attachment(data, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=file)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
