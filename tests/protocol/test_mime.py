"""The tree of a message, its offsets and its texts."""

from __future__ import annotations

import pytest

from mailsuite.protocol.mime import decoded, find, part_bytes, scan, section, text, walk

NESTED = (
    b"Subject: outer\r\n"
    b'Content-Type: multipart/mixed; boundary="a"\r\n'
    b"\r\n"
    b"preamble\r\n"
    b"--a\r\n"
    b"\r\n"
    b"plain\r\n"
    b"--a\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"Subject: inner\r\n"
    b"Content-Type: multipart/alternative; boundary=ab\r\n"
    b"\r\n"
    b"--ab\r\n"
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"in\r\nside\r\n"
    b"--ab\r\n"
    b"Content-Type: text/html\r\n"
    b"--ab--\r\n"
    b"inner epilogue\r\n"
    b"--a\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"Subject: simple\r\n"
    b"\r\n"
    b"hello\r\n"
    b"--a--\r\n"
    b"epilogue\r\n"
)


def cut(content: bytes, name: str) -> bytes | None:
    found = section(scan(content), name)
    return None if found is None else content[slice(*found)]


def test_parts_are_numbered_as_imap_numbers_them() -> None:
    assert [(part.number, part.mime_type) for part in walk(scan(NESTED))] == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "message/rfc822"),
        ("2", "multipart/alternative"),
        ("2.1", "text/plain"),
        ("2.2", "text/html"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
    ]


def test_every_section_is_what_imap_returns() -> None:
    assert cut(NESTED, "") == NESTED
    assert cut(NESTED, "HEADER") == b'Subject: outer\r\nContent-Type: multipart/mixed; boundary="a"\r\n\r\n'
    assert (cut(NESTED, "TEXT") or b"").startswith(b"preamble\r\n")
    assert cut(NESTED, "1") == b"plain"
    assert cut(NESTED, "1.MIME") == b"\r\n"
    assert (cut(NESTED, "2") or b"").startswith(b"Subject: inner")
    assert cut(NESTED, "2.MIME") == b"Content-Type: message/rfc822\r\n\r\n"
    assert cut(NESTED, "2.HEADER") == b"Subject: inner\r\nContent-Type: multipart/alternative; boundary=ab\r\n\r\n"
    assert (cut(NESTED, "2.TEXT") or b"").startswith(b"--ab\r\n")
    assert (cut(NESTED, "2.TEXT") or b"").endswith(b"inner epilogue")
    assert cut(NESTED, "2.1") == b"in\r\nside"
    assert cut(NESTED, "2.2") == b""
    assert cut(NESTED, "2.2.MIME") == b"Content-Type: text/html\r\n"
    assert cut(NESTED, "3.HEADER") == b"Subject: simple\r\n\r\n"
    assert cut(NESTED, "3.TEXT") == cut(NESTED, "3.1") == b"hello"


@pytest.mark.parametrize("name", ["4", "1.1", "1.HEADER", "1.TEXT", "MIME", "2.3", "3.1.TEXT", "nonsense", "1."])
def test_a_section_that_is_not_there_is_none(name: str) -> None:
    assert cut(NESTED, name) is None


def test_a_message_without_parts_has_part_1() -> None:
    content = b"Subject: x\r\n\r\nhello\r\n"
    assert cut(content, "1") == cut(content, "TEXT") == b"hello\r\n"
    assert cut(content, "1.MIME") == cut(content, "HEADER")


def test_lines_are_counted_with_a_last_one_that_has_no_end() -> None:
    root = scan(NESTED)
    lines = {part.number: part.lines for part in walk(root) if not part.is_multipart}
    assert lines["1"] == 1
    assert lines["2.1"] == 2
    assert lines["2.2"] == 0
    assert lines["3"] == 3
    assert scan(b"\r\na\r\nb\r\n").lines == 2


def test_line_ends_before_a_boundary_belong_to_it_also_as_bare_lf() -> None:
    content = NESTED.replace(b"\r\n", b"\n")
    assert cut(content, "1") == b"plain"
    assert cut(content, "2.1") == b"in\nside"


def parts(content: bytes) -> list[tuple[str, str, bytes]]:
    return [(part.number, part.mime_type, part_bytes(content, part)) for part in walk(scan(content)) if not part.children]


def test_a_boundary_may_begin_another() -> None:
    content = (
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n"
        b"--ab\r\n\r\n1\r\n--ab\r\n\r\n2\r\n--ab--\r\n--a\r\n\r\n3\r\n--a--\r\n"
    )
    assert parts(content) == [("1.1", "text/plain", b"1"), ("1.2", "text/plain", b"2"), ("2", "text/plain", b"3")]


def test_an_outer_boundary_ends_inner_parts_that_were_not_closed() -> None:
    content = (
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\n1\r\n--a\r\n\r\n2"
    )
    assert parts(content) == [("1.1", "text/plain", b"1"), ("2", "text/plain", b"2")]


