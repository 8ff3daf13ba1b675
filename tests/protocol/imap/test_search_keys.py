"""How SEARCH keys and RETURN options are read, and how an ESEARCH response is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap import multisearch, search
from mailsuite.protocol.imap.mailbox_filter import Filter
from mailsuite.protocol.imap.returning import Partial, Returns, Source, esearch, returns
from mailsuite.protocol.imap.search import And, BadCharset, Key, Not, Or
from mailsuite.protocol.imap.sequence import SequenceSet
from mailsuite.protocol.imap.syntax import MAX_NESTING, Parser, SyntaxProblem


def tree(keys: bytes, charset: bytes = b"") -> And:
    return search.program(Parser([keys]), charset)


A, B, C, D = (Key(name) for name in ("SEEN", "FLAGGED", "DRAFT", "ANSWERED"))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (b"SEEN FLAGGED", (A, B)),
        (b"OR SEEN OR FLAGGED OR DRAFT ANSWERED", (Or((A, B, C, D)),)),
        (b"OR OR OR SEEN FLAGGED DRAFT ANSWERED", (Or((A, B, C, D)),)),
        (b"OR (OR SEEN FLAGGED) (DRAFT ANSWERED)", (Or((A, B, And((C, D)))),)),
        (b"NOT NOT SEEN", (A,)),
        (b"NOT NOT NOT SEEN", (Not(A),)),
        (b"NOT (SEEN) ((FLAGGED (DRAFT))) ANSWERED", (Not(A), B, C, D)),
        (b"NOT (SEEN FLAGGED)", (Not(And((A, B))),)),
        (b"OR NOT SEEN NOT OR FLAGGED DRAFT", (Or((Not(A), Not(Or((B, C))))),)),
        (b"1:3 (UID 4)", (Key("SEQUENCE", SequenceSet(((1, 3),))), Key("UID", SequenceSet(((4, 4),))))),
        (b"LARGER 9223372036854775807", (Key("LARGER", 2**63 - 1),)),
        (b'MODSEQ "/flags/\\\\draft" all 620162338', (Key("MODSEQ", 620162338),)),
        (b'HEADER "X-A" ""', (Key("HEADER", ("X-A", "")),)),
    ],
)  # fmt: skip
def test_keys_are_read_flat_where_they_can_be(keys: bytes, expected: tuple) -> None:
    assert tree(keys) == And(expected)


@pytest.mark.parametrize(
    "keys",
    [
        b"", b" ", b"NOT", b"OR SEEN", b"OR SEEN  ", b"()", b"(SEEN", b"SEEN)", b"NOT ()", b"SEEN FLAGGED)", b"OR (SEEN) )",
        b"LARGER 9223372036854775808", b"OLDER 0", b"YOUNGER 0", b"KEYWORD", b"UID", b"HEADER x", b"SENTON 31-Feb-2026",
        b"UNKNOWN x", b"SEEN,FLAGGED", b"$,1", b"RETURN (MIN) ALL", b"(SEEN)(FLAGGED)",
    ],
)  # fmt: skip
def test_what_is_no_search_is_bad(keys: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        tree(keys)


def test_a_chain_of_or_may_be_as_long_as_there_may_be_keys() -> None:
    chain = b"OR SEEN " * 199 + b"FLAGGED"
    assert tree(chain) == And((Or((A,) * 199 + (B,)),))
    assert tree(b"OR " * 199 + b"SEEN " * 199 + b"FLAGGED") == And((Or((A,) * 199 + (B,)),))
    with pytest.raises(SyntaxProblem, match="Too many"):
        tree(b"OR SEEN " * 250 + b"FLAGGED")


def test_what_is_nested_too_deep_is_bad() -> None:
    deep = b"NOT OR SEEN " * (MAX_NESTING // 2) + b"FLAGGED"
    assert tree(deep)
    with pytest.raises(SyntaxProblem, match="deeper"):
        tree(b"NOT OR SEEN " + deep)
    for hostile in (b"(" * 60_000, b"NOT " * 15_000 + b"ALL", b"OR " * 20_000, b"(" * 50 + b"SEEN " * 10_000):
        with pytest.raises(SyntaxProblem):
            tree(hostile)


@given(st.lists(st.sampled_from([b"NOT", b"OR", b"(", b")", b"SEEN", b"1", b" ", b" ", b" "]), max_size=30))
def test_every_row_of_words_is_a_tree_or_bad(words: list[bytes]) -> None:
    try:
        tree(b"".join(words))
    except SyntaxProblem:
        pass


def test_strings_are_in_the_charset_they_claim() -> None:
    assert tree(b'SUBJECT "\xd0\xd2\xc9\xd7\xc5\xd4"', b"KOI8-R").keys == (Key("SUBJECT", "привет"),)
    assert tree(b'SUBJECT "gr\xfcn"', b"iso-8859-1").keys == (Key("SUBJECT", "grün"),)
    assert tree(b'SUBJECT "gr\xc3\xbcn"', b"us-ascii").keys == (Key("SUBJECT", "grün"),)
    for charset in (b"KLINGON", b"", b"punycode", b"base64", b"rot13", b"idna", b"\xff"):
        with pytest.raises(BadCharset):
            search.parse(Parser([b'CHARSET "' + charset + b'" ALL']))
    for charset, text in ((b"utf-8", b"\xff"), (b"utf-7", b"+2AA-"), (b"utf-16", b"x")):
        with pytest.raises(SyntaxProblem):
            tree(b'SUBJECT "' + text + b'"', charset)


def test_a_charset_that_is_not_known_says_whether_a_result_was_to_be_saved() -> None:
    for options, saves in ((b"", False), (b"RETURN (MIN) ", False), (b"RETURN (MIN SAVE) ", True)):
        with pytest.raises(BadCharset) as caught:
            search.parse(Parser([options + b"CHARSET KLINGON ALL"]))
        assert caught.value.saves is saves


# --- RETURN ---


def read(text: bytes) -> Returns | None:
    return returns(Parser([text + b" "]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"RETURN ()", Returns(frozenset({"ALL"}))),
        (b"return (Min mAX)", Returns(frozenset({"MIN", "MAX"}))),
        (b"RETURN (SAVE)", Returns(frozenset({"SAVE"}))),
        (b"RETURN (PARTIAL 1:500)", Returns(frozenset(), Partial(1, 500, False, "1:500"))),
        (b"RETURN (COUNT PARTIAL -1:-100)", Returns(frozenset({"COUNT"}), Partial(1, 100, True, "-1:-100"))),
        (b"RETURN (PARTIAL 500:1 MIN)", Returns(frozenset({"MIN"}), Partial(1, 500, False, "500:1"))),
        (b"SEEN", None),
    ],
)
def test_return_options_are_read(text: bytes, expected: Returns | None) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "inside",
    [
        b"PARTIAL 1:500 ALL", b"ALL PARTIAL 1:500", b"PARTIAL 1:2 PARTIAL 3:4", b"PARTIAL 0:5", b"PARTIAL 1:-5", b"PARTIAL -1:5",
        b"PARTIAL 1:*", b"PARTIAL 5", b"PARTIAL", b"PARTIAL 1:4294967296", b"MINMAX", b"UPDATE", b"MIN,MAX", b"MIN ", b"(",
    ],
)  # fmt: skip
def test_return_options_that_there_are_not_are_bad(inside: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        read(b"RETURN (" + inside + b")")


@given(st.integers(0, 60), st.integers(1, 70), st.integers(1, 70), st.booleans())
def test_a_page_is_what_one_counts_to_from_the_front_or_the_end(count: int, one: int, other: int, from_end: bool) -> None:
    numbers = list(range(count))
    counted = numbers[::-1] if from_end else numbers
    expected = sorted(counted[place - 1] for place in range(min(one, other), max(one, other) + 1) if place <= count)
    sign = "-" if from_end else ""
    found = read(f"RETURN (PARTIAL {sign}{one}:{sign}{other})".encode())
    assert numbers[found.partial.of(count)] == expected
    assert list(found.indices(count)) == expected


OPTIONS = st.sets(st.sampled_from(["MIN", "MAX", "ALL", "COUNT", "SAVE"]), min_size=1)


@given(st.integers(0, 12), OPTIONS, st.sampled_from(["", "1:3", "-1:-3", "9:9"]))
def test_what_is_saved_is_what_was_asked_for(count: int, options: set[str], page: str) -> None:
    """The tables of RFC 5182 §2.4 and RFC 9394 §3.2, written out once more."""
    if page and "ALL" in options:
        return
    asked = read(f"RETURN ({' '.join(sorted(options))}{' PARTIAL ' * bool(page)}{page})".encode())
    found = list(asked.indices(count))
    expected = set()
    if options & {"ALL", "COUNT"} or (options == {"SAVE"} and not page):
        expected = set(range(count))
    expected |= {0} if "MIN" in options and count else set()
    expected |= {count - 1} if "MAX" in options and count else set()
    if page == "1:3":
        expected |= set(range(min(count, 3)))
    if page == "-1:-3":
        expected |= set(range(max(count - 3, 0), count))
    if page == "9:9" and count > 8:
        expected.add(8)
    assert found == sorted(expected)
    assert asked.answers is (options != {"SAVE"} or bool(page))


def test_an_esearch_response_says_what_was_asked_and_no_more() -> None:
    every = Returns(frozenset({"MIN", "MAX", "COUNT", "ALL", "SAVE"}))
    assert esearch("a", every, [2, 3, 4, 9], uids=True) == b'* ESEARCH (TAG "a") UID MIN 2 MAX 9 COUNT 4 ALL 2:4,9\r\n'
    assert esearch("a", every, [], uids=False) == b'* ESEARCH (TAG "a") COUNT 0\r\n'
    assert esearch("a", Returns(), [5, 4, 6, 7], uids=False, modseq=9) == b'* ESEARCH (TAG "a") ALL 5,4,6:7 MODSEQ 9\r\n'
    where = Source("Entwürfe", 7)
    assert esearch("a", Returns(), [1], uids=True, source=where) == (
        b'* ESEARCH (TAG "a" MAILBOX Entw&APw-rfe UIDVALIDITY 7) UID ALL 1\r\n'
    )
    page = read(b"RETURN (PARTIAL 23500:24000)")
    assert esearch("a", page, [7, 1], uids=True) == b'* ESEARCH (TAG "a") UID PARTIAL (23500:24000 NIL)\r\n'


# --- ESEARCH IN ---


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        (b"UNSEEN", (Filter("SELECTED"),)),
        (b"IN (selected) UNSEEN", (Filter("SELECTED"),)),
        (
            b'IN (mailboxes "folder1" subtree "folder2") unseen',
            (Filter("MAILBOXES", ("folder1",)), Filter("SUBTREE", ("folder2",))),
        ),
        (
            b"in (MAILBOXES (inbox a/b) personal Subscribed inboxes subtree-one x) RETURN (MIN) ALL",
            (
                Filter("MAILBOXES", ("INBOX", "a/b")),
                Filter("PERSONAL"),
                Filter("SUBSCRIBED"),
                Filter("INBOXES"),
                Filter("SUBTREE-ONE", ("x",)),
            ),
        ),
    ],
)
def test_a_search_says_in_which_mailboxes(text: bytes, filters: tuple[Filter, ...]) -> None:
    assert multisearch.parse(Parser([text])).filters == filters


@pytest.mark.parametrize(
    "text",
    [b"IN () ALL", b"IN (mailboxes) ALL", b"IN (selected-delayed) ALL", b"IN (personal ALL", b"IN (mailboxes ()) ALL",
     b"IN (personal)", b"IN personal ALL", b"IN (personal (x)) ALL", b"IN (mailboxes (" + b"a " * 2_000 + b"a)) ALL"],
)  # fmt: skip
def test_filters_that_there_are_not_are_bad(text: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        multisearch.parse(Parser([text]))


def test_filters_take_what_they_say() -> None:
    assert Filter("SUBTREE", ("a",)).takes("a/b/c")
    assert Filter("SUBTREE", ("a",)).takes("a")
    assert not Filter("SUBTREE", ("a",)).takes("ab")
    assert Filter("SUBTREE-ONE", ("a",)).takes("a/b")
    assert not Filter("SUBTREE-ONE", ("a",)).takes("a/b/c")
    assert not Filter("SUBSCRIBED").takes("a")
    assert Filter("SUBSCRIBED").takes("a", subscribed=True)
    assert Filter("INBOXES").takes("a", receives=True)
    assert not Filter("INBOXES").takes("INBOX")
    assert Filter("MAILBOXES", ("Work",)).folded(str.lower).takes("work")
