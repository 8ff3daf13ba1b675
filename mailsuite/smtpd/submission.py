"""The submission door: mail from our own members, who log in and write as themselves (RFC 6409)."""

from __future__ import annotations

import asyncio

from django.conf import settings

from mailsuite.accounts import addresses
from mailsuite.bridge import THREADS, in_db
from mailsuite.delivery.accept import NewRecipient
from mailsuite.delivery.submit import Options, submit
from mailsuite.protocol.esmtp import MailCommand, RcptCommand
from mailsuite.protocol.reply import Reply
from mailsuite.smtpd.content import Memory
from mailsuite.smtpd.mx import NOBODY, RECIPIENT_OK, SENDER_OK, Directory, recipients_of
from mailsuite.smtpd.transaction import GivenRecipient, Session, Transaction

LOG_IN_FIRST = Reply(530, "5.7.0", "Log in first")
TLS_FIRST = Reply(530, "5.7.0", "Send STARTTLS, then log in")


class Submission:
    """Decides for the submission ports, with STARTTLS and with implicit TLS alike."""

    name = "submission"
    normalise = True
    offers_auth = True

    def __init__(self) -> None:
        self._directory = Directory()
        self.logins = asyncio.Semaphore(THREADS // 2)  # the others are for mail, that of strangers on port 25 included

    async def connect(self, session: Session) -> Reply | None:
        return None

    async def mail(self, session: Session, transaction: Transaction, command: MailCommand) -> Reply:
        if session.account is None:
            return LOG_IN_FIRST if session.may_authenticate else TLS_FIRST
        if command.reverse_path and not await in_db(addresses.may_author, session.account.pk, command.reverse_path):
            return Reply(550, "5.7.1", f"{session.account.login} may not send as {command.reverse_path}")
        return SENDER_OK

    async def rcpt(self, session: Session, transaction: Transaction, command: RcptCommand) -> Reply:
        found = await self._directory.find(str(command.path))
        if found.ours and not found.destinations:
            return NOBODY
        transaction.recipients.append(GivenRecipient(command, found.destinations))
        return RECIPIENT_OK

    def reset(self, session: Session) -> None:
        pass

    def sink(self) -> Memory:
        return Memory()

    async def accept(self, session: Session, transaction: Transaction) -> Reply:
        content, mail = transaction.content, transaction.mail
        assert content is not None
        assert isinstance(content.sink, Memory)
        assert mail is not None
        submitted = await in_db(
            submit,
            session.account,
            content.sink.content(),
            reverse_path=mail.reverse_path,
            recipients=_recipients(transaction),
            options=Options(trace=_received(session, transaction), envid=mail.envid, ret=mail.ret),
        )
        return Reply(250, "2.0.0", f"Accepted as {submitted.envelope.pk}")


def _recipients(transaction: Transaction) -> list[NewRecipient]:
    """Ours by account, as RCPT found them; others as they were given."""
    elsewhere = [
        NewRecipient(str(given.command.path), orcpt=given.command.orcpt, notify=given.command.notify)
        for given in transaction.recipients
        if not given.destinations
    ]
    return recipients_of(transaction) + elsewhere


def _received(session: Session, transaction: Transaction) -> bytes:
    """Our Received line. Where a member was when he wrote, and what his device calls itself, is nobody's business."""
    return transaction.received(session, settings.HOSTNAME, private=True)
