"""Reads a typed query into a tree (product.md 2.2). It never fails: what cannot be read is searched as text, with a hint.

A missing bracket or quote closes at the end, a stray one is passed over, an operator word without a right side means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailsuite.mailstore.search import fold, hints, values
from mailsuite.mailstore.search.hints import Hint
from mailsuite.mailstore.search.operators import (
    CATEGORIES,
    KINDS,
    KINDS_LATER,
    LATER,
    OPERATORS,
    PLACES,
    PLACES_LATER,
    STATES,
    STATES_LATER,
    TEXT,
)
from mailsuite.mailstore.search.query import EVERYTHING, And, Around, Node, Not, Or, Span, Term

LONGEST, MOST_TERMS, DEEPEST = 1_024, 64, 20
SHORTEST = 3  # letters of an unfinished word
_BLANK = re.compile(r"\s*")
_WORD = re.compile(r'[^\s(){}"]+')
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,19}):")
_KEYWORD = re.compile(r'(AND|OR|NOT|AROUND|\|)(?=[\s(){}"]|$)')
_NUMBER = re.compile(r"\s*(?:\((\d{1,4})\)|(\d{1,4})(?=\s))")
_CHOICES = {
    "state": (STATES, STATES_LATER),
    "kind": (KINDS, KINDS_LATER),
    "category": (CATEGORIES, frozenset()),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as it was read."""

    text: str
    tree: Node
    hints: tuple[Hint, ...] = ()


def parse(text: str, *, day_first: bool = False) -> Parsed:
    """Read a query. `day_first`: 4/5/2026 is the fourth of May in the member's language."""
    reader = _Reader(text[:LONGEST], day_first)
    if len(text) > LONGEST:
        reader.hint(hints.too_long(LONGEST))
    tree = reader.sequence("")
    return Parsed(text, tree if tree is not None else EVERYTHING, tuple(reader.hints))


