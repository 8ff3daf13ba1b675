"""A session: what is known of one client, and what its commands use (RFC 9051 §3)."""

from __future__ import annotations

import asyncio
import ssl
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
from mailsuite.imapd.outcome import NO_CODE, Goodbye
from mailsuite.imapd.pace import Bucket, Pace
from mailsuite.imapd.quirks import Quirks
from mailsuite.imapd.selected import Manner, Selected
from mailsuite.imapd.uploads import Uploads
from mailsuite.imapd.watch import Watch
from mailsuite.imapd.wire import Wire
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.models import Mailbox
from mailsuite.protocol import scram
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem
from mailsuite.protocol.ip import is_loopback


class State(Flag):
    """RFC 9051 §3."""

    STRANGER = auto()
    AUTHENTICATED = auto()
    SELECTED = auto()
    LOGGED_IN = AUTHENTICATED | SELECTED
    ANY = STRANGER | LOGGED_IN


@dataclass
class Door:
    """What all sessions of a process share."""

    tls: ssl.SSLContext
    limits: Limits
    watch: Watch
    size_limit: int  # octets of a message
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
        self.over = self.starting_tls = self.dismissed = False
        self.uploads = Uploads(self)
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

    def highest(self, *, sure: bool) -> str:
        """The code that says up to where the client knows everything, where what is gone was told, or had to wait.

        RFC 7162 §3.2: without it a client could take a modseq it saw for that. sure: that modseq cannot be beyond our last look.
        """
        view = self.selected
        if not (view and self.qresync and (view.shrank or view.gone or not sure)):
            return NO_CODE
        view.shrank = False
        return f"HIGHESTMODSEQ {view.told}"

    @property
    def may_log_in(self) -> bool:
        return self.wire.encrypted or is_loopback(self.client)

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """SASL mechanisms that are offered here, the best one last."""
        if not self.may_log_in:
            return ()
        bound = (scram.PLUS,) if self.wire.bindings else ()
        known, hidden = ("PLAIN", scram.NAME, *bound) if self.door.scram else ("PLAIN",), self.hidden
        return tuple(one for one in known if f"AUTH={one}" not in hidden)

    @property
    def may_compress(self) -> bool:
        hidden = "COMPRESS=DEFLATE" in self.hidden
        return self.account is not None and self.door.compression and not hidden and not self.wire.compressed

    @property
    def jmap(self) -> str:
        """The URL of the JMAP session, for whom the secret that let him in here opens that door too; else nothing."""
        return self.door.jmap if self.account and self.account.app_password_id else ""

    @property
    def hidden(self) -> frozenset[str]:
        """Capabilities that are not offered here (`quirks`)."""
        return self.door.quirks.hidden(self.account.pk if self.account else None)

    def capabilities(self) -> str:
        words = capabilities(
            logged_in=self.account is not None,
            may_log_in=self.may_log_in,
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
        """Send, and wait until the client keeps up: what is large goes in pieces and never piles up. Raises Gone and Goodbye."""
        self._remain()
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
        """Until the client sends, or somebody stirs. Raises Silent, Gone, and Goodbye when the door closes or it must go."""
        if self.door.closing:
            raise Goodbye("The server is restarting")
        self._remain()
        if self.account is None:
            seconds = min(seconds, max(self._ends_at - asyncio.get_running_loop().time(), 0))
        await self.wire.wait(seconds)

    def dismiss(self) -> None:
        """What let the client in would not do so any more: the session ends as soon as it waits, sends or goes on."""
        self.dismissed = True
        self.wire.stir()

    def _remain(self) -> None:
        if self.dismissed:
            raise Goodbye("What you logged in with is not valid any more; log in again")

    async def turn(self) -> None:
        """Wait until the next command may run: no longer than a moment, and only after too many. Raises Goodbye."""
        self._remain()
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
