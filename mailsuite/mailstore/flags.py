r"""Flags and keywords, set from mail programs: STORE, with \Deleted, $Junk and stars and what they mean (product.md 3.9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils.timezone import now

from mailsuite.mailstore import arrange, stars
from mailsuite.mailstore.homes import MOST_KEYWORDS, State, written
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.mailstore.uids import within

STEP = 1_000  # rows a statement


@dataclass
class Stored:
    """What STORE did. All are UIDs of the mailbox, in order."""

    modseq: int
    changed: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)  # changed by others since UNCHANGEDSINCE (RFC 7162 §3.1.3)
    gone: list[int] = field(default_factory=list)  # no longer in the mailbox: $Junk, or a star taken off in Starred
    missing: bool = False  # some were not there any more


@dataclass(frozen=True, slots=True)
class FlagChange:
    r"""What STORE asks: add ("+"), take away ("-") or set ("=") flags, keywords and \Deleted.

    flags: bits of `Message`; deleted: \Deleted is among them. It belongs to the copy, all else to the message in all mailboxes.
    """

    flags: int = 0
    keywords: Sequence[str] = ()
    mode: str = "+"
    deleted: bool = False

    @property
    def moves(self) -> bool:
        """Whether it may change the mailboxes that a message is in."""
        bits = Message.FLAGGED | Message.DRAFT
        return (
            self.mode == "=" or bool(self.flags & bits) or any(one.casefold() in ("$junk", "$notjunk") for one in self.keywords)
        )

    def concerns(self, row: _FlagRow) -> bool:
        """Is something of it there already? RFC 7162 §3.1.3: a system flag always is, and a keyword where it is set."""
        had = {one.casefold() for one in row.keywords}
        return self.mode == "=" or self.deleted or bool(self.flags) or any(one.casefold() in had for one in self.keywords)

    def mark(self, now: bool) -> bool:
        r"""What \Deleted becomes."""
        return {"+": now or self.deleted, "-": now and not self.deleted, "=": self.deleted}[self.mode]

    def of(self, flags: int, keywords: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """What flags and keywords become. Keywords are compared without case and kept as first written (RFC 9051 §2.3.2)."""
        named = {one.casefold(): one for one in self.keywords}
        if self.mode == "=":
            return self.flags, tuple(sorted(named.values())[:MOST_KEYWORDS])
        if self.mode == "-":
            return flags & ~self.flags, tuple(one for one in keywords if one.casefold() not in named)
        had = {one.casefold() for one in keywords}
        new = [one for key, one in named.items() if key not in had][: max(MOST_KEYWORDS - len(had), 0)]
        return flags | self.flags, tuple(sorted([*keywords, *new]) if new else keywords)


@transaction.atomic
def store_flags(mailbox: Mailbox, uids: Iterable[int], change: FlagChange, unchanged_since: int | None = None) -> Stored:
    """STORE (RFC 9051 §6.4.6).

    unchanged_since: leave alone what has a higher modseq; 0 is lower than any, but for keywords that are not there at all.
    """
    ledger = Ledger([mailbox.account_id])
    stored = Stored(ledger.modseqs[mailbox.account_id])
    wanted = replace(change, keywords=tuple(map(written, change.keywords)))
    asked = set(uids)
    rows = list(_flag_rows(mailbox, asked))
    stored.missing = len(rows) < len(asked)
    if unchanged_since is not None:
        fit = [row for row in rows if row.modseq <= unchanged_since or not (unchanged_since or wanted.concerns(row))]
        stored.refused = sorted({row.uid for row in rows}.difference(row.uid for row in fit))
        rows = fit
    _mark(ledger, mailbox, [row for row in rows if row.deleted != wanted.mark(row.deleted)], stored)
    if wanted.moves:
        _store_moving(ledger, mailbox, rows, wanted, stored)
    else:
        _store_plain(ledger, rows, wanted, stored)
    ledger.close()
    stored.changed = sorted({*stored.changed} - {*stored.gone})
    return stored


@dataclass(slots=True)
class _FlagRow:
    uid: int
    membership_id: int
    deleted: bool
    message_id: int
    thread_id: int
    flags: int
    keywords: list[str]
    modseq: int


def _flag_rows(mailbox: Mailbox, uids: Iterable[int]) -> Iterator[_FlagRow]:
    columns = (
        "uid",
        "pk",
        "deleted",
        "message_id",
        "message__thread_id",
        "message__flags",
        "message__keywords",
        "message__modseq",
    )
    for some in within(uids):
        for values in Membership.objects.filter(some, mailbox=mailbox).order_by("uid").values_list(*columns):
            yield _FlagRow(*values)


def _mark(ledger: Ledger, mailbox: Mailbox, rows: list[_FlagRow], stored: Stored) -> None:
    r"""Turn \Deleted of these copies over."""
    for start in range(0, len(rows), STEP):
        some = rows[start : start + STEP]
        changed = Membership.objects.filter(pk__in=[row.membership_id for row in some])
        changed.update(deleted=not some[0].deleted, modseq=stored.modseq)
        Message.objects.filter(pk__in=[row.message_id for row in some]).update(modseq=stored.modseq)
        _touch(ledger, some)
    stored.changed += [row.uid for row in rows]


def _touch(ledger: Ledger, rows: list[_FlagRow]) -> None:
    held = Membership.objects.filter(message_id__in=[row.message_id for row in rows])
    ledger.touch(held.values_list("mailbox_id", flat=True).distinct().order_by())


def _store_plain(ledger: Ledger, rows: list[_FlagRow], wanted: FlagChange, stored: Stored) -> None:
    groups: dict[tuple[int, tuple[str, ...]], list[_FlagRow]] = defaultdict(list)
    for row in rows:
        values = wanted.of(row.flags, row.keywords)
        if values != (row.flags, tuple(row.keywords)):
            groups[values].append(row)
    in_digest = bool({"$muted", *stars.BITS} & {*wanted.keywords})
    for (flags, keywords), changed in groups.items():
        for start in range(0, len(changed), STEP):
            some = changed[start : start + STEP]
            messages = Message.objects.filter(pk__in=[row.message_id for row in some])
            messages.update(flags=flags, keywords=list(keywords), modseq=stored.modseq)
            _touch(ledger, some)
        stored.changed += [row.uid for row in changed]
        ledger.threads |= {row.thread_id for row in changed if (row.flags ^ flags) & Message.SEEN or in_digest}


def _store_moving(ledger: Ledger, mailbox: Mailbox, rows: list[_FlagRow], wanted: FlagChange, stored: Stored) -> None:
    """Stars, drafts, and $Junk and $NotJunk, which report spam and take it back."""
    account_id, uids = mailbox.account_id, {row.message_id: row.uid for row in rows}
    spam, mail = arrange.to_spam(ledger, account_id, now()), arrange.to_mail(ledger, account_id)
    changes = []
    for held in arrange.load(account_id, messages=uids):
        flags, keywords = wanted.of(held.state.flags, held.state.keywords)
        state = replace(held.state, flags=flags, keywords=keywords)
        state = junked(held.state, state, spam, mail)
        changes.append((held, state))
    for held in arrange.apply(ledger, changes):
        (stored.changed if mailbox.pk in held.homes else stored.gone).append(uids[held.id])


def junked(before: State, state: State, spam: arrange.Change, mail: arrange.Change) -> State:
    """What $Junk and $NotJunk do that were not there before: report what others wrote as spam, and take that back."""
    if state.has_keyword("$junk") and not before.has_keyword("$junk") and not state.own:
        return spam(state)
    if state.has_keyword("$notjunk") and not before.has_keyword("$notjunk") and state.place == Message.Place.SPAM:
        return replace(mail(state), inbox=True)
    return state