class _Reader:
    """One pass over the text, recursive where brackets are."""

    def __init__(self, text: str, day_first: bool) -> None:
        self.text, self.day_first = text, day_first
        self.at, self.depth, self.count = 0, 0, 0
        self.negated = False
        self.field = ""  # inside field:( … ), the field that values inherit
        self.hints: list[Hint] = []

    def hint(self, hint: Hint | None) -> None:
        if hint and hint not in self.hints:
            self.hints.append(hint)

    # --- the grammar's rules, top down; None is "nothing that means anything" ---

    def sequence(self, closing: str) -> Node | None:
        """`and`: terms side by side, up to the closing bracket or the end."""
        start, found = self.at, []
        while not self._closed(closing):
            if self._keyword("AND"):
                continue
            if (node := self._alternatives()) is not None:
                found.append(node)
        return _one_or(And, found, (start, self.at))

    def _alternatives(self) -> Node | None:
        """`or`: binds tighter than the blank."""
        start, found = self.at, [self._unary()]
        while self._keyword("OR") or self._keyword("|"):
            if not self._ended():
                found.append(self._unary())
        return _one_or(Or, [node for node in found if node is not None], (start, self.at))

    def _unary(self) -> Node | None:
        self._skip_blanks()
        start = self.at
        negated = self._keyword("NOT")
        if not negated and self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2].strip():
            self.at, negated = self.at + 1, True
        self._skip_blanks()
        outer, self.negated = self.negated, self.negated or negated
        node = self._around(self._primary())
        self.negated = outer
        return Not(node, (start, self.at)) if negated and node is not None else node

    def _around(self, left: Node | None) -> Node | None:
        if not self._keyword("AROUND"):
            return left
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
        if self._ended():
            return left
        right = self._primary()
        if isinstance(left, Term) and isinstance(right, Term) and left.operator == right.operator and left.operator in TEXT:
            within = int(number[1] or number[2]) if number else 5
            return Around(left, right, min(within, 50), (left.span[0], right.span[1]))
        sides = [side for side in (left, right) if side is not None]
        return _one_or(And, sides, (sides[0].span[0], self.at)) if sides else None

    def _primary(self) -> Node | None:
        self._skip_blanks()
        start, character = self.at, self.text[self.at : self.at + 1]
        if character in ("(", "{"):
            return self._group()
        if character == '"':
            return self._value(self.field, self._phrase(), start, quoted=True)
        if character == "+" and self.text[start + 1 : start + 2].strip(" \t\n(){}"):
            self.at += 1
            quoted = self.text.startswith('"', self.at)
            return self._value(self.field, self._phrase() if quoted else self._bare(), start, quoted=quoted, exact=True)
        found = _FIELD.match(self.text, start)
        if found and (found[1].lower() in OPERATORS or found[1].lower() in LATER):
            return self._named(found)
        return self._value(self.field, self._bare(), start)

    def _group(self) -> Node | None:
        """( … ) or { … }; the latter holds alternatives. What is in it stands where its brackets do."""
        start, opening = self.at, self.text[self.at]
        self.at += 1
        if self.depth >= DEEPEST:
            self.hint(hints.too_deep(DEEPEST))
            return None
        self.depth += 1
        node = self.sequence(")") if opening == "(" else self._braces()
        self.depth -= 1
        return replace(node, span=(start, self.at)) if node is not None else None

    def _braces(self) -> Node | None:
        start, found = self.at, []
        while not self._closed("}"):
            if self._keyword("OR") or self._keyword("AND") or self._keyword("|"):
                continue
            if (node := self._unary()) is not None:
                found.append(node)
        return _one_or(Or, found, (start, self.at))

    def _named(self, found: re.Match[str]) -> Node | None:
        """name:value, name:"value", name:( … ), name:{ … }; blanks may follow the colon."""
        start, name = self.at, found[1].lower()
        self.at = found.end()
        self._skip_blanks()
        character = self.text[self.at : self.at + 1]
        if not character or character in ")}" or self._at_operator():
            self.hint(hints.no_value(name) if name in OPERATORS else hints.not_yet(f"{name}:"))
            return None
        if character in "({":
            outer, self.field = self.field, name
            node = self._group()
            self.field = outer
            return replace(node, span=(start, self.at)) if node is not None else None
        if character == '"':
            return self._value(name, self._phrase(), start, quoted=True)
        return self._value(name, self._bare(), start)

    # --- words and values ---

    def _phrase(self) -> str:
        end = self.text.find('"', self.at + 1)
        phrase = self.text[self.at + 1 : end if end >= 0 else len(self.text)]
        self.at = end + 1 if end >= 0 else len(self.text)
        return phrase

    def _bare(self) -> str:
        found = _WORD.match(self.text, self.at)
        if not found:
            self.at += 1
            return ""
        self.at = found.end()
        return found[0]

    def _value(self, name: str, value: str, start: int, *, quoted: bool = False, exact: bool = False) -> Node | None:
        """A term of the field `name` ("": plain text), or None with a hint that says why not."""
        if not value.strip():
            return None
        if self.count >= MOST_TERMS:
            self.hint(hints.too_many(MOST_TERMS))
            return None
        self.count += 1
        span = (start, self.at)
        if name in LATER:
            self.hint(hints.not_yet(f"{name}:"))
            return None
        kind = OPERATORS[name].value if name else "text"
        if kind in ("text", "person"):
            return self._text(OPERATORS[name].name if name else "text", value, span, quoted=quoted, exact=exact)
        return self._typed(name, kind, value, span)

    def _text(self, operator: str, value: str, span: Span, *, quoted: bool, exact: bool) -> Node | None:
        if operator == "text" and not quoted:
            self._hint_about_word(value, span)
        starred = value.endswith("*") and not quoted
        value = value.rstrip("*") if starred else value
        tokens, _ = fold.asked(value)
        if not tokens:
            self.hint(hints.no_letters(value) if operator == "text" else hints.no_value(operator))
            return None
        # The last word typed may not be finished yet; but -cat is not to take away every category, and what one or two letters
        # begin is half of all words: dear to look for, and nothing anyone would read.
        typing = not quoted and not self.negated and self.at == len(self.text) and len(tokens[-1]) >= SHORTEST
        prefix = not exact and (starred or typing)
        return Term(operator, value, prefix, exact, span)

    def _hint_about_word(self, value: str, span: Span) -> None:
        if value == "or" and self.text[: span[0]].strip() and self.text[span[1] :].strip():
            self.hint(hints.lower_case_or())
        found = _FIELD.match(value)
        if found and not value[found.end() :].startswith("//"):
            self.hint(hints.not_an_operator(found[1], value[found.end() :]))

    def _typed(self, name: str, kind: str, value: str, span: Span) -> Node | None:
        """A term whose value has a form of its own."""
        operator, wanted = OPERATORS[name].name, value.strip().lower()
        if kind in _CHOICES:
            known, later = _CHOICES[kind]
            if wanted in known:
                return Term(operator, known[wanted], span=span)
            if wanted in later:
                return self._nothing(hints.not_yet(f"{name}:{wanted}"))
            self.hint(hints.unknown_value(operator, value, known))
            return self._text("text", f"{name}:{value}", span, quoted=True, exact=False)
        if kind == "place":
            if wanted in PLACES_LATER:
                return self._nothing(hints.not_yet(f"in:{wanted}"))
            return Term("in", PLACES[wanted], span=span) if wanted in PLACES else Term("label", value.strip(), span=span)
        if kind in ("label", "id"):
            return Term(operator, value.strip().strip("<>") if kind == "id" else value.strip(), span=span)
        return self._measured(name, kind, value, span)

    def _measured(self, name: str, kind: str, value: str, span: Span) -> Node | None:
        """Dates, ages and sizes."""
        operator = OPERATORS[name].name
        if kind == "date":
            day = values.read_day(value, day_first=self.day_first)
            return Term(operator, day, span=span) if day else self._nothing(hints.not_a_date(value, values.nearest_date(value)))
        if kind == "span":
            days = values.read_span(value, day_first=self.day_first)
            return Term(operator, days, span=span) if days else self._nothing(hints.not_a_date(value, values.nearest_date(value)))
        if kind == "age":
            age = values.read_age(value)
            said = hints.no_unit(name, value) if value.isdecimal() else hints.not_an_age(name, value)
            return Term(operator, age, span=span) if age else self._nothing(said)
        size = values.read_size(value)
        return Term(operator, size, span=span) if size is not None else self._nothing(hints.not_a_size(name, value))

    def _nothing(self, hint: Hint) -> None:
        self.hint(hint)

    # --- where we are ---

    def _skip_blanks(self) -> None:
        self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches the empty string

    def _ended(self) -> bool:
        self._skip_blanks()
        return self.at >= len(self.text) or self.text[self.at] in ")}"

    def _closed(self, closing: str) -> bool:
        """Whether the group is over; its own bracket is consumed, a stray one is passed over."""
        while True:
            self._skip_blanks()
            if self.at >= len(self.text):
                return True
            if self.text[self.at] not in ")}":
                return False
            self.at += 1
            if self.text[self.at - 1] == closing:
                return True

    def _keyword(self, word: str) -> bool:
        """Consume this operator word, if it stands here."""
        self._skip_blanks()
        found = _KEYWORD.match(self.text, self.at)
        if not found or found[1] != word:
            return False
        self.at = found.end()
        return True

    def _at_operator(self) -> bool:
        found = _FIELD.match(self.text, self.at)
        return bool(found and found[1].lower() in OPERATORS)


def _one_or(kind: type[And] | type[Or], found: list[Node], span: Span) -> Node | None:
    """The node itself where there is one, else a node of this kind; None for none."""
    if len(found) > 1:
        return kind(tuple(found), span)
    return found[0] if found else None
