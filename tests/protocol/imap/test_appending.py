"""What stands around the messages of APPEND and REPLACE, the URLs of CATENATE, and NUL in literal8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsuite.protocol.imap import appending, nul, url
from mailsuite.protocol.imap.appending import Before, Form
from mailsuite.protocol.imap.connection import AFTER_LOGIN, Connection, Upload
from mailsuite.protocol.imap.fetch import Section
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.imap.url import MessageUrl


def upload(octets: bytes) -> Upload:
    connection = Connection(AFTER_LOGIN)
    connection.receive_data(octets)
    event = connection.next_event()
    assert isinstance(event, Upload), event
    return event


def test_the_forms_of_a_message_are_told_apart() -> None:
    assert appending.before(Parser([b"(\\Seen) "])) == Before(flags=1)
    assert appending.before(Parser([b"UTF8 ("])).form is Form.UTF8
    assert appending.before(Parser([b"() catenate ("])).form is Form.CATENATE
    for wrong in (b"UTF8 x", b"UTF8", b"URL (", b'"quoted"', b"(\\Seen)", b"CATENATE"):
        with pytest.raises(SyntaxProblem):
            appending.before(Parser([wrong]))


def test_replace_is_about_one_message() -> None:
    assert appending.replaced(Parser([b" 4 Drafts "]), by_uid=False).ranges == ((4, 4),)
    assert appending.replaced(Parser([b" * Drafts "]), by_uid=False).ranges == ((0, 0),)
    for wrong in (b" 1:2 Drafts ", b" 1,2 Drafts ", b" $ Drafts ", b" x "):
        with pytest.raises(SyntaxProblem):
            appending.replaced(Parser([wrong]), by_uid=False)
    with pytest.raises(SyntaxProblem):
        appending.replaced(Parser([b" * Drafts "]), by_uid=True)


def test_the_mailbox_may_be_a_literal_and_every_literal_after_it_is_a_message() -> None:
    assert upload(b"a APPEND {5+}\r\nINBOX {7}\r\n").size == 7
    assert upload(b"a REPLACE 4 {6+}\r\nDrafts (\\Draft) {7}\r\n") == Upload(
        "a", "REPLACE", [b" 4 ", b"Drafts", b" (\\Draft) "], 7, True
    )
    assert upload(b"a UID REPLACE 4 Drafts ~{7+}\r\n").binary
    connection = Connection(AFTER_LOGIN)
    connection.receive_data(b"a APPEND INBOX {1+}\r\nx {2+}\r\nxx\r\n")
    assert connection.next_event().size == 1  # type: ignore[union-attr]
    connection.accept_upload()
    connection.next_event()
    second = connection.next_event()
    assert isinstance(second, Upload), "a second message without flags is none the less a message"
    assert second.size == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            b"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER",
            MessageUrl("", "", "Drafts", 385759045, 20, Section(text="HEADER"), None),
        ),
        (
            b"imap://joe;AUTH=*@example.org:143/A%20b%2Fc/;uid=3/;SECTION=1.2/;PARTIAL=0.1024",
            MessageUrl("example.org", "joe", "A b/c", None, 3, Section("1.2"), (0, 1024)),
        ),
        (b";UID=4", MessageUrl("", "", "", None, 4, Section(), None)),
        (b"Gr%C3%BC%C3%9Fe/;UID=4", MessageUrl("", "", "Grüße", None, 4, Section(), None)),
        (
            b"/I/;UID=4/;SECTION=HEADER.FIELDS%20(From%20To)",
            MessageUrl("", "", "I", None, 4, Section("", "HEADER.FIELDS", (b"From", b"To")), None),
        ),
    ],
)
def test_urls_of_messages(written: bytes, meant: MessageUrl) -> None:
    assert url.parse(written) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"INBOX", b"/;UID=1", b"/INBOX/;UID=0", b"/INBOX/;UID=99999999999", b"/INBOX/;UID=1/;SECTION=1]<0.3",
        b"/INBOX/;UID=1;URLAUTH=anonymous:internal:91354a473744909de610943775f92038", b"http://example.org/INBOX/;UID=1",
        b"/IN%FFBOX/;UID=1", b"/INBOX%00/;UID=1", b"/INBOX?TEXT%20x", b"/" * 5_000, b"imap://" + b"a" * 4_000,
    ],
)  # fmt: skip
def test_what_is_no_url_of_a_message(wrong: bytes) -> None:
    with pytest.raises(ValueError):
        url.parse(wrong)


@given(st.text("imap:/;UIDSECTON=PRL.<>[]% 0123*@", max_size=60).map(str.encode))
def test_no_url_breaks_the_reader(written: bytes) -> None:
    try:
        url.parse(written)
    except ValueError:
        pass


PICTURE = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/gif\r\n"
    b"Content-Transfer-Encoding: %b\r\n\r\n%b\r\n--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n--b--\r\n"
)


def test_binary_parts_with_nul_become_base64_and_the_rest_stays_as_it_came() -> None:
    assert nul.without(PICTURE % (b"binary", b"GIF\0\r\nx")) == PICTURE % (b"base64", b"R0lGAA0KeA==")
    assert nul.without(PICTURE % (b"binary", b"GIF")) == PICTURE % (b"binary", b"GIF")
    assert nul.without(PICTURE % (b"8bit", b"GIF\0")) is None
    assert nul.without(b"Subject: \0\r\n\r\n") is None
