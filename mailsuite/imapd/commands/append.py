"""APPEND: a message from the client, streamed to the blob store as it comes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from mailsuite import maillog
from mailsuite.blobs import store as blobs
from mailsuite.bridge import in_db
from mailsuite.imapd.commands.copy import target
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.session import Done, Session
from mailsuite.mailstore import changes, messages
from mailsuite.mailstore.mailboxes import OnlyWhatWaits
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import commands, responses
from mailsuite.protocol.imap.commands import Append
from mailsuite.protocol.imap.syntax import Parser

TOO_BIG = Refusal("The message is too large", "TOOBIG")  # RFC 7889 §4


async def append(session: Session, parser: Parser) -> Done:
    """APPEND (RFC 9051 §6.3.12). What can be refused is refused before the client sends the message."""
    asked = commands.append(parser)
    if not session.upload:
        raise parser.problem("Expected a message as a literal")
    if session.upload.size > session.door.size_limit:
        raise TOO_BIG
    if session.upload.synchronising:
        await in_db(_target, session.account_id, asked.mailbox)
    received = await _receive(session)
    rest = await session.rest()
    rest.end()
    if session.upload:
        raise rest.problem("One message at a time")
    mailbox, uid = await in_db(_keep, session.account_id, asked, received)
    # Mail of one's own that is put into Archive stays in Sent and All Mail: product.md 3.9. Then there is no UID to tell.
    return Done("Kept", f"APPENDUID {mailbox.uidvalidity} {uid}" if uid else "")


@dataclass(frozen=True, slots=True)
class _Received:
    draft: blobs.Draft
    content: bytes | None  # of a small message; a large one is read again from its file


async def _receive(session: Session) -> _Received:
    """A slow upload of a large message costs disk, not memory."""
    writer, small = blobs.Writer(), bytearray()
    try:
        async for chunk in session.octets():
            if writer.size + len(chunk) > blobs.IN_MEMORY:
                small.clear()
                await in_db(writer.write, chunk)
            else:
                small += chunk
                writer.write(chunk)
        draft = await in_db(writer.finish)
    except BaseException:
        writer.discard()
        raise
    return _Received(draft, bytes(small) if draft.size == len(small) else None)


def _target(account_id: int, name: str) -> Mailbox:
    mailbox = target(account_id, name)
    if mailbox.role == Mailbox.Role.SCHEDULED:
        raise OnlyWhatWaits
    return mailbox


def _keep(account_id: int, asked: Append, received: _Received) -> tuple[Mailbox, int | None]:
    """Blob, message and its place, durable when this returns; the mailbox, and the UID there if it is there."""
    mailbox = _target(account_id, asked.mailbox)
    with transaction.atomic():
        changes.begin([account_id])  # the account first, then the blob: so does delivery, and neither waits for the other
        (blob,) = blobs.save([(received.draft, 0)])
        content = blobs.read(blob) if received.content is None else received.content
        new = messages.NewMessage(
            account_id=account_id,
            blob=blob,
            content=content,
            received_at=asked.received_at or timezone.now(),
            flags=asked.flags & ~responses.DELETED,
            keywords=asked.keywords,
            mailbox_id=mailbox.pk,
            by_member=True,
        )
        (message,) = messages.append([new])
        if isinstance(message, messages.OverQuota):
            raise message
    maillog.event("appended", account=account_id, mailbox=mailbox.name, size=received.draft.size, blob=blob.hash)
    return mailbox, message.uids.get(mailbox.pk)
