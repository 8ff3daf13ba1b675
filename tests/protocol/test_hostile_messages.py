"""Whatever the bytes: nothing raises, offsets stay inside, the wire stays valid, and work grows in a line with the input."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.protocol import address, encoded_word, header, html_text, parameters, transfer
from mailsuite.protocol.imap.bodystructure import body, bodystructure
from mailsuite.protocol.mime import DEPTH_CAP, PARTS_CAP, decoded, find, scan, section, text, walk
from mailsuite.protocol.summary import summarise
from tests.protocol.imap.wire import check_body, check_envelope, read

MB = 1_000_000
MULTIPART = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"


def filled(unit: bytes, length: int = MB) -> bytes:
    return unit * (length // len(unit))


def check(content: bytes) -> None:
    """All that must hold for any bytes."""
    root = scan(content)
    parts = list(walk(root))
    assert len(parts) <= PARTS_CAP + 1
    for part in parts:
        assert 0 <= part.header_start <= part.body_start <= part.end <= len(content)
        for child in part.children:
            assert part.body_start <= child.header_start
            assert child.end <= part.end
        for before, after in zip(part.children, part.children[1:], strict=False):
            assert before.end <= after.header_start
        decoded(content, part)
        if part.type == "text":
            assert "\0" not in text(content, part)
    assert (root.header_start, root.end) == (0, len(content))
    for part in parts[:50]:
        assert find(root, part.number) is not None
        assert section(root, part.number) is not None
    check_body(read(body(root)), extended=False)
    check_body(read(bodystructure(root)), extended=True)
    check_summary(content)


def check_summary(content: bytes) -> None:
    summary = summarise(content)
    check_envelope(read(summary.imap_envelope))
    check_body(read(summary.imap_structure), extended=True)
    for words in (summary.subject, summary.preview, summary.body, summary.message_id, *summary.references):
        words.encode("utf-8")  # no lone surrogates
        assert "\0" not in words
    assert "\n" not in summary.subject + summary.preview + summary.message_id
    assert len(summary.preview) <= 200
    assert len(summary.body) <= 200_000
    assert len(summary.message_id) <= 250
    assert all(0 <= entry["size"] <= len(content) for entry in summary.attachments if "!" not in entry["part"])


NASTY = {
    "nothing": b"",
    "one line end": b"\r\n",
    "a bare LF": b"\n",
    "a bare CR": b"\r",
    "NULs": b"\0" * 100,
    "no header": b"Hello Bob,\r\n\r\nno header at all.\r\n",
    "no end of the header": b"Subject: x\r\nFrom: alice@example.org",
    "an mbox From_ line": b"From alice@example.org Mon Nov 23 10:00:00 2026\nSubject: x\n\nbody\n",
    "only a From_ line": b"From alice",
    "bare CRs as line ends": b"Subject: x\rFrom: a@b\r\rbody\r",
    "NUL in header and body": b"Sub\0ject: a\0b\r\nSubject: a\0b\r\nFrom: \0 <a\0@b>\r\n\r\nbo\0dy",
    "raw 8-bit header": b"Subject: Gr\xfc\xdfe\r\nFrom: J\xf6rg <j\xf6rg@example.org>\r\n\r\nx",
    "a fold of blanks": b"Subject: x\r\n \r\n\t\r\n\r\nbody",
    "a boundary that prefixes another": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--ab\r\n--a\r\n"
    b"Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n\r\nx\r\n--ab--\r\n--a--\r\n",
    "one boundary twice": filled(b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 500).join(
        [MULTIPART, b"x\r\n--a--"]
    ),
    "no close delimiter": MULTIPART + b"--a\r\n\r\nx",
    "only a close delimiter": MULTIPART + b"--a--",
    "no boundary parameter": b"Content-Type: multipart/mixed\r\n\r\n--a\r\n\r\nx\r\n--a--",
    "an empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    "a boundary of dashes": b"Content-Type: multipart/mixed; boundary=--\r\n\r\n----\r\n\r\nx\r\n------\r\n",
    "a delimiter as a field": b"Content-Type: multipart/mixed; boundary=a:b\r\n\r\n--a:b\r\n--a:b\r\nX: y\r\n--a:b--",
    "delimiters without line ends": MULTIPART + b"--a",
    "a message in base64": b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==",
    "an empty message in a message": b"Content-Type: message/rfc822\r\n\r\n",
    "a digest of nothing": b"Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n--a\r\n\r\n--a--",
    "strange types": b"Content-Type: /;;=;/\r\nContent-Transfer-Encoding: \xff\r\nContent-Disposition: ;;=\r\n\r\nx",
    "RFC 2231 in disorder": b"Content-Disposition: a; filename*1=b; filename*0*='%ff'a; filename*x*=c; filename*99999=d\r\n\r\nx",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\nA=A==AAA===\xff=A",
    "broken quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n=G=4=4\xff=",
    "broken uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\nM\n~~~\n\xff\xff\n",
    "a charset that lies": b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfe\xd8\x00x",
    "lone surrogates in UTF-7": b"Content-Type: text/plain; charset=utf-7\r\nSubject: =?utf-7?q?+2AA-?=\r\n\r\n+2AA-",
    "a codec that is no charset": b"Content-Type: text/plain; charset=zlib\r\nSubject: =?idna?q?xn--?=\r\n\r\nx\xff",
    "10,000 nested multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10_000)
    ),
    "10,000 nested messages": b"Content-Type: message/rfc822\r\n\r\n" * 10_000,
    "100,000 header lines": b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nx",
    "20,000 parts": MULTIPART + b"--a\r\nContent-Type: image/png; name=x\r\n\r\nx\r\n" * 20_000,
}


@pytest.mark.parametrize("content", NASTY.values(), ids=NASTY)
def test_a_nasty_message_harms_nothing(content: bytes) -> None:
    check(content)


PIECES = [
    b"--a",
    b"--ab",
    b"--a--",
    b"--ab--",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b":",
    b";",
    b"x",
    b"=",
    b"\xff",
    b"\0",
    b'"',
    b"<",
    b"(",
]
PIECES += [b"Content-Type: multipart/mixed; boundary=a", b"Content-Type: multipart/digest; boundary=ab", b"Subject: ", b"To: "]
PIECES += [
    b"Content-Type: message/rfc822",
    b"Content-Type: text/html",
    b"Content-Transfer-Encoding: base64",
    b"=?utf-8?q?",
    b"?=",
]
PIECES += [b"begin 644 a\n", b"end\n", b"From a", b"charset=utf-7", b"<script>", b"Date: 1 Jan 2026 1:1:1"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_any_mixture_of_telling_pieces_harms_nothing(content: bytes) -> None:
    check(content)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_harm_nothing(content: bytes) -> None:
    check(content)
    for reader in (header.decode, header.parameters, header.message_ids, header.parse_date, address.parse_list):
        reader(content)
    for encoding in ("base64", "quoted-printable", "x-uuencode", "8bit"):
        transfer.decode(content, encoding)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_harms_nothing(words: str) -> None:
    encoded_word.decode(words)
    html_text.html_to_text(words)
    address.parse_path(words)
    assert encoded_word.decode(" ".join(encoded_word.encode(words))) == words.encode("utf-8", "replace").decode().replace(
        "\0", ""
    )


UNITS = [
    b"(",
    b"[",
    b",",
    b"=?",
    b"<",
    b'"',
    b"\\",
    b";",
    b";a=",
    b"a;",
    b";a*0=b",
    b"=?utf-8?q?a?= ",
    b"=?a?q?x",
    b" ",
    b"a ",
    b"\n ",
]
UNITS += [b"\r\n ", b"<a@b>", b"<a", b"'", b"%", b"\xff", b"\0", b":", b";a*1*=", b"a@", b"(a", b"a:;", b"@", b"."]
FIELDS = [b"Subject", b"From", b"Content-Type", b"Content-Disposition", b"References", b"Date", b"Content-Transfer-Encoding"]
BODIES = {
    "delimiters": MULTIPART + filled(b"--a\r\n"),
    "delimiters and empty lines": MULTIPART + filled(b"--a\r\n\r\n"),
    "close delimiters": MULTIPART + filled(b"--a--\r\n"),
    "other delimiters": MULTIPART + filled(b"--b\r\n"),
    "headers that never end": MULTIPART + filled(b"--a\r\nX: y\r\n", 20_000) + filled(b"z: y\r\n"),
    "multiparts in multiparts": MULTIPART + filled(b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"),
    "messages in a multipart": MULTIPART + filled(b"--a\r\nContent-Type: message/rfc822\r\n\r\n"),
    "nested divs": b"Content-Type: text/html\r\n\r\n" + filled(b"<div>"),
    "open tags": b"Content-Type: text/html\r\n\r\n" + filled(b"<a ") + b'="x>"',
    "open comments": b"Content-Type: text/html\r\n\r\n" + filled(b"<!--"),
    "uuencoded beginnings": b"\r\n" + filled(b"begin 644 a\nM\n"),
    "quoted lines": b"Content-Type: text/plain; format=flowed\r\n\r\n" + filled(b">> x \n> y\n"),
    "padding": b"Content-Transfer-Encoding: base64\r\n\r\n" + filled(b"a="),
    "broken UTF-8": b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + filled(b"\xe4a"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("field", FIELDS)
def test_much_of_one_thing_in_a_field_is_read(field: bytes) -> None:
    for unit in UNITS:
        check_summary(field + b": " + filled(unit, 300_000) + b"\r\n\r\nbody\r\n")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
def test_a_megabyte_of_one_thing_in_the_body_is_read(content: bytes) -> None:
    check_summary(content)


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python the work runs: a clock that does not depend on the machine."""
    count = 0

    def tracer(_frame: object, _event: str, _argument: object) -> object:
        nonlocal count
        count += 1
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("unit", [b"(", b"[", b",", b"=?", b"<", b'"', b":", b"a:;", b"<a@b>", b"=?utf-8?q?a?= "])
def test_four_times_the_addresses_are_four_times_the_steps(unit: bytes) -> None:
    small = steps(lambda: address.parse_list(unit * 500, 10_000))
    large = steps(lambda: address.parse_list(unit * 2000, 10_000))
    assert large <= 4 * small + 500


