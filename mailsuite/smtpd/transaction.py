"""A session is one connection; a transaction is one MAIL to the end of its content."""

from __future__ import annotations

import asyncio
import base64
import secrets
from dataclasses import dataclass
from typing import Protocol

from aiosmtpd.smtp import Session as BaseSession
from django.utils import timezone

from mailsuite.accounts.addresses import Destination
from mailsuite.accounts.models import Account
from mailsuite.protocol import ip, trace
from mailsuite.protocol.esmtp import MailCommand, RcptCommand
from mailsuite.protocol.reply import Reply
from mailsuite.screening.stages import Screen
from mailsuite.smtpd.content import Content, PairKeeper, Sink


class Session(BaseSession):
    """What is known of the client on the other side of one connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.account: Account | None = None
        self.failed_logins = 0
        self.tls = ""  # version and cipher; "" is plain text
        self.screen: Screen | None = None  # of a stranger; members are known by their password
        self._client: str | None = None

    @property
    def client(self) -> str:
        """The client's IP address, IPv4 in IPv6 as IPv4; "0.0.0.0" where there is none."""
        if self._client is None:
            self._client = _plain_address(self.peer[0] if isinstance(self.peer, tuple) else "")
        return self._client

    @property
    def helo(self) -> str:
        """What the client calls itself."""
        return self.host_name or ""

    @property
    def is_loopback(self) -> bool:
        return ip.is_loopback(self.client)

    @property
    def may_authenticate(self) -> bool:
        """Secrets travel only inside TLS, or not at all: on this very machine."""
        return bool(self.tls) or self.is_loopback


def _plain_address(text: str) -> str:
    try:
        return str(ip.parse(text))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - an address, not a place to listen


@dataclass(frozen=True, slots=True)
class GivenRecipient:
    """A RCPT that we said yes to, and where it leads."""

    command: RcptCommand
    destinations: tuple[Destination, ...]


class Transaction:
    """One message on its way in. RSET, EHLO, STARTTLS and the end of the content begin a new one."""

    def __init__(self) -> None:
        self.id = new_id()
        self.mail: MailCommand | None = None
        self.recipients: list[GivenRecipient] = []
        self._reached: set[str] = set()
        self.content: Content | None = None
        self.chunks: PairKeeper | None = None  # set: it came by BDAT so far

    def fresh(self, destinations: tuple[Destination, ...]) -> tuple[Destination, ...]:
        """Those that no recipient before has led to: one address gets one copy, however many aliases and tags name it."""
        fresh = tuple(one for one in destinations if one.address not in self._reached)
        self._reached.update(one.address for one in fresh)
        return fresh

    def discard(self) -> None:
        """Forget it, and what was stored of it."""
        if self.content is not None:
            self.content.sink.discard()
            self.content = None

    def received(self, session: Session, by: str, *, private: bool = False) -> bytes:
        """Our Received line for it; `for` names a recipient only where there is but one. private: without the client."""
        protocol = trace.with_protocol(
            extended=session.extended_smtp,
            tls=bool(session.tls),
            authenticated=session.account is not None,
            smtputf8=self.mail is not None and self.mail.smtputf8,
        )
        hop = trace.Hop(
            by=by,
            id=self.id,
            at=timezone.now(),
            helo=by if private else session.helo,
            client="" if private else session.client,
            protocol=protocol,
            tls=session.tls,
            recipient=str(self.recipients[0].command.path) if len(self.recipients) == 1 else "",
        )
        return trace.received(hop)


def new_id() -> str:
    """A short name for one transaction, for trace, log and reply: 60 random bits, easy to read aloud."""
    return base64.b32encode(secrets.token_bytes(8))[:12].decode().lower()


class Door(Protocol):
    """What a port decides: the MX and the submission ports differ in this, and in nothing else."""

    name: str
    normalise: bool  # mend bare CR and LF, or refuse them
    offers_auth: bool
    logins: asyncio.Semaphore  # turns for checking a secret: it takes a thread as long as a hundred messages do

    async def connect(self, session: Session) -> Reply | None:
        """None, or why this client is not even greeted."""

    async def mail(self, session: Session, transaction: Transaction, command: MailCommand) -> Reply: ...

    async def rcpt(self, session: Session, transaction: Transaction, command: RcptCommand) -> Reply: ...

    def reset(self, session: Session) -> None:
        """A transaction ended, however it ended: stop what still runs for it."""

    def sink(self) -> Sink:
        """Where the content of the next message goes."""

    async def accept(self, session: Session, transaction: Transaction) -> Reply:
        """The content is here, whole and fit: take responsibility for it, or say why not. A positive reply is a promise."""
