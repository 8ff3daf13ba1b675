"""Reads letters.txt: the demo's conversations, written down as a play."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from mailsuite.management.demo.cast import CAST, MEMBERS, Person

SCRIPT = Path(__file__).with_name("letters.txt")
LINE = re.compile(r"-- (\w+) > ([\w, ]+) \| (\d+), (\d\d):(\d\d)(?: \| (.+))?")


@dataclass
class Letter:
    """One message of the demo, before it is composed."""

    subject: str
    author: Person
    recipients: list[Person]
    at: datetime
    text: str
    html: str = ""
    parent: Letter | None = None
    attachments: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    starred: bool = False
    unread: bool = False
    junk: bool = False
    archived: bool = False
    answered: bool = False
    message_id: str = ""  # made up from the rest where it is not given
    ancestors: list[str] = field(default_factory=list)  # message ids, the parent's last; for a letter whose parent is not at hand


def conversations(now: datetime) -> Iterator[Letter]:
    """Every letter of the script, an answer after what it answers; "9, 08:12" is nine days before `now`, at 08:12 UTC."""
    blocks = re.split(r"(?m)^== ", SCRIPT.read_text(encoding="utf-8"))[1:]
    for block in blocks:
        subject, _, rest = block.partition("\n")
        parent = None
        for head, text in _messages(rest):
            parent = _letter(subject.strip(), head, text, parent, now)
            yield parent


def _messages(block: str) -> Iterator[tuple[re.Match[str], str]]:
    heads = list(LINE.finditer(block))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        yield head, block[head.end() : following.start() if following else len(block)].strip() + "\n"


def _letter(subject: str, head: re.Match[str], text: str, parent: Letter | None, now: datetime) -> Letter:
    who, to, days, hour, minute, extras = head.groups()
    words = (extras or "").split()
    day = (now - timedelta(days=int(days))).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return Letter(
        # An answer carries one "Re:", as every mail client writes it.
        subject=f"Re: {subject}" if parent else subject,
        author=CAST[who],
        recipients=[CAST[key] for key in _keys(to, who)],
        at=min(day, now - timedelta(minutes=3)),
        text=text,
        parent=parent,
        attachments=[word[1:] for word in words if word.startswith("+")],
        labels=[word[1:] for word in words if word.startswith("#")],
        starred="*star" in words,
        unread="!unread" in words,
    )


def _keys(to: str, author: str) -> list[str]:
    if to.strip() == "everyone":
        return [member.key for member in MEMBERS if member.key != author]
    return [key.strip() for key in to.split(",")]
