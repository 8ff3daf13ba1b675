"""Delivery status notifications: built for people and programs, and read from anybody."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy

from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.dsn import Fate, Report, build_report, decode_xtext, encode_xtext, parse_report
from mailsuite.protocol.reply import Reply

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTENT = (
    b"Received: from x\r\nFrom: alice@example.org\r\nSubject: Beans\r\nMessage-ID: <beans@example.org>\r\n"
    b"\r\nThe beans are up.\r\n"
)
NO = Reply(550, "5.1.1", "no such mailbox here")


def report(**changes: object) -> Report:
    fates = [Fate("carol@elsewhere.example", NO, "mx.elsewhere.example", "rfc822;Carol+2Bx@elsewhere.example", NOON)]
    values = {
        "kind": "failed",
        "reporting_mta": "mail.example.org",
        "to": "alice@example.org",
        "fates": fates,
        "content": CONTENT,
        "date": NOON,
        "message_id": "report1@mail.example.org",
        "arrived_at": NOON,
        "envid": "QQ+3D314159",
    }
    return Report(**values | changes)


def test_python_reads_the_report_as_rfc_3464_means_it() -> None:
    message = email.message_from_bytes(build_report(report()), policy=policy.default)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<beans@example.org>"
    text, status, returned = message.iter_parts()
    assert "no such address" in text.get_content()
    assert "no such mailbox here" in text.get_content()
    about, recipient = status.get_payload()
    assert about["Reporting-MTA"] == "dns; mail.example.org"
    assert about["Original-Envelope-Id"] == "QQ=314159"
    assert recipient["Original-Recipient"] == "rfc822; Carol+x@elsewhere.example"
    assert recipient["Final-Recipient"] == "rfc822; carol@elsewhere.example"
    assert (recipient["Action"], recipient["Status"]) == ("failed", "5.1.1")
    assert recipient["Diagnostic-Code"] == "smtp; 550 5.1.1 no such mailbox here"
    assert recipient["Remote-MTA"] == "dns; mx.elsewhere.example"
    assert returned.get_content_type() == "text/rfc822-headers"
    assert "Subject: Beans" in returned.get_content()
    assert "The beans are up" not in returned.get_content()


def test_the_whole_message_comes_back_when_asked() -> None:
    built = build_report(report(full=True))
    assert b"Content-Type: message/rfc822\r\n\r\n" + CONTENT in built


def test_a_delay_says_until_when_we_try() -> None:
    later = Reply(451, "4.4.1", "no answer")
    built = build_report(report(kind="delayed", fates=[Fate("carol@elsewhere.example", later, until=NOON)]))
    assert b"Will-Retry-Until: Mon, 23 Nov 2026 12:00:00 +0000\r\n" in built
    assert b"Action: delayed\r\nStatus: 4.4.1\r\n" in built
    assert b"We try until 23 November 2026, 12:00 UTC." in built


def test_the_status_class_fits_the_outcome() -> None:
    for kind, reply, status in [
        ("failed", Reply(550, "", "no"), b"5.0.0"),
        ("failed", Reply(452, "4.2.2", "full"), b"5.2.2"),
        ("delivered", Reply(250, "", "ok"), b"2.0.0"),
        ("delayed", Reply(550, "5.1.1", "odd"), b"4.0.0"),
    ]:
        assert b"Status: " + status in build_report(report(kind=kind, fates=[Fate("c@elsewhere.example", reply, "mx")]))


def test_a_remote_cannot_add_fields_with_its_words() -> None:
    evil = Reply(550, "5.1.1", "no\r\nAction: delivered\n\nFinal-Recipient: rfc822; mallory@example.org")
    read = parse_report(build_report(report(fates=[Fate("carol@elsewhere.example\r\nX: y", evil, "mx\r\nevil: 1")])))
    assert [(fate.action, fate.status) for fate in read.fates] == [("failed", "5.1.1")]


def test_an_address_beyond_ascii_takes_the_forms_of_rfc_6533() -> None:
    built = build_report(report(fates=[Fate("jürgen@elsewhere.example", NO, "mx")], full=True))
    assert b"message/global-delivery-status" in built
    assert "Final-Recipient: utf-8; jürgen@elsewhere.example".encode() in built
    assert b"Content-Type: message/global\r\n" in built


def test_content_that_no_transport_carries_comes_back_as_its_header() -> None:
    for damage in (b"\0", b"bare\nline feed", b"bare\rreturn"):
        built = build_report(report(full=True, content=CONTENT + damage))
        assert b"text/rfc822-headers" in built
        assert damage not in built


def test_a_report_is_read_back() -> None:
    read = parse_report(build_report(report()))
    assert (read.envid, read.message_id) == ("QQ=314159", "beans@example.org")
    [fate] = read.fates
    assert (fate.address, fate.action, fate.status) == ("Carol+x@elsewhere.example", "failed", "5.1.1")
    assert "no such mailbox" in fate.diagnostic


def test_other_messages_are_no_reports() -> None:
    assert parse_report(CONTENT) is None
    assert parse_report(b"") is None
    assert parse_report(b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nno status\r\n--x--\r\n") is None


@given(st.binary(max_size=2000))
def test_reading_never_raises(noise: bytes) -> None:
    head = b'Content-Type: multipart/report; boundary="x"\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n'
    parse_report(noise)
    parse_report(head + noise + b"\r\n--x--\r\n")


@given(st.binary(max_size=500), st.text(max_size=80), st.text(max_size=80))
def test_building_never_raises_and_keeps_its_shape(content: bytes, words: str, address: str) -> None:
    for full in (True, False):
        built = build_report(report(content=content, fates=[Fate(address, Reply(550, "5.0.0", words), words)], full=full))
        assert len(parse_report(built).fates) == 1


@given(st.text(max_size=100))
def test_xtext_there_and_back(text: str) -> None:
    encoded = encode_xtext(text)
    assert encoded.isascii()
    assert decode_xtext(encoded) == text
