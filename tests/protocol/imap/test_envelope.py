"""ENVELOPE on the wire."""

from __future__ import annotations

import pytest

from mailsuite.protocol.imap.envelope import envelope, first_mailbox
from mailsuite.protocol.mime import scan
from tests.protocol.imap.wire import check_envelope, read


def of(content: bytes) -> bytes:
    wire = envelope(scan(content).values)
    check_envelope(read(wire))
    return wire


def test_the_example_of_the_rfc() -> None:
    # RFC 9051 §7.5.2, with the fields its example must have come from.
    content = (
        b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
        b"Subject: IMAP4rev2 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
        b"cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
        b"Message-Id: <B27397-0100000@cac.washington.edu>\r\n\r\n"
    )
    gray = b'(("Terry Gray" NIL "gray" "cac.washington.edu"))'
    assert of(content) == (
        b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" '
        + b" ".join([gray] * 3)
        + b' ((NIL NIL "imap" "cac.washington.edu")) '
        b'((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL '
        b'"<B27397-0100000@cac.washington.edu>")'
    )


def test_an_empty_message_has_an_envelope_of_nils() -> None:
    assert of(b"\r\n") == b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"


def test_groups_are_marked_by_nil_hosts() -> None:
    wire = of(b"To: Friends: bob@example.org;, undisclosed-recipients:;\r\n\r\n")
    assert (
        b'((NIL NIL "Friends" NIL)(NIL NIL "bob" "example.org")(NIL NIL NIL NIL)'
        b'(NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))'
    ) in wire


def test_a_comment_on_its_own_is_nobody() -> None:
    # RFC 5322 §A.5
    wire = of(
        b"To:A Group(Some people):Chris <c@(the host)public.example>, joe@example.org;(the end)\r\nCc:(Empty)(start)x : ;\r\n\r\n"
    )
    assert (
        b'((NIL NIL "A Group" NIL)("Chris" NIL "c" "public.example")(NIL NIL "joe" "example.org")(NIL NIL NIL NIL)) '
        b'((NIL NIL "x" NIL)(NIL NIL NIL NIL)) NIL'
    ) in wire
    assert of(b"Cc: (nobody)\r\n\r\n") == of(b"\r\n")


def test_an_address_without_domain_is_not_mistaken_for_a_group() -> None:
    assert b'((NIL NIL "root" ""))' in of(b"From: root\r\n\r\n")


def test_encoded_words_stay_encoded() -> None:
    wire = of(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\n\r\n")
    assert b'"=?utf-8?q?Gr=C3=BC=C3=9Fe?="' in wire
    assert b'("=?utf-8?q?J=C3=B6rg?=" NIL "j" "example.org")' in wire


def test_bytes_beyond_ascii_go_as_literals() -> None:
    assert b'"Gr' not in of(b"Subject: Gr\xfc\xdfe\r\n\r\n")
    assert b"{5}\r\nGr\xfc\xdfe" in of(b"Subject: Gr\xfc\xdfe\r\n\r\n")


def test_quotes_folds_and_nuls_are_harmless() -> None:
    wire = of(b'Subject: a "b" \\c\r\n d\0e\rf\r\nFrom: "x\\"y" <a@b>\r\n\r\n')
    assert rb'"a \"b\" \\c de f"' in wire
    assert rb'"x\"y"' in wire
    assert b"\r" not in wire
    assert b"\n" not in wire
    assert b"\0" not in wire


def test_sender_and_reply_to_fall_back_to_from_unless_they_say_something() -> None:
    assert of(b"From: a@b\r\nSender: \r\nReply-To: c@d\r\n\r\n").count(b'((NIL NIL "a" "b"))') == 2


@pytest.mark.parametrize(
    ("to", "found"),
    [
        (b"Bob <bob@example.org>, carol@elsewhere.example", "bob"),
        (b"Friends: carol@elsewhere.example;", "Friends"),
        (b'"a ( b" <"x\\"y"@example.org>', 'x"y'),
        ("Grüße: ;".encode(), "Grüße"),
        (None, ""),
    ],
)
def test_the_first_mailbox_of_a_field_is_read_back(to: bytes | None, found: str) -> None:
    values = {"date": b"(x) NIL", "subject": b'"(', "from": b"a@b.example, c@d.example", "cc": b"last@example.org"}
    wire = envelope(values | ({"to": to} if to is not None else {}))
    assert first_mailbox(wire, "to") == found
    assert first_mailbox(wire, "cc") == "last"
    assert first_mailbox(wire, "from") == first_mailbox(wire, "sender") == "a"
    assert first_mailbox(wire, "bcc") == ""
    assert first_mailbox(b"", "to") == first_mailbox(b"(NIL NIL", "to") == ""
