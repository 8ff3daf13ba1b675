"""SEARCH keys as the store's query tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.selected import Selected
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Not, Or, Term
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap import search as imap
from mailsuite.protocol.imap.sequence import LARGEST, SequenceSet
from mailsuite.protocol.imap.syntax import SyntaxProblem

NOTHING = Not(EVERYTHING)
RANGES = 100  # of UIDs in one query; what is more is looked up in a list
RANGES_ELSEWHERE = 1_000
MOST_NAMED = 500_000  # UIDs named one by one, in one query
DAY = timedelta(days=1)
_TOO_MANY = Refusal("Too many messages named one by one", "LIMIT")
_EMAIL = re.compile(r"M([0-9]{1,18})(?:-([0-9]{1,9}))?")


def query(node: imap.Node, view: Selected | None) -> Node:
    """The tree that asks the store the same; without a view, of mailboxes that are not selected.

    Raises SyntaxProblem for sequence numbers that do not exist, and Refusal for a query that names too many messages.
    """
    return _Query(view).of(node)


class _Query:
    def __init__(self, view: Selected | None) -> None:
        self._view = view
        self._room = MOST_NAMED
        self._ranges = RANGES

    def of(self, node: imap.Node) -> Node:
        match node:
            case imap.And(keys):
                return self._all(keys)
            case imap.Or(keys):
                return Or(tuple(map(self.of, keys)))
            case imap.Not(key):
                return Not(self.of(key))
            case imap.Key("SEQUENCE" | "UID" as name, SequenceSet() as numbers):
                return self._numbers(numbers, by_uid=name == "UID")
            case imap.Key(name, None):
                return _FLAGS[name]
            case imap.Key(name, value):
                return _KEYS[name](value)

    def _all(self, keys: Iterable[imap.Node]) -> Node:
        parts = tuple(part for part in map(self.of, keys) if part != EVERYTHING)
        return parts[0] if len(parts) == 1 else And(parts)

    def _numbers(self, numbers: SequenceSet, *, by_uid: bool) -> Node:
        """UIDs side by side in the view are one range, whatever holes expunged messages left."""
        view = self._view
        if view is None:
            return self._elsewhere(numbers, by_uid=by_uid)
        found = view.ranges(numbers, by_uid=by_uid)
        if found == [range(len(view.uids))]:
            return EVERYTHING
        if len(found) <= self._ranges:
            self._ranges -= len(found)
            return Term("uids", tuple((view.uids[one.start], view.uids[one.stop - 1]) for one in found)) if found else NOTHING
        uids = tuple(uid for one in found for uid in view.uids[one.start : one.stop])
        self._room -= len(uids)
        if self._room < 0:
            raise _TOO_MANY
        return Term("uid_in", uids)

    def _elsewhere(self, numbers: SequenceSet, *, by_uid: bool) -> Node:
        """RFC 7377 §2.1: only the selected mailbox has sequence numbers, and a $. Elsewhere * is any UID, however large."""
        if numbers.saved or not by_uid:
            raise SyntaxProblem("Only a search of the selected mailbox alone can name messages by sequence number, or as $")
        merged = tuple(numbers.merged(LARGEST))
        self._room -= len(merged) * (MOST_NAMED // RANGES_ELSEWHERE)
        if self._room < 0:
            raise _TOO_MANY
        return Or(tuple(Term("uids", merged[at : at + RANGES]) for at in range(0, len(merged), RANGES)))


def _flag(bit: int) -> Node:
    return Term("flag", bit)


_FLAGS: dict[str, Node] = {
    "ALL": EVERYTHING,
    "NEW": NOTHING,  # nothing is \Recent here
    "RECENT": NOTHING,
    "OLD": EVERYTHING,
    "SAVEDATESUPPORTED": EVERYTHING,  # RFC 8514 §4.3
    "DELETED": Term("deleted", True),
    "UNDELETED": Not(Term("deleted", True)),
}
for _name, _bit in (
    ("SEEN", responses.SEEN),
    ("ANSWERED", responses.ANSWERED),
    ("FLAGGED", responses.FLAGGED),
    ("DRAFT", responses.DRAFT),
):
    _FLAGS[_name], _FLAGS[f"UN{_name}"] = _flag(_bit), Not(_flag(_bit))


def _header(asked: tuple[str, str]) -> Node:
    name, text = asked
    known = name.lower() if name.lower() in ("subject", "from", "to", "cc", "bcc") and text else f"header:{name.lower()}"
    return Term("contains", (known, text))


def _before(word: str) -> Callable[[date], Node]:
    return lambda day: Term(word, day.isoformat())


def _on(since: str, before: str) -> Callable[[date], Node]:
    """RFC 9051 §6.4.4; after the last day that can be written nothing is to be kept out."""

    def on(day: date) -> Node:
        first = Term(since, day.isoformat())
        return first if day == date.max else And((first, Term(before, (day + DAY).isoformat())))

    return on


def _email_id(text: str) -> Node:
    """RFC 8474 §4.2; a message that a merge of threads announced anew has another id than before."""
    match = _EMAIL.fullmatch(text)
    return Term("email", (int(match[1]), int(match[2] or 0))) if match else NOTHING


def _thread_id(text: str) -> Node:
    return Term("threadid", text) if text[:1] == "T" else NOTHING


def _text(name: str) -> Callable[[str], Node]:
    """RFC 9051 §6.4.4: the empty string stands in every text."""
    return lambda text: Term("contains", (name, text)) if text else EVERYTHING


_KEYS: dict[str, Callable[[Any], Node]] = {
    **{name: _text(name.lower()) for name in ("BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO")},
    "HEADER": _header,
    "KEYWORD": lambda word: Term("keyword", word),
    "UNKEYWORD": lambda word: Not(Term("keyword", word)),
    "LARGER": lambda size: Term("larger", size + 1),  # the store's `larger` is "at least"
    "SMALLER": lambda size: Term("smaller", size),
    "BEFORE": _before("before"),
    "SINCE": _before("after"),
    "ON": _on("after", "before"),
    "SENTBEFORE": _before("sent_before"),
    "SENTSINCE": _before("sent_after"),
    "SENTON": _on("sent_after", "sent_before"),
    "SAVEDBEFORE": _before("saved_before"),  # RFC 8514 §4.3
    "SAVEDSINCE": _before("saved_after"),
    "SAVEDON": _on("saved_after", "saved_before"),
    "YOUNGER": lambda seconds: Term("newer_than", f"{seconds}s"),  # RFC 5032
    "OLDER": lambda seconds: Term("older_than", f"{seconds}s"),
    "MODSEQ": lambda modseq: Term("modseq", modseq),
    "EMAILID": _email_id,
    "THREADID": _thread_id,
}
