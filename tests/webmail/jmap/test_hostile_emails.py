"""Whatever bytes a message has, it can be given out: nothing raises, everything can be written, and soon."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora import corpus
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import refused
from tests.webmail.jmap.shapes import problems
from webmail.jmap import email_parse
from webmail.jmap.email_body import DEFAULT, Wanted
from webmail.jmap.email_get import DEFAULT as EMAIL
from webmail.jmap.types import mail

MB = 1_000_000
NAMES = [*EMAIL, "headers", "bodyStructure"]
FORMS = [
    f"header:{field}:{form}" for field in ("X", "Y") for form in ("asText", "asAddresses", "asDate", "asURLs", "asMessageIds")
]
FORMS += [
    "header:To:asGroupedAddresses:all",
    "header:From:asAddresses:all",
    "header:Date:asDate:all",
    "header:List-Post:asURLs:all",
]
METADATA = {"id", "threadId", "mailboxIds", "keywords", "receivedAt"}


def given_out(content: bytes) -> dict[str, Any]:
    wanted = Wanted([*DEFAULT, "headers", "header:Content-Type:asText"], True, True, True, 1_000, 10**9, 10**9)
    found = email_parse._email(content, "R1", [*NAMES, *FORMS], wanted)
    json.dumps(found, ensure_ascii=False).encode()
    plain = {name: found[name] for name in NAMES if name not in METADATA and name != "bodyStructure"}
    assert not [one for one in problems(plain, mail.Email) if "is missing" not in one and "header:" not in one]
    return found


@given(st.binary(max_size=400))
def test_any_bytes_are_an_email(content: bytes) -> None:
    given_out(content)


PIECES = [
    b"From: ",
    b"To: a: b@c, ",
    b"X: <",
    b"Date: Mon, 23 Nov 2026 10:00 +9999\r\n",
    b"Date: 1 Jan 1900 00:00 +2300\r\n",
    b"\r\n",
    b" ",
    b";",
    b"Subject: =?utf-16?b?2AA=?=\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"\x00",
    b"\xff\xd8",
    b">",
    b"Content-Type: text/html; charset=utf-7\r\n\r\n",
    b"+2AA-",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"=?x?q?=00?=",
    b"Message-ID: <a@b> <c@d>\r\n",
    b"Content-Disposition: attachment; filename*=utf-16''%D8%00\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"List-Post: <a <b> >\r\n",
    b"X:\r\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_pieces_of_mail_are_an_email(pieces: list[bytes]) -> None:
    given_out(b"".join(pieces))


@pytest.mark.parametrize(
    "unit",
    [
        b"To: " + b"a," * 400 + b"\r\n",
        b"X: " + b"<" * 900 + b"\r\n",
        b"Date: " + b"(" * 900 + b"\r\n",
        b"X: " + b"=?u?q?a?= " * 90 + b"\r\n",
    ],
)
def test_a_megabyte_of_header_is_read_in_time(unit: bytes) -> None:
    given_out(unit * (MB // len(unit)) + b"\r\nText")


@pytest.mark.parametrize(
    "unit",
    [
        b"--b\r\n\r\nx\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"<",
        b"&#",
        b"--b\r\nContent-Type: text/html\r\n\r\n<p",
    ],
)
def test_a_megabyte_of_body_is_read_in_time(unit: bytes) -> None:
    given_out(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + unit * (MB // len(unit)))


def test_published_torture_can_be_given_out() -> None:
    files = [path for path in sorted(corpus("mime-torture").rglob("*")) if path.is_file() and path.stat().st_size < MB]
    assert files
    for path in files:
        given_out(path.read_bytes())


def test_only_so_many_properties_can_be_asked_for(call: Call, me: str) -> None:
    many = [f"header:X-{n}" for n in range(1_000)]
    assert refused(call, "Email/get", me, ids=[], properties=many) == "requestTooLarge"
    assert refused(call, "Email/get", me, ids=[], bodyProperties=many) == "requestTooLarge"
