"""BINARY: parts without their transfer encoding, whole and piece by piece."""

from __future__ import annotations

from base64 import encodebytes
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol import transfer
from mailsuite.protocol.imap import binary
from mailsuite.protocol.imap.section import cut, cut_pieces, cut_size
from mailsuite.protocol.mime import find, scan

STEPS = st.integers(1, 40)


def one_part(body: bytes, encoding: str, kind: str = "application/octet-stream") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def decoded(content: bytes, number: str = "1") -> bytes:
    part = find(scan(content), number)
    assert part
    return b"".join(binary.pieces(content, part))


@given(st.binary(max_size=300), STEPS)
def test_base64_comes_back_from_pieces_of_any_size(octets: bytes, step: int) -> None:
    content = b"xx" + encodebytes(octets) + b"yy"
    assert b"".join(transfer.decode_pieces(content, 2, len(content) - 2, "base64", step)) == octets


@given(st.text("Zg=\r\n -", max_size=60), STEPS)
def test_broken_base64_is_decoded_in_pieces_as_it_is_as_a_whole(text: str, step: int) -> None:
    content = text.encode()
    found = b"".join(transfer.decode_pieces(content, 0, len(content), "base64", step))
    assert found == transfer.decode(content, "base64")


@given(st.lists(st.text("a=3D \t", max_size=12), max_size=12), st.integers(14, 60))
def test_quoted_printable_is_decoded_in_pieces_as_it_is_as_a_whole(lines: list[str], step: int) -> None:
    content = "\r\n".join(lines).encode()
    found = b"".join(transfer.decode_pieces(content, 0, len(content), "quoted-printable", step))
    assert found == transfer.decode(content, "quoted-printable")


@given(st.binary(max_size=300), STEPS)
def test_an_escape_is_not_divided_where_a_line_has_no_end(octets: bytes, step: int) -> None:
    content = encodestring(octets, quotetabs=True).replace(b"=\n", b"").replace(b"\n", b"=0A")
    found = b"".join(transfer.decode_pieces(content, 0, len(content), "quoted-printable", max(step, 4)))
    assert found == octets


@given(st.lists(st.binary(max_size=9), max_size=9), st.one_of(st.none(), st.tuples(st.integers(0, 60), st.integers(1, 60))))
def test_pieces_are_cut_as_the_whole_is(pieces: list[bytes], partial: tuple[int, int] | None) -> None:
    whole = b"".join(pieces)
    assert b"".join(cut_pieces(pieces, partial)) == cut(whole, partial)
    assert cut_size(len(whole), partial) == len(cut(whole, partial))


@pytest.mark.parametrize(
    ("encoding", "body", "octets"),
    [
        ("base64", b"aGVsbG8A\r\n", b"hello\0"),
        ("BASE64", b"aGVs bG8", b"hello"),
        ("quoted-printable", b"a=3D=\r\nb=00\r\n", b"a=b\0\r\n"),
        ("x-uuencode", b"begin 644 a\r\n#8V%T\r\n`\r\nend\r\n", b"cat"),
        ("quoted-printable", b"a =20 \t\r\n \r\nb =  \r\nc \r\nd  ", b"a  \r\n\r\nb c\r\nd"),
        ("7bit", b"hello\r\n", b"hello\r\n"),
        ("8bit", b"\xff\r\n", b"\xff\r\n"),
    ],
)
def test_a_part_is_decoded(encoding: str, body: bytes, octets: bytes) -> None:
    assert decoded(one_part(body, encoding)) == octets


def test_lines_of_text_end_in_crlf_whatever_was_encoded() -> None:
    encoded = encodebytes(b"a\nb\r\nc\rd\n\n")
    assert decoded(one_part(encoded, "base64", "text/plain")) == b"a\r\nb\r\nc\rd\r\n\r\n"
    assert decoded(one_part(encoded, "base64", "text/plain; charset=UTF-16LE")) == b"a\nb\r\nc\rd\n\n"
    assert decoded(one_part(encodebytes(b"\x89PNG\n\0\n"), "base64", "text/plain")) == b"\x89PNG\n\0\n"
    assert decoded(one_part(encoded, "base64", "image/png")) == b"a\nb\r\nc\rd\n\n"


@given(st.lists(st.text("\r\na", max_size=5), max_size=8))
def test_line_ends_are_made_whole_over_the_borders_of_pieces(pieces: list[str]) -> None:
    found = b"".join(binary._with_crlf(piece.encode() for piece in pieces))
    assert found == binary.BARE_LF.sub(b"\r\n", "".join(pieces).encode())


def test_what_holds_parts_comes_as_it_stands() -> None:
    inner = b"--b\r\n\r\nYQ==\r\n--b--\r\n"
    assert decoded(one_part(inner, "base64", "multipart/mixed; boundary=b"), "") == inner
    message = b"Subject: x\r\n\r\ntext\r\n"
    assert decoded(one_part(message, "8bit", "message/rfc822")) == message


def test_an_encoding_that_nobody_knows_is_refused_before_anything_is_read() -> None:
    content = one_part(b"?", "x-token")
    with pytest.raises(binary.UnknownEncoding):
        binary.pieces(content, scan(content))


def test_nul_makes_a_literal8() -> None:
    assert binary.measure([b"a", b"b\0"]) == (3, True)
    assert binary.announcement(3, nul=True) == b"~{3}\r\n"
    assert binary.announcement(3, nul=False) == b"{3}\r\n"


def test_a_hundred_thousand_paddings_take_linear_time() -> None:
    content = b"YQ==" * 100_000
    assert b"".join(transfer.decode_pieces(content, 0, len(content), "base64")) == b"a" * 100_000
    assert b"".join(transfer.decode_pieces(b"=" * 1_000_000, 0, 1_000_000, "base64")) == b""
    blanks = b"= " + b" " * 1_000_000 + b"x \n"
    assert transfer.decode(blanks, "quoted-printable").endswith(b" x\n")
    assert len(b"".join(transfer.decode_pieces(b"=" * 1_000_000, 0, 1_000_000, "quoted-printable"))) <= 1_000_000
