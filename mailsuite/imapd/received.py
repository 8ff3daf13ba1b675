"""Messages that a client has sent: streamed to the blob store as they come, and kept all together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from mailsuite import maillog
from mailsuite.blobs import store as blobs
from mailsuite.blobs.models import Blob
from mailsuite.bridge import in_db
from mailsuite.imapd.errors import TRY_CREATE, Refusal
from mailsuite.mailstore import changes, mailboxes, messages, placement, quota
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.mailboxes import NoSuchMailbox, OnlyWhatWaits
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol.imap import nul, responses
from mailsuite.protocol.imap.appending import Before
from mailsuite.protocol.imap.sequence import compact

AT_ONCE = 100  # messages taken in together
IN_MEMORY = 4 * 2**20  # octets of small messages that wait in memory for the end of their command
# RFC 3502 §2: an empty literal is how a client takes back what it has begun.
EMPTY = Refusal("A message is not empty: nothing was kept")
NUL = Refusal("NUL stands where nothing says that it is binary", "UNKNOWN-CTE")  # RFC 3516 §4.4


@dataclass(slots=True)
class Received:
    """A message that came. `content` is None of a large one, which is read again from its file."""

    before: Before
    draft: blobs.Draft
    content: bytes | None
    shelved: bool = False  # its blob has a row already

    @property
    def in_memory(self) -> int:
        """Octets."""
        return 0 if self.content is None else len(self.content)


class Content:
    """Takes a message in pieces: a slow upload of a large one costs disk, not memory. End it with `finish` or `discard`."""

    def __init__(self) -> None:
        self._writer = blobs.Writer()
        self.binary = False  # may NUL stand in it?

    @property
    def size(self) -> int:
        """Octets so far."""
        return self._writer.size

    async def write(self, chunk: bytes) -> None:
        if self.size + len(chunk) > blobs.IN_MEMORY:
            await in_db(self._writer.write, chunk)
        else:
            self._writer.write(chunk)

    async def finish(self, before: Before) -> Received:
        """Raises Refusal where nothing came, or NUL that cannot be kept."""
        if not self.size:
            raise EMPTY
        return await in_db(self._finish, before)

    def _finish(self, before: Before) -> Received:
        draft, content = self._writer.finish(), self._writer.small
        if not self.binary:
            return Received(before, draft, content)
        content = blobs.read(blobs.unsaved(draft)) if content is None else content
        clean = nul.without(content)
        if clean is None:
            raise NUL
        draft = draft if clean is content else blobs.draft(clean)
        return Received(before, draft, clean if draft.inline is not None else None)

    def discard(self) -> None:
        """Forget what came."""
        self._writer.discard()


def target(account_id: int, name: str) -> Mailbox:
    """The mailbox to put messages into; where there is none, the client is told that it may create it (RFC 9051 §6.4.7)."""
    try:
        return mailboxes.find(account_id, name)
    except NoSuchMailbox:
        raise TRY_CREATE from None


def place(account_id: int, name: str) -> Mailbox:
    """Where messages are to go. Raises Refusal and OnlyWhatWaits."""
    mailbox = target(account_id, name)
    if mailbox.role == Mailbox.Role.SCHEDULED:
        raise OnlyWhatWaits
    return mailbox


def room(account_id: int, name: str) -> quota.Usage:
    """How much room there is for messages that go there. Raises Refusal and OnlyWhatWaits."""
    place(account_id, name)
    return quota.usage(account_id)


@transaction.atomic
def shelve(received: Sequence[Received]) -> None:
    """Have the database keep what is in memory. Nothing refers to it yet: what is not kept in the end is swept."""
    small = [one for one in received if one.content is not None]
    blobs.save([(one.draft, 0) for one in small])
    for one in small:
        one.draft, one.content, one.shelved = replace(one.draft, inline=None), None, True


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of messages, in their order. uids: in the mailbox, None where the message is elsewhere for what it is."""

    mailbox: Mailbox
    keys: list[int]
    uids: list[int | None]

    @property
    def code(self) -> str:
        """APPENDUID (RFC 4315 §3, RFC 3502 §4); nothing where there is no UID to tell.

        Mail of one's own that is put into Archive stays in Sent and All Mail: product.md 3.9.
        """
        uids = [uid for uid in self.uids if uid is not None]
        return f"APPENDUID {self.mailbox.uidvalidity} {compact(uids)}" if len(uids) == len(self.uids) else ""


def keep(account_id: int, name: str, received: Sequence[Received]) -> Kept:
    """Blobs, messages and their places, all or none, durable when the transaction is. Raises OverQuota and Refusal."""
    mailbox = place(account_id, name)
    kept = Kept(mailbox, [], [])
    with transaction.atomic():
        changes.begin([account_id])  # the account first, then the blobs: so does delivery, and neither waits for the other
        for some in _groups(received):
            for message in _append(mailbox, some):
                kept.keys.append(message.pk)
                kept.uids.append(message.uids.get(mailbox.pk))
        _mark_deleted(kept, received)
    for one in received:
        maillog.event("appended", account=account_id, mailbox=mailbox.name, size=one.draft.size, blob=one.draft.hash)
    return kept


def _groups(received: Sequence[Received]) -> Iterator[list[Received]]:
    """A hundred small ones together, a large one alone."""
    group: list[Received] = []
    size = 0
    for one in received:
        if group and (len(group) == AT_ONCE or size + one.draft.size > IN_MEMORY):
            yield group
            group, size = [], 0
        group.append(one)
        size += one.draft.size
    yield group


def _append(mailbox: Mailbox, received: list[Received]) -> list[messages.Message]:
    fresh = iter(blobs.save([(one.draft, 0) for one in received if not one.shelved]))
    shelved = {one.draft.hash for one in received if one.shelved}
    known = {blob.hash: blob for blob in Blob.objects.filter(hash__in=shelved).select_related("packed")} if shelved else {}
    found = messages.append([_new(mailbox, one, known[one.draft.hash] if one.shelved else next(fresh)) for one in received])
    for message in found:
        if isinstance(message, messages.OverQuota):
            raise message
    return found  # type: ignore[return-value]


def _new(mailbox: Mailbox, one: Received, blob: Blob) -> messages.NewMessage:
    return messages.NewMessage(
        account_id=mailbox.account_id,
        blob=blob,
        content=blobs.read(blob) if one.content is None else one.content,
        received_at=one.before.received_at or timezone.now(),
        flags=one.before.flags & ~responses.DELETED,
        keywords=one.before.keywords,
        mailbox_id=mailbox.pk,
        by_member=True,
    )


def _mark_deleted(kept: Kept, received: Sequence[Received]) -> None:
    pairs = zip(kept.uids, received, strict=True)
    if marked := [uid for uid, one in pairs if uid is not None and one.before.flags & responses.DELETED]:
        placement.store_flags(kept.mailbox, marked, FlagChange(deleted=True))
