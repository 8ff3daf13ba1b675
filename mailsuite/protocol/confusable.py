"""Names that pass for others: the same to the eye, a letter off, or in letters of several scripts (UTS 39, in its spirit)."""

from __future__ import annotations

import unicodedata

# Lower case letters of other scripts that look like Latin ones in common fonts, and digits that do. UTS 39's table has
# ten thousand lines for every letter there is; in names of hosts only these can stand.
_ALIKE = str.maketrans(
    dict(
        pair
        for pair in (
            "аa еe оo рp сc уy хx іi јj ѕs ԛq ԝw һh ӏl ьb αa οo εe ρp νv ιi κk υu τt γy ωw χx βb ηn 0o 1l 3e ɡg ıi łl øo đd ħh ŧt"
        ).split()
    )
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("ii", "u"))
# Scripts that stand together in one language.
_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}, {"CJK", "HANGUL", "LATIN"}, {"CJK", "BOPOMOFO", "LATIN"})
_OF_LANGUAGE = {
    "CYRILLIC": {"ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"},
    "GREEK": {"el"},
    "ARABIC": {"ar", "fa", "ur", "ps", "ug"},
    "HEBREW": {"he", "yi"},
    "ARMENIAN": {"hy"},
    "GEORGIAN": {"ka"},
    "THAI": {"th"},
    "DEVANAGARI": {"hi", "mr", "ne"},
    "HANGUL": {"ko"},
    "HIRAGANA": {"ja"},
    "KATAKANA": {"ja"},
    "CJK": {"zh", "ja", "ko"},
}


def skeleton(text: str) -> str:
    """The same for texts that look the same: accents taken off, look-alikes made one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    bare = bare.translate(_ALIKE)
    for two, one in _PAIRS:
        bare = bare.replace(two, one)
    return bare.replace("i", "l").replace("-", "")


def is_one_off(a: str, b: str) -> bool:
    """Is one letter added, missing, another one, or are two neighbours exchanged?"""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return swapped or a[start + 1 :] == b[start + 1 :]


def scripts(text: str) -> set[str]:
    """The scripts that its letters are of, by their Unicode names: LATIN, CYRILLIC, CJK …"""
    return {unicodedata.name(c, "UNKNOWN").split(" ")[0].split("-")[0] for c in text if c.isalpha()}


def is_mixed(label: str) -> bool:
    """Does one label of a host name mix scripts that no language writes together?"""
    found = scripts(label)
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)


def is_foreign(label: str, language: str) -> bool:
    """Is it in a script that this language (`en`, `pt-BR`) is not written in, and no part of it in Latin letters?"""
    found = scripts(label)
    return bool(found) and "LATIN" not in found and not any(language[:2] in _OF_LANGUAGE.get(one, set()) for one in found)


def unicode_form(domain: str) -> str:
    """The domain with its A-labels as their letters; as it is where they cannot be read."""
    return ".".join(_letters(label) for label in domain.split("."))


def _letters(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, IndexError, OverflowError):
        return label
