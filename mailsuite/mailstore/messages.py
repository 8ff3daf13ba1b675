"""Messages come in: many at once, each into its thread and its mailboxes, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.bulk import insert_new, marks, update_many
from mailsuite.mailstore import ancestry, arrange, merging, muting, put_back, quota, rows, snooze
from mailsuite.mailstore.digest import Digest, Entry, digest
from mailsuite.mailstore.homes import MOST_KEYWORDS, State, destined, homes, written
from mailsuite.mailstore.ledger import Ledger, save_entered
from mailsuite.mailstore.models import Mailbox, Membership, Message, Thread
from mailsuite.mailstore.quota import OverQuota
from mailsuite.mailstore.search import index
from mailsuite.mailstore.selected import Bytes
from mailsuite.mailstore.threads import Threads, arrival
from mailsuite.protocol.header import trace_before
from mailsuite.protocol.summary import Summary, summarise

Role, Place = Mailbox.Role, Message.Place
STEP = 100  # messages a batch
SKEW = timedelta(minutes=10)  # R16
__all__ = ["NewMessage", "OverQuota", "append", "content", "conversation", "load"]


@dataclass
class NewMessage:
    """A message that comes into an account, by delivery, submission, APPEND or import."""

    account_id: int
    blob: Blob  # saved; `append` adds the one reference that the message has to it
    content: bytes  # of the blob
    trace: bytes = b""
    received_at: datetime | None = None  # None is now
    flags: int = 0  # bits of `Message`
    keywords: Sequence[str] = ()
    role: str = Role.INBOX  # where it goes
    mailbox_id: int | None = None  # where it goes instead: a mailbox of the account
    labels: Sequence[int] = ()  # ids of labels that it gets besides
    own: bool = False  # written by the account itself
    decision: dict[str, Any] = field(default_factory=dict)
    summary: Summary | None = None  # made here where it is not given
    by_member: bool = False  # put there by the member (APPEND, import): so is a message of the same bytes that is held already
    delivered_to: str = ""  # the envelope recipient, for `deliveredto:`
    found_by: index.Prepared | None = None  # made here where it is not given

    @property
    def size(self) -> int:
        """RFC822.SIZE; the summary may have been made for many recipients, each with a trace of its own."""
        return len(self.trace) + self.blob.size


def prepare(item: NewMessage) -> NewMessage:
    """Do what needs no transaction: read the message, and make what the index takes. `append` does it where nobody did before;
    who holds a transaction open, and SQLite's one pen with it, had better do it first."""
    item.trace = trace_before(item.trace, item.content)
    item.summary = item.summary or summarise(item.content, prefix=item.trace)
    item.received_at = item.received_at or now()
    item.found_by = item.found_by or index.prepare(item.account_id, _index_text(item.summary, item.delivered_to))
    return item


def append(items: Sequence[NewMessage]) -> list[Message | OverQuota]:
    """Take messages in; for each, in order, the `Message`, or `OverQuota` where the account has no room for it.

    A message whose bytes the account holds already is that message, not a new one (rule R11); so is what a mail program fetched
    and the member puts back, see `put_back`. What is returned has, beside its
    columns, `uids`: its UID by mailbox id. All is done inside the caller's transaction, if there is one: a constant number of
    statements for each hundred messages.
    """
    for item in items:
        prepare(item)
    with transaction.atomic():
        ledger = Ledger({item.account_id for item in items})
        results: list[Message | OverQuota] = []
        for start in range(0, len(items), STEP):
            results += _Batch(ledger, items[start : start + STEP], more=start + STEP < len(items)).run()
        ledger.close()
    return results


