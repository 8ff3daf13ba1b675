"""Received lines and hop counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailsuite.protocol.trace import Hop, count_hops, delivered_to, received, return_path, with_protocol

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_a_received_line_tells_who_how_and_when_and_is_folded() -> None:
    name = "mail.elsewhere.example"
    line = received(Hop("mx.example.org", "abc", AT, name, "192.0.2.1", name, "ESMTPS", "TLSv1.3 X", "a@b.c"))
    assert line.endswith((b"; Mon, 23 Nov 2026 09:30:00 +0000\r\n", b"\tMon, 23 Nov 2026 09:30:00 +0000\r\n"))
    assert all(len(part) <= 80 for part in line.split(b"\r\n"))
    assert line.replace(b"\r\n\t", b" ").startswith(
        b"Received: from mail.elsewhere.example (mail.elsewhere.example [192.0.2.1]) by mx.example.org"
        b" with ESMTPS (TLSv1.3 X) id abc for <a@b.c>;"
    )


@pytest.mark.parametrize("helo", ["x\r\nBcc: y", "evil (comment", "a b", "\u202egnp", "x" * 5000])
def test_a_client_cannot_write_into_our_header(helo: str) -> None:
    line = received(Hop("mx.example.org", "abc", AT, helo, "2001:db8::1"))
    assert line.count(b"\r\n") == line.count(b"\r\n\t") + 1
    assert line.count(b"(") == line.count(b")") == 1
    assert b"([IPv6:2001:db8::1])" in line
    assert len(line) < 600


def test_the_word_after_with() -> None:
    assert with_protocol(extended=False, tls=False, authenticated=False) == "SMTP"
    assert with_protocol(extended=True, tls=True, authenticated=True) == "ESMTPSA"
    assert with_protocol(extended=True, tls=True, authenticated=False, smtputf8=True) == "UTF8SMTPS"


def test_hops_are_fields_not_words() -> None:
    header = b"Received: a\r\n\tReceived: folded\r\nreceived : b\r\nX-Received: c\r\nSubject: Received: d\r\nRECEIVED:e\r\n"
    assert count_hops(header) == 3
    assert count_hops(b"") == 0


def test_who_passed_it_on() -> None:
    assert delivered_to(b"Delivered-To: team@example.org\r\nX: y\r\ndelivered-to:bob@example.org \r\n") == [
        "team@example.org",
        "bob@example.org",
    ]


def test_the_return_path() -> None:
    assert return_path("") == b"Return-Path: <>\r\n"
    assert return_path("carol@elsewhere.example") == b"Return-Path: <carol@elsewhere.example>\r\n"
    assert return_path("a\r\nX: y>@b") == b"Return-Path: <aX: y@b>\r\n"
