"""What the store keeps of a message."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from mailsuite.protocol.summary import summarise

HEADER = (
    b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\nTo: Bob <bob@example.org>, carol@elsewhere.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n from the garden\r\nDate: Mon, 23 Nov 2026 11:00:00 +0100\r\n"
    b"Message-ID: <3@example.org>\r\nReferences: <1@example.org>\r\n <2@example.org>\r\nIn-Reply-To: <2@example.org>\r\n"
)


def test_a_message_is_summarised() -> None:
    content = HEADER + b"\r\nHello Bob,\r\n\r\n> old words\r\nnew words\r\n-- \r\nAlice\r\n"
    summary = summarise(content, prefix=b"Return-Path: <>\r\n")
    assert summary.subject == "Grüße from the garden"
    assert summary.people == {
        "from": [["Jörg", "joerg@example.org"]],
        "to": [["Bob", "bob@example.org"], ["", "carol@elsewhere.example"]],
    }
    assert summary.message_id == "3@example.org"
    assert summary.references == ["1@example.org", "2@example.org"]
    assert summary.in_reply_to == ["2@example.org"]
    assert summary.date == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert summary.preview == "Hello Bob, new words"
    assert "old words" in summary.body
    assert summary.attachments == []
    assert summary.traits == {}
    assert summary.size == len(content) + 17


def test_a_message_without_an_id_is_named_by_its_bytes() -> None:
    assert summarise(b"\r\nx").message_id == sha256(b"\r\nx").hexdigest() + "@synthetic.invalid"


def test_people_are_capped() -> None:
    assert len(summarise(b"To: " + b"a@example.org, " * 3000 + b"\r\n\r\n").people["to"]) == 200


def test_html_is_read_only_where_the_plain_text_says_nothing() -> None:
    def alternative(plain: bytes) -> str:
        return summarise(
            b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n" + plain + b"\r\n--b\r\n"
            b"Content-Type: text/html\r\n\r\n<p>Words from <b>HTML</b></p>\r\n--b--\r\n"
        ).body

    assert alternative(b"Quite enough words to stand on their own.") == "Quite enough words to stand on their own."
    assert alternative(b"") == "Words from HTML"


def test_text_for_the_index_is_capped() -> None:
    assert len(summarise(b"\r\n" + b"words and more words\r\n" * 50_000).body) == 200_000


def test_flowed_text_is_joined() -> None:
    content = b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nOne para \r\ngraph.\r\n  stuffed\r\n"
    assert summarise(content).body.split("\n")[:2] == ["One paragraph.", " stuffed"]


def test_a_summary_can_be_kept_as_json() -> None:
    summary = summarise(b"Subject: \0\xed\xa0\x80\r\nTo: \xff\0 <a@b>\r\nList-Id: \xff\r\n\r\n\0")
    json.dumps([summary.people, summary.traits, summary.attachments]).encode()
    assert "\0" not in summary.subject + summary.body


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        (b"List-Id: Garden <garden.Example.org>", b"", {"list_id": "garden.example.org"}),
        (b"List-Unsubscribe: <https://example.org/u>", b"", {"list_unsubscribe": "<https://example.org/u>", "bulk": True}),
        (
            b"List-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
            b"",
            {"list_unsubscribe": "<https://example.org/u>", "one_click": True, "bulk": True},
        ),
        (b"Precedence: Bulk", b"", {"precedence": "Bulk", "bulk": True}),
        (b"Auto-Submitted: auto-generated; x=y", b"", {"auto": "auto-generated", "bulk": True}),
        (b"Auto-Submitted: auto-replied", b"", {"auto": "auto-replied"}),
        (b"Auto-Submitted: no", b"", {}),
        (b"Chat-Version: 1.0\r\nChat-Group-ID: x1", b"", {"chat": "1.0", "chat_group": "x1"}),
        (b"Content-Type: application/pkcs7-mime; smime-type=signed-data", b"", {"signed": "smime"}),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data", b"", {"encrypted": "smime"}),
        (b"X: y", b"-----BEGIN PGP MESSAGE-----", {"encrypted": "pgp"}),
        (b"X: y", b"see https://example.org", {"link": True}),
        (
            b"Content-Type: text/calendar; method=REQUEST",
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:very-\r\n long@example.org\r\nEND:VEVENT",
            {"calendar_uid": "very-long@example.org", "calendar_method": "request"},
        ),
    ],
)
def test_traits_are_found(fields: bytes, body: bytes, expected: dict) -> None:
    assert summarise(fields + b"\r\n\r\n" + body).traits == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (b"report; report-type=delivery-status", {"report": "delivery-status"}),
        (b"encrypted; protocol=application/pgp-encrypted", {"encrypted": "pgp"}),
        (b"signed; protocol=application/pkcs7-signature", {"signed": "smime"}),
        (b"signed; protocol=application/pgp-signature", {"signed": "pgp"}),
    ],
)
def test_traits_of_multiparts_are_found(kind: bytes, expected: dict) -> None:
    content = b"Content-Type: multipart/" + kind + b"; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n"
    assert summarise(content).traits == expected


def test_what_a_forwarded_message_is_says_nothing_about_the_message_it_came_in() -> None:
    inner = b"Content-Type: multipart/encrypted; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--"
    content = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    )
    assert summarise(content).traits == {}
