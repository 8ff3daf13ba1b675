"""How rows are named over JMAP: a letter for the kind, then the key; EMAILID and THREADID are the same over IMAP (RFC 8474).

account A1, mailbox F1, thread T1, email M1 or M1-2, identity I1, submission S1. A blob is U1 for an upload, R1 for the bytes of
message 1, and P1-2_1 for its part 2.1, decoded: whoever may have the row may have the bytes, and a guessed hash opens nothing.
"""

from __future__ import annotations

import re

KEY = re.compile(r"([AFTISUR])([1-9]\d{0,17})")
EMAIL = re.compile(r"M([1-9]\d{0,17})(?:-([1-9]\d{0,8}))?")
PART = re.compile(r"P([1-9]\d{0,17})-(\d{1,4}(?:_\d{1,4}){0,50})")


def name(kind: str, key: int) -> str:
    """The id of a row."""
    return f"{kind}{key}"


def key(kind: str, text: object) -> int | None:
    """The row's key; None for what is no id of this kind, and so names nothing."""
    found = KEY.fullmatch(text) if isinstance(text, str) else None
    return int(found[2]) if found and found[1] == kind else None


def email_key(text: object) -> tuple[int, int] | None:
    """(message, incarnation) of an Email id; None for what is none."""
    found = EMAIL.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2] or 0)) if found else None


def part_name(message: int, number: str) -> str:
    """The blob id of a part, by its number as IMAP has it ("2.1")."""
    return f"P{message}-{number.replace('.', '_')}"


def part_key(text: object) -> tuple[int, str] | None:
    """(message, part number) of a part's blob id; None for what is none."""
    found = PART.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), found[2].replace("_", ".")) if found else None
