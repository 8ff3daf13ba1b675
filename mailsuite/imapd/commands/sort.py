"""SORT: a SEARCH whose answer has an order, made from stored columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from mailsuite.bridge import in_db
from mailsuite.imapd.commands.search import plain
from mailsuite.imapd.outcome import Done
from mailsuite.imapd.searching import arguments, found, numbered
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import envelope, search, sort
from mailsuite.protocol.imap.returning import esearch
from mailsuite.protocol.imap.syntax import Parser

# Which columns a key needs. Of two, the second counts where the first is empty (RFC 5957 §2); `grouped` counts where it is not.
COLUMNS = {
    "ARRIVAL": ("received",),
    "CC": ("cc_address", "grouped"),
    "DATE": ("sent",),
    "DISPLAYFROM": ("author_name", "author_address"),
    "DISPLAYTO": ("to_name", "to_address"),
    "FROM": ("author_address",),
    "SIZE": ("size",),
    "SUBJECT": ("subject",),
    "TO": ("to_address", "grouped"),
}


async def sort_messages(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """SORT (RFC 5256 §3), with RETURN (RFC 5267 §3, RFC 9394)."""
    asked, view = arguments(session, parser, sort.parse), session.view
    columns = list(dict.fromkeys(column for one in asked.criteria for column in COLUMNS[one.key]))
    wants_modseq = search.mentions(asked.tree, "MODSEQ")
    wanted = [*columns, *(["modseq"] if wants_modseq else [])]
    uids, *rows = await found(session, asked.tree, wanted, asked.returns)
    order = await in_db(_ordered, asked.criteria, len(uids), dict(zip(columns, rows, strict=False)))
    numbers = uids if by_uid else numbered(view, uids)
    listed = array("I", map(numbers.__getitem__, order))
    chosen = asked.returns.indices(len(order)) if asked.returns else range(len(order))
    modseq = max((rows[-1][order[index]] for index in chosen), default=0) if wants_modseq else 0
    if asked.returns is None:
        session.send(plain("SORT", listed, modseq))
        return Done("Sorted")
    if asked.returns.saves:
        view.saved = array("I", sorted(uids[order[index]] for index in chosen))
    if asked.returns.answers:
        session.send(esearch(session.tag, asked.returns, listed, uids=by_uid, modseq=modseq))
    return Done("Sorted")


def _ordered(criteria: Sequence[sort.Criterion], count: int, columns: dict[str, Sequence[Any]]) -> list[int]:
    """In a thread: 100,000 subjects take a while, and other sessions wait for the loop."""
    values = {}
    for key in {one.key for one in criteria}:
        first, *second = (columns[column] for column in COLUMNS[key])
        values[key] = sort.comparable(key, _either(key, first, *second) if second else first)
    return sort.order(count, criteria, values)


def _either(key: str, first: Sequence[Any], second: Sequence[Any]) -> Iterator[str]:
    """RFC 9051 §7.5.2: a group of addresses begins with its name, where an address has its mailbox."""
    grouped = "grouped" in COLUMNS[key]
    for one, other in zip(first, second, strict=True):
        yield (envelope.first_mailbox(bytes(other), key.lower()) if other is not None else one) if grouped else one or other
