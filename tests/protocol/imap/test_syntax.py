"""Tokens, arguments, sets, names: hostile input gives a SyntaxProblem and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap import (
    appending,
    commands,
    fetch,
    listing,
    metadata,
    modifiers,
    multisearch,
    quota,
    search,
    selection,
    sort,
    threads,
    utf7,
)
from mailsuite.protocol.imap.fetch import Item, Section
from mailsuite.protocol.imap.pattern import Pattern
from mailsuite.protocol.imap.search import And, Key, Not, Or
from mailsuite.protocol.imap.sequence import SequenceSet, compact
from mailsuite.protocol.imap.strings import quoted
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.sasl import Credentials

READERS = [
    commands.login, selection.select, commands.rename, commands.status, commands.create, commands.store,
    commands.copy, commands.identity, commands.uid_expunge, fetch.parse, search.parse, appending.mailbox, appending.before,
    appending.part, listing.listing, listing.lsub, metadata.get_metadata, metadata.set_metadata, quota.root, quota.set_quota,
    sort.parse, threads.parse, multisearch.parse,
]  # fmt: skip


def parsed(reader, *pieces: bytes):
    return reader(Parser(pieces))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: f"{reader.__module__}.{reader.__name__}")
@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.text('() {}"\\*%1:,<>[].ABODYUIDFLAGS', max_size=40).map(str.encode)),
        min_size=1,
        max_size=5,
    )
)
def test_no_octets_break_a_reader(reader, pieces: list[bytes]) -> None:
    try:
        reader(Parser(pieces if len(pieces) % 2 else pieces[:-1] or [b""]))
    except (SyntaxProblem, search.BadCharset):
        pass


def test_endless_nesting_is_read_past_or_refused() -> None:
    for hostile in (b"(" * 300_000, b"NOT " * 80_000, b"OR " * 100_000, b'"' + b"\\" * 300_000, b"1," * 150_000):
        for reader in READERS:
            for pieces in ([b" " + hostile], [hostile], [b" ", b"x", b" " + hostile]):
                try:
                    reader(Parser(pieces))
                except (SyntaxProblem, search.BadCharset):
                    pass


def test_strings_are_atoms_quoted_or_literals() -> None:
    assert parsed(commands.login, b' alice "s\\"e c\\\\ret"') == Credentials("alice", 's"e c\\ret')
    assert parsed(commands.login, b" ", b"alice", b" ", "pässwörd".encode(), b"") == Credentials("alice", "pässwörd")
    for wrong in (b" alice", b" alice a b", b' "alice b', b" al(ice b", b' "a\nb" c', b" alice \xff"):
        with pytest.raises(SyntaxProblem):
            parsed(commands.login, wrong)


def test_sequence_sets_are_merged_and_clipped() -> None:
    numbers = SequenceSet.parse(b"9:7,1,2,4:*,2")
    assert numbers.merged(6) == [(1, 2), (4, 9)]
    assert SequenceSet.parse(b"*:3").merged(5) == [(3, 5)]
    assert list(SequenceSet.parse(b"5:*").uid_indices([2, 4, 9])) == [range(2, 3)]
    assert list(SequenceSet.parse(b"15:*").uid_indices([2, 4, 9])) == [range(2, 3)]  # RFC 9051 §9: * is always in 15:*
    assert SequenceSet.parse(b"1:3").fits(3)
    assert not SequenceSet.parse(b"1:4").fits(3)
    assert compact([1, 2, 3, 7, 9, 10]) == "1:3,7,9:10"
    assert compact([]) == ""
    for wrong in (b"", b"0", b"1:", b":1", b"1,,2", b"4294967296", b"1:2:3", b"9" * 5_000):
        with pytest.raises(ValueError):
            SequenceSet.parse(wrong)


@given(st.lists(st.integers(1, 2**32 - 1)))
def test_compact_is_read_back_as_the_same_numbers(numbers: list[int]) -> None:
    ascending = sorted(set(numbers))
    if ascending:
        ranges = SequenceSet.parse(compact(ascending).encode()).ranges
        assert next(first for first, _ in ranges) == ascending[0]
        assert sum(last - first + 1 for first, last in ranges) == len(ascending)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_survives_modified_utf7(name: str) -> None:
    assert utf7.decode(utf7.encode(name)) == name


def test_names_of_rfc_3501_are_read_and_written() -> None:
    assert utf7.decode(b"~peter/mail/&U,BTFw-/&ZeVnLIqe-") == "~peter/mail/台北/日本語"
    assert utf7.encode("Rechnungen & Verträge") == b"Rechnungen &- Vertr&AOQ-ge"
    assert utf7.decode("Verträge".encode()) == "Verträge"
    with pytest.raises(ValueError):
        utf7.decode(b"&AA-")
    with pytest.raises(ValueError):
        utf7.decode(b"\xff\xfe")


@pytest.mark.parametrize("name", [b"Kids & Co", b"R&D", b"&", b"&-&", b"a&AOQ-&b"])
def test_an_ampersand_for_itself_is_refused_with_a_word_how_to_write_it(name: bytes) -> None:
    with pytest.raises(SyntaxProblem, match="& is &-"):
        Parser([b'"' + name + b'"']).mailbox()
    assert Parser([b'"' + name + b'"'], utf8=True).mailbox() == name.decode()


def test_inbox_is_inbox_in_any_case() -> None:
    assert parsed(selection.select, b" inBox").mailbox == "INBOX"
    assert parsed(selection.select, b' "Inbox/Work" (CONDSTORE)') == selection.Select("INBOX/Work", True)
    assert parsed(selection.select, b" Inboxes").mailbox == "Inboxes"


def test_fetch_items_keep_their_order_and_macros_are_spelled_out() -> None:
    assert [item.name for item in parsed(fetch.parse, b"FULL")] == ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]
    items = parsed(fetch.parse, b"(uid BODY.PEEK[1.2.HEADER.FIELDS.NOT (From {)]<5.10> RFC822 UID body[])".replace(b"{", b'"To"'))
    assert items == [
        Item("UID", b"UID"),
        Item(
            "BODY[]",
            b"BODY[1.2.HEADER.FIELDS.NOT (From To)]<5>",
            Section("1.2", "HEADER.FIELDS.NOT", (b"From", b"To")),
            True,
            (5, 10),
        ),
        Item("RFC822", b"RFC822", Section(), False),
        Item("BODY[]", b"BODY[]", Section(), False),
    ]
    for wrong in (
        b"",
        b"()",
        b"(UID",
        b"BODY[",
        b"BODY[0]",
        b"BODY[MIME]",
        b"BODY[1.]",
        b"BODY[HEADER.FIELDS]",
        b"BODY[]<1.0>x(",
        b"BINARY[TEXT]",
        b"BINARY.SIZE[1]<0.5>",
        b"BODY[1]<0.0>",
        b"PREVIEW (LAZY",
    ):
        with pytest.raises(SyntaxProblem):
            _whole_fetch(wrong)


def _whole_fetch(arguments: bytes) -> None:
    parser = Parser([arguments])
    fetch.parse(parser)
    modifiers.modifiers(parser)


def test_a_search_is_a_tree() -> None:
    asked = parsed(
        search.parse, b"CHARSET utf-8 2,4:* NOT (SEEN SUBJECT ", "grüße".encode(), b') OR FROM "a b" SENTSINCE 1-Feb-1994'
    )
    assert asked.returns is None
    assert asked.charset == "utf-8"
    assert asked.tree == And(
        (
            Key("SEQUENCE", SequenceSet(((2, 2), (4, 0)))),
            Not(And((Key("SEEN"), Key("SUBJECT", "grüße")))),
            Or((Key("FROM", "a b"), Key("SENTSINCE", date(1994, 2, 1)))),
        )
    )
    assert parsed(search.parse, b"RETURN () ALL").returns.options == {"ALL"}
    assert parsed(search.parse, b"return (min Count) UID $").returns.options == {"MIN", "COUNT"}
    with pytest.raises(search.BadCharset):
        parsed(search.parse, b"CHARSET KLINGON ALL")


def test_dates_and_times() -> None:
    assert parsed(appending.before, b'(\\Seen $Label) "17-Jul-1996 02:44:25 -0700" ', b"m", b"") == appending.Before(
        1, ("$Label",), datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)
    )
    for wrong in (b'"32-Jul-1996 02:44:25 -0700"', b'"17-Foo-1996 02:44:25 -0700"', b'"01-Jan-0001 00:00:00 +1400"', b'"x"'):
        with pytest.raises(SyntaxProblem):
            parsed(appending.before, wrong + b" ", b"m", b"")


def test_store_arguments() -> None:
    assert parsed(commands.store, b" 1:3 +FLAGS.SILENT (\\Deleted \\seen work)") == commands.Store(
        SequenceSet(((1, 3),)), "+", True, 17, ("work",), None
    )
    assert parsed(commands.store, b" 1 (UNCHANGEDSINCE 12) FLAGS \\Flagged $Junk").unchanged_since == 12


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "a/b", True), ("%", "a/b", False), ("%", "a", True), ("a/%", "a/b", True), ("a/%", "a/b/c", False),
        ("*b", "a/b", True), ("inbox", "INBOX", True), ("In%", "INBOX", False), ("a", "A", False), ("%/%", "a/b", True),
        ("*%", "a/b/c", True), ("%*", "", True), ("a*c*e", "abcde", True), ("a*c*e", "abcd", False), ("", "", True),
    ],
)  # fmt: skip
def test_list_patterns(pattern: str, name: str, matches: bool) -> None:
    assert Pattern(pattern).matches(name) is matches


def test_a_hostile_list_pattern_costs_linear_time() -> None:
    assert not Pattern("*a" * 500).matches("a" * 400 + "b" * 100)


def test_a_mailbox_name_in_utf8_means_what_it_says() -> None:
    assert Parser(["Entwürfe &- mehr".encode().join([b'"', b'"'])], utf8=True).mailbox() == "Entwürfe &- mehr"
    assert Parser([b"Entw&APw-rfe"], utf8=True).mailbox() == "Entw&APw-rfe"
    assert Parser([b"inBOX/x"], utf8=True).mailbox() == "INBOX/x"
    with pytest.raises(SyntaxProblem, match="not UTF-8"):
        Parser([b'"Entw\xfcrfe"'], utf8=True).mailbox()


def test_a_quoted_string_in_utf8_has_no_line_in_it() -> None:
    assert quoted('Grüße "an"\r\n\0 \\ alle') == 'Grüße \\"an\\" \\\\ alle'.encode().join([b'"', b'"'])


def test_a_list_in_parentheses_has_an_end() -> None:
    def reader(count: int) -> Parser:
        return Parser([b"(" + b" ".join([b"x"] * count) + b")"])

    assert reader(3).listed(Parser.word, 3) == ["X"] * 3
    for count in (0, 4):
        with pytest.raises(SyntaxProblem):
            reader(count).listed(Parser.word, 3)
    assert reader(0).words() == reader(0).flag_list() == []
    assert Parser([b"x"]).some(Parser.word, 3) == reader(1).some(Parser.word, 3) == ["X"]
    with pytest.raises(SyntaxProblem):
        reader(1_000).words()
