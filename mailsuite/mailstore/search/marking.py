"""Where a text says what was searched for, as the index understands words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailsuite.mailstore.search import fold

LOOK_AT = 100_000  # characters of a text
PHRASES = 30
WORDS = 10  # of a phrase
MAPPED = 50_000  # characters of a text whose folding changes lengths: it is folded letter by letter then


class Marker:
    """Finds words and phrases. A phrase stands where its words do, side by side, whatever divides them.

    The last word of a phrase with a star at its end may go on.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        patterns = sorted({pattern for phrase in phrases if (pattern := _pattern(phrase))}, key=len, reverse=True)[:PHRASES]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def spans(self, text: str, most: int = 50) -> list[tuple[int, int]]:
        """Start and end of at most `most` places, in order."""
        if self._pattern is None or not text:
            return []
        folded, places = _folded(text[:LOOK_AT])
        found: list[tuple[int, int]] = []
        for match in self._pattern.finditer(folded):
            start, end = match.span()
            found.append((places[start], places[end - 1] + 1) if places else (start, end))
            if len(found) == most:
                break
        return found


def _pattern(phrase: str) -> str:
    """Words of a script with blanks begin and end where the text's words do; of a script without, anywhere."""
    pattern, joined = "", True
    words = fold.runs(phrase[:1_000])[:WORDS]
    for number, (word, unspaced) in enumerate(words):
        between = "" if not number else r"[\W_]*" if unspaced or joined else r"[\W_]+"
        before, after = ("", "") if unspaced else (r"(?<![^\W_])", r"(?![^\W_])")
        after = r"[^\W_]*" if after and phrase.endswith("*") and number == len(words) - 1 else after
        before, after = ("" if joined and number else before, after)
        pattern += between + before + re.escape(word) + after
        joined = unspaced
    return pattern


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each of its characters the place it came from; no places where all kept theirs."""
    folded = fold.fold(text)
    if len(folded) == len(text):
        return folded, []
    letters, places = [], []
    for place, letter in enumerate(text[:MAPPED]):
        for one in fold.fold(letter):
            letters.append(one)
            places.append(place)
    return "".join(letters), places
