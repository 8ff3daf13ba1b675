"""The octets that a body section names, as RFC 3501 §6.4.5 numbers them in its own example."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol import mime
from mailsuite.protocol.imap import fetch
from mailsuite.protocol.imap.fetch import Section
from mailsuite.protocol.imap.section import cut, extract, header
from mailsuite.protocol.imap.syntax import Parser

INNER_HEADER = b"From: carol@elsewhere.example\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n"
INNER_BODY = (
    b"--in\r\nContent-Type: text/plain\r\n\r\ninner one\r\n"
    b"--in\r\nContent-Type: application/octet-stream\r\nContent-Description: two\r\n\r\ninner two\r\n--in--\r\n"
)
CONTENT = (
    b"From: bob@example.org\r\nSubject: outer\r\n folded\r\nX-Other: 1\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n"
    b"--out\r\nContent-Type: text/plain\r\n\r\nplain\r\ntext\r\n"
    b"--out\r\nContent-Type: message/rfc822\r\n\r\n" + INNER_HEADER + INNER_BODY + b"\r\n"
    b"--out\r\nContent-Type: message/rfc822\r\n\r\nSubject: single\r\n\r\njust text\r\n"
    b"--out--\r\nepilogue\r\n"
)


def section(spec: str) -> Section:
    (item,) = fetch.parse(Parser([f"BODY[{spec}]".encode()]))
    assert item.section
    return item.section


@pytest.mark.parametrize(
    ("spec", "octets"),
    [
        ("", CONTENT),
        ("1", b"plain\r\ntext"),
        ("1.MIME", b"Content-Type: text/plain\r\n\r\n"),
        ("2", INNER_HEADER + INNER_BODY),
        ("2.MIME", b"Content-Type: message/rfc822\r\n\r\n"),
        ("2.HEADER", INNER_HEADER),
        ("2.TEXT", INNER_BODY),
        ("2.HEADER.FIELDS (Subject)", b"Subject: inner\r\n\r\n"),
        ("2.1", b"inner one"),
        ("2.2", b"inner two"),
        ("2.2.MIME", b"Content-Type: application/octet-stream\r\nContent-Description: two\r\n\r\n"),
        ("3.1", b"just text"),
        ("3.HEADER", b"Subject: single\r\n\r\n"),
        ("HEADER.FIELDS (SUBJECT x-other)", b"Subject: outer\r\n folded\r\nX-Other: 1\r\n\r\n"),
        ("HEADER.FIELDS (Nothing)", b"\r\n"),
        (
            "HEADER.FIELDS.NOT (subject From)",
            b"X-Other: 1\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n",
        ),
        ("4", None),
        ("1.1", None),
        ("1.HEADER", None),
        ("2.3", None),
        ("2.1.TEXT", None),
    ],
)
def test_a_section_is_cut_out_of_the_message_as_it_stands(spec: str, octets: bytes | None) -> None:
    assert extract(CONTENT, section(spec)) == octets


def test_header_and_text_make_the_whole() -> None:
    for content in (CONTENT, b"", b"\r\n", b"\nbody", b"no header at all", b"A: 1\n\nbody", b"A: 1\r\n", b"\r\n\r\n"):
        assert (extract(content, section("HEADER")) or b"") + (extract(content, section("TEXT")) or b"") == content
    assert header(b"A: 1\n\nbody") == b"A: 1\n\n"


def test_a_header_of_a_megabyte_without_a_colon_takes_linear_time() -> None:
    hostile = b"a" * 1_000_000 + b"\r\n " + b"b" * 1_000_000 + b"\r\n\r\n"
    assert extract(hostile, section("HEADER.FIELDS (a)")) == b"\r\n"


def test_a_partial_beyond_the_end_is_empty() -> None:
    assert cut(b"abc", (1, 1)) == b"b"
    assert cut(b"abc", (2, 9)) == b"c"
    assert cut(b"abc", (9, 9)) == b""
    assert cut(b"abc", None) == b"abc"


@given(st.binary(max_size=300), st.sampled_from(["", "1", "1.1", "2.HEADER", "HEADER.FIELDS (A)", "TEXT", "1.MIME"]))
def test_no_message_breaks_a_section(content: bytes, spec: str) -> None:
    found = extract(content, section(spec), mime.scan(content))
    assert found is None or found.removesuffix(b"\r\n") in content or spec.startswith("HEADER.FIELDS")
