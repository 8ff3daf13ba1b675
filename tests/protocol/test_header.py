"""Header fields: where they lie, and what stands in them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from mailsuite.protocol import header
from mailsuite.protocol.header import Field

BLOCK = b"From: alice@example.org\r\nSubject: a\r\n b\r\nnonsense\r\nsubject:c\r\n\r\n"


def test_fields_know_their_offsets() -> None:
    found = header.fields(BLOCK)
    assert [field.name for field in found] == ["from", "subject", "subject"]
    assert BLOCK[found[1].start : found[1].end] == b"Subject: a\r\n b\r\n"
    assert found[2] == Field("subject", b"c", BLOCK.index(b"subject:c"), BLOCK.index(b"\r\n\r\n") + 2)
    assert header.get(found, "SUBJECT") == b" a\r\n b"
    assert header.get_all(found, "subject") == [b" a\r\n b", b"c"]
    assert header.get(found, "to") is None


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"Subject: x\r\n\r\nbody", b"body"),
        (b"Subject: x\n\nbody", b"body"),
        (b"Subject: x\n\r\nbody", b"body"),
        (b"Subject: x", b""),
        (b"\r\nbody", b"body"),
        (b"no header\r\n\r\nbody", b"no header\r\n\r\nbody"),
        (b"From alice@example.org Mon Nov 23\nSubject: x\n\nbody", b"body"),
        (b"Subject: x\n\nbody\n\r\nmore", b"body\n\r\nmore"),
        (b"", b""),
    ],
)
def test_a_message_is_split_at_its_first_empty_line(content: bytes, body: bytes) -> None:
    block, offset = header.split_message(content)
    assert block + content[offset:] == content
    assert content[offset:] == body


def test_a_trace_is_closed_before_content_that_has_no_header() -> None:
    trace = b"Received: by mail.example.org\r\n"
    for content in (b"Subject: x\r\n\r\nhi", b"\r\nhi"):
        assert header.trace_before(trace, content) == trace
        assert header.split_message(trace + content)[1] == len(trace) + header.split_message(content)[1]
    whole = header.trace_before(trace, b"hi\r\n\r\nthere") + b"hi\r\n\r\nthere"
    assert whole[header.split_message(whole)[1] :] == b"hi\r\n\r\nthere"
    assert header.trace_before(b"", b"hi") == b""


def test_what_is_over_the_cap_is_not_looked_at() -> None:
    assert len(header.fields(b"A: b\r\n" * 100, cap=60)) == 10


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b" plain ", "plain"),
        (b" a\r\n\tb", "a b"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus =?ISO-8859-1?B?S/ZsbiE=?=", "Grüße aus Köln!"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?b?w?= =?utf-8?b?w6Q=?=", "ä"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"=?utf-8*de?q?=C3=A4?=", "ä"),
        (b"=?utf-8?q?a_b?= c", "a b c"),
        (b"=?utf-8?q?What??=", "What?"),
        (b"=?nonsense?q?=FC?=", "ü"),
        (b"=?utf-8?q?=FC?=", "ü"),
        (b"=?iso-8859-1?q?J\xfcrg?=", "Jürg"),
        ("Grüße =?utf-8?q?=C3=A4?=".encode(), "Grüße ä"),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"=?utf-8?q?a", "=?utf-8?q?a"),
        (b"=?utf-8?b?!!!?=", ""),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
    ],
)
def test_a_value_is_decoded(raw: bytes, expected: str) -> None:
    assert header.decode(raw) == expected


@pytest.mark.parametrize(
    ("raw", "value", "found"),
    [
        (b'text/plain; charset="utf-8"; format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
        (b"TEXT/HTML;Charset=UTF-8 (a comment)", "text/html", {"charset": "UTF-8"}),
        (b"a; name*0*=utf-8'de'%C3%A4; name*1=b; name*2*=%C3%B6", "a", {"name": "äbö"}),
        (b"a; name*1=b; name*0=a", "a", {"name": "ab"}),
        (b"a; name=plain; name*=utf-8''%E2%82%AC", "a", {"name": "€"}),
        (b'a; filename="=?utf-8?q?=C3=A4?=.txt"', "a", {"filename": "ä.txt"}),
        (b'a; filename="ab\r\n c;d=e"', "a", {"filename": "ab c;d=e"}),
        (b'a; filename="x\\"y"', "a", {"filename": 'x"y'}),
        (b"a; filename=my file.txt", "a", {"filename": "my file.txt"}),
        (b"multipart/mixed\r\n\tboundary=x", "multipart/mixed", {"boundary": "x"}),
        (b'a; name="cut off', "a", {"name": "cut off"}),
        (b"a;;; b = c ;", "a", {"b": "c"}),
        (b"a; b=1; b=2", "a", {"b": "1"}),
        (b"", "", {}),
    ],
)
def test_parameters_are_read(raw: bytes, value: str, found: dict[str, str]) -> None:
    assert header.parameters(raw) == (value, found)


@pytest.mark.parametrize(
    "raw",
    [
        b"Mon, 23 Nov 2026 11:00:00 +0100",
        b"23 Nov 2026 10:00 GMT",
        b"Mon, 23 Nov 26 05:00:00 EST",
        b"Mon Nov 23 10:00:00 2026",
        b"Mon, 23-Nov-2026 10:00:00 UTC",
        b"2026-11-23T10:00:00Z",
        b"Montag, 23. November 2026 10:00:00 +0000",
        b"Mon, 23 Nov 2026 (a (nested) comment) 10:00:00 -0000",
        b"\r\n Mon,\r\n 23 Nov 2026 10:00:00",
    ],
)
def test_a_date_is_read(raw: bytes) -> None:
    assert header.parse_date(raw) == datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw", [b"", b"yesterday", b"99 Nov 2026 10:00:00", b"1 Foo 2026 1:1:1", b"1 Jan 0000 1:1:1", b"31 Dec 9999 23:59:59 -2359"]
)
def test_what_is_no_date_is_none(raw: bytes) -> None:
    assert header.parse_date(raw) is None


def test_message_ids_are_read_by_rule_r1() -> None:
    assert header.message_ids(b"<a@b> junk <c d> <>\r\n <e@f> <" + b"x" * 251 + b">") == ["a@b", "e@f"]
    assert header.message_ids(b"your mail of Monday") == []
    assert len(header.message_ids(b"<a@b>" * 5000)) == 1000


@pytest.mark.parametrize("piece", [b"\\(", b"(", b"(\\", b'\\"', b'"', b'a="', b"a=b;"])
def test_parameters_are_read_in_linear_time(piece: bytes) -> None:
    began = time.process_time()
    for start in (b"(", b'"', b""):
        header.parameters(b"text/plain; a=b " + start + piece * (60_000 // len(piece)))
    assert time.process_time() - began < 2