def test_one_boundary_used_on_two_levels_belongs_to_the_inner_one_until_it_closes() -> None:
    content = (
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
        b"--a\r\n\r\n1\r\n--a\r\n\r\n2\r\n--a--\r\n--a\r\n\r\n3\r\n--a--\r\n"
    )
    assert parts(content) == [("1.1", "text/plain", b"1"), ("1.2", "text/plain", b"2"), ("2", "text/plain", b"3")]


def test_what_follows_the_close_delimiter_is_epilogue() -> None:
    content = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n1\r\n--a--\r\n--a\r\n\r\nnot shown\r\n"
    assert parts(content) == [("1", "text/plain", b"1")]


def test_blanks_after_a_delimiter_are_borne_and_other_text_is_not() -> None:
    content = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a \t\r\n\r\n1\r\n--a text\r\n--a--  \r\n"
    assert parts(content) == [("1", "text/plain", b"1\r\n--a text")]


def test_a_digest_holds_messages_by_default() -> None:
    content = b"Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\nSubject: x\r\n\r\nhi\r\n--a--\r\n"
    assert [part.mime_type for part in walk(scan(content))] == ["multipart/digest", "message/rfc822", "text/plain"]
    assert (find(scan(content), "1.1") or scan(b"")).body_start == content.index(b"hi")


@pytest.mark.parametrize(
    "kind", [b"multipart/mixed", b"multipart/mixed; boundary=b", b'multipart/mixed; boundary=""', b"nonsense"]
)
def test_a_multipart_without_parts_is_shown_as_text(kind: bytes) -> None:
    content = b"Content-Type: " + kind + b"\r\n\r\n--a\r\n\r\nhello\r\n"
    assert [part.mime_type for part in walk(scan(content))] == ["text/plain"]
    assert "hello" in text(content, scan(content))


def test_a_message_in_base64_stays_one_part() -> None:
    root = scan(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==\r\n")
    assert not root.children
    assert (root.number, root.mime_type) == ("1", "message/rfc822")


def of_text(kind: bytes, body: bytes, encoding: bytes = b"8bit") -> str:
    content = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body
    return text(content, scan(content))


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (b"text/plain; charset=utf-8", "Grüße\r\n".encode(), "Grüße\n"),
        (b"text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe \x80", "Grüße €"),
        (b"text/plain; charset=utf-8", b"Gr\xfc\xdfe", "Grüße"),
        (b"text/plain; charset=us-ascii", "Grüße".encode(), "Grüße"),
        (b"text/plain; charset=koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
        (b"text/plain; charset=nonsense", b"Gr\xfc\xdfe", "Grüße"),
        (b"text/plain", "Grüße".encode() * 100 + b"\xff", "Grüße" * 100 + "\ufffd"),
        (b"text/plain; charset=utf-16", b"\xff\xfeh\x00i\x00", "hi"),
        (b"text/plain", b"\xef\xbb\xbfhi", "hi"),
        (b"text/html", b'<meta charset="koi8-r">\xf0', '<meta charset="koi8-r">П'),
        (b"text/plain", b"a\0b\rc", "ab\nc"),
        (b'text/plain; charset="utf-8; x="', "ü".encode(), "ü"),
    ],
)
def test_a_text_is_read_whatever_its_charset_claims(kind: bytes, body: bytes, expected: str) -> None:
    assert of_text(kind, body) == expected


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"base64", b"aGVsbG8=", b"hello"),
        (b"BASE64", b"aGV sbG8\r\n", b"hello"),
        (b"base64", b"aGVs=\r\nbG8=", b"hello"),
        (b"base64", b"aGVsbG8*", b"hello"),
        (b"quoted-printable", b"a=3Db=\r\nc=  \r\nd=ZZ", b"a=bcd=ZZ"),
        (b"x-uuencode", b"\r\nbegin 644 x\r\n%:&5L;&\\`\r\n`\r\nend\r\n", b"hello"),
        (b"nonsense", b"a=3D", b"a=3D"),
        (b"7bit", b"a", b"a"),
    ],
)
def test_a_body_is_decoded_however_broken(encoding: bytes, body: bytes, expected: bytes) -> None:
    content = b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body
    assert decoded(content, scan(content)) == expected


def test_a_long_text_is_cut_at_a_line_end_before_it_is_decoded() -> None:
    content = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=C3=A4=C3=A4\r\n" * 100
    assert text(content, scan(content), most=20) == "ää\n"


@pytest.mark.parametrize("body", [b"one\r\ntwo\rthree\nfour\r\r\nfive\r", b"one\ntwo\nthree", b"\r\r\r", b"one\r\n"])
def test_every_kind_of_line_end_becomes_the_same(body: bytes) -> None:
    content = b"Subject: x\r\n\r\n" + body
    expected = body.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert text(content, scan(content)) == expected
