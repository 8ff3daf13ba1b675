"""Who the author is, whatever From looks like."""

from __future__ import annotations

import time

import pytest

from mailsuite.screening import dmarc
from mailsuite.screening.dmarc import author_domains


@pytest.mark.parametrize(
    ("header", "domains"),
    [
        (b"From: carol@elsewhere.example\r\n", ["elsewhere.example"]),
        (b"FROM : Carol <carol@Elsewhere.Example>\r\n", ["elsewhere.example"]),
        (b'From: "alice@example.org" <carol@elsewhere.example>\r\n', ["elsewhere.example"]),
        (b"From:\r\n\t=?utf-8?q?alice=40example=2Eorg?=\r\n <carol@elsewhere.example>\r\n", ["elsewhere.example"]),
        (b"From: a@one.example, b@two.example, c@one.example\r\n", ["one.example", "two.example"]),
        (b"From: a@one.example\r\nfrom: b@two.example\r\n", ["one.example", "two.example"]),
        ("From: j@b\u00fccher.example\r\n".encode(), ["xn--bcher-kva.example"]),
        (b"From: team: a@one.example, b@two.example;\r\n", ["one.example", "two.example"]),
        (b"From: <a@one.example> <b@two.example>\r\n", ["two.example", "one.example"]),
        (b'From: "Bob <b@one.example> via List" <list@two.example>\r\n', ["two.example"]),
        (b'From: "a \\" <b@one.example>" <list@two.example>\r\n', ["two.example"]),
        (b"From: Bob (was <b@one.example>) <list@two.example>\r\n", ["two.example"]),
        (b'From: "open <a@one.example> <b@two.example>\r\n', ["one.example", "two.example"]),
        (b'From: ("<x@three.example>) <a@one.example> " <b@two.example>\r\n', ["one.example", "two.example"]),
        (b"From: a@one.example:;\r\n", ["one.example"]),
        (b"From: a@one.example.\r\n", ["one.example"]),
        (b"From: nobody\r\n", []),
        (b"From:\r\n", []),
        (b"Subject: no author\r\n", []),
        (b"X-From: a@one.example\r\n", []),
    ],
)
def test_every_author_domain_is_found_once(header: bytes, domains: list[str]) -> None:
    assert author_domains(header + b"\r\n") == domains


@pytest.mark.parametrize(
    "value", [b"<", b"@", b"a@", b"@b", b'"', b"(", b"\x00@\x00", b"a@b@c", b"<<a@b>>", b"\xff@\xff", b":;", b"=?x?q?@?="]
)
def test_an_author_that_makes_no_sense_breaks_nothing(value: bytes) -> None:
    assert all("@" not in domain for domain in author_domains(b"From: " + value * 1000 + b"\r\n\r\n"))


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"(", b"(\\", b"<", b"<a@", b'"<a@b>', b"\\"])
def test_authors_are_read_in_linear_time(piece: bytes) -> None:
    began = time.process_time()
    author_domains(b'From: "' + piece * (250_000 // len(piece)) + b"\r\n")
    author_domains(b"From: " + piece * (250_000 // len(piece)) + b"\r\n")
    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    ("value", "pretends"),
    [
        (b"(ana@bank.example)", True),
        (b"(=?utf-8?q?ana=40bank=2Eexample?=)", True),
        (b'"ana@bank.example"', True),
        (b"=?utf-8?q?ana=40bank=2Eexample?=", True),
        (b"(ana@bank.example) carol@elsewhere.example", False),
        (b"Ana (nobody)", False),
        (b"", False),
    ],
)
def test_an_address_that_is_none_to_us_is_a_pretence(value: bytes, pretends: bool) -> None:
    assert (dmarc._pretence(b"From: " + value + b"\r\n\r\n") == dmarc.NO_ADDRESS) is pretends
