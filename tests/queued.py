"""Short ways for tests to have accounts and mail in the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from mailsuite.accounts.models import Account, Address, Domain
from mailsuite.blobs import store
from mailsuite.queue import intake
from mailsuite.queue.models import Envelope, Recipient

LETTER = (
    b"From: Carol <carol@elsewhere.example>\r\nTo: alice@example.org\r\nSubject: Beans\r\n"
    b"Message-ID: <beans@elsewhere.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nThe beans are up.\r\n"
)


def account(name: str = "alice", domain: str = "example.org", **fields: Any) -> Account:
    """name@domain, with the domain where it is not there yet."""
    row, _ = Domain.objects.get_or_create(name=domain)
    made = Account.objects.create(login=f"{name}@{domain}", display_name=name.title(), **fields)
    Address.objects.create(domain=row, local_part=name, account=made)
    return made


def queued(
    *addresses: str, account: Account | None = None, content: bytes = LETTER, at: datetime | None = None, **fields: Any
) -> list[Recipient]:
    """Queue a letter for these addresses; with `account`, for delivery into it."""
    notify = fields.pop("notify", "")
    recipients = [
        intake.NewRecipient(address, account.pk if account else None, notify=notify, orcpt=f"rfc822;{address}" if notify else "")
        for address in addresses
    ]
    fields.setdefault("reverse_path", "carol@elsewhere.example")
    with transaction.atomic():
        [blob] = store.save([(store.draft(content), 1)])
        [envelope] = intake.enqueue([intake.NewEnvelope(blob=blob, recipients=recipients, **fields)], at or timezone.now())
    return list(Recipient.objects.filter(envelope=envelope).order_by("pk"))


def states(envelope: Envelope | None = None) -> list[str]:
    """The states of all recipients, in order of arrival."""
    rows = Recipient.objects.filter(envelope=envelope) if envelope else Recipient.objects.all()
    return list(rows.order_by("pk").values_list("state", flat=True))
