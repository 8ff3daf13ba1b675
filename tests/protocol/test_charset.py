"""Bytes and their charsets."""

from __future__ import annotations

import pytest

from mailsuite.protocol.charset import codec, to_text

RUSSIAN = "Привет, мир! Это проверка определения кодировки. " * 10
JAPANESE = "日本語のテキストです。これは文字コードの検出です。" * 10


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        (b"plain", "", "plain"),
        ("ä".encode(), "", "ä"),
        (b"\xe4", "", "ä"),
        (b"\xa4", "iso-8859-15", "€"),
        (b"\x80", "iso-8859-1", "€"),
        ("ä".encode(), "us-ascii", "ä"),
        ("ä".encode("utf-16-be"), "utf-16-be", "ä"),
        (b"+AOQ-", "utf-7", "ä"),
        (b"~{VPND~}", "hz-gb-2312", "中文"),
        ("中文".encode("gb18030"), "GB2312", "中文"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        (b"x", "punycode", "x"),
        ("ä".encode(), "unknown-8bit", "ä"),
        ("ä".encode(), "\0", "ä"),
        ("ä".encode(), "x" * 10_000, "ä"),
        (RUSSIAN.encode("koi8-r"), "", RUSSIAN),
        (RUSSIAN.encode("cp1251"), "us-ascii", RUSSIAN),
        (JAPANESE.encode("shift_jis"), "", JAPANESE),
        (b"a\0b", "", "ab"),
        (b"+2AA-", "utf-7", "?"),
    ],
)
def test_text_is_found(data: bytes, label: str, expected: str) -> None:
    assert to_text(data, label) == expected


def test_a_short_text_is_not_guessed_at() -> None:
    # A detector says Windows-1250 here.
    assert to_text("Grüße aus Köln, schöne Äpfel".encode("latin-1")) == "Grüße aus Köln, schöne Äpfel"


def test_one_bad_byte_does_not_turn_a_whole_text_into_another_charset() -> None:
    assert to_text("Grüße ".encode() * 50 + b"\xff", "utf-8") == "Grüße " * 50 + "\ufffd"


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "zlib", "rot13", "hex", "base64", "unicode_escape", "undefined", "", "\xe4"]
)
def test_codecs_that_are_no_charsets_are_refused(label: str) -> None:
    assert codec(label) is None
