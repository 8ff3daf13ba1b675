"""The first words a message says for itself: what a list shows below the subject (product.md 3.6)."""

from __future__ import annotations

import re

LENGTH = 200  # characters
LOOK_AT = 5000  # characters of the text

# What introduces a quotation, in the forms the common programs write; more languages are in `quote`.
INTRODUCTION = re.compile(
    r"^(?:-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original).{0,40}"
    r"|_{20,}|.{0,300}\b(?:wrote|writes|schrieb|écrit|escribió|ha scritto|schreef|skrev|napisał|пишет|escreveu)\b[^:]{0,100}:)$",
    re.I,
)
BLANKS = re.compile(r"\s+")
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def preview(text: str) -> str:
    """At most 200 characters of `text` on one line, without quoted lines, their introduction and the signature."""
    lines = []
    for line in text[:LOOK_AT].split("\n"):
        if line in ("-- ", "-- \r"):
            break
        if not line.startswith(">") and not INTRODUCTION.match(line[:500].strip()):
            lines.append(line)
    own = BLANKS.sub(" ", INVISIBLE.sub("", " ".join(lines))).strip()
    return own[:LENGTH].rstrip()
