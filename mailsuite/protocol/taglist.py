"""Lists of tag=value; as DKIM signatures, DKIM keys and DMARC policies write them (RFC 6376 §3.2)."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def parse(text: str, most: int = 100) -> dict[str, str]:
    """The tags in their order, values trimmed of white space at both ends.

    Raises ValueError for a tag without a name or an equals sign, for a tag given twice, and for more than `most` tags.
    """
    parts = text.split(";", most + 1)
    if not parts[-1].strip():
        parts.pop()
    if len(parts) > most:
        raise ValueError("too many tags")
    tags: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not NAME.match(name):
            raise ValueError("not a tag list")
        if name in tags:
            raise ValueError(f"tag {name} is given twice")
        tags[name] = value.strip()
    return tags
