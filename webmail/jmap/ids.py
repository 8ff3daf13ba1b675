"""How rows are named over JMAP: a letter for the kind, then the key; EMAILID and THREADID are the same over IMAP (RFC 8474).

account A1, mailbox F1, thread T1, email M1 or M1-2, identity I1, submission S1, action X1, quota Q1, draft D1. A blob is U1 for
an upload, R1 for the bytes of message 1, and P1-2_1 for its part 2.1, decoded; U1-2 is part 2 of an upload that is a message, and
P1-2-1 is part 1 of the message that part 2 holds. Whoever may have the row may have the bytes, and a guessed hash opens nothing.
"""

from __future__ import annotations

import re

KEY = re.compile(r"([AFTISURXQDC])([1-9]\d{0,17})")
EMAIL = re.compile(r"M([1-9]\d{0,17})(?:-([1-9]\d{0,8}))?")
BLOB = re.compile(r"([RUP])([1-9]\d{0,17})((?:-\d{1,4}(?:_\d{1,4}){0,50}){0,5})")


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


def part_name(blob: str, number: str) -> str:
    """The blob id of a part, decoded, of what another blob holds; `number` as IMAP has it ("2.1")."""
    base = f"P{blob[1:]}" if blob.startswith("R") else blob
    return f"{base}-{number.replace('.', '_')}"


def blob_key(text: object) -> tuple[str, int, list[str]] | None:
    """("R" or "U", the row's key, numbers of the parts to go through) of a blob id; None for what is none."""
    found = BLOB.fullmatch(text) if isinstance(text, str) and len(text) <= 255 else None
    if found is None or (found[1] == "R" and found[3]) or (found[1] == "P" and not found[3]):
        return None
    numbers = [number.replace("_", ".") for number in found[3].split("-")[1:]]
    return ("U" if found[1] == "U" else "R"), int(found[2]), numbers
