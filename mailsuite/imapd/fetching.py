"""FETCH responses made from rows: runs in a database thread, gives octets for the wire."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from operator import mod
from typing import Any

import zstandard

from mailsuite import maillog
from mailsuite.imapd.content import BUDGET, Content, Piece
from mailsuite.mailstore import placement
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.selected import Bytes
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap.binary import UnknownEncoding
from mailsuite.protocol.imap.fetch import Item
from mailsuite.protocol.imap.strings import string

UID, FLAGS, MODSEQ, SIZE = (Item(name, name.encode()) for name in ("UID", "FLAGS", "MODSEQ", "RFC822.SIZE"))

Row = tuple[Any, ...]

# Where an item comes from, and how it is written. What needs a function besides is in `_Writer`.
_PLAN = {
    "UID": ("uid", b"UID %d"),
    "FLAGS": ("marks", b"FLAGS %b"),
    "INTERNALDATE": ("received_at", b"INTERNALDATE %b"),
    "RFC822.SIZE": ("size", b"RFC822.SIZE %d"),
    "ENVELOPE": ("envelope", b"ENVELOPE %b"),
    "BODYSTRUCTURE": ("structure", b"BODYSTRUCTURE %b"),
    "MODSEQ": ("modseq", b"MODSEQ (%d)"),
    "EMAILID": ("email", b"EMAILID (M%b)"),  # RFC 8474 §5.1
    "THREADID": ("thread", b"THREADID (T%d)"),
    "SAVEDATE": ("saved_at", b"SAVEDATE %b"),  # RFC 8514 §4.2
    "PREVIEW": ("preview", b"PREVIEW %b"),  # RFC 8970 §3.2
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What to fetch of the messages of a mailbox. changed_since: a modseq, below zero for all messages.

    word: FETCH, or UIDFETCH where the numbers are UIDs (RFC 9586 §3.3). also: items to add where reading set \\Seen
    (RFC 9051 §6.4.5, RFC 7162 §3.2.4).
    """

    mailbox: Mailbox
    items: list[Item]
    changed_since: int = -1
    word: bytes = b"FETCH"
    also: Sequence[Item] = (FLAGS,)


@dataclass(frozen=True, slots=True)
class Lines:
    octets: bytes
    count: int


def lines(batch: Batch, uids: array[int], numbers: Sequence[int], *, whole: bool) -> Lines:
    """FETCH responses that need columns only. numbers: the sequence number of each UID; whole: the UIDs lie side by side."""
    writer = _Writer(batch.items, batch.word)
    rows = _rows(batch, uids, writer.columns, whole)
    by_uid = dict(zip(uids, numbers, strict=True))
    return Lines(writer.lines(by_uid, [row for row in rows if row[0] in by_uid]), len(rows))


def _rows(batch: Batch, uids: array[int], columns: list[str], whole: bool) -> list[Row]:
    if whole:
        return store.rows_between(batch.mailbox.pk, uids[0], uids[-1], columns, batch.changed_since)
    return store.rows(batch.mailbox.pk, uids, columns, batch.changed_since)


class _FlagLists(dict[str, bytes]):
    """Flag lists by a row's marks: most messages of a mailbox share a few."""

    def __missing__(self, marks: str) -> bytes:
        made = self[marks] = responses.flags(*store.split_marks(marks))
        return made


def _moment(value: datetime | str) -> bytes:
    """Of an expression SQLite gives text, where a column gives the moment it says."""
    return responses.date_time(datetime.fromisoformat(value) if isinstance(value, str) else value)


def _text(value: str) -> bytes:
    return string(value.encode())


_FUNCTIONS: dict[str, Callable[[Any], bytes]] = {
    "INTERNALDATE": responses.date_time,
    "EMAILID": str.encode,
    "SAVEDATE": _moment,
    "PREVIEW": _text,
}


