"""Lists of single messages, for who has conversations switched off (product.md F13): the newest first, counted as IMAP counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from mailsuite.mailstore import stars
from mailsuite.mailstore.models import Mailbox, Membership, Message, Thread
from mailsuite.mailstore.rows import ListRow
from mailsuite.mailstore.search.compile import PLACE_ROLES
from mailsuite.mailstore.search.listing import Listing
from mailsuite.mailstore.search.query import EVERYTHING, And, Node, Term
from mailsuite.mailstore.search.scope import places_asked

Cursor = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Single:
    """A message as a list shows it: a conversation of its own. `moved_at`: into Trash or Spam."""

    row: ListRow
    email_id: str
    message_id: int
    moved_at: datetime | None


class Singles:
    """The messages of a mailbox, or those that a query finds: in Mail, and where it asks by `in:`."""

    def __init__(
        self,
        account_id: int,
        boxes: list[Mailbox],
        *,
        mailbox: Mailbox | None = None,
        query: Node = EVERYTHING,
        zone: tzinfo = UTC,
    ) -> None:
        places = {PLACE_ROLES[Message.Place(place)] for place in places_asked(query)}
        within = [mailbox] if mailbox else [box for box in boxes if box.role in places]
        self.account_id, self._boxes, self._mailbox = account_id, boxes, mailbox
        self._zone = zone
        self._within = Term("mailboxes", [box.pk for box in within])
        self._query = self._within if query == EVERYTHING else And((self._within, query))

    def page(self, before: Cursor | None, limit: int, *, unread_only: bool = False) -> list[Single]:
        """At most `limit`, newest first; before: (received_at, key) of the last one of the page before."""
        query = And((self._query, Term("is", "unread"))) if unread_only else self._query
        ids = Listing(self.account_id, query, self._boxes, zone=self._zone).older(before, limit)
        labels: dict[int, list[int]] = {}
        held = Membership.objects.filter(message_id__in=ids, mailbox__role="").order_by("mailbox")
        for message_id, mailbox_id in held.values_list("message_id", "mailbox_id"):
            labels.setdefault(message_id, []).append(mailbox_id)
        found = Message.objects.defer("trace", "imap_envelope", "imap_structure", "decision", "people").in_bulk(ids)
        return [_single(found[pk], labels.get(pk, [])) for pk in ids if pk in found]

    def total(self, *, unread_only: bool = False) -> int:
        """How many there are."""
        if self._mailbox:
            return self._mailbox.unread if unread_only else self._mailbox.total
        return Listing(self.account_id, self._query, self._boxes, zone=self._zone).total()


def _single(message: Message, labels: list[int]) -> Single:
    unread = not message.flags & Message.SEEN
    starred = bool(message.flags & Message.FLAGGED)
    in_mail = message.place == Message.Place.MAIL
    shown = Thread(
        pk=message.thread_id,
        subject=message.subject,
        preview=message.preview,
        writers=[[message.author_name, message.author_address, unread]],
        starred=starred,
        star=stars.color(message.keywords) if starred else "",
        attachments=any(not part.get("inline") for part in message.attachments),
        draft=bool(message.flags & Message.DRAFT),
        muted="$muted" in message.keywords,
        labels=labels if in_mail else [],
        snoozed_at=message.snoozed_at if in_mail else None,
        snoozed_until=message.snoozed_until if in_mail else None,
        woke_at=message.woke_at,
        sends_at=message.sends_at if in_mail and not message.flags & Message.DRAFT else None,
    )
    return Single(ListRow(shown, message.received_at, 1, int(unread)), message.email_id, message.pk, message.trashed_at)