@pytest.mark.parametrize("unit", [b"--a\r\n\r\nx\r\n", b"--a\r\nX: y\r\n", b"--b\r\n", b"x\r\n"])
def test_four_times_the_parts_are_four_times_the_steps(unit: bytes) -> None:
    small, large = (steps(lambda n=n: scan(MULTIPART + unit * n)) for n in (100, 400))
    assert large <= 4 * small + 500


@pytest.mark.timeout(60)
def test_regular_expressions_do_not_go_back() -> None:
    """To `steps` they are one step. Quadratic work on this much would outlast the timeout many times over."""
    n = 300_000
    parameters.parse(b"a/b" + b";" * n)
    parameters.parse(b"a/b;" + b"a " * n)
    html_text.html_to_text("<a " * n + '="x>"')
    html_text.html_to_text("<div>" * n)
    encoded_word.decode("=?a?q?x" * n + "?=")
    header.message_ids(b"<" * n)
    header.fields(b"a" * n, cap=n)


def test_depth_and_number_of_parts_are_capped() -> None:
    deep = scan(NASTY["10,000 nested multiparts"])
    assert len(list(walk(deep))) <= DEPTH_CAP
    many = scan(NASTY["20,000 parts"])
    assert len(many.children) == PARTS_CAP - 1
    assert many.children[-1].end == many.end
