"""Answer by itself what comes to a member who is away, in the transaction that puts it into the mailbox (RFC 3834).

No loop can come of it: an answer travels with the null reverse-path and says that it is automatic, and neither kind is answered.
Whoever forges a reverse-path gets nothing where SPF says so, and any address hears of it once in four days.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from mailsuite import maillog
from mailsuite.accounts import addresses, identities, vacation
from mailsuite.accounts.models import Account, Vacation
from mailsuite.blobs import store
from mailsuite.delivery import trouble
from mailsuite.delivery.bounce import recipients_of
from mailsuite.delivery.sign import sign
from mailsuite.mailstore.messages import NewMessage
from mailsuite.people import count
from mailsuite.protocol import autoreply, compose, header
from mailsuite.protocol.answer import reply_ids
from mailsuite.protocol.header import Field
from mailsuite.protocol.html_text import html_to_text
from mailsuite.queue import intake
from mailsuite.queue.intake import NewEnvelope
from mailsuite.queue.models import Envelope, Recipient

DEFAULT = "I am away and will answer later."
TEXT_CAP = 100_000  # characters of the text that is made of HTML


def answer(delivered: Sequence[tuple[Recipient, NewMessage]], now: datetime) -> None:
    """Queue the answers to what was just delivered. Nothing that goes wrong with an answer keeps a message from its mailbox."""
    if not delivered:
        return
    away = vacation.away((recipient.account_id for recipient, _ in delivered), now)
    for recipient, new in delivered if away else ():
        if recipient.account_id in away and not recipient.envelope.verdict.get("junk") and new.role != "trash":
            _try(away[recipient.account_id], recipient, new, now)


def _try(wish: Vacation, recipient: Recipient, new: NewMessage, now: datetime) -> None:
    try:
        with transaction.atomic():
            _answer(wish, recipient.envelope, new.content, now)
    except Exception as error:
        if trouble.is_machines(error):
            raise
        reason = f"{type(error).__name__}: {error}"
        maillog.problem("vacation-answer-failed", envelope=recipient.envelope_id, account=wish.account.login, reason=reason)


def _answer(wish: Vacation, envelope: Envelope, content: bytes, now: datetime) -> None:
    fields = header.fields(header.split_message(content)[0])
    mine = [str(row).casefold() for row in addresses.authors(wish.account)]
    to = envelope.reverse_path
    if autoreply.objection(fields, to, mine) or not _is_welcome(wish, envelope, mine):
        return
    recipients = recipients_of(to)
    if not recipients or not vacation.may_answer(wish.account_id, to, now):
        return
    author = autoreply.addressed_to(fields, mine)
    written = sign(_written(wish, author, to, fields, now), author.rpartition("@")[2])
    [blob] = store.save([(store.draft(written), 1)])
    envelope_of = NewEnvelope(blob, "", recipients, origin=Envelope.Origin.REPORT, body_8bit=not written.isascii())
    envelope_of.smtputf8 = not to.isascii()
    [made] = intake.enqueue([envelope_of], now)
    transaction.on_commit(lambda: _log(made, wish.account, to), robust=True)


def _is_welcome(wish: Vacation, envelope: Envelope, mine: Iterable[str]) -> bool:
    """Is it somebody who may hear of it, and who most likely wrote it?"""
    spf = envelope.verdict.get("results", {}).get("spf", {}).get("result", "")
    address = envelope.reverse_path.casefold()
    if spf in ("fail", "softfail") or address in mine:
        return False
    return not wish.contacts_only or count.knows(wish.account_id, address)


def _written(wish: Vacation, author: str, to: str, fields: Sequence[Field], now: datetime) -> bytes:
    name = next((one.name for one in identities.of(wish.account) if one.address.casefold() == author), wish.account.display_name)
    ids = reply_ids(fields)
    text = wish.text or (html_to_text(wish.html, TEXT_CAP) if wish.html else DEFAULT)
    return compose.build(
        compose.Draft(
            author=(name, author),
            date=now,
            message_id=f"{uuid.uuid4().hex}@{author.rpartition('@')[2]}",
            to=[("", to)],
            subject=wish.subject or autoreply.answer_subject(header.decode(header.get(fields, "subject") or b"")[:500]),
            text=text,
            html=wish.html or None,
            in_reply_to=ids.in_reply_to,
            references=ids.references,
            headers=autoreply.ANSWERED,
        )
    )


def _log(made: Envelope, account: Account, to: str) -> None:
    maillog.event("vacation-answered", envelope=made.pk, account=account.login, to=to)
