"""The parameters of SELECT and the modifiers of FETCH, and what is none of them."""

from __future__ import annotations

from itertools import islice

import pytest

from mailsuite.protocol.imap.modifiers import Modifiers, modifiers
from mailsuite.protocol.imap.responses import vanished
from mailsuite.protocol.imap.selection import Resync, Select, select
from mailsuite.protocol.imap.sequence import SequenceSet, runs
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem, UidRequired


def test_a_client_that_comes_back_says_what_it_knows() -> None:
    asked = select(Parser([b" INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))"]))
    assert asked == Select("INBOX", False, Resync(67890007, 90060115194045000, SequenceSet(((41, 211), (214, 541)))))
    both = select(Parser([b" INBOX (QRESYNC (1 2 (1,3 5,9)) CONDSTORE)"]))
    assert both.condstore
    assert both.resync
    assert both.resync.known is None
    assert list(both.resync.matches()) == [(1, 5), (3, 9)]
    assert select(Parser([b" INBOX (QRESYNC (1 2))"])).resync == Resync(1, 2)


def test_sequence_match_data_is_read_no_further_than_needed() -> None:
    asked = select(Parser([b" INBOX (QRESYNC (1 2 1:9 (1:4294967295 1:4294967295)))"])).resync
    assert asked
    assert list(islice(asked.matches(), 2)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        b"()x",
        b"(QRESYNC)",
        b"(QRESYNC (1))",
        b"(QRESYNC (1 2 *))",
        b"(QRESYNC (1 2 $))",
        b"(QRESYNC (1 2 1:9 (1,2 3)))",
        b"(QRESYNC (1 2 1:9 (2,1 3,4)))",
        b"(QRESYNC (1 2 1:9 (1:2 4:3)))",
        b"(QRESYNC (1 2 1:9 (1,1 3,4)))",
        b"(QRESYNC (1 2 1:9 (1 3) (2 4)))",
        b"(QRESYNC (4294967296 2))",
        b"(QRESYNC (1 9223372036854775808))",
        b"(CONDSTORE CONDSTORE)",
        b"(CONDSTORE QRESYNC (1 2)",
        b"(X)",
    ],
)
def test_a_wrong_parameter_is_bad(wrong: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        select(Parser([b" INBOX " + wrong]))


def test_who_has_only_uids_names_no_numbers() -> None:
    with pytest.raises(UidRequired):
        select(Parser([b" INBOX (QRESYNC (1 2 1:9 (1 3)))"], uids_only=True))
    assert select(Parser([b" INBOX (QRESYNC (1 2 1:9))"], uids_only=True)).resync


def test_fetch_takes_its_modifiers_in_any_order() -> None:
    assert modifiers(Parser([b" (VANISHED CHANGEDSINCE 7)"])) == modifiers(Parser([b" (changedsince 7 vanished)"]))
    assert modifiers(Parser([b" (CHANGEDSINCE 7)"])) == Modifiers(7)
    assert modifiers(Parser([b""])) == Modifiers()


@pytest.mark.parametrize("wrong", [b" (VANISHED)", b" ()", b" (CHANGEDSINCE 1 CHANGEDSINCE 2)", b" (CHANGEDSINCE -1)", b" (X 1)"])
def test_a_wrong_modifier_is_bad(wrong: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        modifiers(Parser([wrong]))


def test_vanished_is_written_in_ranges_and_its_lines_stay_short() -> None:
    assert vanished(runs([405, 407, 410, 425])) == b"* VANISHED 405,407,410,425\r\n"
    assert vanished(runs([41, *range(43, 117)]), earlier=True) == b"* VANISHED (EARLIER) 41,43:116\r\n"
    assert vanished([]) == b""
    lines = vanished(runs(range(1, 20_000, 2))).splitlines()
    assert len(lines) == 10
    assert max(map(len, lines)) < 8_192
