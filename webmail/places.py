"""The places of the sidebar: their names and icons on screen, and the role of the mailbox behind each."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from mailsuite.mailstore.models import Mailbox
from webmail.i18n import mark, t


@dataclass(frozen=True, slots=True)
class Place:
    """A place every account has."""

    slug: str
    role: str
    name: str
    icon: str
    in_sidebar: bool = True

    @property
    def title(self) -> str:
        """Its name in the language of the request."""
        return t(self.name)

    @property
    def href(self) -> str:
        return reverse("inbox") if self.slug == "inbox" else reverse("place", args=[self.slug])


PLACES = (
    Place("inbox", Mailbox.Role.INBOX, mark("Inbox"), "inbox"),
    Place("starred", Mailbox.Role.STARRED, mark("Starred"), "star"),
    Place("snoozed", Mailbox.Role.SNOOZED, mark("Snoozed"), "clock"),
    Place("sent", Mailbox.Role.SENT, mark("Sent"), "send"),
    Place("drafts", Mailbox.Role.DRAFTS, mark("Drafts"), "draft"),
    Place("scheduled", Mailbox.Role.SCHEDULED, mark("Scheduled"), "scheduled"),
    Place("archive", Mailbox.Role.ARCHIVE, mark("Archive||place"), "archive", in_sidebar=False),
    Place("all", Mailbox.Role.ALL, mark("All mail"), "all"),
    Place("spam", Mailbox.Role.JUNK, mark("Spam"), "spam"),
    Place("trash", Mailbox.Role.TRASH, mark("Trash"), "trash"),
)
BY_SLUG = {place.slug: place for place in PLACES}
