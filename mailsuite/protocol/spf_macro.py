"""The macros of SPF: their grammar, and their expansion from values that are at hand (RFC 7208 §7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

MACRO = re.compile(r"%\{([slodiphcrtv])([0-9]*)(r?)([-.+,/_=]*)\}", re.IGNORECASE)
PIECE = re.compile(r"%(?:[%_-]|\{[^{}%]*\})|[^%]+|%")
LITERAL = re.compile(r"[\x21-\x24\x26-\x7e]+\Z")  # no blank, no percent sign
TOP_LABEL = re.compile(r"(?=[0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")
PLAIN = {"%%": "%", "%_": " ", "%-": "%20"}
LONGEST_NAME = 253


def is_macro_string(text: str, *, letters: str = "slodiphv", literal: re.Pattern[str] = LITERAL) -> bool:
    """Does the text fit the grammar, with these macro letters and no others?"""
    for piece in PIECE.findall(text):
        if piece in PLAIN:
            continue
        if piece.startswith("%"):
            found = MACRO.fullmatch(piece)
            if not found or found[1].lower() not in letters or (found[2] and int(found[2][:4]) == 0):
                return False
        elif not literal.match(piece):
            return False
    return True


def is_domain_spec(text: str) -> bool:
    """A macro-string that ends in a macro, or in a dot and a label that could be a top-level domain (RFC 7208 §12)."""
    if not text or not is_macro_string(text):
        return False
    if PIECE.findall(text)[-1].startswith("%"):
        return True
    before, dot, top = text.removesuffix(".").rpartition(".")
    return bool(dot) and TOP_LABEL.match(top) is not None and bool(before or dot)


def is_explanation(text: str) -> bool:
    """An explain-string: as a macro-string, with blanks and three letters more."""
    return text.isascii() and is_macro_string(text, letters="slodiphvcrt", literal=re.compile(r"[\x20-\x24\x26-\x7e]+\Z"))


def needs_validated_name(text: str) -> bool:
    """Is there a %{p}, for which DNS must be asked?"""
    return any(found[1].lower() == "p" for found in MACRO.finditer(text))


def expand(text: str, value: Callable[[str], str]) -> str:
    """The text with its macros replaced; `value` gives what a letter (lower case) stands for."""
    return "".join(_expand_piece(piece, value) for piece in PIECE.findall(text))


def shorten(name: str) -> str:
    """RFC 7208 §7.3: labels are dropped from the left until a name fits."""
    name = name.removesuffix(".")
    if len(name) <= LONGEST_NAME:
        return name
    return name[-LONGEST_NAME - 1 :].partition(".")[2]


def _expand_piece(piece: str, value: Callable[[str], str]) -> str:
    found = MACRO.fullmatch(piece)
    if not found:
        return PLAIN.get(piece, piece)
    letter, digits, reverse, delimiters = found.groups()
    parts = re.split(f"[{re.escape(delimiters)}]" if delimiters else r"\.", value(letter.lower()))
    if reverse:
        parts.reverse()
    kept = ".".join(parts[-min(int(digits[:4]), 500) :] if digits else parts)
    return quote(kept, safe="-._~") if letter.isupper() else kept
