"""What JMAP's clients handed in, and how far each of it has come (RFC 8621 §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from mailsuite.accounts.addresses import split
from mailsuite.queue.inspect import TAKEN_BACK
from mailsuite.queue.models import Recipient, Submission

State = Recipient.State
OPEN = {State.HELD, State.DUE, State.LEASED}


@dataclass
class Handed:
    """A submission with its recipients as they are in the queue now."""

    row: Submission
    recipients: list[Recipient] = field(default_factory=list)

    @property
    def undo_status(self) -> str:
        """pending: it can still be taken back; canceled: it was; final: it left, or is leaving."""
        if self.recipients and all(one.last_reply == TAKEN_BACK for one in self.recipients):
            return "canceled"
        return "pending" if self.recipients and all(one.state == State.HELD for one in self.recipients) else "final"

    def leaves(self, now: datetime) -> bool:
        """Did it leave, or is it about to: of no recipient is it held longer, or by hand?"""
        return all(one.state != State.HELD or (one.hold_until is not None and one.hold_until <= now) for one in self.recipients)

    def status(self, address: str) -> tuple[str, str]:
        """(the last words, queued | yes | no | unknown) of a recipient of the envelope; of an alias, of all it stands for."""
        wanted = split(address)
        mine = [one for one in self.recipients if split(one.original or one.address) == wanted or split(one.address) == wanted]
        for told, those in (
            ("queued", [one for one in mine if one.state in OPEN]),
            ("no", [one for one in mine if one.state == State.FAILED]),
            ("unknown", [one for one in mine if one.account_id is None]),
            ("yes", mine),
        ):
            if those:
                return those[0].last_reply, told
        return "", "unknown"


def of(account_id: int, keys: Iterable[int] | None = None) -> list[Handed]:
    """An account's submissions that its clients did not forget, the oldest first; of these keys, or all."""
    rows = Submission.objects.filter(account_id=account_id, destroyed_modseq=None)
    return _handed(rows if keys is None else rows.filter(pk__in=list(keys)))


def of_operation(account_id: int, operation_id: str) -> Handed | None:
    """What an account's client handed in under this id, though it may have forgotten it since; None where it never did."""
    found = _handed(Submission.objects.filter(account_id=account_id, operation_id=operation_id))
    return found[0] if found else None


def scheduled(until: datetime) -> list[Submission]:
    """Submissions that wait and may leave at this moment, the longest waiting first."""
    held = Recipient.objects.filter(state=State.HELD, hold_until__lte=until)
    rows = Submission.objects.filter(envelope__in=held.values("envelope_id")).select_related("account", "envelope")
    return list(rows.defer("envelope__trace").order_by("send_at", "pk"))


def of_message(account_id: int, message_id: int) -> Handed | None:
    """The last time that this message was scheduled; None where it never was, or too long ago."""
    named = Q(email_id=f"M{message_id}") | Q(email_id__startswith=f"M{message_id}-")
    found = _handed(Submission.objects.filter(named, account_id=account_id, is_scheduled=True))
    return found[-1] if found else None


def _handed(rows: QuerySet[Submission]) -> list[Handed]:
    rows = rows.select_related("envelope").defer("envelope__trace").order_by("pk")
    found = {row.envelope_id: Handed(row) for row in rows}
    for one in Recipient.objects.filter(envelope__in=found).order_by("pk"):
        found[one.envelope_id].recipients.append(one)
    return list(found.values())


def last_change(account_id: int) -> int:
    """The account's modseq when a submission last came or was forgotten; 0 where none ever was."""
    marks = Submission.objects.filter(account_id=account_id).values_list("created_modseq", "destroyed_modseq")
    return max((mark for pair in marks for mark in pair if mark), default=0)


def since(account_id: int, modseq: int, alive: int) -> tuple[list[int], list[int], list[int]] | None:
    """Keys of what came, stayed and was forgotten since the modseq, when there were so many; None where some vanished since."""
    rows = Submission.objects.filter(account_id=account_id).order_by("pk")
    came = [row.pk for row in rows if row.created_modseq > modseq and row.destroyed_modseq is None]
    stayed = [row.pk for row in rows if row.created_modseq <= modseq and row.destroyed_modseq is None]
    gone = [row.pk for row in rows if row.created_modseq <= modseq < (row.destroyed_modseq or 0)]
    return (came, stayed, gone) if len(stayed) + len(gone) == alive else None


def forget(row: Submission, modseq: int) -> None:
    """Its client asks no more; what was to be delivered still is."""
    Submission.objects.filter(pk=row.pk).update(destroyed_modseq=modseq)
