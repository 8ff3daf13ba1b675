"""Text to search tokens: folded words, and pairs of characters where a script writes without blanks (product.md 2.3).

Both databases index the tokens made here, so that both find the same. Index and query must go through the same functions.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mailsuite.protocol.unseen import UNSEEN

LONGEST = 64  # characters of a token; the rest of a longer run (base64, hashes) is not indexed


def _character_class(*ranges: tuple[int, int]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _mark_ranges() -> list[tuple[int, int]]:
    """Ranges of combining characters: the parts of a letter that `\\w` leaves out."""
    ranges: list[tuple[int, int]] = []
    for block in (range(0x300, 0x3100), range(0xA600, 0xAC00), range(0xFB1E, 0xFE30), range(0x10000, 0x1F000)):
        for code in block:
            if unicodedata.category(chr(code))[0] != "M":
                continue
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return ranges


MARK = _character_class(*_mark_ranges())
# Han, kana, Thai, Lao, Myanmar, Khmer: no blanks between words. Korean writes blanks and is not here.
UNSPACED = _character_class(
    (0x0E01, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17DF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x30FF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip

_BETWEEN_ASCII_WORDS = dict.fromkeys((code for code in range(128) if not chr(code).isalnum()), " ")
_ASCII_SHAPE = bytes(ord("x" if chr(code).isalnum() else " ") for code in range(128)) + bytes(128)
_TOO_LONG = b"x" * (LONGEST + 1)
_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{MARK}])*")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_UNSPACED_RUN = re.compile(f"([{UNSPACED}{MARK}]*[{UNSPACED}][{UNSPACED}{MARK}]*)")
PASSED_OVER = f"{UNSEEN}\u0640"  # what nobody sees, and the stroke that only makes an Arabic word longer
_UNSEEN = re.compile(f"[{PASSED_OVER}]")
# A long run of combining marks makes normalisation quadratic (40,000 of them: 0.8 s); no language stacks more than these.
_MARK_RUN = re.compile(f"([{MARK}]{{8}})[{MARK}]+")
ACCENTS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff"
_ACCENT = re.compile(f"[{ACCENTS}]+")
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ς": "σ"}
_LETTERS = str.maketrans(LETTERS)


def fold(text: str) -> str:
    """Compatibility forms, case and accents removed: `Résumé`, `ＲＥＳＵＭＥ` and `resume` become one. Linear time."""
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(lambda run: _fold_run(run[0]) if len(run[0]) < 25 else _fold_any(run[0]), text).lower()


def _fold_any(run: str) -> str:
    run = _MARK_RUN.sub(r"\1", _UNSEEN.sub("", run))
    run = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", run).casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", run)).translate(_LETTERS)


_fold_run = lru_cache(maxsize=8192)(_fold_any)  # languages use few different runs of non-ASCII letters


def runs(text: str) -> list[tuple[str, bool]]:
    """The folded words of a text in order, each with whether it is a run of a script without blanks."""
    folded = fold(text)
    if folded.isascii():
        return [(word, False) for word in _ascii_words(folded)]
    return _pieces(folded)


def _pieces(folded: str) -> list[tuple[str, bool]]:
    words = _WORD.findall(folded)
    if not _UNSPACED_CHARACTER.search(folded):
        return [(word[:LONGEST], False) for word in words]
    pieces = ((piece, number % 2) for word in words for number, piece in enumerate(_UNSPACED_RUN.split(word)) if piece)
    return [(piece, True) if unspaced else (piece[:LONGEST], False) for piece, unspaced in pieces]


def pairs(run: str, *, to_the_end: bool) -> list[str]:
    """Every two neighbouring characters; with `to_the_end` also the last one alone, so that each character begins a token."""
    found = [run[at : at + 2] for at in range(len(run) - 1)]
    return [*found, run[-1]] if to_the_end or not found else found


def tokens(text: str, most: int = 50_000) -> list[str]:
    """What the index keeps of a text, in order, at most `most` tokens."""
    folded = fold(text)
    if folded.isascii():
        return _ascii_words(folded)[:most]
    found: list[str] = []
    for word, unspaced in _pieces(folded):
        if unspaced:
            found += pairs(word, to_the_end=True)
        else:
            found.append(word)
    return found[:most]


def indexed(text: str, most: int = 50_000) -> str:
    """`tokens`, divided by blanks; ASCII text, the most frequent kind, is never taken apart and put together for it."""
    folded = fold(text)
    if folded.isascii():
        words = folded.translate(_BETWEEN_ASCII_WORDS)
        few = len(words) < 2 * most or words.count(" ") < most
        if few and _TOO_LONG not in words.encode().translate(_ASCII_SHAPE):
            return words
    return " ".join(tokens(text, most))


def _ascii_words(folded: str) -> list[str]:
    words = folded.translate(_BETWEEN_ASCII_WORDS).split()
    return [word[:LONGEST] for word in words] if max(map(len, words), default=0) > LONGEST else words


def asked(text: str) -> tuple[list[str], bool]:
    """The tokens to look for in order, and whether the last must match as a prefix (one character of an unspaced script).

    A run at the end may go on in the text, so its last pair is enough; a run before another word ends where that begins.
    """
    pieces = runs(text)
    found: list[str] = []
    open_end = False
    for number, (word, unspaced) in enumerate(pieces):
        last = number == len(pieces) - 1
        found += pairs(word, to_the_end=not last) if unspaced else [word]
        open_end = last and unspaced and len(word) == 1
    return found, open_end
