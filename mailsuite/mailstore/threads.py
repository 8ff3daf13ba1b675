"""Which conversation a message belongs to: rules R1 to R16 of product.md 3.2, applied once, when the message arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mailsuite.mailstore.models import Message, Reference, Thread
from mailsuite.mailstore.references import Lead, Leads
from mailsuite.protocol import subject as base_subject

MOST_MESSAGES = 1_000  # R13
MOST_REFERENCES = 100  # ids of one message that are looked at, the nearest ones
MOST_SUBJECTS = 50
SHORTEST = 3  # R8: characters of a base subject
BEFORE, AFTER = timedelta(days=28), timedelta(days=1)  # R8
MOST_FALLBACKS = 200  # R8: threads of a subject that are looked at, the latest ones
PLACEHOLDERS = {"...", "[...]", "…", "encrypted message"}  # R5: what a protected subject is replaced by
_NOWHERE = Reference(msgid="")


@dataclass(slots=True, eq=False)
class Arrival:
    """What the rules ask of a message that arrives."""

    account_id: int
    msgid: str
    received_at: datetime
    parents: Sequence[str] = ()  # R1, nearest last
    reply_to: str = ""  # first id of In-Reply-To, where References do not name it
    base: str = ""
    replied: bool = False
    author: str = ""
    people: frozenset[str] = frozenset()  # authors and recipients, case-folded
    gathers: str = ""
    list_id: str = ""
    exempt: bool = False
    bulk: bool = False
    spam: bool = False

    @property
    def falls_back(self) -> bool:
        """Whether R8 may look for its conversation by subject (R10: never for bulk)."""
        return self.replied and not self.bulk and not self.spam and len(self.base) >= SHORTEST


def arrival(account_id: int, msgid: str, received_at: datetime, summary: Any, *, spam: bool = False) -> Arrival:
    """The arrival of a summarised message; `msgid` is its Message-ID, or the one made for it (R2)."""
    traits: Mapping[str, Any] = summary.traits
    base, replied = base_subject.split(summary.subject)
    if traits.get("encrypted") and base in PLACEHOLDERS:
        base = ""
    parents = [one for one in dict.fromkeys(summary.references) if one != msgid]
    answers = [one for one in summary.in_reply_to if one != msgid][:1]
    people = [address for persons in summary.people.values() for _, address in persons]
    auto = str(traits.get("auto") or "")
    return Arrival(
        account_id=account_id,
        msgid=msgid,
        received_at=received_at,
        parents=(parents or answers)[-MOST_REFERENCES:],
        reply_to=answers[0] if parents and answers and answers[0] not in parents else "",
        base=base,
        replied=replied,
        author=next((address.casefold() for _, address in summary.people.get("from", ())), ""),
        people=frozenset(address.casefold() for address in people),
        gathers=gathering(traits),
        list_id=str(traits.get("list_id") or "")[:255],
        exempt=bool(traits.get("report") or traits.get("chat_group") or traits.get("chat") or auto == "auto-replied"),
        bulk=bool(traits.get("bulk")),
        spam=spam,
    )


def gathering(traits: Mapping[str, Any]) -> str:
    """The calendar UID or chat group id that gathers messages whatever their subject; "" where there is none."""
    for kind in ("calendar_uid", "chat_group"):
        if value := str(traits.get(kind) or ""):
            return f"{kind}:{value if len(value) < 200 else hashlib.sha256(value.encode()).hexdigest()}"
    return ""


def subject_key(base: str) -> int:
    """A base subject as a number that an index can hold."""
    return int.from_bytes(hashlib.blake2b(base.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


@dataclass
class Joining:
    """What the rules found: threads that pass the subject gate, nearest first, and what a new thread would continue."""

    candidates: bool = False
    passing: list[Thread] = field(default_factory=list)
    continues: Thread | None = None


class Threads:
    """Gives each message of a batch its thread. It writes nothing: the caller saves what is new and carries out the merges."""

    def __init__(self, arrivals: Sequence[Arrival], modseqs: Mapping[int, int]) -> None:
        self._modseqs = modseqs
        names = ((one.account_id, name) for one in arrivals for name in (*one.parents, one.reply_to, one.msgid) if name)
        self.leads = Leads(names)
        self.new: list[Thread] = []
        self.described: dict[int, Thread] = {}  # old threads whose subjects, gathering or list came to be known now
        self.merges: list[tuple[Thread, Thread]] = []  # winner, loser; both old
        self._gathered: dict[tuple[int, str], list[Thread]] = {}
        self._by_subject: dict[tuple[int, int], list[Thread]] = {}
        self._people: dict[int, set[str]] = {}  # who takes part, by id() of a thread: a new one has no key
        self._into: dict[int, Thread] = {}  # where a merged thread went, by id()
        self.continued: list[tuple[Thread, Thread]] = []  # a new thread, and the one before it
        self._load_gathered([one for one in arrivals if one.gathers])
        self._load_fallbacks([one for one in arrivals if one.falls_back and not self._candidates(one)])

    def _load_gathered(self, arrivals: Iterable[Arrival]) -> None:
        if keys := {(one.account_id, one.gathers) for one in arrivals}:
            found = Thread.objects.filter(account_id__in={pk for pk, _ in keys}, gathers__in={key for _, key in keys})
            for thread in found.order_by("-newest_at")[:MOST_FALLBACKS]:
                thread = self.leads.threads.setdefault(thread.pk, thread)
                self._gathered.setdefault((thread.account_id, thread.gathers), []).append(thread)

    def _load_fallbacks(self, arrivals: Sequence[Arrival]) -> None:
        if not arrivals:
            return
        times = [one.received_at for one in arrivals]
        found = Thread.objects.filter(
            account_id__in={one.account_id for one in arrivals},
            subject_key__in={subject_key(one.base) for one in arrivals},
            newest_at__range=(min(times) - BEFORE, max(times) + AFTER),
        )
        threads = [self.leads.threads.setdefault(one.pk, one) for one in found.order_by("-newest_at")[:MOST_FALLBACKS]]
        by_pk = {thread.pk: thread for thread in threads}
        for thread in threads:
            self._by_subject.setdefault((thread.account_id, thread.subject_key), []).append(thread)
        messages = Message.objects.filter(thread_id__in=by_pk).order_by("-id")[: MOST_MESSAGES * 2]
        for pk, people in messages.values_list("thread_id", "people"):
            known = self._people.setdefault(id(by_pk[pk]), set())
            known.update(address.casefold() for persons in people.values() for _, address in persons)

    def place(self, one: Arrival, message: Message) -> Thread:
        """The thread that the message joins or begins; a new one has no key yet. Ask `final` for it at the end of the batch."""
        self._name_parent(one)
        thread = self._join(one)
        self._describe(thread, one)
        self.leads.arrive(one.account_id, one.msgid, thread, message)
        if not one.spam:  # R14: what a spammer refers to leads nowhere
            for parent in one.parents:
                self.leads.mention(one.account_id, parent, thread)
        return thread

    def _name_parent(self, one: Arrival) -> None:
        if one.reply_to and self.leads.holds(one.account_id, one.reply_to):
            one.parents = [*one.parents, one.reply_to]

    def _join(self, one: Arrival) -> Thread:
        found = self._sort(one)
        passing = found.passing if found.candidates else self._by_fallback(one)[:1]
        if not passing:
            return self._begin(one, continues=found.continues)
        room = [thread for thread in passing if thread.total < MOST_MESSAGES]
        if not room:
            return self._begin(one, continues=passing[0])
        return self._merge(room, one)

    def _sort(self, one: Arrival) -> Joining:
        """R3 to R5: what each id leads to, and passes; a ghost's lead counts where no held message of that id passes."""
        found = Joining()
        for leads in self._candidates(one):
            if not found.candidates and leads[0].row.msgid != one.msgid:  # R7: the nearest, if it is held
                found.continues = next((lead.thread for lead in leads if lead.held), None)
            found.candidates = True
            passing = [lead for lead in leads if self._passes(one, lead.thread)]
            held = [lead for lead in passing if lead.held]
            if any(lead.thread.total < MOST_MESSAGES for lead in held):
                passing = held
            found.passing += [lead.thread for lead in passing if lead.thread not in found.passing]
        return found

    def _candidates(self, one: Arrival) -> list[list[Lead]]:
        """R3: for each id in question, where it leads; the nearest first, the own id after them, what it gathers with last."""
        ids = [*reversed(one.parents), one.msgid]
        found = [leads for name in ids if (leads := self.leads.of(one.account_id, name))]
        gathered = self._gathered.get((one.account_id, one.gathers), ()) if one.gathers else ()
        return [*found, *([Lead(thread, False, _NOWHERE)] for thread in gathered)]

    @staticmethod
    def _passes(one: Arrival, thread: Thread) -> bool:
        known = thread.base_subjects
        return (
            one.base in known or one.exempt or not one.base or "" in known or bool(one.gathers and one.gathers == thread.gathers)
        )

    def _by_fallback(self, one: Arrival) -> list[Thread]:
        """R8: the latest conversation of the same subject that the author already takes part in."""
        if not one.falls_back:
            return []
        fits = [
            thread
            for thread in self._by_subject.get((one.account_id, subject_key(one.base)), ())
            if one.base in thread.base_subjects
            and one.received_at - BEFORE <= thread.newest_at <= one.received_at + AFTER
            and one.author in self._people.get(id(thread), ())
            and one.list_id in ("", thread.list_id)
        ]
        return sorted(fits, key=lambda thread: thread.newest_at, reverse=True)

    def _merge(self, room: list[Thread], one: Arrival) -> Thread:
        """R6: join them all into the one with the oldest message; never across a barrier (R12), never beyond R13.

        Only an equal subject merges. What passes the gate without one (a bounce, an automatic reply) follows its nearest parent.
        """
        together, barriers, total = [room[0]], {room[0].barrier}, room[0].total
        if not one.spam and one.base:
            for thread in room[1:]:
                fits = one.base in thread.base_subjects and one.base in room[0].base_subjects
                if fits and (not thread.barrier or thread.barrier not in barriers) and total + thread.total < MOST_MESSAGES:
                    together.append(thread)
                    barriers.add(thread.barrier)
                    total += thread.total
        winner = min(together, key=lambda thread: (thread.oldest_at, thread.pk or 0))
        for loser in together:
            if loser is not winner:
                self._fuse(winner, loser)
        return winner

    def _fuse(self, winner: Thread, loser: Thread) -> None:
        if loser.pk:
            self.merges.append((winner, loser))
        else:
            self.new.remove(loser)
        self._into[id(loser)] = winner
        self.leads.merge(winner, loser)
        winner.total += loser.total
        self._people.setdefault(id(winner), set()).update(self._people.pop(id(loser), ()))
        for threads in (*self._gathered.values(), *self._by_subject.values()):
            threads[:] = [winner if thread is loser else thread for thread in threads]

    def final(self, thread: Thread) -> Thread:
        """The thread itself, or the one that it was merged into later in the batch."""
        while id(thread) in self._into:
            thread = self._into[id(thread)]
        return thread

    def _begin(self, one: Arrival, *, continues: Thread | None) -> Thread:
        modseq = self._modseqs[one.account_id]
        thread = Thread(
            account_id=one.account_id,
            base_subjects=[one.base],
            subject_key=subject_key(one.base),
            gathers=one.gathers,
            list_id=one.list_id,
            oldest_at=one.received_at,
            newest_at=one.received_at,
            modseq=modseq,
            created_modseq=modseq,
        )
        self.new.append(thread)
        if continues:
            self.continued.append((thread, continues))
        self._by_subject.setdefault((one.account_id, thread.subject_key), []).append(thread)
        if one.gathers:
            self._gathered.setdefault((one.account_id, one.gathers), []).append(thread)
        return thread

    def _describe(self, thread: Thread, one: Arrival) -> None:
        """The thread learns from the message that joined it."""
        thread.total += 1
        thread.oldest_at, thread.newest_at = min(thread.oldest_at, one.received_at), max(thread.newest_at, one.received_at)
        self._people.setdefault(id(thread), set()).update(one.people)
        before = (len(thread.base_subjects), thread.gathers, thread.list_id)
        if one.base not in thread.base_subjects and len(thread.base_subjects) < MOST_SUBJECTS and not one.spam:
            thread.base_subjects = [*thread.base_subjects, one.base]
        thread.gathers, thread.list_id = thread.gathers or one.gathers, thread.list_id or one.list_id
        if thread.pk and before != (len(thread.base_subjects), thread.gathers, thread.list_id):
            self.described[thread.pk] = thread
