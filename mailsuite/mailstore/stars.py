"""The colours of stars, as the three keywords that Apple Mail and others keep them in (RFC 9979, F24). Pure."""

from __future__ import annotations

from collections.abc import Iterable

BITS = ("$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2")
# By the number that the three bits make. What is starred without any is red; other programs have grey, and 7 means nothing.
COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "gray")
_FOLDED = [bit.casefold() for bit in BITS]


def color(keywords: Iterable[str]) -> str:
    """The colour of a star on a message with these keywords."""
    there = {word.casefold() for word in keywords}
    number = sum(1 << place for place, bit in enumerate(_FOLDED) if bit in there)
    return COLORS[number] if number < len(COLORS) else COLORS[0]


def painted(keywords: Iterable[str], wanted: str = COLORS[0]) -> tuple[str, ...]:
    """The keywords with those of this colour, and of no other."""
    number = COLORS.index(wanted)
    kept = [word for word in keywords if word.casefold() not in _FOLDED]
    return tuple(sorted([*kept, *(bit for place, bit in enumerate(BITS) if number >> place & 1)]))
