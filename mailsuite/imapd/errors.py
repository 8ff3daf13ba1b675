"""Which domain error becomes which response: the door's one table (RFC 5530, RFC 9051 §7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError, OperationalError

from mailsuite.blobs.store import NoRoom
from mailsuite.mailstore.mailboxes import MailboxExists, NameRefused, NoSuchMailbox, OnlyWhatWaits
from mailsuite.mailstore.quota import OverQuota


@dataclass
class Refusal(Exception):
    """NO, with a response code and words for the person at the other end."""

    text: str
    code: str = ""


TRY_CREATE = Refusal("There is no such mailbox", "TRYCREATE")
NO_MAILBOX = Refusal("There is no such mailbox", "NONEXISTENT")

TABLE: dict[type[Exception], Refusal] = {
    NoSuchMailbox: NO_MAILBOX,
    OnlyWhatWaits: Refusal("Scheduled holds what waits to be sent", "CANNOT"),
    MailboxExists: Refusal("There is such a mailbox already", "ALREADYEXISTS"),
    OverQuota: Refusal("The mailbox is full", "OVERQUOTA"),
    NoRoom: Refusal("The disk is full; try again later", "UNAVAILABLE"),
    OperationalError: Refusal("The store is busy; try again later", "UNAVAILABLE"),
    DatabaseError: Refusal("The store did not take it", "SERVERBUG"),
}


def refusal(error: Exception) -> Refusal | None:
    """What to answer for this error; None where nobody foresaw it."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, NameRefused):
        return Refusal(_plain(error.reason), "CANNOT")
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return None


def _plain(sentence: str) -> str:
    """Words for a response line: RFC 9051 §9 text has no line ends, and old clients expect ASCII."""
    return "".join(character if " " <= character <= "~" else "?" for character in sentence).rstrip(".")
