"""What a letter is asked about before it leaves (product.md 5.6): words, addresses and domains that hint at a slip.

The tables are JSON that the browser's application reads too: `webmail/app/src/data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "app" / "src" / "data"
SEPARATORS = str.maketrans("", "", ".-_")
SHORT = 9  # characters of a domain, up to which one slip is as many as can be told from another domain
LONGEST = 100  # characters of a domain that is compared


@cache
def table(name: str) -> Any:
    """One of the tables, by its file's name."""
    return json.loads((DATA / f"{name}.json").read_text())


@cache
def _attached() -> re.Pattern[str]:
    found = table("attached")
    joined = [word for language, words in found["words"].items() if language in found["withoutBlanks"] for word in words]
    divided = [word for language, words in found["words"].items() if language not in found["withoutBlanks"] for word in words]
    ends = "|".join(_written(word) for word in sorted(set(divided), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{ends})|{'|'.join(map(re.escape, joined))}", re.IGNORECASE)


def _written(word: str) -> str:
    words = re.escape(word.rstrip("*")).replace(r"\ ", r"\s+")
    return words + (r"\w{0,20}" if word.endswith("*") else r"(?!\w)")


def attached(text: str) -> str:
    """The words in it that say that a file goes along; "" where none do. The text is the writer's own, without quotations."""
    found = _attached().search(text)
    return found.group() if found else ""


def nobody_reads(address: str) -> bool:
    """Is this an address that only sends?"""
    found = table("noreply")
    local = address.rpartition("@")[0].partition("+")[0].lower().translate(SEPARATORS)
    return local in found["exact"] or any(word in local for word in found["containing"])


def meant(domain: str, also: Iterable[str] = ()) -> str:
    """The domain that was most likely meant; "" where this one is known, or like none. also: further known ones, our own."""
    domain = domain.lower().rstrip(".")
    known: Collection[str] = {*table("mail-domains")["domains"], *also}
    if domain in known or not domain.isascii() or not 4 <= len(domain) <= LONGEST:
        return ""
    most = 1 if len(domain) <= SHORT else 2
    near = [(steps, one) for one in sorted(known) if (steps := _distance(domain, one, most)) <= most]
    return min(near)[1] if near else ""


def _distance(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change or swap with the next to make one word of the other; `most` + 1 where it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = [], list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
