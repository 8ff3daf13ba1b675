"""The attributes of mailboxes with a special use, by what the store calls it (RFC 6154 §2, RFC 9979)."""

from __future__ import annotations

ATTRIBUTES = {
    "flagged": r"\Flagged",
    "snoozed": r"\Snoozed",
    "scheduled": r"\Scheduled",
    "sent": r"\Sent",
    "drafts": r"\Drafts",
    "archive": r"\Archive",
    "all": r"\All",
    "junk": r"\Junk",
    "trash": r"\Trash",
}
