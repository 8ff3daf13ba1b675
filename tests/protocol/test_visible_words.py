"""HTML to text, flowed text, and the words of a preview."""

from __future__ import annotations

import pytest

from mailsuite.protocol.flowed import joined
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.preview import preview


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hello <b>Bob</b>,</p><p>two</p>", "Hello Bob,\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<head><title>T</title><style>p { color: red }</style></head><body>x</body>", "x"),
        ("<script>if (a<b) { '</p>' }</script>x", "x"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("<!--[if mso]>outlook<![endif]-->x", "x"),
        ('<a title="a>b" href=x>link</a>', "link"),
        ("<p don't>x</p>", "x"),
        ("1 < 2 &amp; 3 &gt; 2 &nbsp;&eacute;", "1 < 2 & 3 > 2 é"),
        ("&lt;b&gt;", "<b>"),
        ("fill\u200b\u200c\u00adings", "fillings"),
        ("mine<blockquote>theirs<p>more</p></blockquote>mine again", "mine\n> theirs\n> more\nmine again"),
        ("x<style>never closed", "x"),
        ("x<!-- never closed", "x"),
        ("x<a href=", "x"),
        ("<P>UPPER</P>", "UPPER"),
        ("", ""),
    ],
)
def test_html_becomes_the_words_one_reads(html: str, expected: str) -> None:
    assert html_to_text(html) == expected


def test_text_from_html_is_capped() -> None:
    assert len(html_to_text("<p>words</p>" * 10_000, most=100)) == 100


@pytest.mark.parametrize(
    ("text", "delsp", "expected"),
    [
        ("One \nparagraph.\nTwo", False, "One paragraph.\nTwo"),
        ("One \nparagraph.", True, "Oneparagraph."),
        (" >no quote\n From x", False, ">no quote\nFrom x"),
        ("> a \n> b\n>> c", False, "> a b\n>> c"),
        ("> a \nb", False, "> a \nb"),
        ("text \n-- \nBob", False, "text \n-- \nBob"),
        ("open \n", False, "open "),
    ],
)
def test_flowed_lines_are_joined(text: str, delsp: bool, expected: str) -> None:
    assert joined(text, delsp=delsp) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello Bob,\n\nhow  are\tyou?\n", "Hello Bob, how are you?"),
        ("On Monday, Carol wrote:\n> old\n\nnew", "new"),
        ("Am 23. November 2026 um 10:00 schrieb\nCarol <carol@elsewhere.example>:\n\n> old\nnew", "new"),
        ("new\n\nOn 23 Nov 2026, Carol wrote:\n> old\n", "new"),
        ("new\n-----Original Message-----\nFrom: x", "new"),
        ("new\n-- \nAlice", "new"),
        ("Points:\n- one\n- two", "Points: - one - two"),
        ("> only a quotation", "only a quotation"),
        ("zero\u200bwidth\u202e", "zerowidth"),
        ("x" * 500, "x" * 200),
        ("", ""),
    ],
)
def test_a_preview_has_the_writers_own_words(text: str, expected: str) -> None:
    assert preview(text) == expected
