"""Writes the messages of a seed as a Maildir in Dovecot's layout: same bytes, same flags, same folders (labels it has none)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

FOLDERS = {"inbox": "", "archive": ".Archive", "sent": ".Sent", "junk": ".Junk"}
FLAGS = "SRFD"  # Maildir's letters for Message.SEEN, ANSWERED, FLAGGED, DRAFT, which are the bits 1, 2, 4, 8


def write(folder: Path, messages: int) -> None:
    """So many messages into a Maildir; what a file was last changed at is when its message came in."""
    from mailsuite.management.demo.fill import kept

    for name in FOLDERS.values():
        for part in ("cur", "new", "tmp"):
            (folder / name / part).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(kept(messages)):
        content = one.trace + one.content
        at = int(one.letter.at.timestamp())
        letters = "".join(sorted(letter for bit, letter in enumerate(FLAGS) if one.flags >> bit & 1))
        name = f"{at}.M{number}P1.seed,S={len(content)},W={len(content)}:2,{letters}"
        path = folder / FOLDERS[one.role] / "cur" / name
        path.write_bytes(content)
        os.utime(path, (at, at))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsuite.settings")
    django.setup()
    write(Path(sys.argv[1]), int(sys.argv[2]))