class _Batch:
    def __init__(self, ledger: Ledger, items: Sequence[NewMessage], *, more: bool) -> None:
        self.ledger, self.items, self.more = ledger, items, more
        self.results: dict[int, Message | OverQuota] = {}
        self.states: dict[int, State] = {}  # of the new ones, by their place in the batch
        self.same: dict[int, int] = {}  # place of a message that comes twice in the batch: place of the first

    def run(self) -> list[Message | OverQuota]:
        put_back.recognise([item for item in self.items if item.by_member])
        fresh = self._affordable(self._unheld())
        arrivals = {
            n: arrival(item.account_id, item.summary.message_id, item.received_at, item.summary, spam=self._is_spam(item))
            for n in fresh
            for item in [self.items[n]]
        }
        threads = Threads(list(arrivals.values()), self.ledger.modseqs)
        messages = {n: self._message(self.items[n]) for n in fresh}
        placed = {n: threads.place(arrivals[n], messages[n]) for n in fresh}
        placed = {n: threads.final(thread) for n, thread in placed.items()}
        for n in fresh:
            self._settle(n, messages[n], placed[n])
        self._save(threads, messages, placed)
        if self.more:  # the ledger counts at its close, and the next step asks how much room there is
            grown = {thread.pk: (thread.pk, thread.total, thread.oldest_at, thread.newest_at) for thread in placed.values()}
            update_many(Thread, ("total", "oldest_at", "newest_at"), list(grown.values()))
        self._wake(placed)
        self.results |= messages
        return [self.results[self.same.get(n, n)] for n in range(len(self.items))]

    def _is_spam(self, item: NewMessage) -> bool:
        return self._target(item).role == Role.JUNK

    def _target(self, item: NewMessage) -> Mailbox:
        return self.ledger.boxes[item.mailbox_id] if item.mailbox_id else self.ledger.box(item.account_id, item.role)

    # --- what is held already, and what there is no room for ---

    def _unheld(self) -> list[int]:
        """The places of messages that are new; R11 is applied to the others."""
        accounts, blobs = {item.account_id for item in self.items}, {item.blob.pk for item in self.items}
        held = {(account_id, blob_id): pk for account_id, blob_id, pk in held_already(accounts, blobs)}
        first: dict[tuple[int, int], int] = {}
        for n, item in enumerate(self.items):
            key = (item.account_id, item.blob.pk)
            if first.setdefault(key, n) != n:
                self.same[n] = first[key]
        for item in self.items:
            if pk := held.get((item.account_id, item.blob.pk)):
                self._again(item, pk)
        self._fetch({n: held[key] for key, n in first.items() if key in held})
        return [n for key, n in first.items() if key not in held]

    def _again(self, item: NewMessage, message_id: int) -> None:
        """Bytes that are held come again. What the member puts somewhere goes there; a second delivery changes nothing, except
        that own mail which comes back, from a list or to oneself, is received as well.

        What is put by name into the mailbox where it is gets a new UID there: a mail program that has saved a version anew takes
        the old one away by its UID.
        """
        (held,) = arrange.load(item.account_id, messages=[message_id])
        state = held.state
        if item.by_member:
            state = replace(state, flags=state.flags | item.flags)  # read on the train, and filed there
            state = self._destined(item, arrange.to_mail(self.ledger, item.account_id)(state))
        elif state.own and state.place == Place.MAIL:
            state = replace(state, inbox=state.inbox or self._target(item).role == Role.INBOX)
        renewed = {item.mailbox_id} if item.by_member and item.mailbox_id else ()
        arrange.apply(self.ledger, [(held, state)], renew=renewed)

    def _fetch(self, wanted: dict[int, int]) -> None:
        if not wanted:
            return
        messages = Message.objects.in_bulk(wanted.values())
        for message in messages.values():
            message.uids = {}
        for pk, mailbox_id, uid in Membership.objects.filter(message_id__in=messages).values_list(
            "message_id", "mailbox_id", "uid"
        ):
            messages[pk].uids[mailbox_id] = uid
        self.results |= {n: messages[pk] for n, pk in wanted.items()}

    def _affordable(self, places: list[int]) -> list[int]:
        usages = quota.usages({self.items[n].account_id for n in places}) if places else {}
        fresh = []
        for n in places:
            account_id, size = self.items[n].account_id, self.items[n].size
            used, limit = usages[account_id].used + self.ledger.bytes[account_id], usages[account_id].limit
            if limit and used + size > limit:
                self.results[n] = OverQuota(account_id, used, limit)
            else:
                self.ledger.bytes[account_id] += size
                fresh.append(n)
        return fresh

    # --- where it goes ---

    def _settle(self, n: int, message: Message, thread: Thread) -> None:
        """Decide the message's state, with what it inherits from its conversation (product.md 3.7)."""
        state = State(flags=message.flags, keywords=tuple(message.keywords), own=message.own)
        state = self._destined(self.items[n], state)
        for again in (m for m, first in self.same.items() if first == n):
            state = self._destined(self.items[again], state)
        if state.place == Place.MAIL:
            boxes = self.ledger.boxes
            inherited = {pk for pk in thread.labels if pk in boxes and boxes[pk].sticky}
            state = replace(state, labels=state.labels | inherited)
            if thread.muted and not self.items[n].by_member and not self._calls_me(n, thread):
                state = replace(state.with_keyword("$muted"), inbox=False)
            thread.labels = sorted({*thread.labels, *state.labels})
        self.states[n] = state
        message.place, message.flags, message.keywords, message.own = state.place, state.flags, list(state.keywords), state.own
        message.remembered, message.trashed_at = list(state.remembered), state.trashed_at
        message.snoozed_at, message.snoozed_until, message.woke_at = state.snooze

    def _calls_me(self, n: int, thread: Thread) -> bool:
        return muting.calls_me(self.items[n].account_id, thread.pk, self.items[n].summary)

    def _destined(self, item: NewMessage, state: State) -> State:
        return destined(state, self._target(item), item.labels, self.ledger.box(item.account_id, Role.INBOX).pk, now())

    def _message(self, item: NewMessage) -> Message:
        summary, modseq = item.summary, self.ledger.modseqs[item.account_id]
        author = next(iter(summary.people.get("from", ())), ("", ""))
        parents = summary.references[-1:] or summary.in_reply_to[:1]
        return Message(
            account_id=item.account_id,
            blob_id=item.blob.pk,
            trace=item.trace,
            size=item.size,
            flags=item.flags,
            keywords=sorted({word.casefold(): written(word) for word in item.keywords}.values())[:MOST_KEYWORDS],
            own=item.own,
            modseq=modseq,
            created_modseq=modseq,
            received_at=item.received_at,
            sent_at=summary.date,
            message_id=summary.message_id,
            in_reply_to=parents[0] if parents else "",
            ancestors=" ".join(ancestry.ancestors(summary.references)),
            subject=summary.subject,
            author_name=author[0][:200],
            author_address=author[1][:320],
            people=summary.people,
            preview=summary.preview,
            attachments=summary.attachments,
            imap_envelope=summary.imap_envelope,
            imap_structure=summary.imap_structure,
            traits=summary.traits,
            decision=item.decision,
        )

    # --- writing ---

    def _save(self, threads: Threads, messages: dict[int, Message], placed: dict[int, Thread]) -> None:
        homes_of = {n: sorted(homes(self.states[n], self.ledger.roles(one.account_id))) for n, one in messages.items()}
        digests = self._digests(threads.new, messages, placed, homes_of)
        insert_new(threads.new)
        self._link_threads(threads)
        for n, message in messages.items():
            message.thread_id = placed[n].pk
        insert_new(list(messages.values()))
        entered = [self.ledger.enter(message.pk, pk) for n, message in messages.items() for pk in homes_of[n]]
        save_entered(entered)
        uids: dict[int, dict[int, int]] = {message.pk: {} for message in messages.values()}
        for one in entered:
            uids[one.message_id][one.mailbox_id] = one.uid
        for message in messages.values():
            message.uids = uids[message.pk]
        threads.leads.save()
        rows.add([(thread, digests[id(thread)]) for thread in threads.new], self.ledger.boxes)
        self.ledger.threads |= {thread.pk for thread in placed.values()} - {thread.pk for thread in threads.new}
        store.link(message.blob_id for message in messages.values())
        index.add_many((messages[n].pk, self.items[n].found_by) for n in messages)

    def _wake(self, placed: dict[int, Thread]) -> None:
        """What comes in wakes what sleeps of its conversation."""
        roused = {
            (self.items[n].account_id, thread.pk)
            for n, thread in placed.items()
            if thread.snoozed_until and self.states[n].inbox and not self.states[n].own and not self.items[n].by_member
        }
        for account_id, thread_id in sorted(roused):
            snooze.rouse(self.ledger, account_id, [thread_id], now())

    def _digests(
        self, new: list[Thread], messages: dict[int, Message], placed: dict[int, Thread], homes_of: dict[int, list[int]]
    ) -> dict[int, Digest]:
        """What new threads show, by id(): their messages are all in the batch, so they are right from the start."""
        entries: dict[int, list[Entry]] = {id(thread): [] for thread in new}
        for n, message in messages.items():
            if id(placed[n]) in entries:
                entries[id(placed[n])].append(_entry(n, message, homes_of[n]))
        roles = {pk: box.role for pk, box in self.ledger.boxes.items()}
        found = {}
        for thread in new:
            found[id(thread)] = digest(entries[id(thread)], roles)
            for name, value in found[id(thread)].thread.items():
                setattr(thread, name, value)
        return found

    def _link_threads(self, threads: Threads) -> None:
        for thread, before in threads.continued:
            thread.continues_id = threads.final(before).pk
        update_many(Thread, ("continues",), [(thread.pk, thread.continues_id) for thread, _ in threads.continued if thread.pk])
        learned = [(pk, one.base_subjects, one.gathers, one.list_id) for pk, one in threads.described.items()]
        update_many(Thread, ("base_subjects", "gathers", "list_id"), learned)
        for winner, loser in threads.merges:
            merging.fuse(self.ledger, winner, loser)