class _Writer:
    """Turns rows into FETCH responses, by a plan made once. The first column is always the UID."""

    def __init__(self, items: Sequence[Item], word: bytes = b"FETCH") -> None:
        planned = [(*_PLAN[item.name], item.name) for item in items if not item.needs_content]
        self.columns = list(dict.fromkeys(["uid", *(column for column, _, _ in planned)]))
        self.flags = _FlagLists()
        functions = {"FLAGS": self.flags.__getitem__, **_FUNCTIONS}
        self._word = word
        self._template = b" ".join(form for _, form, _ in planned)
        self._makers = [(self.columns.index(column), functions.get(name)) for column, _, name in planned]

    def lines(self, numbers: Mapping[int, int], rows: Sequence[Row]) -> bytes:
        """A response for each row, made column by column: a call of ours for each row costs as much as all else."""
        if not rows:
            return b""
        columns = list(zip(*rows, strict=True))
        shown = [map(make, columns[at]) if make else columns[at] for at, make in self._makers]
        told = zip(map(numbers.__getitem__, columns[0]), *shown, strict=True)
        return b"".join(map(mod, repeat(b"* %%d %b (%b)\r\n" % (self._word, self._template)), told))

    def items(self, row: Row) -> bytes:
        return self._template % tuple([make(row[at]) if make else row[at] for at, make in self._makers])


@dataclass(slots=True)
class Bodies:
    """Responses with bodies.

    taken: how many UIDs they answer; modseq: of the change that set \\Seen, 0 where none did; unknown: was there a part whose
    encoding nobody knows?
    """

    taken: int = 0
    pieces: list[Piece] = field(default_factory=list)
    missing: bool = False
    broken: bool = False
    unknown: bool = False
    modseq: int = 0


def bodies(batch: Batch, uids: array[int], numbers: Sequence[int]) -> Bodies:
    """FETCH responses with bodies, of as many of these messages as the budget allows, one at least.

    Sets \\Seen as asked, with one statement, before it answers.
    """
    writer = _Writer([*batch.items, *batch.also, FLAGS, SIZE])
    rows = _rows(batch, uids, writer.columns, whole=False)
    told = Bodies(missing=len(rows) < len(uids))
    times = sum(item.needs_content for item in batch.items)
    rows, told.taken = _affordable(rows, uids, writer.columns.index("size"), times)
    if fresh := _mark_seen(batch, rows, writer, told):
        # Once more: our \Seen gave them a modseq, and covers what others changed meanwhile.
        rows = _rows(batch, array("I", (row[0] for row in rows)), writer.columns, whole=False)
    messages = dict(store.copies(batch.mailbox.pk, [row[0] for row in rows]))
    by_uid = dict(zip(uids, numbers, strict=True))
    plain, seen = _Writer(batch.items), _Writer(list(dict.fromkeys([*batch.items, *batch.also])))
    for row in rows:
        if row[0] in messages:
            try:
                shown = (seen if row[0] in fresh else plain).items(row)
                told.pieces += _response(batch, by_uid[row[0]], shown, messages[row[0]], told)
            except (OSError, zstandard.ZstdError) as error:
                maillog.problem("blob-unreadable", blob=messages[row[0]].blob.hash, reason=error)
                told.broken, told.modseq = True, 0  # its \Seen is not told here: let it be announced
    told.pieces = _joined(told.pieces)
    return told


def _affordable(rows: list[Row], uids: array[int], size: int, times: int) -> tuple[list[Row], int]:
    """The first rows that fit the budget, each asked for so many times, and how many of the UIDs they are."""
    spent = 0
    for count, row in enumerate(rows):
        spent += row[size] * times
        if count and spent > BUDGET:
            return rows[:count], uids.index(row[0])
    return rows, len(uids)


def _mark_seen(batch: Batch, rows: list[Row], writer: _Writer, told: Bodies) -> set[int]:
    """Set \\Seen where a body is read without PEEK; the UIDs that did not have it."""
    if all(item.peek for item in batch.items):
        return set()
    marks = writer.columns.index("marks")
    fresh = [row[0] for row in rows if not store.split_marks(row[marks])[0] & responses.SEEN]
    if fresh:
        told.modseq = placement.store_flags(batch.mailbox, fresh, FlagChange(responses.SEEN)).modseq
    return set(fresh)


def _response(batch: Batch, number: int, columns: bytes, message: Bytes, told: Bodies) -> list[Piece]:
    """One FETCH response: the columns, then the sections. What nobody knows how to decode is left out, and told of."""
    values: list[list[Piece]] = [[columns]] if columns else []
    content = Content(message, batch.items)
    for item in batch.items:
        if item.needs_content:
            try:
                values.append([item.label + b" ", *content.item(item)])
            except UnknownEncoding:
                told.unknown = True
    if not values:
        return []
    between: list[Piece] = [piece for value in values for piece in (b" ", *value)]
    return [b"* %d %b (" % (number, batch.word), *between[1:], b")\r\n"]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring octets as one piece: one write each, not twenty."""
    joined: list[Piece] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
            continue
        joined += [b"".join(run), piece]
        run = []
    return [*joined, b"".join(run)]
