"""The open page of a transaction that changes accounts: its modseqs, the UIDs it hands out, the holes and rows it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mailsuite.mailstore import changes, mailboxes, rows
from mailsuite.mailstore.models import Change, Mailbox, Membership
from mailsuite.mailstore.writing import add_bytes


class Ledger:
    """Locks its accounts when it is made, and writes what is left to write in `close`. Use it inside one transaction."""

    def __init__(self, account_ids: Iterable[int]) -> None:
        self.modseqs = changes.begin(account_ids)
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
        self.holes: list[Change] = []
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

    def enter(self, message_id: int, mailbox_id: int) -> Membership:
        """The message in the mailbox under its next UID; to be saved by the caller."""
        box = self.boxes[mailbox_id]
        uid, box.uidnext = box.uidnext, box.uidnext + 1
        box.modseq = self.modseqs[box.account_id]
        return Membership(mailbox_id=mailbox_id, message_id=message_id, uid=uid, modseq=box.modseq)

    def leave(self, mailbox_id: int, uid: int, email_id: str) -> None:
        """Note that the message of this UID left the mailbox."""
        box = self.boxes[mailbox_id]
        box.modseq = modseq = self.modseqs[box.account_id]
        kind = Change.Kind.EXPUNGED
        self.holes.append(
            Change(account_id=box.account_id, modseq=modseq, kind=kind, email_id=email_id, mailbox_id=mailbox_id, uid=uid)
        )

    def touch(self, mailbox_ids: Iterable[int]) -> None:
        """Note that something in these mailboxes changed."""
        for pk in mailbox_ids:
            self.boxes[pk].modseq = self.modseqs[self.boxes[pk].account_id]

    def close(self) -> None:
        """Bring threads, rows, mailboxes, the log and the bytes used up to date."""
        rows.refresh(self.threads, self.boxes, self.modseqs)
        rows.save_boxes(box for pk, box in self.boxes.items() if self._before.get(pk) != self._state(box))
        changes.record(self.holes)
        add_bytes(self.bytes)
