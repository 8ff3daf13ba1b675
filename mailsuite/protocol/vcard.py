"""Contact cards (RFC 6350, and 2426 and 2.1 as far as they are met): what a person would be shown of them."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 1_000_000
MOST_CARDS = 100
MOST_VALUES = 20  # of a kind in one card
LONGEST = 1_000  # characters of a value
FOLD = re.compile(r"\r?\n[ \t]")
SOFT = re.compile(r"=\r?\n")
LINE = re.compile(r"(?:[\w-]{1,60}\.)?([\w-]{1,60})((?:;[^:\n]{0,500})?):(.*)")
ESCAPED = re.compile(r"\\([\\,;nN:])")
FIELDS = {"TEL": "phones", "EMAIL": "emails", "ADR": "addresses", "URL": "links", "NOTE": "notes", "ORG": "organisations"}


@dataclass(slots=True)
class Card:
    """A person or an organisation."""

    name: str = ""
    title: str = ""
    birthday: str = ""
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse(text: str) -> list[Card]:
    """The cards in a file; never raises."""
    cards: list[Card] = []
    card: Card | None = None
    for name, parameters, value in _lines(text[:MOST_BYTES]):
        if name == "BEGIN" and value.upper() == "VCARD" and len(cards) < MOST_CARDS:
            card = Card()
            cards.append(card)
        elif name == "END":
            card = None
        elif card is not None:
            _take(card, name, _decoded(value, parameters)[:LONGEST])
    return [card for card in cards if card.name or card.emails or card.phones]


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    if "QUOTED-PRINTABLE" in text:  # 2.1 breaks its lines so
        text = SOFT.sub("", text)
    for line in FOLD.sub("", text).splitlines():
        if found := LINE.match(line):
            yield found[1].upper(), found[2].upper(), found[3].strip()


def _decoded(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" in parameters:
        return quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
    return value


def _take(card: Card, name: str, value: str) -> None:
    plain = ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
    if name == "FN" or (name == "N" and not card.name):
        card.name = plain if name == "FN" else _joined(value, order=(3, 1, 2, 0, 4), by=" ")
    elif name == "TITLE":
        card.title = plain
    elif name == "BDAY":
        card.birthday = plain
    elif name in FIELDS and len(kept := getattr(card, FIELDS[name])) < MOST_VALUES:
        shown = _joined(value, order=range(7), by=", ") if name in ("ADR", "ORG") else plain
        if shown := shown.removeprefix("mailto:").removeprefix("tel:"):
            kept.append(shown)


def _joined(value: str, *, order: range | tuple[int, ...], by: str) -> str:
    """The parts of a value that has several, those that say something."""
    parts = [ESCAPED.sub(r"\1", part).strip() for part in re.split(r"(?<!\\);", value)]
    return by.join(parts[n] for n in order if n < len(parts) and parts[n])
