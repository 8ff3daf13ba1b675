"""What nobody sees pads no preview, splits no word and disguises no name."""

from __future__ import annotations

import re
import unicodedata

import pytest

from mailsuite.mailstore.search import fold
from mailsuite.protocol.attachments import display_name
from mailsuite.protocol.html_text import html_to_text
from mailsuite.protocol.preview import preview
from mailsuite.protocol.unseen import BIDI, JOINERS, TAGS, UNSEEN, ZERO_WIDTH
from webmail import display
from webmail.rendering.links import safe_link

EVERY = [chr(code) for code in range(0x10000) if re.match(f"[{UNSEEN}]", chr(code))]


@pytest.mark.parametrize("unseen", EVERY, ids=lambda unseen: f"U+{ord(unseen):04X}")
def test_a_word_reads_the_same_with_and_without(unseen: str) -> None:
    word = f"pay{unseen}roll"
    assert preview(word) == html_to_text(word) == fold.fold(word) == display_name(word) == "payroll"
    assert safe_link(f"java{unseen}script:alert(1)") is None


def test_a_name_on_the_screen_keeps_joiners_and_nothing_else_of_these() -> None:
    assert [one for one in EVERY if one in display.clean(f"a{one}b")] == list(JOINERS)
    assert display.clean("a\U000e0041\ufff9b") == "ab"


def test_all_of_unicodes_format_characters_are_known() -> None:
    """Except the signs of Arabic and Syriac that are written above numbers, and so are seen."""
    formats = {chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Cf"}
    unknown = {one for one in formats if not re.match(f"[{BIDI}{ZERO_WIDTH}{JOINERS}{TAGS}]", one)}
    assert {unicodedata.name(one).split()[0] for one in unknown} == {"ARABIC", "SYRIAC"}
