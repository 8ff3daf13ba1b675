"""A session: what is known of one client, and what its commands use (RFC 9051 §3)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Protocol

from mailsuite import maillog
from mailsuite.accounts.models import Account
from mailsuite.bridge import THREADS, in_db
from mailsuite.imapd import limits as guards
from mailsuite.imapd.capabilities import capabilities
from mailsuite.imapd.limits import Limits
from mailsuite.imapd.looks import Looks
from mailsuite.imapd.pace import Bucket, Pace
from mailsuite.imapd.quirks import Quirks
from mailsuite.imapd.selected import Manner, Selected
from mailsuite.imapd.watch import Watch
from mailsuite.imapd.wire import Wire
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol import scram
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.ip import is_loopback

NO_CODE = ""


class State(Flag):
    """RFC 9051 §3."""

    STRANGER = auto()
    AUTHENTICATED = auto()
    SELECTED = auto()
    LOGGED_IN = AUTHENTICATED | SELECTED
    ANY = STRANGER | LOGGED_IN


@dataclass(frozen=True, slots=True)
class Done:
    """A command ended well. after: what the client may count on from the octet after our tagged OK."""

    text: str
    code: str = NO_CODE
    after: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """A command: what runs it, in which states it may come, and whether EXPUNGE may be told when it ends (RFC 9051 §7.5.1)."""

    run: Callable[[Session, Parser], Awaitable[Done]]
    states: State
    expunges: bool = True


@dataclass
class Door:
    """What all sessions of a process share."""

    tls: ssl.SSLContext
    limits: Limits
    watch: Watch
    size_limit: int  # octets of a message
    plaintext: bool = False  # may a stranger log in without TLS? (loopback always may)
    pace: Pace = field(default_factory=lambda: Pace(0))
    compression: bool = True  # may a client ask for COMPRESS?
    scram: bool = False  # is SCRAM offered?
    jmap: str = ""  # URL of the JMAP session, where the web door can be reached
    sessions: set[Session] = field(default_factory=set)
    # Checking a secret takes a thread as long as a hundred reads: logins wait for each other, and nobody waits for them.
    logins: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(THREADS // 2))
    # Searches for which messages have to be read may take many seconds: the same.
    readings: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(THREADS // 2))
    quirks: Quirks = field(default_factory=Quirks)
    looks: Looks = field(default_factory=Looks)
    closing: bool = False


class Goodbye(Exception):
    """End the session with BYE and these words."""


class News(Protocol):
    """What NOTIFY asked for: `commands.notifying`."""

    async def tell(self) -> bool: ...

    async def arrived(self, after: int) -> None: ...

    def stop(self) -> None: ...


class Session:
    """The state of one connection. Commands read and change it; `commands/` has one file for each."""

    def __init__(self, door: Door, wire: Wire, connection: imap.Connection) -> None:
        self.door = door
        self.wire = wire
        self.connection = connection
        self.account: Account | None = None
        self.selected: Selected | None = None
        self.enabled: set[str] = set()  # of `enable.SPELLINGS`: what the client switched on
        self.news: News | None = None  # what it is told without asking (RFC 5465)
        self.client = wire.peer
        self.tag = ""  # of the command that runs
        self.over = self.starting_tls = False
        self.upload: imap.Upload | None = None
        self._uploading = self._rest_due = False
        self.bad = 0  # commands and logins in a row
        self._bucket = Bucket(door.pace.per_minute, asyncio.get_running_loop().time())
        self._ends_at = asyncio.get_running_loop().time() + guards.LOGIN_SECONDS

    # -- what commands use --

    @property
    def state(self) -> State:
        if self.account is None:
            return State.STRANGER
        return State.SELECTED if self.selected else State.AUTHENTICATED

    @property
    def account_id(self) -> int:
        assert self.account
        return self.account.pk

    @property
    def view(self) -> Selected:
        assert self.selected
        return self.selected

    @property
    def condstore(self) -> bool:
        """Does the client want modseqs in FETCH responses (RFC 7162 §3.1)?"""
        return "CONDSTORE" in self.enabled

    @property
    def qresync(self) -> bool:
        """Does the client keep what it knows of a mailbox, and come back with it (RFC 7162 §3.2)?"""
        return "QRESYNC" in self.enabled

    @property
    def uids_only(self) -> bool:
        """Has the client done away with message numbers (RFC 9586)?"""
        return "UIDONLY" in self.enabled

    @property
    def manner(self) -> Manner:
        return Manner(self.condstore, self.qresync or self.uids_only, self.uids_only)

    @property
    def rev2(self) -> bool:
        """Does the client speak IMAP4rev2 (RFC 9051)?"""
        return "IMAP4REV2" in self.enabled

    @property
    def utf8(self) -> bool:
        """Does the client take UTF-8 in quoted strings, and write mailbox names in it (RFC 9051 §5.1, RFC 6855 §3)?"""
        return not self.enabled.isdisjoint({"IMAP4REV2", "UTF8=ACCEPT"})

    def parser(self, command: imap.Command | imap.Upload) -> Parser:
        """A reader of the command's arguments."""
        return Parser(command.pieces, utf8=self.utf8, uids_only=self.uids_only)

    def use_modseqs(self) -> None:
        """A CONDSTORE enabling command came: where it is the first, the client hears how far it is (RFC 7162 §3.1)."""
        if not self.condstore:
            self.enabled.add("CONDSTORE")
            if self.selected:
                self.send(f"* OK [HIGHESTMODSEQ {self.selected.told}] Modseqs from now on\r\n".encode())

    def highest(self) -> str:
        """The code that says up to where the client knows everything, where what is gone was told, or had to wait.

        RFC 7162 §3.2: without it a client could take a modseq it saw for that.
        """
        view = self.selected
        if not (view and self.qresync and (view.shrank or view.gone)):
            return NO_CODE
        view.shrank = False
        return f"HIGHESTMODSEQ {view.told}"

    @property
    def may_log_in(self) -> bool:
        return self.wire.encrypted or self.door.plaintext or is_loopback(self.client)

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """SASL mechanisms that are offered here, the best one last."""
        if not self.may_log_in:
            return ()
        bound = (scram.PLUS,) if self.wire.bindings else ()
        return ("PLAIN", scram.NAME, *bound) if self.door.scram else ("PLAIN",)

    @property
    def may_compress(self) -> bool:
        hidden = "COMPRESS=DEFLATE" in self.hidden
        return self.account is not None and self.door.compression and not hidden and not self.wire.compressed

    @property
    def jmap(self) -> str:
        """The URL of the JMAP session, for whom the secret that let him in here opens that door too; else nothing."""
        return self.door.jmap if self.account and self.account.by_app_password else ""

    @property
    def hidden(self) -> frozenset[str]:
        """Capabilities that are not offered here (`quirks`)."""
        return self.door.quirks.hidden(self.account.pk if self.account else None)

    def capabilities(self) -> str:
        words = capabilities(
            logged_in=self.account is not None,
            mechanisms=self.mechanisms,
            may_start_tls=not self.wire.encrypted,
            may_compress=self.may_compress,
            jmap=bool(self.jmap),
            size_limit=self.door.size_limit,
        )
        hidden = self.hidden
        return " ".join(word for word in words.split() if word.upper() not in hidden) if hidden else words

    def send(self, octets: bytes) -> None:
        self.wire.write(octets)

    async def send_all(self, octets: bytes) -> None:
        """Send, and wait until the client keeps up: what is large goes in pieces, and never piles up here."""
        self.wire.write(octets)
        await self.wire.drain()

    def log_in(self, account: Account) -> None:
        """From now on the session is this account's. Raises Goodbye where it has too many."""
        if not self.door.limits.log_in(self.client, account.pk):
            raise Goodbye("Too many connections of this account")
        self.account = account
        self.connection.limits = imap.AFTER_LOGIN

    async def next_line(self) -> bytes:
        """The client's answer to a continuation request."""
        self.connection.expect_line()
        event = await self.next_event()
        if isinstance(event, imap.RawLine):
            return event.text
        raise SyntaxProblem("Too long")

    async def octets(self) -> AsyncIterator[bytes]:
        """The message literal of an APPEND, as it comes."""
        assert self.upload
        if self.upload.synchronising:
            self.send(b"+ Go ahead\r\n")
        self.connection.accept_upload()
        self.upload, self._uploading, self._rest_due = None, True, True
        while self._uploading:
            event = await self.next_event()
            assert isinstance(event, imap.Octets)
            self._uploading = not event.last
            yield event.octets

    async def rest(self) -> Parser:
        """What follows the message literal; a further literal is in `upload` then."""
        self._rest_due = False
        event = await self.next_event()
        if isinstance(event, imap.Malformed):
            raise SyntaxProblem(event.text)
        assert isinstance(event, imap.Command | imap.Upload)
        self.upload = event if isinstance(event, imap.Upload) else None
        return self.parser(event)

    async def look(self, *, expunges: bool = True, flags: bool = True, ring: int = 0) -> None:
        """Tell the client what happened in its mailbox (RFC 9051 §5.2); without `flags` not if nothing else happened.

        ring: the one that this is about, for others may look for the same; 0 where only a look that begins now will do.
        """
        if not (view := self.selected):
            return
        try:
            known = view.mailbox.pk, view.modseq, view.last_uid
            delta = await (self.door.looks.changed_since(ring, known) if ring else in_db(store.changed_since, *known))
        except Mailbox.DoesNotExist:
            raise Goodbye("The selected mailbox was deleted") from None
        if delta and (flags or delta.arrived or delta.expunged != []):
            last = view.last_uid
            for told in view.announce(delta, self.manner, expunges=expunges):
                await self.send_all(told)
            if self.news and delta.arrived:
                await self.news.arrived(last)
        elif expunges:
            await self.send_all(view.expunge_responses(self.manner))

    # -- what keeps the connection going --

    async def next_event(self, *, between: bool = False) -> imap.Event:
        """What the client does next; continuation requests are sent on the way. Raises Goodbye when the door closes.

        between: two commands, where what NOTIFY asked for is told meanwhile.
        """
        while True:
            event = self.connection.next_event()
            if isinstance(event, imap.Continue):
                self.send(b"+ Go ahead\r\n")
            elif event is not imap.NEED_DATA:
                return event
            elif not (between and self.news and await self.news.tell()):
                await self.pause(guards.IDLE_SECONDS)

    async def pause(self, seconds: float) -> None:
        """Until the client sends, or somebody stirs. Raises TimeoutError, and Goodbye when the door closes."""
        if self.door.closing:
            raise Goodbye("The server is restarting")
        if self.account is None:
            seconds = min(seconds, max(self._ends_at - asyncio.get_running_loop().time(), 0))
        await self.wire.wait(seconds)

    async def turn(self) -> None:
        """Wait until the next command may run: no longer than a moment, and only where there were too many of them."""
        clock = asyncio.get_running_loop().time
        seconds = self.door.pace.wait(self._bucket, self.account.pk if self.account else None, clock())
        if seconds:
            self.wire.flush()
            await asyncio.sleep(seconds)

    def strike(self) -> None:
        """Count a bad command or a failed login; raises Goodbye when it is one too many."""
        self.bad += 1
        most = guards.BAD_BEFORE_LOGIN if self.account is None else guards.BAD_COMMANDS
        if self.bad >= most:
            maillog.problem("dropped", door="imap", client=self.client, login=self.account, reason="too many bad commands")
            raise Goodbye("Too many bad commands")

    async def past_upload(self) -> None:
        """Leave nothing of an APPEND's literal in the stream, whatever became of the command."""
        while self._uploading:
            event = await self.next_event()
            self._uploading = isinstance(event, imap.Octets) and not event.last
        if self._rest_due:
            await self.rest()
        if self.upload:
            self.upload = None
            if not self.connection.refuse_upload():
                raise Goodbye("Too much")
