"""The places of the sidebar: their names and icons on screen, and the role of the mailbox behind each."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from mailsuite.mailstore.models import Mailbox


@dataclass(frozen=True, slots=True)
class Place:
    """A place every account has."""

    slug: str
    role: str
    name: str
    icon: str
    in_sidebar: bool = True

    @property
    def href(self) -> str:
        return reverse("inbox") if self.slug == "inbox" else reverse("place", args=[self.slug])


PLACES = (
    Place("inbox", Mailbox.Role.INBOX, "Inbox", "inbox"),
    Place("starred", Mailbox.Role.STARRED, "Starred", "star"),
    Place("snoozed", Mailbox.Role.SNOOZED, "Snoozed", "clock"),
    Place("scheduled", Mailbox.Role.SCHEDULED, "Scheduled", "scheduled"),
    Place("sent", Mailbox.Role.SENT, "Sent", "send"),
    Place("drafts", Mailbox.Role.DRAFTS, "Drafts", "draft"),
    Place("archive", Mailbox.Role.ARCHIVE, "Archive", "archive", in_sidebar=False),
    Place("all", Mailbox.Role.ALL, "All mail", "all"),
    Place("spam", Mailbox.Role.JUNK, "Spam", "spam"),
    Place("trash", Mailbox.Role.TRASH, "Trash", "trash"),
)
BY_SLUG = {place.slug: place for place in PLACES}
