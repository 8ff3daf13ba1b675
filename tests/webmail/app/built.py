"""The application's built files, and what the browser loads with each."""

from __future__ import annotations

import re
from pathlib import Path

BUILT = Path(__file__).resolve().parents[3] / "webmail" / "static" / "app"


def imported(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The files that a built file needs at once, not those it fetches later."""
    found = set(re.findall(r'(?:from|import)"\./([\w.-]+)"', (BUILT / name).read_text())) - seen
    return found | {other for one in found for other in imported(one, seen | found)}


def first() -> set[str]:
    """The scripts on the way to Inbox and reading."""
    return {"main.js", *imported("main.js")}


def letter() -> set[str]:
    """The scripts that are needed beyond those before one can write."""
    parts = [file.name for kind in ("desk", "rich_editor") for file in BUILT.glob(f"{kind}-*.js")]
    assert len(parts) == 2, parts
    return {name for part in parts for name in (part, *imported(part))} - first()
