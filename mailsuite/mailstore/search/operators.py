"""The operators of the search box as data: name, kind of value, and what each is tested on (product.md 2.4)."""

from __future__ import annotations

from typing import NamedTuple


class Operator(NamedTuple):
    """`name` is the one that terms carry. A content term is tested on one message, a state term on the conversation."""

    name: str
    value: str  # text, person, label, place, state, category, kind, date, span, age, size, id
    tested_on: str = "content"


OPERATORS: dict[str, Operator] = {
    "from": Operator("from", "person"),
    "to": Operator("to", "person"),
    "cc": Operator("cc", "person"),
    "bcc": Operator("bcc", "person"),
    "with": Operator("with", "person", "state"),
    "deliveredto": Operator("deliveredto", "text"),
    "list": Operator("list", "text"),
    "subject": Operator("subject", "text"),
    "body": Operator("body", "text"),
    "filename": Operator("filename", "text"),
    "has": Operator("has", "kind"),
    "label": Operator("label", "label", "state"),
    "l": Operator("label", "label", "state"),
    "in": Operator("in", "place", "state"),
    "is": Operator("is", "state", "state"),
    "category": Operator("category", "category", "state"),
    "after": Operator("after", "date"),
    "newer": Operator("after", "date"),
    "before": Operator("before", "date"),
    "older": Operator("before", "date"),
    "date": Operator("date", "span"),
    "older_than": Operator("older_than", "age"),
    "newer_than": Operator("newer_than", "age"),
    "size": Operator("larger", "size"),
    "larger": Operator("larger", "size"),
    "smaller": Operator("smaller", "size"),
    "rfc822msgid": Operator("msgid", "id"),
    "msgid": Operator("msgid", "id"),
    "keyword": Operator("keyword", "id"),
    "threadid": Operator("threadid", "id", "state"),
}
# Known, and not answered yet: they are left out of the search with a hint, never searched as something else.
LATER = frozenset({"via", "header", "auth", "group", "assigned"})
TEXT = frozenset({"text", "subject", "body", "filename", "from", "to", "cc", "bcc", "with", "list", "deliveredto"})

# The values of `in:` and the mailbox role that each means; what is not here is a label.
PLACES = {
    "inbox": "inbox",
    "sent": "sent",
    "drafts": "drafts",
    "draft": "drafts",
    "trash": "trash",
    "bin": "trash",
    "spam": "junk",
    "junk": "junk",
    "archive": "archive",
    "starred": "flagged",
    "snoozed": "snoozed",
    "scheduled": "scheduled",
    "all": "all",
    "anywhere": "anywhere",
    "chats": "chats",
}
PLACES_LATER = frozenset({"outbox"})
STATES = {
    "unread": "unread",
    "read": "read",
    "starred": "starred",
    "flagged": "starred",
    "unstarred": "unstarred",
    "muted": "muted",
    "snoozed": "snoozed",
    "scheduled": "scheduled",
    "draft": "draft",
    "sent": "sent",
    "replied": "replied",
    "unreplied": "unreplied",
    "forwarded": "forwarded",
    "list": "list",
    "newsletter": "newsletter",
    "notice": "notice",
    "people": "people",
    "encrypted": "encrypted",
    "signed": "signed",
    "tracked": "tracked",
    "chat": "chat",
}
STATES_LATER = frozenset({"important", "pinned", "receipt", "firsttime", "failed", "open", "done"})
# Google's tabs and the bundle (product.md 1.7) that each means here.
CATEGORIES = {
    "primary": "people",
    "personal": "people",
    "social": "notice",
    "updates": "notice",
    "promotions": "newsletter",
    "forums": "list",
    "purchases": "receipt",
    "reservations": "receipt",
}
KINDS = {
    **{kind: kind for kind in ("attachment", "pdf", "image", "video", "audio", "archive", "calendar", "contact", "link")},
    **{kind: kind for kind in ("document", "spreadsheet", "presentation")},
    "attachments": "attachment",
    "userlabels": "userlabels",
    "nouserlabels": "nouserlabels",
}
KINDS_LATER = frozenset(
    {"drive", "youtube", "red-bang", "yellow-bang", "orange-guillemet", "green-check", "blue-info", "purple-question"}
) | {f"{color}-star" for color in ("yellow", "orange", "red", "purple", "blue", "green")}
