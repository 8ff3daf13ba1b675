"""Which threads a Message-ID leads to: of messages held, and of ghosts that were only referred to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from mailsuite.bulk import insert_many, load_many, update_many
from mailsuite.mailstore.models import Message, Reference, Thread

MOST_LEADS = 50  # threads that one id can lead to; a stranger may write any id as often as he likes
POISON_USES, POISON_SUBJECTS = 50, 5  # rule R15


@dataclass(slots=True, eq=False)
class Lead:
    """An id leads to this thread. `held`: through a message that is here."""

    thread: Thread
    held: bool
    row: Reference


class Leads:
    """The leads of a batch's ids, kept in memory while its messages find their places, and written at its end."""

    def __init__(self, ids: Iterable[tuple[int, str]]) -> None:
        """ids: pairs of account id and Message-ID."""
        self._leads: dict[tuple[int, str], list[Lead]] = {}
        self._new: list[tuple[Reference, Thread]] = []
        self._found: list[tuple[Reference, Message]] = []
        self._used: Counter[int] = Counter()
        wanted = set(ids)
        accounts, names = {account_id for account_id, _ in wanted}, {name for _, name in wanted}
        rows = load_many(Reference, account_id=accounts, msgid=names)
        self.threads = Thread.objects.in_bulk({row.thread_id for row in rows}) if rows else {}
        for row in rows:
            lead = Lead(self.threads[row.thread_id], row.message_id is not None, row)
            self._leads.setdefault((row.account_id, row.msgid), []).append(lead)

    def of(self, account_id: int, msgid: str) -> list[Lead]:
        """Where the id leads; nowhere if it is poison: a ghost of many messages with many subjects (rule R15)."""
        leads = self._leads.get((account_id, msgid), [])
        return [] if leads and _is_poison(leads) else leads

    def holds(self, account_id: int, msgid: str) -> bool:
        return any(lead.held for lead in self._leads.get((account_id, msgid), ()))

    def mention(self, account_id: int, msgid: str, thread: Thread) -> None:
        """A message of the thread refers to the id: it leads there too, as a ghost where nothing of that id is held."""
        leads = self._leads.setdefault((account_id, msgid), [])
        known = next((lead for lead in leads if lead.thread is thread), None)
        if known and not known.held and known.row.pk:
            self._used[known.row.pk] += 1
        if known and not known.held:
            known.row.uses += 1
        if known is None and len(leads) < MOST_LEADS:
            self._add(Reference(account_id=account_id, msgid=msgid, uses=1), thread, held=False)

    def arrive(self, account_id: int, msgid: str, thread: Thread, message: Message) -> None:
        """A message of this id is now held in the thread; `message` may be saved later, but before `save`."""
        leads = self._leads.setdefault((account_id, msgid), [])
        ghost = next((lead for lead in leads if lead.thread is thread and not lead.held), None)
        if ghost:
            ghost.held = True
            self._found.append((ghost.row, message))
        elif len(leads) < MOST_LEADS:
            row = Reference(account_id=account_id, msgid=msgid)
            self._add(row, thread, held=True)
            self._found.append((row, message))

    def _add(self, row: Reference, thread: Thread, *, held: bool) -> None:
        self._leads.setdefault((row.account_id, row.msgid), []).append(Lead(thread, held, row))
        self._new.append((row, thread))

    def merge(self, winner: Thread, loser: Thread) -> None:
        """What led to the loser leads to the winner from now on."""
        for leads in self._leads.values():
            for lead in leads:
                if lead.thread is loser:
                    lead.thread = winner
        self._new = [(row, winner if thread is loser else thread) for row, thread in self._new]

    def save(self) -> None:
        """Write what is new; threads and messages have their keys by now."""
        old = []
        for row, message in self._found:
            row.message_id = message.pk
            if row.pk:
                old.append(row)
        for row, thread in self._new:
            row.thread_id = thread.pk
        names = ("account", "msgid", "thread", "message", "uses")
        insert_many(
            Reference, names, [(row.account_id, row.msgid, row.thread_id, row.message_id, row.uses) for row, _ in self._new]
        )
        update_many(Reference, ("message",), [(row.pk, row.message_id) for row in old])
        for times in set(self._used.values()):
            rows = [pk for pk, used in self._used.items() if used == times]
            Reference.objects.filter(pk__in=rows).update(uses=F("uses") + times)


def _is_poison(leads: list[Lead]) -> bool:
    if any(lead.held for lead in leads) or sum(lead.row.uses for lead in leads) <= POISON_USES:
        return False
    return len({subject for lead in leads for subject in lead.thread.base_subjects}) >= POISON_SUBJECTS
