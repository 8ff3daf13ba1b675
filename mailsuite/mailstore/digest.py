"""What a conversation's row shows, computed from its messages (product.md 3.6). Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from mailsuite.mailstore import stars
from mailsuite.mailstore.models import Mailbox, Message

Place, Role = Message.Place, Mailbox.Role
WRITERS = 50  # names kept for a row; what more there are show in the conversation itself


class Entry(NamedTuple):
    """One message as its conversation sees it; `mailboxes` are the ids of those it is in."""

    id: int
    at: datetime
    place: int
    flags: int
    own: bool
    keywords: list[str]
    name: str
    address: str
    subject: str
    preview: str
    attachments: list[dict[str, Any]]
    snoozed_at: datetime | None
    snoozed_until: datetime | None
    woke_at: datetime | None
    sends_at: datetime | None
    went_at: datetime | None
    mailboxes: Sequence[int]

    @property
    def unread(self) -> bool:
        return not self.flags & Message.SEEN

    @property
    def draft(self) -> bool:
        return bool(self.flags & Message.DRAFT)


class Row(NamedTuple):
    """The values of a `ThreadRow`."""

    newest_at: datetime
    count: int
    unread: int
    face: dict[str, Any] | None


@dataclass
class Digest:
    """The values of a `Thread`, and of its rows by mailbox id."""

    thread: dict[str, Any]
    rows: dict[int, Row]


def digest(entries: Sequence[Entry], roles: Mapping[int, str]) -> Digest:
    """Sum up a conversation of at least one message. `roles`: the role of each mailbox id, "" for a label."""
    entries = sorted(entries, key=lambda entry: (entry.at, entry.id))
    shown = _shown(entries)
    mail = shown if shown[0].place == Place.MAIL else []
    thread = {
        "oldest_at": entries[0].at,
        "newest_at": shown[-1].at,
        "total": len(entries),
        "count": len(mail),
        "unread": sum(entry.unread for entry in mail),
        "draft": any(entry.draft for entry in mail),
        "muted": any("$muted" in entry.keywords for entry in mail),
        "star": next((stars.color(entry.keywords) for entry in reversed(shown) if entry.flags & Message.FLAGGED), ""),
        "snoozed_at": max((entry.snoozed_at for entry in mail if entry.snoozed_at), default=None),
        "snoozed_until": min((entry.snoozed_until for entry in mail if entry.snoozed_until), default=None),
        "woke_at": max((entry.woke_at for entry in mail if entry.woke_at), default=None),
        "sends_at": min((entry.sends_at for entry in mail if entry.sends_at and not entry.draft), default=None),
        "labels": sorted({pk for entry in mail for pk in entry.mailboxes if not roles[pk]}),
        **_face(shown),
    }
    return Digest(thread, _rows(entries, shown, roles))


def _shown(entries: list[Entry]) -> list[Entry]:
    """The messages that the conversation as a whole shows: those in Mail, else those in Spam, else those in Trash."""
    first = min(entry.place for entry in entries)
    return [entry for entry in entries if entry.place == first]


def _face(entries: list[Entry]) -> dict[str, Any]:
    """How messages in order of time look in a list."""
    unread = next((entry for entry in entries if entry.unread and not entry.draft), None)
    newest = next((entry for entry in reversed(entries) if not entry.draft), entries[-1])
    return {
        "subject": entries[0].subject,
        "preview": (unread or newest).preview,
        "starred": any(entry.flags & Message.FLAGGED for entry in entries),
        "attachments": any(not part.get("inline") for entry in entries for part in entry.attachments),
        "writers": _writers(entries),
    }


def _writers(entries: list[Entry]) -> list[list[Any]]:
    writers: dict[str, list[Any]] = {}
    for entry in entries:
        if entry.draft and len(entries) > 1:
            continue
        writer = writers.setdefault(entry.address.casefold(), [entry.name, entry.address, False])
        writer[0] = writer[0] or entry.name
        writer[2] = writer[2] or entry.unread
    return list(writers.values())[:WRITERS]


def _rows(entries: list[Entry], shown: list[Entry], roles: Mapping[int, str]) -> dict[int, Row]:
    held: dict[int, list[Entry]] = {}
    for entry in entries:
        for pk in entry.mailboxes:
            held.setdefault(pk, []).append(entry)
    return {
        pk: Row(
            newest_at=_newest(roles[pk], inside, shown),
            count=len(inside),
            unread=sum(entry.unread for entry in inside),
            face=None if inside[0].place == shown[0].place else _face(inside),
        )
        for pk, inside in held.items()
    }


def _newest(role: str, inside: list[Entry], shown: list[Entry]) -> datetime:
    """What a row is ordered by: Inbox by what came in or woke, Sent by what went out, else by anything in the conversation."""
    if role in (Role.INBOX, Role.SENT):
        wanted = [entry for entry in inside if entry.own == (role == Role.SENT)]
        later = (at for entry in inside for at in (entry.woke_at, entry.went_at) if at)
        return max([(wanted or inside)[-1].at, *later])
    return max(inside[-1].at, shown[-1].at) if inside[0].place == shown[0].place else inside[-1].at
