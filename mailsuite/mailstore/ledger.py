"""The open page of a transaction that changes accounts: its modseqs, the UIDs it hands out, the holes and rows it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import now

from mailsuite.bulk import insert_many
from mailsuite.mailstore import changes, mailboxes, quota, rows
from mailsuite.mailstore.changes import Hole
from mailsuite.mailstore.models import Change, Mailbox, Membership


class Entered(NamedTuple):
    """The values of a new `Membership`."""

    mailbox_id: int
    message_id: int
    uid: int
    deleted: bool
    modseq: int
    saved_at: datetime


def save_entered(entered: Iterable[Entered]) -> None:
    """Write memberships that `Ledger.enter` made."""
    insert_many(Membership, Entered._fields, entered)


class Ledger:
    """Locks its accounts when it is made, and writes what is left to write in `close`. Use it inside one transaction."""

    def __init__(self, account_ids: Iterable[int]) -> None:
        self.modseqs = changes.begin(account_ids)
        self.opened_at = now()
        self.boxes = rows.load_boxes(self.modseqs)
        self._roles = {(box.account_id, box.role): box for box in self.boxes.values() if box.role}
        for account_id in self.modseqs:
            if any((account_id, role) not in self._roles for role in mailboxes.NAMES):
                mailboxes.ensure(account_id)
                self.boxes |= rows.load_boxes([account_id])
        self._roles = {(box.account_id, box.role): box for box in self.boxes.values() if box.role}
        self._role_ids: dict[int, dict[str, int]] = {account_id: {} for account_id in self.modseqs}
        for (account_id, role), box in self._roles.items():
            self._role_ids[account_id][role] = box.pk
        self._before = {pk: self._state(box) for pk, box in self.boxes.items()}
        self.holes: list[Hole] = []
        self.threads: set[int] = set()
        self.bytes: Counter[int] = Counter()

    @staticmethod
    def _state(box: Mailbox) -> tuple[int, ...]:
        return tuple(getattr(box, name) for name in rows.BOX)

    def box(self, account_id: int, role: str) -> Mailbox:
        """The account's mailbox of this role."""
        return self._roles[account_id, role]

    def labels(self, account_id: int) -> dict[int, Mailbox]:
        """The account's own labels by id."""
        return {pk: box for pk, box in self.boxes.items() if box.account_id == account_id and not box.role}

    def roles(self, account_id: int) -> dict[str, int]:
        """The account's mailbox id of each role."""
        return self._role_ids[account_id]

    def enter(self, message_id: int, mailbox_id: int) -> Entered:
        """The message in the mailbox under its next UID; to be written by the caller (`save_entered`)."""
        box = self.boxes[mailbox_id]
        uid, box.uidnext = box.uidnext, box.uidnext + 1
        box.modseq = self.modseqs[box.account_id]
        return Entered(mailbox_id, message_id, uid, False, box.modseq, self.opened_at)

    def leave(self, mailbox_id: int, uid: int, email_id: str) -> None:
        """Note that the message of this UID left the mailbox."""
        box = self.boxes[mailbox_id]
        box.modseq = modseq = self.modseqs[box.account_id]
        kind = Change.Kind.EXPUNGED
        self.holes.append(Hole(box.account_id, modseq, kind, email_id, None, mailbox_id, uid))

    def touch(self, mailbox_ids: Iterable[int]) -> None:
        """Note that something in these mailboxes changed."""
        for pk in mailbox_ids:
            self.boxes[pk].modseq = self.modseqs[self.boxes[pk].account_id]

    def close(self) -> None:
        """Bring threads, rows, mailboxes, the log and the bytes used up to date."""
        rows.refresh(self.threads, self.boxes, self.modseqs)
        rows.save_boxes(box for pk, box in self.boxes.items() if self._before.get(pk) != self._state(box))
        changes.record(self.holes)
        quota.add(self.bytes)
