"""Addresses of the envelope and of address fields."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.address import AddrSpec, Mailbox, domain_ascii, format_mailbox, parse_list, parse_path, without_asides
from mailsuite.protocol.address_list import Entry, entries


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("alice@example.org", "alice@example.org"),
        ("<Alice@EXAMPLE.Org>", "Alice@example.org"),
        ('"alice"@example.org', "alice@example.org"),
        ('"a b"@example.org', '"a b"@example.org'),
        (r'"a\"b"@example.org', r'"a\"b"@example.org'),
        ("@mx.example.org,@b:alice@example.org", "alice@example.org"),
        ("alice@[192.0.2.1]", "alice@[192.0.2.1]"),
        ("alice@[ipv6:2001:DB8::1]", "alice@[IPv6:2001:db8::1]"),
        ("jörg@müller.example", "jörg@xn--mller-kva.example"),
        ("alice@straße.example", "alice@xn--strae-oqa.example"),
        ("alice@example.org.", "alice@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_a_path_is_read(path: str, expected: str) -> None:
    assert str(parse_path(path)) == expected


NO_MAILBOXES = ["", "<>", "alice", "alice@", "@example.org", "a..b@example.org", ".a@example.org", "a@b@c", "a b@example.org"]
NO_MAILBOXES += ["a@-b.example", "a@b..example", "a@[300.0.0.1]", "a@[IPv6:x]", "a@b\r\nRCPT", '"a\0b"@example.org', "a@ex ample"]
NO_MAILBOXES += ["a@☃.example\u202e", "a\r\n@example.org", "x" * 5000, "a" * 65 + "@b.example", "a@" + "b" * 64 + ".example"]
NO_MAILBOXES += ["a@" + "b." * 130 + "example"]


@pytest.mark.parametrize("path", NO_MAILBOXES)
def test_what_is_no_mailbox_is_refused(path: str) -> None:
    assert parse_path(path) is None


def test_a_local_part_is_quoted_only_where_it_must_be() -> None:
    assert str(AddrSpec("alice", "example.org")) == "alice@example.org"
    assert str(AddrSpec("alice in wonder", "example.org")) == '"alice in wonder"@example.org'


@given(st.text(max_size=80))
def test_a_path_that_is_read_is_read_again_the_same(words: str) -> None:
    found = parse_path(f"{words}@example.org")
    if found:
        assert parse_path(str(found)) == found


def test_a_domain_that_cannot_be_is_none() -> None:
    assert domain_ascii("exa mple") is None
    assert domain_ascii("a" * 300) is None
    assert domain_ascii("пример.example") == "xn--e1afmkfd.example"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Alice <alice@example.org>", [("Alice", "alice@example.org")]),
        (b'"Doe, Bob" <bob@EXAMPLE.org>, alice@example.org', [("Doe, Bob", "bob@example.org"), ("", "alice@example.org")]),
        (b"=?utf-8?q?J=C3=B6rg?= <j@example.org>", [("Jörg", "j@example.org")]),
        (b"J\xf6rg <j@example.org>", [("Jörg", "j@example.org")]),
        ("Jörg <j@müller.example>", [("Jörg", "j@xn--mller-kva.example")]),
        (b"alice@example.org (Alice (in brackets))", [("Alice (in brackets)", "alice@example.org")]),
        (b"Carol carol@elsewhere.example", [("Carol", "carol@elsewhere.example")]),
        (b"alice@example.org; bob@example.org", [("", "alice@example.org"), ("", "bob@example.org")]),
        (b"alice . smith @ example . org", [("", "alice.smith@example.org")]),
        (b'"alice smith"@example.org', [("", '"alice smith"@example.org')]),
        (b"<@a.example,@b.example:alice@example.org>", [("", "alice@example.org")]),
        (b"Alice <alice@example.org, Bob <bob@example.org>", [("Alice", "alice@example.org"), ("Bob", "bob@example.org")]),
        (b'"mallory@example.org" <x@elsewhere.example>', [("mallory@example.org", "x@elsewhere.example")]),
        (b"MAILER-DAEMON (Mail Delivery)", [("Mail Delivery", "")]),
        (b"undisclosed-recipients:;", []),
        (b", ,, ", []),
    ],
)
def test_an_address_field_is_read(value: bytes | str, expected: list[tuple[str, str]]) -> None:
    assert [(person.name, person.address) for person in parse_list(value)] == expected


def test_a_mailbox_knows_its_group() -> None:
    assert parse_list(b"Friends: bob@example.org, Carol <c@elsewhere.example>;, alice@example.org") == [
        Mailbox("", "bob@example.org", "Friends"),
        Mailbox("Carol", "c@elsewhere.example", "Friends"),
        Mailbox("", "alice@example.org"),
    ]


def test_entries_keep_what_stands_there_and_mark_groups() -> None:
    assert entries(b"G: =?utf-8?q?J=C3=B6rg?= <j@Example.org>;") == [
        Entry(b"", b"G", None),
        Entry(b"=?utf-8?q?J=C3=B6rg?=", b"j", b"Example.org"),
        Entry(b"", None, None),
    ]


def test_no_more_mailboxes_than_asked_for_are_read() -> None:
    assert len(parse_list(b"a@example.org, " * 5000)) == 1000
    assert len(parse_list(b"(x) a@example.org, " * 50, most=7)) == 7


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "bob@example.org"),
        ("Bob", "Bob <bob@example.org>"),
        ("Doe, Bob", '"Doe, Bob" <bob@example.org>'),
        ('Bob "B" \\', r'"Bob \"B\" \\" <bob@example.org>'),
        ("Jörg", "=?utf-8?b?SsO2cmc=?= <bob@example.org>"),
        ("=?x?q?y?=", "=?utf-8?b?PT94P3E/eT89?= <bob@example.org>"),
        ("Bob\r\nBcc: mallory@elsewhere.example", '"Bob Bcc: mallory@elsewhere.example" <bob@example.org>'),
    ],
)
def test_a_mailbox_is_written_so_that_it_cannot_be_misread(name: str, expected: str) -> None:
    assert format_mailbox(name, "bob@example.org") == expected


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_written_mailbox_is_read_again_the_same(name: str) -> None:
    assert parse_list(format_mailbox(name, "bob@example.org")) == [Mailbox(name, "bob@example.org")]


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        (b'"Bob <b@one.example>" <l@two.example>', b"  <l@two.example>"),
        (b'Bob (was b@one.example) "a \\" b" c', b"Bob     c"),
        (b'"b@one.example"@two.example', b'"b@one.example"@two.example'),
        (b'"open b@one.example (x)', b'"open b@one.example (x)'),
        (b"((a) b@one.example", b"(  b@one.example"),
        (b'"x\\', b'"x\\'),
    ],
)
def test_quoted_strings_and_comments_are_taken_out_where_they_close(value: bytes, bare: bytes) -> None:
    assert without_asides(value) == bare


@pytest.mark.parametrize("piece", [b'\\"', b'"', b'"@', b"(", b"\\", b'("'])
def test_they_are_taken_out_in_linear_time(piece: bytes) -> None:
    began = time.process_time()
    without_asides(b'"' + piece * (250_000 // len(piece)))
    assert time.process_time() - began < 2
