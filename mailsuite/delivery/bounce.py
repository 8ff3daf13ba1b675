"""Tell senders what became of their message: the notices that settling leaves, as messages in the same transaction.

A report travels with the null reverse-path, so that it can never cause another (RFC 5321 §6.1). None is written about what we
took for junk, nor where SPF says that the reverse-path is forged: it is most likely somebody who never wrote to us. A stranger
who asks for good news, or waits, hears of it only if SPF proves his reverse-path: else anybody could have us write to anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from mailsuite import maillog
from mailsuite.accounts import addresses
from mailsuite.blobs import store
from mailsuite.delivery.sign import sign
from mailsuite.protocol import dsn, header
from mailsuite.queue import intake
from mailsuite.queue.intake import NewEnvelope, NewRecipient
from mailsuite.queue.models import Envelope
from mailsuite.queue.settle import Notice

SMALL = 64 * 1024  # bytes: a message up to here comes back whole where the sender did not say otherwise
LARGEST = 2**20  # bytes: beyond this, only the header comes back, even if the sender asked for all of it


def notify(notices: Iterable[Notice], now: datetime) -> list[Envelope]:
    """Queue a report for each envelope and kind among the notices. Call it in the transaction that settled them."""
    groups: dict[tuple[int, str], list[Notice]] = {}
    for notice in notices:
        groups.setdefault((notice.recipient.envelope_id, notice.kind), []).append(notice)
    reports = [report for group in groups.values() if (report := _report(group, now))]
    envelopes = intake.enqueue(reports, now) if reports else []
    transaction.on_commit(lambda: _log(envelopes, reports), robust=True)
    return envelopes


def _report(notices: Sequence[Notice], now: datetime) -> NewEnvelope | None:
    envelope = notices[0].recipient.envelope
    if not envelope.reverse_path or envelope.verdict.get("junk") or _is_doubtful(envelope, notices[0].kind):
        maillog.event("bounce-withheld", envelope=envelope.pk, kind=notices[0].kind, reverse_path=f"<{envelope.reverse_path}>")
        return None
    recipients = recipients_of(envelope.reverse_path)
    if not recipients:
        return None
    report = _described(envelope, notices, now)
    content = sign(dsn.build_report(report), settings.HOSTNAME)
    [blob] = store.save([(store.draft(content), 1)])
    return NewEnvelope(
        blob=blob,
        reverse_path="",
        recipients=recipients,
        origin=Envelope.Origin.REPORT,
        body_8bit=not content.isascii(),
        smtputf8=report.international,
    )


def _is_doubtful(envelope: Envelope, kind: str) -> bool:
    """Might whom the reverse-path names have nothing to do with it? Mail of our own members was not asked about SPF."""
    spf = envelope.verdict.get("results", {}).get("spf", {}).get("result", "")
    return spf in ("fail", "softfail") if kind == "failed" else spf not in ("", "pass")


def recipients_of(reverse_path: str) -> list[NewRecipient]:
    """The sender, who may be one of ours, an alias, somebody elsewhere, or by now nobody."""
    if not addresses.is_local_domain(reverse_path.rpartition("@")[2]):
        return [NewRecipient(reverse_path)]
    return [NewRecipient(one.address, one.account_id, one.original) for one in addresses.resolve(reverse_path)]


def _described(envelope: Envelope, notices: Sequence[Notice], now: datetime) -> dsn.Report:
    full = _returns_all(envelope, notices[0].kind)
    blob = envelope.blob
    content = store.read(blob) if full else store.read_range(blob, 0, header.HEADER_CAP)
    return dsn.Report(
        kind=notices[0].kind,
        reporting_mta=settings.HOSTNAME,
        to=envelope.reverse_path,
        fates=[_fate(notice, now) for notice in notices],
        content=bytes(envelope.trace) + content,
        date=now,
        message_id=f"{uuid.uuid4().hex}@{settings.HOSTNAME}",
        arrived_at=envelope.accepted_at,
        envid=envelope.envid,
        full=full,
    )


def _fate(notice: Notice, now: datetime) -> dsn.Fate:
    row = notice.recipient
    # An alias's target is nobody's business but ours: the sender hears of the address he wrote to (RFC 3464 §2.3.2).
    address = row.original or row.address
    reply = notice.reply._replace(text=notice.reply.text.replace(row.address, address))
    return dsn.Fate(address, reply, notice.host, row.orcpt, now, notice.until)


def _returns_all(envelope: Envelope, kind: str) -> bool:
    """RFC 3461 §4.3: RET speaks of failures only; every other report brings the header."""
    if kind != "failed" or envelope.ret.upper() == "HDRS":
        return False
    return envelope.blob.size <= (LARGEST if envelope.ret.upper() == "FULL" else SMALL)


def _log(envelopes: Iterable[Envelope], reports: Iterable[NewEnvelope]) -> None:
    # Without a query: it runs after the commit, and what fails there would be taken for a commit that failed.
    for envelope, report in zip(envelopes, reports, strict=True):
        maillog.event("bounced", envelope=envelope.pk, recipients=",".join(one.address for one in report.recipients))
