"""How the languages of the catalogue count and write whole numbers (Unicode CLDR, plural rules and number symbols)."""

from __future__ import annotations

# What a translation has to say apart. CLDR knows more ("many" of French is for whole millions): those may be given.
FORMS = {
    "en": ("one", "other"),
    "de": ("one", "other"),
    "fr": ("one", "other"),
    "es": ("one", "other"),
    "ar": ("one", "two", "few", "many", "other"),
}
MORE_FORMS = {"fr": ("many",), "es": ("many",), "ar": ("zero",)}
_MARKS = {"en": ",", "de": ".", "fr": "\u202f", "es": ".", "ar": ","}
_FIRST_MARK = {"es": 10_000}  # the least number that is written with a mark, elsewhere 1,000


def category(n: int, language: str) -> str:
    """The plural category of a whole number."""
    if language == "ar":
        return _arabic(n)
    if language in ("fr", "es") and n and n % 1_000_000 == 0:
        return "many"
    return "one" if n == 1 or (n == 0 and language == "fr") else "other"


def _arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    if 3 <= n % 100 <= 10:
        return "few"
    return "many" if n % 100 > 10 else "other"


def number(n: int, language: str) -> str:
    """1234 as 1,234 or 1.234."""
    if abs(n) < _FIRST_MARK.get(language, 1_000):
        return str(n)
    return f"{n:,}".replace(",", _MARKS.get(language, ","))