def held_already(accounts: Collection[int], blobs: Collection[int]) -> list[tuple[int, int, int]]:
    """(account, blob, key) of the messages of these accounts that are these bytes, found by the bytes.

    Told of one account, SQLite would else walk through all its messages: a sum is in none of its indexes.
    """
    if not accounts or not blobs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id, blob_id, id FROM {Message._meta.db_table} "  # noqa: S608
            f"WHERE blob_id IN ({marks(len(blobs))}) AND account_id + 0 IN ({marks(len(accounts))})",
            [*blobs, *accounts],
        )
        return cursor.fetchall()


def _entry(n: int, message: Message, mailbox_ids: list[int]) -> Entry:
    return Entry(
        n, message.received_at, message.place, message.flags, message.own, message.keywords, message.author_name,
        message.author_address, message.subject, message.preview, message.attachments,
        message.snoozed_at, message.snoozed_until, message.woke_at, message.sends_at, message.went_at, mailbox_ids,
    )  # fmt: skip


def _index_text(found: Summary, delivered_to: str) -> index.IndexText:
    return index.IndexText(found.subject, found.people, found.body, found.attachments, found.traits, delivered_to)


def content(message: Message | Bytes) -> bytes:
    """All bytes of a message, trace lines first: what FETCH BODY[] and a download give."""
    return bytes(message.trace) + store.read(message.blob)


def load(account_id: int, ids: Iterable[int]) -> list[Message]:
    """The account's messages of these ids, in the order asked for; those that are not there are left out."""
    wanted = list(ids)
    found = Message.objects.filter(account_id=account_id).in_bulk(wanted)
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def conversation(account_id: int, thread_id: int) -> list[Message]:
    """The messages of a conversation in all places, oldest first (rule R16).

    By received time; a reply that clocks put up to ten minutes before its parent comes after it.
    """
    found = list(Message.objects.filter(account_id=account_id, thread_id=thread_id).order_by("received_at", "pk"))
    parents = {message.message_id: message for message in reversed(found)}
    at = {message.pk: message.received_at for message in found}
    for message in reversed(found):  # a parent finds its place before its replies do
        parent = parents.get(message.in_reply_to)
        if parent and timedelta() < at[parent.pk] - message.received_at <= SKEW:
            at[message.pk] = at[parent.pk] + timedelta(microseconds=1)
    return sorted(found, key=lambda message: (at[message.pk], message.pk))
