"""The MX door: mail from strangers for our members; no relay, screened, promised with one group commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from django.conf import settings

from mailsuite.accounts import addresses
from mailsuite.accounts.addresses import Destination
from mailsuite.accounts.models import Domain
from mailsuite.blobs import store
from mailsuite.bridge import in_db
from mailsuite.delivery.accept import Incoming, NewRecipient
from mailsuite.mailstore import quota
from mailsuite.protocol import trace
from mailsuite.protocol.esmtp import MailCommand, RcptCommand
from mailsuite.protocol.reply import Reply
from mailsuite.queue.models import Envelope
from mailsuite.screening.stages import Screen
from mailsuite.screening.verdict import Verdict
from mailsuite.smtpd.transaction import GivenRecipient, Session, Transaction

SENDER_OK = Reply(250, "2.1.0", "Sender OK")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient OK")
NOBODY = Reply(550, "5.1.1", "There is nobody of that name here")
NO_RELAY = Reply(550, "5.7.1", "Mail for that domain is not taken here")
FULL = Reply(452, "4.2.2", "The mailbox is full; try again later")
FEW = 20  # destinations of one address
LARGE = store.IN_MEMORY  # bytes: finishing more than this waits for the disk, and so happens in a thread

Accept = Callable[[Incoming], Awaitable[Envelope]]


@dataclass(frozen=True, slots=True)
class Found:
    """Who an address is, as the directory said at some moment."""

    destinations: tuple[Destination, ...]
    ours: bool
    at: float
    room: int | None = None  # bytes left, where one account is meant and has a quota


class Directory:
    """Answers who an address is, and remembers for two seconds who exists: bursts of mail go to few recipients."""

    seconds = 2.0
    most = 10_000

    def __init__(self) -> None:
        self._known: dict[str, Found] = {}

    async def find(self, address: str) -> Found:
        """Look it up, in one crossing into the database."""
        now = time.monotonic()
        found = self._known.get(address)
        if found is None or now - found.at > self.seconds:
            found = await in_db(_look_up, address, now)
            # That there is nobody is asked anew each time: an account may be made any moment. What a large alias stands for
            # would fill the memory, once for each +tag that somebody makes up.
            if 0 < len(found.destinations) <= FEW:
                self._remember(address, found)
        return found

    def _remember(self, address: str, found: Found) -> None:
        if len(self._known) >= self.most:
            self._known.clear()
        self._known[address] = found


def _look_up(address: str, now: float) -> Found:
    destinations = tuple(addresses.resolve(address) or _postmaster(address))
    ours = bool(destinations) or addresses.is_local_domain(address.rpartition("@")[2])
    return Found(destinations, ours, now, _room(destinations))


def _postmaster(address: str) -> list[Destination]:
    """RFC 5321 §4.5.1: `<postmaster>` alone reaches somebody, though our host name need not be a mail domain."""
    first = Domain.objects.order_by("pk").first() if address == f"postmaster@{settings.HOSTNAME}" else None
    return addresses.resolve(f"postmaster@{first}") if first else []


def _room(destinations: tuple[Destination, ...]) -> int | None:
    if len(destinations) != 1 or destinations[0].account_id is None:
        return None  # of several, those with room are to have it: local delivery settles each by itself
    used, limit = quota.usage(destinations[0].account_id)
    return limit - used if limit else None


class BlobSink:
    """Content on its way into a blob; what is small is at hand for screening too.

    Content that is large is packed as it comes, at up to 4 MB of memory however slowly it does. So many at once, and no more:
    beyond that only small content is taken, until others are done.
    """

    most_large = 150
    large = 0  # of all of them

    def __init__(self) -> None:
        self._writer = store.Writer()
        self._is_large = False

    def write(self, chunk: bytes) -> None:
        """Raises NoRoom."""
        if not self._is_large and self._writer.size + len(chunk) > LARGE:
            if BlobSink.large >= self.most_large:
                raise store.NoRoom(f"{BlobSink.large} large messages are under way")
            self._is_large = True
            BlobSink.large += 1
        self._writer.write(chunk)

    def discard(self) -> None:
        self._writer.discard()
        BlobSink.large -= self._is_large
        self._is_large = False

    async def finish(self) -> tuple[store.Draft, bytes | Iterable[bytes]]:
        """The content as a draft, a large one on disk; and the content to read, a large one in chunks. Raises store.NoRoom."""
        if (content := self._writer.small) is not None:
            return self._writer.finish(), content
        draft = await asyncio.to_thread(self._writer.finish)
        return draft, store.stream(store.unsaved(draft))


class Mx:
    """Decides for the MX port."""

    name = "mx"
    normalise = False
    offers_auth = False

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._directory = Directory()
        self.logins = asyncio.Semaphore(0)  # nobody logs in here

    async def connect(self, session: Session) -> Reply | None:
        session.screen = Screen()
        return (await session.screen.at_connect(session.client)).reply

    async def mail(self, session: Session, transaction: Transaction, command: MailCommand) -> Reply:
        if session.screen is None:  # STARTTLS begins a new session (RFC 3207 §4.2)
            await self.connect(session)
        assert session.screen is not None
        verdict = await session.screen.at_mail(session.helo, command.reverse_path)
        return verdict.reply or SENDER_OK

    async def rcpt(self, session: Session, transaction: Transaction, command: RcptCommand) -> Reply:
        found = await self._directory.find(str(command.path))
        if not found.destinations:
            assert session.screen is not None
            await session.screen.at_unknown()
            return NOBODY if found.ours else NO_RELAY
        if found.room is not None and transaction.mail is not None and found.room < max(transaction.mail.size, 1):
            return FULL
        transaction.recipients.append(GivenRecipient(command, transaction.fresh(found.destinations)))
        return RECIPIENT_OK

    def reset(self, session: Session) -> None:
        if session.screen is not None:
            session.screen.reset()

    def sink(self) -> BlobSink:
        return BlobSink()

    async def accept(self, session: Session, transaction: Transaction) -> Reply:
        content = transaction.content
        assert content is not None
        assert isinstance(content.sink, BlobSink)
        assert session.screen is not None
        draft, readable = await content.sink.finish()
        verdict = await session.screen.at_data(readable)
        if verdict.reply is not None:
            return verdict.reply
        envelope = await self._accept(_incoming(session, transaction, draft, verdict))
        return Reply(250, "2.0.0", f"Accepted as {envelope.pk}")


def _incoming(session: Session, transaction: Transaction, draft: store.Draft, verdict: Verdict) -> Incoming:
    mail, content = transaction.mail, transaction.content
    assert mail is not None
    assert content is not None
    return Incoming(
        draft=draft,
        reverse_path=mail.reverse_path,
        recipients=recipients_of(transaction),
        trace=verdict.trace + transaction.received(session, settings.HOSTNAME),
        origin=Envelope.Origin.MX,
        body_8bit=mail.body_8bit or content.is_8bit,
        smtputf8=mail.smtputf8,
        envid=mail.envid,
        ret=mail.ret,
        verdict=verdict.as_json(),
        hops=trace.count_hops(content.header_block),
        delivered_to=trace.delivered_to(content.header_block),
    )


def recipients_of(transaction: Transaction) -> list[NewRecipient]:
    """A row to be for each destination, with the DSN wishes of the RCPT that led there."""
    return [
        NewRecipient(one.address, one.account_id, one.original, given.command.orcpt, given.command.notify)
        for given in transaction.recipients
        for one in given.destinations
    ]
