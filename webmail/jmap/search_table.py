"""The tables by which queries are read and text is folded, as data for the browser's reader (product.md 2.1, rule 4)."""

from __future__ import annotations

import json

from mailsuite.mailstore.search import fold, grammar, operators, values

ABOUT = "Written by `manage.py jmaptypes` from mailstore/search. operators: the name that terms carry, and the kind of value."


def source() -> str:
    """The whole file. Sets are lists in order, insides of a pattern's [ ] are written with escapes."""
    tables = {
        "about": ABOUT,
        "operators": {name: [one.name, one.value] for name, one in operators.OPERATORS.items()},
        "later": sorted(operators.LATER),
        "text": sorted(operators.TEXT),
        "places": operators.PLACES,
        "placesLater": sorted(operators.PLACES_LATER),
        "states": operators.STATES,
        "statesLater": sorted(operators.STATES_LATER),
        "categories": operators.CATEGORIES,
        "kinds": operators.KINDS,
        "kindsLater": sorted(operators.KINDS_LATER),
        "weekdays": values.WEEKDAYS,
        "limits": {"characters": grammar.LONGEST, "terms": grammar.MOST_TERMS, "depth": grammar.DEEPEST},
        "shortest": grammar.SHORTEST,
        "longestToken": fold.LONGEST,
        "unspaced": _escaped(fold.UNSPACED),
        "passedOver": _escaped(fold.PASSED_OVER),
        "accents": _escaped(fold.ACCENTS),
        "letters": fold.LETTERS,
    }
    lines = (f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in tables.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _escaped(text: str) -> str:
    return "".join(one if one.isascii() else f"\\u{{{ord(one):x}}}" for one in text)
