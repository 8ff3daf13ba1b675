"""Building messages: what goes in comes out of our own scanner and of the standard library's parser."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsuite.protocol import header, mime
from mailsuite.protocol.address import parse_list
from mailsuite.protocol.compose import Attachment, Draft, build
from mailsuite.protocol.flowed import broken, joined
from mailsuite.protocol.part import Part

DATE = datetime(2026, 10, 3, 14, 2, tzinfo=timezone(timedelta(hours=2)))
ALICE, BOB = ("Alice", "alice@example.org"), ("Bob", "bob@example.org")
PLAIN = Draft(ALICE, DATE, "one@example.org", to=[BOB], subject="Lunch?", text="At noon.\n")

words = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]) | st.just(" "), max_size=120)
SPECIAL_LINES = ["From me", ">", "> quoted", ">> twice", ".", "-- ", "x" * 1200, " indented", ""]
texts = st.lists(words | st.sampled_from(SPECIAL_LINES), max_size=8)
PIECES = [*'ab =?:<>,;"\\()@\r\n\t\x00\u2028é天', "\r\nBcc: mallory@x", "=?utf-8?b?", "\ud800"]
hostile = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def fields(content: bytes) -> dict[str, bytes]:
    return {field.name: field.raw_value for field in header.fields(header.split_message(content)[0])}


def types(part: Part) -> str:
    return f"{part.mime_type}({' '.join(map(types, part.children))})" if part.is_multipart else part.mime_type


def squeezed(text: str) -> str:
    return " ".join(text.split())


def lines_of(content: bytes) -> list[bytes]:
    return content.split(b"\r\n")


def test_the_same_draft_gives_the_same_bytes() -> None:
    draft = replace(PLAIN, html="<p>At noon.</p>", attachments=[Attachment("a.pdf", "application/pdf", b"x")])
    assert build(draft) == build(replace(draft))


def test_a_plain_message_is_as_plain_as_can_be() -> None:
    assert build(PLAIN) == (
        b"From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: Lunch?\r\n"
        b"Date: Sat, 03 Oct 2026 14:02:00 +0200\r\nMessage-ID: <one@example.org>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 7bit\r\n\r\nAt noon.\r\n"
    )


@given(subject=words, name=words, extra=words, lines=texts, flowed=st.booleans())
def test_what_was_written_is_read_again(subject: str, name: str, extra: str, lines: list[str], flowed: bool) -> None:
    text = "\n".join(lines)
    draft = replace(PLAIN, subject=subject, to=[(name, BOB[1])], text=text, flowed=flowed, headers=[("X-Note", extra)])
    content = build(draft)
    root, found = mime.scan(content), fields(content)
    assert header.decode(found["subject"]) == squeezed(subject)
    assert header.decode(found["x-note"]) == squeezed(extra)
    assert [(one.name, one.address) for one in parse_list(found["to"])] == [(squeezed(name), BOB[1])]
    assert header.parse_date(found["date"]) == DATE
    body = mime.text(content, root).replace("\r\n", "\n")
    assert body == (broken(text + "\n" * (not text.endswith("\n"))) if flowed else text + "\n" * (not text.endswith("\n")))


@given(texts)
def test_flowed_lines_are_joined_to_what_they_were(lines: list[str]) -> None:
    paragraphs = [line if line == "-- " else line.rstrip(" ") for line in lines if not line.startswith(">")]
    text = broken("\n".join([*paragraphs, ""]))
    assert joined(text.removesuffix("\n")) == "\n".join(paragraphs)
    assert all(len(line) <= 78 or " " not in line.strip(" ") for line in text.split("\n") if line.isascii())


def test_quotations_stay_quotations_when_they_are_broken() -> None:
    text = broken("> " + "word " * 40 + "\n>> twice\n> > spaced")
    assert all(line.startswith(">") for line in text.splitlines())
    assert joined(text.strip()) == "> " + ("word " * 40).strip() + "\n>> twice\n>> spaced"


@given(hostile, hostile, hostile)
def test_no_value_can_end_its_field_or_add_one(one: str, other: str, third: str) -> None:
    draft = Draft(
        (one, other), DATE, third, to=[(other, one)], cc=[(third, "bob@example.org")], subject=one, in_reply_to=other,
        references=[third, one], headers=[("X-Note", other)], text="x",
        attachments=[Attachment(one, other, b"x", third), Attachment(third, one, b"y")], html="<p>",
    )  # fmt: skip
    content = build(draft)
    allowed = {"from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "x-note", "mime-version"}
    names = [field.name for field in header.fields(header.split_message(content)[0])]
    assert set(names) <= allowed | {"content-type"}
    assert len(set(names)) == len(names)
    assert b"\x00" not in content
    assert content.replace(b"\r\n", b"").find(b"\n") < 0
    assert {part.type for part in mime.walk(mime.scan(content))} <= {"multipart", "text", "application", "image"}


@given(words, hostile)
@example("", ' aaaaaaaaa""')
def test_no_line_is_too_long(subject: str, filename: str) -> None:
    draft = replace(
        PLAIN, subject=subject * 20, to=[(subject, f"{number}@example.org") for number in range(50)],
        text="x" * 2000 + "é" * 2000, html="<p>" + "y" * 3000, attachments=[Attachment(filename * 5, "text/plain", b"z" * 5000)],
        headers=[("X-Long", "q" * 5000)],
    )  # fmt: skip
    for line in lines_of(build(draft)):
        assert len(line) <= 78 or (len(line) <= 600 and b" " not in line.removeprefix(b"Subject: ").strip()), "can be folded"


def test_texts_images_and_files_are_nested_as_readers_expect() -> None:
    image, file = Attachment("l.png", "image/png", b"png", "logo@x"), Attachment("a.pdf", "application/pdf", b"pdf")
    shapes = {
        "text/plain": PLAIN,
        "text/html": replace(PLAIN, text=None, html="<p>"),
        "multipart/alternative(text/plain text/html)": replace(PLAIN, html="<p>"),
        "multipart/mixed(text/plain application/pdf)": replace(PLAIN, attachments=[file]),
        "multipart/alternative(text/plain multipart/related(text/html image/png))": replace(
            PLAIN, html="<p>", attachments=[image]
        ),
        "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) application/pdf)": replace(
            PLAIN, html="<p>", attachments=[file, image]
        ),
        "multipart/mixed(text/plain image/png)": replace(PLAIN, attachments=[image]),
    }
    for shape, draft in shapes.items():
        content = build(draft)
        root = mime.scan(content)
        assert types(root) == shape
        assert {mime.decoded(content, part) for part in mime.walk(root) if part.type in ("image", "application")} <= {
            b"png",
            b"pdf",
        }


@pytest.mark.parametrize(
    "name", ["a.pdf", 'a "b".pdf', "Ängebot.pdf", "天気" * 40 + ".pdf", "x" * 150 + ".pdf", "=?utf-8?q?x?=.pdf"]
)
def test_the_name_of_a_file_arrives(name: str) -> None:
    content = build(replace(PLAIN, attachments=[Attachment(name, "application/pdf", b"x")]))
    part = mime.scan(content).children[1]
    assert part.filename == name
    again = email.message_from_bytes(content, policy=email.policy.default)
    assert [one.get_filename() for one in again.iter_attachments()] == [name]


def test_a_forwarded_message_stays_a_message_unless_lines_cannot_carry_it() -> None:
    original = b"Subject: caf\xe9\n\nbody\n"
    content = build(replace(PLAIN, attachments=[Attachment("m.eml", "message/rfc822", original)]))
    part = mime.scan(content).children[1]
    assert part.mime_type == "message/rfc822"
    assert mime.part_bytes(content, part) == original.replace(b"\n", b"\r\n")
    assert b"Content-Transfer-Encoding: 8bit" in header.split_message(content)[0]
    wide = build(replace(PLAIN, attachments=[Attachment("m.eml", "message/rfc822", b"Subject: x\n\n" + b"x" * 2000)]))
    assert mime.scan(wide).children[1].mime_type == "application/octet-stream"
    assert wide.isascii()


def test_a_forwarded_message_cannot_close_the_one_around_it() -> None:
    first = build(replace(PLAIN, attachments=[Attachment("m.eml", "message/rfc822", b"Subject: x\n\ny\n")]))
    boundary = mime.scan(first).boundary
    evil = b"Subject: x\n\n--" + boundary + b"--\n--" + boundary + b"\nContent-Type: application/x-evil\n\n"
    content = build(replace(PLAIN, attachments=[Attachment("m.eml", "message/rfc822", evil)]))
    assert [part.mime_type for part in mime.scan(content).children] == ["text/plain", "message/rfc822"]


def test_long_references_lose_their_middle() -> None:
    content = build(replace(PLAIN, in_reply_to="29@x", references=[f"{number}@x" for number in range(30)]))
    assert header.message_ids(fields(content)["references"]) == ["0@x", *(f"{number}@x" for number in range(11, 30))]
    assert header.message_ids(fields(content)["in-reply-to"]) == ["29@x"]


def test_hidden_recipients_leave_a_to_field() -> None:
    content = build(replace(PLAIN, to=[], bcc=[BOB]))
    assert fields(content)["to"].strip() == b"undisclosed-recipients:;"


def test_a_half_typed_address_can_be_kept_in_a_draft() -> None:
    for typed in ("ana", "ana@", "", "a, <b@c>", "@"):
        assert b"\r\nSubject:" in build(replace(PLAIN, to=[("Ana", typed), ("", typed)]))


def test_a_field_name_that_is_none_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="not the name"):
        build(replace(PLAIN, headers=[("X Y", "z")]))


def test_the_date_keeps_the_zone_of_its_author() -> None:
    assert fields(build(replace(PLAIN, date=datetime(2026, 1, 1, tzinfo=UTC))))["date"].endswith(b"+0000")
