"""SEARCH keys as the store's query tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.selected import Selected
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Not, Or, Term
from mailsuite.protocol.imap import responses
from mailsuite.protocol.imap import search as imap
from mailsuite.protocol.imap.sequence import SequenceSet

NOTHING = Not(EVERYTHING)
RANGES = 100  # in one term: a database takes expressions only so deep
MOST_RANGES = 10_000
DAY = timedelta(days=1)


def query(node: imap.Node, view: Selected) -> Node:
    """The tree that asks the store the same. Raises ValueError for sequence numbers that do not exist."""
    match node:
        case imap.And(keys):
            return And(tuple(query(key, view) for key in keys))
        case imap.Or(left, right):
            return Or((query(left, view), query(right, view)))
        case imap.Not(key):
            return Not(query(key, view))
        case imap.Key("SEQUENCE" | "UID" as name, SequenceSet() as numbers):
            return _numbers(view, numbers, by_uid=name == "UID")
        case imap.Key(name, None):
            return _FLAGS[name]
        case imap.Key(name, value):
            return _KEYS[name](value)


def _numbers(view: Selected, numbers: SequenceSet, *, by_uid: bool) -> Node:
    """UIDs side by side in the view are one range, whatever holes expunged messages left."""
    spans = [(view.uids[found.start], view.uids[found.stop - 1]) for found in view.ranges(numbers, by_uid=by_uid)]
    if len(spans) > MOST_RANGES:
        raise Refusal("Too many messages named one by one", "LIMIT")
    return Or(tuple(Term("uids", tuple(spans[at : at + RANGES])) for at in range(0, len(spans), RANGES))) if spans else NOTHING


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


def _contains(name: str) -> Callable[[str], Node]:
    return lambda text: Term("contains", (name, text))


def _header(asked: tuple[str, str]) -> Node:
    name, text = asked
    known = name.lower() if name.lower() in ("subject", "from", "to", "cc", "bcc") and text else f"header:{name.lower()}"
    return Term("contains", (known, text))


def _before(word: str) -> Callable[[date], Node]:
    return lambda day: Term(word, day.isoformat())


def _on(since: str, before: str) -> Callable[[date], Node]:
    return lambda day: And((Term(since, day.isoformat()), Term(before, (min(day, date.max - DAY) + DAY).isoformat())))


def _email_id(text: str) -> Node:
    digits = text[1:].partition("-")[0]
    return Term("ids", (int(digits),)) if text[:1] == "M" and digits.isdecimal() and len(digits) < 19 else NOTHING


_KEYS: dict[str, Callable[[Any], Node]] = {
    **{name: _contains(name.lower()) for name in ("BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO")},
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
    "THREADID": lambda text: Term("threadid", text),
}
