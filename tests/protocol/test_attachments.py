"""Which parts are the text, which are files, and what files are called."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from mailsuite.protocol.attachments import bodies, display_name, file_bytes, listing
from mailsuite.protocol.mime import scan
from mailsuite.protocol.summary import summarise

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(50))


def multipart(kind: bytes, *parts: bytes, boundary: bytes = b"b") -> bytes:
    lines = [b"Content-Type: multipart/" + kind + b"; boundary=" + boundary, b""]
    for part in parts:
        lines += [b"--" + boundary, part]
    return b"\r\n".join([*lines, b"--" + boundary + b"--", b""])


TEXT = b"Content-Type: text/plain\r\n\r\nHello Bob, the pictures are below and the report is attached."
IMAGE = b"Content-Type: image/png\r\nContent-ID: <cat@example.org>\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(
    PNG
)
REPORT = (
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%E2%80%AEr%C3%A9port.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(b"x" * 1000).replace(b"\n", b"\r\n")
)
SHOWN = b'Content-Type: text/html\r\n\r\n<p>Look: <img src="cid:cat@example.org"></p>'
SILENT = b"Content-Type: text/html\r\n\r\n<p>Look, no picture</p>"


def numbers(content: bytes) -> tuple[list[str], list[str], list[str]]:
    found = bodies(scan(content))
    return [part.number for part in found.text], [part.number for part in found.html], [part.number for part in found.attachments]


def test_a_plain_message_is_its_own_text_and_html() -> None:
    assert numbers(TEXT) == (["1"], ["1"], [])


def test_an_alternative_has_both_sides() -> None:
    assert numbers(multipart(b"alternative", TEXT, SHOWN)) == (["1"], ["2"], [])


def test_html_alone_is_both_sides() -> None:
    assert numbers(multipart(b"mixed", SHOWN, REPORT)) == (["1"], ["1"], ["2"])


def test_the_example_of_rfc_8621() -> None:
    """RFC 8621 §4.1.4: the message with parts A to K."""

    def part(letter: bytes, kind: bytes, extra: bytes = b"") -> bytes:
        return b"Content-Type: " + kind + b"\r\nContent-Description: " + letter + extra + b"\r\n\r\n" + letter

    attached = b"\r\nContent-Disposition: attachment"
    inline = b"\r\nContent-Disposition: inline"
    content = multipart(
        b"mixed",
        part(b"A", b"text/plain", inline),
        multipart(
            b"mixed",
            multipart(
                b"alternative",
                multipart(
                    b"mixed",
                    part(b"B", b"text/plain", inline),
                    part(b"C", b"image/jpeg", inline),
                    part(b"D", b"text/plain", inline),
                    boundary=b"b3",
                ),
                multipart(b"related", part(b"E", b"text/html"), part(b"F", b"image/jpeg"), boundary=b"b4"),
                boundary=b"b2",
            ),
            part(b"G", b"image/jpeg", attached),
            part(b"H", b"application/x-excel"),
            part(b"J", b"message/rfc822"),
            boundary=b"b1",
        ),
        part(b"K", b"text/plain", inline),
    )
    found = bodies(scan(content))
    assert ["".join(part.description or "" for part in side) for side in found] == ["ABCDK", "AEK", "CFGHJ"]


def listed(content: bytes) -> list[dict]:
    return summarise(content).attachments


def test_a_picture_the_html_shows_is_inline_and_another_is_a_file() -> None:
    shown = listed(multipart(b"related", SHOWN, IMAGE))
    assert [(entry["part"], entry["inline"], entry["cid"]) for entry in shown] == [("2", True, "cat@example.org")]
    assert [entry["inline"] for entry in listed(multipart(b"related", SILENT, IMAGE))] == [False]


def test_files_have_clean_names_and_exact_sizes() -> None:
    (report,) = listed(multipart(b"mixed", TEXT, REPORT))
    assert report == {"part": "2", "name": "réport.pdf", "type": "application/pdf", "size": 1000, "inline": False, "cid": ""}


def test_a_signature_is_a_status_and_no_file() -> None:
    signature = b"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\nx"
    assert [entry["inline"] for entry in listed(multipart(b"signed", TEXT, signature))] == [True]


def test_a_sealed_message_has_no_files() -> None:
    sealed = (b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", b"Content-Type: application/octet-stream\r\n\r\nx")
    assert [entry["inline"] for entry in listed(multipart(b"encrypted", *sealed))] == [True, True]


def test_a_message_in_a_message_is_a_file_named_by_its_subject() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: About: cats and dogs\r\n\r\nx"
    (entry,) = listed(multipart(b"mixed", TEXT, inner))
    assert (entry["name"], entry["type"]) == ("About_ cats and dogs.eml", "message/rfc822")


def test_winmail_dat_is_known_by_its_name() -> None:
    winmail = b"Content-Type: application/octet-stream; name=WINMAIL.DAT\r\n\r\nx"
    assert listed(multipart(b"mixed", TEXT, winmail))[0]["type"] == "application/ms-tnef"


def test_a_file_uuencoded_in_the_text_is_listed_read_and_not_indexed() -> None:
    content = b"Subject: x\r\n\r\nHello\r\nbegin 644 greeting.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nBob\r\n"
    summary = summarise(content)
    assert summary.attachments == [
        {"part": "1!0", "name": "greeting.txt", "type": "application/octet-stream", "size": 5, "inline": False, "cid": ""}
    ]
    assert file_bytes(content, scan(content), "1!0") == b"hello"
    assert "%:&5L" not in summary.body
    assert "Bob" in summary.body


def test_the_bytes_of_every_listed_file_can_be_had() -> None:
    content = multipart(b"mixed", TEXT, IMAGE, REPORT)
    root = scan(content)
    assert [len(file_bytes(content, root, entry["part"]) or b"") for entry in listed(content)] == [len(PNG), 1000]
    assert file_bytes(content, root, "9") is None
    assert file_bytes(content, root, "1!5") is None
    assert file_bytes(content, root, "") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\cat.png", "cat.png"),
        ("annual\u202egpj.exe", "annualgpj.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("..", ""),
        (" .hidden ", "hidden"),
        ('a<b>:"|?*.txt', "a_b_.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("Ünïcödé 🐈.png", "Ünïcödé 🐈.png"),
        ("", ""),
    ],
)
def test_a_name_is_made_fit_to_show(name: str, expected: str) -> None:
    assert display_name(name) == expected


def test_a_listing_needs_no_html() -> None:
    assert listing(TEXT, bodies(scan(TEXT)), "") == []
