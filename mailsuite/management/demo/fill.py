"""Founds an instance with one member and the mail of six years, for trying and measuring what much mail does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.db import transaction

from mailsuite.accounts.provision import add_domain
from mailsuite.blobs import store
from mailsuite.mailstore import mailboxes, messages
from mailsuite.mailstore.models import Mailbox, Message
from mailsuite.management.demo.build import LABELS, SPAM_REASON, account_of, trace, written
from mailsuite.management.demo.letters import Letter
from mailsuite.management.demo.years import ME, letters

BATCH = 2_000  # messages a transaction
Role = Mailbox.Role


class Kept(NamedTuple):
    """A message as any store can keep it: what FETCH BODY[] gives is `trace` + `content`."""

    letter: Letter
    trace: bytes
    content: bytes
    role: str
    flags: int


def kept(count: int) -> Iterator[Kept]:
    """So many messages of the member, oldest first: the same for Mailsuite and for who is compared with it."""
    for letter in letters(count):
        own = letter.author == ME
        role = Role.SENT if own else Role.JUNK if letter.junk else Role.ARCHIVE if letter.archived else Role.INBOX
        flags = Message.SEEN * (not letter.unread) | Message.FLAGGED * letter.starred | Message.ANSWERED * letter.answered
        yield Kept(letter, b"" if own else trace(letter), written(letter), role, flags)


def found(count: int) -> int:
    """Make example.org with alice alone and so many messages; how many were kept. It must not exist yet."""
    with transaction.atomic():
        add_domain("example.org")
        account = account_of(ME)
        labels = {name: mailboxes.create(account.pk, name, color=color).pk for name, color in LABELS.items()}
    waiting, total = kept(count), 0
    while batch := list(islice(waiting, BATCH)):
        total += _append(account.pk, labels, batch)
    return total


@transaction.atomic
def _append(account_id: int, labels: dict[str, int], batch: Iterable[Kept]) -> int:
    batch = list(batch)
    blobs = store.save([(store.draft(one.content), 0) for one in batch])
    new = [
        messages.NewMessage(
            account_id,
            blob,
            one.content,
            trace=one.trace,
            received_at=one.letter.at,
            flags=one.flags,
            role=one.role,
            labels=[labels[name] for name in one.letter.labels] if one.role != Role.JUNK else (),
            own=one.role == Role.SENT,
            decision=SPAM_REASON if one.role == Role.JUNK else {},
            delivered_to="" if one.role == Role.SENT else ME.address,
        )
        for one, blob in zip(batch, blobs, strict=True)
    ]
    return len({message.pk for message in messages.append(new) if isinstance(message, Message)})
