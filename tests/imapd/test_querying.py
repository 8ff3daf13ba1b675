"""SEARCH keys as the store's query tree: few ranges, lists for the rest, and an end to both."""

from __future__ import annotations

from array import array

import pytest

from mailsuite.imapd import querying
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.querying import NOTHING, query
from mailsuite.imapd.selected import Selected
from mailsuite.mailstore.models import Mailbox
from mailsuite.mailstore.search.query import EVERYTHING, Node, Or, Term, terms
from mailsuite.mailstore.snapshots import Snapshot
from mailsuite.protocol.imap import search
from mailsuite.protocol.imap.syntax import Parser


def tree(keys: str, count: int | None = 1_000) -> Node:
    """The query of a mailbox with so many messages; None: of mailboxes that are not selected."""
    view = None
    if count is not None:
        view = Selected(Snapshot(Mailbox(pk=1, uidnext=9_999), 1, array("I", range(1, count + 1))), read_only=True)
    return query(search.program(Parser([keys.encode()])), view)


def test_neighbours_are_one_range_and_everything_is_no_condition() -> None:
    assert tree("1:10,12") == Term("uids", ((1, 10), (12, 12)))
    assert tree("1:*") == tree("UID 1:4000000000") == tree("ALL") == EVERYTHING
    assert tree("UID 4000:*,5") == Term("uids", ((5, 5), (1000, 1000)))  # * is the last message, however small its UID
    assert tree("UID 4000") == NOTHING
    with pytest.raises(ValueError, match="no such message"):
        tree("1001")


def test_a_query_has_few_ranges_however_many_it_is_asked_with() -> None:
    odd = ",".join(str(n) for n in range(1, 999, 2))
    few = ",".join(str(n) for n in range(1, 60, 2))
    asked = tree(" ".join(f"OR {few} SEEN" for _ in range(20)) + f" OR {odd} SEEN")
    named = [term for term, _ in terms(asked) if term.operator in ("uids", "uid_in")]
    assert sum(len(term.value) for term in named if term.operator == "uids") <= querying.RANGES
    assert len(named) == 21
    assert named[-1] == Term("uid_in", tuple(range(1, 999, 2)))


def test_whoever_names_too_many_messages_one_by_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "MOST_NAMED", 2_000)
    odd = ",".join(str(n) for n in range(1, 999, 2))
    assert tree(f"OR {odd} SEEN OR {odd} SEEN")
    with pytest.raises(Refusal):
        tree(" ".join(f"OR {odd} SEEN" for _ in range(5)))


def test_of_mailboxes_that_are_not_selected_only_uids_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tree("UID 5:*,1", None) == Or((Term("uids", ((1, 1), (5, 2**32 - 1))),))
    for keys in ("1", "$", "UID $", "NOT (SEEN 1:*)"):
        with pytest.raises(ValueError, match="selected"):
            tree(keys, None)
    with pytest.raises(Refusal):
        tree("UID " + ",".join(str(n) for n in range(1, 2_100, 2)), None)
