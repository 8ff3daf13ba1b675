"""Letters that we write ourselves to addresses elsewhere, as a code that proves who reads there: from the postmaster."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.delivery.sign import sign
from mailsuite.protocol import compose
from mailsuite.queue import intake
from mailsuite.queue.intake import NewEnvelope, NewRecipient
from mailsuite.queue.models import Envelope

AUTOMATIC = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))  # RFC 3834 §5.1


def send(account: Account, to: str, subject: str, text: str) -> Envelope:
    """Queue a letter that a member caused, in the name of their domain's postmaster. It has the null reverse-path: where it
    cannot be delivered, nobody is told. Use it in the transaction that counts how many there are."""
    domain, at = account.login.rpartition("@")[2], now()
    written = compose.build(
        compose.Draft(
            author=("Mail system", f"postmaster@{domain}"),
            date=at,
            message_id=f"{uuid.uuid4().hex}@{domain}",
            to=[("", to)],
            subject=subject,
            text=text,
            headers=AUTOMATIC,
        )
    )
    signed = sign(written, domain)
    [blob] = store.save([(store.draft(signed), 1)])
    new = NewEnvelope(blob, "", [NewRecipient(to)], origin=Envelope.Origin.REPORT, body_8bit=not signed.isascii())
    new.smtputf8 = not to.isascii()
    [made] = intake.enqueue([new], at)
    transaction.on_commit(lambda: maillog.event("notice-sent", envelope=made.pk, account=account.login, to=to), robust=True)
    return made
