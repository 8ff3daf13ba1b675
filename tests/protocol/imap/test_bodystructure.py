"""BODY and BODYSTRUCTURE on the wire."""

from __future__ import annotations

import pytest

from mailsuite.protocol.imap.bodystructure import body, bodystructure
from mailsuite.protocol.mime import scan
from tests.protocol.imap.wire import check_body, read
from tests.protocol.test_mime import NESTED


def of(content: bytes) -> bytes:
    root = scan(content)
    check_body(read(body(root)), extended=False)
    wire = bodystructure(root)
    check_body(read(wire), extended=True)
    return wire


def test_a_plain_message() -> None:
    content = b"Subject: x\r\n\r\nhello\r\nBob\r\n"
    assert of(content) == b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 12 2 NIL NIL NIL NIL)'
    assert body(scan(content)) == b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 12 2)'


def test_everything_a_part_can_say() -> None:
    content = (
        b'Content-Type: image/PNG; name="a b.png"\r\nContent-ID: <1@example.org>\r\nContent-Description: A "cat"\r\n'
        b"Content-Transfer-Encoding: BASE64\r\nContent-MD5: Q2hlY2s=\r\n"
        b"Content-Disposition: ATTACHMENT; filename*=utf-8''%C3%A4\r\n"
        b"Content-Language: de, en\r\nContent-Location: http://example.org/a\r\n\r\naGVsbG8=\r\n"
    )
    assert of(content) == (
        b'("image" "png" ("name" "a b.png") "<1@example.org>" "A \\"cat\\"" "base64" 10 "Q2hlY2s=" '
        b'("attachment" ("filename*" "utf-8\'\'%C3%A4")) ("de" "en") "http://example.org/a")'
    )


def test_a_multipart_with_a_message_in_it() -> None:
    wire = of(NESTED)
    assert wire.startswith(
        b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 1 NIL NIL NIL NIL)("message" "rfc822" NIL NIL NIL'
    )
    assert b'(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)' in wire
    assert b'"alternative" ("boundary" "ab") NIL NIL NIL) 12 NIL NIL NIL NIL)' in wire
    assert wire.endswith(b'"mixed" ("boundary" "a") NIL NIL NIL)')


def test_octets_are_those_of_the_section() -> None:
    root = scan(NESTED)
    found = read(bodystructure(root))
    assert found[0][6] == len(b"plain")
    assert found[2][6] == len(b"Subject: simple\r\n\r\nhello")


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 60,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nno parts\r\n",
        b"Content-Type: text/plain; charset=\xfc\r\nContent-Description: \xfc\0\r\n\r\n",
        b'Content-Type: text/plain; a="\\"\\\\"; b\r\nContent-Disposition: ; x=y\r\nContent-Language: ,,\r\n\r\n',
    ],
)
def test_what_is_strange_is_still_valid(content: bytes) -> None:
    of(content)
