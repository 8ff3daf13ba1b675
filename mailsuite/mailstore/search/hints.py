"""What is said when a query was read differently than it may have been meant (product.md 2.6): never silence, never an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailsuite.mailstore.search.operators import LATER, OPERATORS


@dataclass(frozen=True, slots=True)
class Hint:
    """`text` is the English sentence, with **bold** for what to write; `code`, `typed` and `meant` serve translations."""

    code: str
    text: str
    typed: str = ""
    meant: str = ""


def not_an_operator(typed: str, value: str) -> Hint | None:
    """For a word that looks like an operator, if a real one is one edit or swap away. A swap is a slip of the fingers."""
    name = typed.lower()
    meant = closest(name, [*OPERATORS, *LATER]) if len(name) > 2 else None
    if meant is None:
        return None
    better = f"{meant}:{value}"
    if sorted(name) == sorted(meant):
        return Hint("misspelled_operator", f"Did you mean **{better}**?", typed, better)
    return Hint("unknown_operator", f"{typed}: is not an operator. Did you mean **{better}**?", typed, better)


def lower_case_or() -> Hint:
    return Hint("lower_case_or", "or is searched as a word. Use **OR** in capitals.", "or", "OR")


def no_unit(operator: str, number: str) -> Hint:
    return Hint("no_unit", f"Add a unit: **{operator}:{number}d**.", number, f"{operator}:{number}d")


def unknown_value(operator: str, value: str, known: Iterable[str]) -> Hint:
    """For a value of `is:` or `has:` that there is none of."""
    what = {"is": "Not a state.", "has": "Not a kind of thing.", "category": "Not a category."}[operator]
    meant = closest(value.lower(), known)
    better = f"{operator}:{meant}" if meant else ""
    return Hint("unknown_value", f"{what} **{better}**?" if better else what, f"{operator}:{value}", better)


def no_value(operator: str) -> Hint:
    asked = "who" if OPERATORS[operator].value == "person" else "what"
    return Hint("no_value", f"{operator}: {asked}?", f"{operator}:")


def not_a_date(value: str, meant: str) -> Hint:
    return Hint("not_a_date", f"Not a date. Write **{meant}**.", value, meant)


def not_a_size(operator: str, value: str) -> Hint:
    return Hint("not_a_size", f"Not a size. Write **{operator}:10M**.", value, f"{operator}:10M")


def not_an_age(operator: str, value: str) -> Hint:
    return Hint("not_an_age", f"Not an age. Write **{operator}:7d**.", value, f"{operator}:7d")


def not_yet(what: str) -> Hint:
    return Hint("not_yet", f"**{what}** cannot be searched yet and was left out.", what)


def no_letters(word: str) -> Hint:
    return Hint("no_letters", f"{word} has no letters or digits and was left out.", word)


def too_long(limit: int) -> Hint:
    return Hint("too_long", f"Only the first {limit:,} characters were read.")


def too_many(limit: int) -> Hint:
    return Hint("too_many", f"Only the first {limit} terms were read.")


def too_deep(limit: int) -> Hint:
    return Hint("too_deep", f"Brackets deeper than {limit} were left out.")


def no_label(name: str, labels: Iterable[str]) -> Hint:
    """For `label:` and `in:` with a label that the account does not have."""
    by_form = {label.lower(): label for label in labels}
    meant = by_form.get(closest(name.lower(), by_form) or "", "")
    written = f'label:"{meant}"' if " " in meant else f"label:{meant}"
    sentence = f"No label {name}. **{written}**?" if meant else f"No label {name}."
    return Hint("no_label", sentence, name, written if meant else "")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is one edit or one swap of neighbours away; a swap wins."""
    near = [one for one in known if one != word and _one_slip(word, one)]
    return min(near, key=lambda one: (sorted(one) != sorted(word), one), default=None)


def _one_slip(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    x, y = a[start:], b[start:]
    if len(x) == len(y):
        return x[1:] == y[1:] or (x[:2] == y[1::-1] and x[2:] == y[2:])
    return x[1:] == y if len(x) > len(y) else x == y[1:]
