"""An account whose mail is easy to make: `box.receive(subject=…)` goes the whole way through `messages.append`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Mailbox, Membership, Message, Thread

ALICE, BOB, CAROL, MALLORY = "alice@example.org", "bob@example.org", "carol@elsewhere.example", "mallory@bad.example"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def rfc822(
    *,
    subject: str | None = "Lunch?",
    author: str = BOB,
    to: str = ALICE,
    msgid: str = "",
    references: Sequence[str] = (),
    in_reply_to: str = "",
    text: str = "Hello.",
    more: str = "",
) -> bytes:
    """A message; ids without < >."""
    lines = [f"From: {author}", f"To: {to}"]
    lines += [f"Subject: {subject}"] if subject is not None else []
    lines += [f"Message-ID: <{msgid}>"] if msgid else []
    lines += ["References: " + " ".join(f"<{one}>" for one in references)] if references else []
    lines += [f"In-Reply-To: {in_reply_to if '<' in in_reply_to else f'<{in_reply_to}>'}"] if in_reply_to else []
    lines += more.splitlines()
    if not any(line.lower().startswith("content-type") for line in lines):
        lines += ["Content-Type: text/plain; charset=utf-8"]
    return ("\r\n".join([*lines, "", text, ""])).encode()


class Box:
    """An account and its clock: each message comes an hour after the one before, unless it says `after`."""

    def __init__(self, login: str = ALICE) -> None:
        self.account = Account.objects.create(login=login)
        mailboxes.ensure(self.account.pk)
        self.now, self.made = NOON, 0

    @property
    def pk(self) -> int:
        return self.account.pk

    def new(self, content: bytes | None = None, *, after: timedelta = timedelta(hours=1), **values: Any) -> messages.NewMessage:
        """A message that is ready for `append`. Values that `NewMessage` does not know are `rfc822`'s."""
        known = {name: values.pop(name) for name in list(values) if name in messages.NewMessage.__dataclass_fields__}
        self.now += after
        self.made += 1
        values.setdefault("msgid", f"{self.made}@elsewhere.example")
        values.setdefault("text", f"Hello {self.made}.")
        content = content or rfc822(**values)
        (blob,) = store.save([(store.draft(content), 0)])
        known.setdefault("received_at", self.now)
        return messages.NewMessage(self.pk, blob, content, **known)

    def receive(self, content: bytes | None = None, **values: Any) -> Message:
        """A message that came in."""
        (message,) = messages.append([self.new(content, **values)])
        assert isinstance(message, Message), message
        return message

    def send(self, **values: Any) -> Message:
        """A message of the account's own, in Sent."""
        values = {"author": ALICE, "to": BOB, "role": "sent", "own": True, "flags": Message.SEEN} | values
        return self.receive(**values)

    def mailbox(self, role_or_name: str) -> Mailbox:
        found = Mailbox.objects.filter(account_id=self.pk, role=role_or_name).first()
        return found or Mailbox.objects.get(account_id=self.pk, name=role_or_name)

    def label(self, name: str, **values: Any) -> Mailbox:
        return mailboxes.create(self.pk, name, **values)

    def where(self, message: Message) -> set[str]:
        """Names of the mailboxes that a message is in."""
        return set(Membership.objects.filter(message=message).values_list("mailbox__name", flat=True))

    def inside(self, role_or_name: str) -> list[int]:
        """Ids of the messages in a mailbox, by UID."""
        held = Membership.objects.filter(mailbox=self.mailbox(role_or_name))
        return list(held.order_by("uid").values_list("message_id", flat=True))

    def uid(self, message: Message, role_or_name: str) -> int:
        return Membership.objects.get(message=message, mailbox=self.mailbox(role_or_name)).uid

    def thread(self, message: Message) -> Thread:
        return Thread.objects.get(messages=message.pk)


@pytest.fixture
def box(transactional_db: None) -> Iterator[Box]:
    return Box()
