"""Take a message from one of our own accounts: checked, completed, signed last, queued and in Sent, in one transaction.

The copy in Sent is the message as the client wrote it, Bcc included, so that it is one with the copy that many clients append
themselves (rule R11). Signature and Received lines are kept as trace beside the blob: both copies are the same blob as a rule.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from mailsuite import maillog
from mailsuite.accounts import addresses
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.delivery.sign import sign
from mailsuite.mailstore import changes, messages
from mailsuite.mailstore.messages import NewMessage, OverQuota
from mailsuite.mailstore.models import Message
from mailsuite.protocol import dots, header
from mailsuite.protocol.address import parse_list, without_asides
from mailsuite.protocol.header import Field
from mailsuite.protocol.reply import Reply
from mailsuite.protocol.trace import count_hops
from mailsuite.queue import intake
from mailsuite.queue.intake import NewEnvelope, NewRecipient
from mailsuite.queue.models import Envelope, Recipient

HIDDEN = ("bcc", "resent-bcc")  # RFC 5322 §3.6.3: nobody else may see these
SENDERS = ("sender", "resent-from", "resent-sender")  # who else a reader may be told it comes from
ADDRESS_LIKE = re.compile(rb"[^\s<>()\[\],;:\"@]++@[^\s<>()\[\],;:\"@]++")


class SubmissionRefused(Exception):
    """Nothing was taken. `reply` says why, to a client or, in its words, to a person; `recipient` is the one at fault, if any."""

    def __init__(self, reply: Reply, recipient: str = "") -> None:
        super().__init__(str(reply))
        self.reply, self.recipient = reply, recipient

    @property
    def temporary(self) -> bool:
        """May the same succeed later?"""
        return self.reply.temporary


@dataclass(frozen=True, slots=True)
class Options:
    """What SMTP's parameters say about an envelope (RFC 3461), and when it may leave."""

    trace: bytes = b""  # the submission door's Received line
    envid: str = ""
    ret: str = ""
    hold_until: datetime | None = None
    keep_copy: bool = True  # in Sent; JMAP's clients put the message there themselves, which the account has already


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of it: the envelope in the queue, the copy in Sent (None where none is kept), and its Message-ID."""

    envelope: Envelope
    message: Message | None
    message_id: str


@dataclass(slots=True)
class _Outgoing:
    """A message as it is made ready: `original` is for Sent, `content` goes out, without what is hidden."""

    original: bytes
    found: list[Field]
    content: bytes = b""
    message_id: str = ""
    author_domain: str = ""


def submit(
    account: Account,
    content: bytes,
    *,
    reverse_path: str,
    recipients: Sequence[NewRecipient | str],
    origin: str = Envelope.Origin.SUBMISSION,
    options: Options | None = None,
) -> Submitted:
    """Send a message (CRLF line ends) for an account to these addresses; ours are resolved here.

    Raises SubmissionRefused, nothing kept: an author or reverse-path that is not the account's, a recipient that does not
    exist, too large, too many for a day, or in circles. Raises `store.NoRoom` where the disk is full.
    """
    options = options or Options()
    outgoing = _read(content)
    _check(account, outgoing, reverse_path)
    resolved = _resolve(recipients)
    _within_rate(account, len(resolved))
    _complete(outgoing)
    # Signed last, over exactly what leaves (RFC 6376 §5): the signature is the only thing that is new.
    signed = sign(outgoing.content, _signing_domain(account, outgoing))
    prefix = options.trace + signed[: len(signed) - len(outgoing.content)]
    drafts = [(store.draft(outgoing.content), 1)]
    drafts += [(store.draft(outgoing.original), 0)] if options.keep_copy else []
    with transaction.atomic():
        changes.begin([account.pk])  # the account first, then the blob: so do APPEND and delivery, and none waits in a circle
        wire, *kept = store.save(drafts)
        new = NewEnvelope(wire, _returned_to(account, reverse_path), resolved, origin=origin, trace=prefix, account_id=account.pk)
        [envelope] = intake.enqueue([_as_wished(new, outgoing, options)], now())
        message = _into_sent(account, kept[0], outgoing, envelope.accepted_at) if kept else None
        transaction.on_commit(lambda: _log(account, envelope, resolved, outgoing), robust=True)
    return Submitted(envelope, message, outgoing.message_id)


def _returned_to(account: Account, reverse_path: str) -> str:
    """Of an author elsewhere our own address: what another domain says of its senders (SPF) must not speak against us."""
    is_ours = not reverse_path or addresses.is_local_domain(reverse_path.rpartition("@")[2])
    return reverse_path if is_ours else account.login


def _signing_domain(account: Account, outgoing: _Outgoing) -> str:
    """The author's; for an author elsewhere, in whose name we cannot sign, the account's own."""
    is_ours = addresses.is_local_domain(outgoing.author_domain)
    return outgoing.author_domain if is_ours else account.login.rpartition("@")[2]


def _as_wished(new: NewEnvelope, outgoing: _Outgoing, options: Options) -> NewEnvelope:
    """The envelope with what the content asks of the next host, and what the sender asked for."""
    return replace(
        new,
        body_8bit=not outgoing.content.isascii(),
        smtputf8=_needs_smtputf8(outgoing, [new.reverse_path, *(one.address for one in new.recipients)]),
        envid=options.envid,
        ret=options.ret,
        hold_until=options.hold_until,
    )


def _read(content: bytes) -> _Outgoing:
    if len(content) > settings.MESSAGE_SIZE_LIMIT:
        raise SubmissionRefused(Reply(552, "5.3.4", f"the message is larger than {settings.MESSAGE_SIZE_LIMIT} bytes"))
    if not dots.well_ended(content):
        content = dots.mended(content)  # RFC 6409 §8 lets a submission server mend its clients
    block, _ = header.split_message(content)
    return _Outgoing(content, header.fields(block))


def _check(account: Account, outgoing: _Outgoing, reverse_path: str) -> None:
    """RFC 6409 §6.1 and §8: what an account sends, it sends as itself."""
    _check_header(outgoing)
    authors, others = _named(outgoing, ["from"]), _named(outgoing, SENDERS)
    if not authors or not all(authors):
        raise SubmissionRefused(Reply(550, "5.6.0", "the message needs an author: a From field with an address"))
    for address in {*authors, *others, *([reverse_path] if reverse_path else [])}:
        if not addresses.may_author(account.pk, address):
            raise SubmissionRefused(Reply(550, "5.7.1", f"{address} is not an address of {account.login}"))
    outgoing.author_domain = authors[0].rpartition("@")[2].lower()


def _check_header(outgoing: _Outgoing) -> None:
    """What is signed in our name must read the same everywhere: no NUL, which some drop, and no field that we do not look at."""
    block, _ = header.split_message(outgoing.original)
    if b"\0" in block or len(block) > header.HEADER_CAP:
        raise SubmissionRefused(Reply(550, "5.6.0", f"a header has no NUL and at most {header.HEADER_CAP} bytes"))
    if count_hops(block) > settings.HOP_LIMIT:
        raise SubmissionRefused(Reply(554, "5.4.6", "the message goes in circles: too many hops"))


def _named(outgoing: _Outgoing, names: Sequence[str]) -> list[str]:
    """The addresses of these fields: as we read them, and whatever else in them some other reader could take for one."""
    values = [raw for name in names for raw in header.get_all(outgoing.found, name)]
    read = [one.address for raw in values for one in parse_list(raw)]
    known = {address.casefold() for address in read}
    like = [found.decode("utf-8", "replace") for raw in values for found in ADDRESS_LIKE.findall(without_asides(raw))]
    return read + [address for address in like if address.casefold() not in known]


def _resolve(recipients: Sequence[NewRecipient | str]) -> list[NewRecipient]:
    """Addresses of our domains become accounts and alias targets; one that does not exist refuses the whole, with its name."""
    found: list[NewRecipient] = []
    for wanted in recipients:
        one = NewRecipient(wanted) if isinstance(wanted, str) else wanted
        if one.account_id is not None or one.original or not addresses.is_local_domain(one.address.rpartition("@")[2]):
            found.append(one)
            continue
        destinations = addresses.resolve(one.address)
        if not destinations:
            raise SubmissionRefused(Reply(550, "5.1.1", f"there is no such address: {one.address}"), one.address)
        found += [NewRecipient(d.address, d.account_id, d.original, one.orcpt, one.notify) for d in destinations]
    if not found:
        raise SubmissionRefused(Reply(554, "5.5.1", "the message has no recipients"))
    return found


def _within_rate(account: Account, more: int) -> None:
    """A stolen password must not make a co-op a source of spam overnight."""
    if not settings.DAILY_RECIPIENTS:
        return
    since = now() - timedelta(days=1)
    sent = Recipient.objects.filter(envelope__account=account, envelope__accepted_at__gt=since).count()
    if sent + more > settings.DAILY_RECIPIENTS:
        words = f"{sent} recipients in 24 hours; {settings.DAILY_RECIPIENTS} are allowed. Try again later"
        maillog.problem("rate-limited", account=account.login, sent=sent, more=more)
        raise SubmissionRefused(Reply(450, "4.7.1", words))


def _complete(outgoing: _Outgoing) -> None:
    """Add Date and Message-ID where they are missing, leave out what only the author may see (RFC 6409 §8.2, §8.3)."""
    ids = header.message_ids(header.get(outgoing.found, "message-id") or b"")
    outgoing.message_id = ids[0] if ids else f"{uuid.uuid4().hex}@{outgoing.author_domain}"
    added = b""
    if header.get(outgoing.found, "message-id") is None:
        added += f"Message-ID: <{outgoing.message_id}>\r\n".encode()
    if header.get(outgoing.found, "date") is None:
        added += f"Date: {format_datetime(now())}\r\n".encode()
    content = outgoing.original
    for one in reversed(outgoing.found):
        if one.name in HIDDEN:
            content = content[: one.start] + content[one.end :]
    outgoing.original, outgoing.content = added + outgoing.original, added + content


def _needs_smtputf8(outgoing: _Outgoing, paths: Sequence[str]) -> bool:
    """RFC 6531 §3.6: an address or a header field is beyond ASCII."""
    block, _ = header.split_message(outgoing.content)
    return not (block.isascii() and all(path.isascii() for path in paths))


def _into_sent(account: Account, blob: store.Blob, outgoing: _Outgoing, at: datetime) -> Message | None:
    """A full mailbox does not keep a message from leaving; only the copy is not kept."""
    copy = NewMessage(
        account_id=account.pk,
        blob=blob,
        content=outgoing.original,
        received_at=at,
        flags=Message.SEEN,
        role="sent",
        own=True,
    )
    [result] = messages.append([copy])
    return None if isinstance(result, OverQuota) else result


def _log(account: Account, envelope: Envelope, recipients: list[NewRecipient], outgoing: _Outgoing) -> None:
    maillog.event(
        "submitted",
        envelope=envelope.pk,
        account=account.login,
        origin=envelope.origin,
        reverse_path=f"<{envelope.reverse_path}>",
        recipients=",".join(one.address for one in recipients),
        size=len(outgoing.original),
        message_id=outgoing.message_id,
    )
