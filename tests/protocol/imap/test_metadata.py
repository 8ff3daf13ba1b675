"""The grammar of METADATA, and its responses (RFC 5464)."""

from __future__ import annotations

import pytest

from mailsuite.protocol.imap import metadata
from mailsuite.protocol.imap.metadata import INFINITY, Asked
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b' "" /shared/comment', Asked("", ("/shared/comment",))),
        (b" INBOX (/Shared/Comment /private/comment)", Asked("INBOX", ("/shared/comment", "/private/comment"))),
        (b" (DEPTH 1) INBOX (/private/a)", Asked("INBOX", ("/private/a",), None, 1)),
        (b" INBOX (MAXSIZE 1024 DEPTH infinity) (/private/a)", Asked("INBOX", ("/private/a",), 1_024, INFINITY)),
        (b' "" /private', Asked("", ("/private",))),
    ],
)
def test_what_is_asked_for(written: bytes, meant: Asked) -> None:
    assert metadata.get_metadata(Parser([written])) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        b' ""', b' "" comment', b' "" /private/', b' "" /private//a', b' "" "/private/a*"', b' "" "/private/%"',
        b' "" /privately/a', b' (DEPTH 3) "" /private/a', b' (MAXSIZE x) "" /private/a', b' "" ()', b' "" "/private/a b"',
        b' "" /private/' + b"a" * 300, b' "" (' + b"/private/a " * 101 + b")",
    ],
)  # fmt: skip
def test_what_nobody_can_ask_for(wrong: bytes) -> None:
    if wrong.endswith(b"/private/a )"):
        wrong = b' "" (' + b" ".join(b"/private/%d" % n for n in range(101)) + b")"
    with pytest.raises(SyntaxProblem):
        metadata.get_metadata(Parser([wrong]))


def test_values_are_strings_literals_or_nil() -> None:
    mailbox, values = metadata.set_metadata(Parser([b' INBOX (/private/a "x" /private/b NIL /private/c ', b"\0\r\n", b")"]))
    assert (mailbox, values) == ("INBOX", {"/private/a": b"x", "/private/b": None, "/private/c": b"\0\r\n"})
    for wrong in (
        b" INBOX ()",
        b" INBOX (/private/a)",
        b" INBOX (/private/a x)",
        b' INBOX /private/a "x"',
        b' INBOX (/private/a "x"',
    ):
        with pytest.raises(SyntaxProblem):
            metadata.set_metadata(Parser([wrong]))


def test_a_value_is_told_as_it_is() -> None:
    values = {"/private/a": b'"q\\', "/private/b": b"a\r\nb", "/private/c": b"\0", "/private/d": None}
    assert metadata.metadata("", values) == (
        b'* METADATA "" (/private/a "\\"q\\\\" /private/b {4}\r\na\r\nb /private/c ~{1}\r\n\0 /private/d NIL)\r\n'
    )
