"""The conversation: aiosmtpd's connection loop, with our replies, time limits, error limits and way to stop."""

from __future__ import annotations

import asyncio
import collections
import ssl

from aiosmtpd.smtp import SMTP, TLSSetupException
from django.conf import settings

from mailsuite import maillog
from mailsuite.net import tls
from mailsuite.protocol.reply import Reply
from mailsuite.smtpd import limits
from mailsuite.smtpd.errors import dressed, reply_for
from mailsuite.smtpd.introduction import Client
from mailsuite.smtpd.transaction import Door, Session, Transaction

IDLE_SECONDS = 300  # RFC 5321 §4.5.3.2.7
LINGER_SECONDS = 10  # for a client that does not read our last words
_AT_ONCE = (b"220", b"221", b"334", b"354", b"421")  # replies that a client waits for before it says more


class Conversation(SMTP):
    """One connection. What it inherits is aiosmtpd's loop and TLS; `smtp_*` methods of `commands` say what each command does.

    Private names of aiosmtpd that are used here: _reader, _writer, _handler_coroutine, _timeout_handle, _tls_protocol,
    _handle_client. They are why the version is pinned.
    """

    line_length_limit = 65_536  # the reader's limit; how much may wait unread is twice that
    session: Session
    envelope: Transaction

    def __init__(self, door: Door, everyone: set[Conversation], crowd: limits.Crowd, introduced: Client | None = None) -> None:
        """introduced: the client that a proxy speaks for."""
        self._before_super(door, everyone, crowd, introduced)
        super().__init__(
            None,
            data_size_limit=settings.MESSAGE_SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname=settings.HOSTNAME,
            ident="ESMTP Mailsuite",
            tls_context=tls.server_context(),
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )
        # Ours alone: the class attribute of aiosmtpd is one dictionary for all connections, and is emptied by each new one.
        self.command_size_limits = collections.defaultdict(lambda: limits.LINE_LIMIT)

    def _before_super(self, door: Door, everyone: set[Conversation], crowd: limits.Crowd, introduced: Client | None) -> None:
        self.door = door
        self._introduced = introduced
        self.stopping = False
        self.receiving = False
        self._everyone = everyone
        self._crowd = crowd
        self._counted = ""
        self._held: list[bytes] = []
        self._errors = 0
        self._deadline = 0.0

    # --- beginning and end ---

    def _create_session(self) -> Session:
        return Session(self.loop)

    def _create_envelope(self) -> Transaction:
        return Transaction()

    def _set_post_data_state(self) -> None:
        if self.envelope is not None:
            self._drop_transaction()
        super()._set_post_data_state()

    def _drop_transaction(self) -> None:
        self.envelope.discard()
        self.door.reset(self.session)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.session.peer = self._introduced or self.session.peer  # for STARTTLS too, which begins a new session
        self.session.tls = tls.described(transport.get_extra_info("ssl_object"))
        self._everyone.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._everyone.discard(self)
        if self._counted:
            self._crowd.leave(self._counted)
            self._counted = ""
        if self.envelope is not None:
            self._drop_transaction()
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """The client says no more. What it said before is still answered where it can hear us: without TLS."""
        keep_open = asyncio.StreamReaderProtocol.eof_received(self)
        return bool(keep_open) and not self.session.tls

    async def _handle_client(self) -> None:
        if not self._crowd.enter(self.session.client):
            maillog.event("turned-away", door=self.door.name, client=self.session.client, reason="too many connections")
            return await self._leave(limits.TOO_MANY_CONNECTIONS)
        self._counted = self.session.client
        refusal = await self.door.connect(self.session)
        if refusal is not None:
            maillog.event("turned-away", door=self.door.name, client=self.session.client, reply=refusal)
            return await self._leave(refusal)
        try:
            return await super()._handle_client()
        except ConnectionError:  # the client is gone, which is its right
            return None

    async def _leave(self, reply: Reply) -> None:
        """Say our last words, hear no more of what was pipelined, and close."""
        await self.push(reply.wire())
        self._hang_up()

    def _hang_up(self) -> None:
        self._flush()
        self._reader._buffer.clear()  # type: ignore[attr-defined]
        if self.transport is not None:
            self.transport.close()
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)  # type: ignore[attr-defined]
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def stop(self) -> None:
        """The server stops: an idle client is told now, one in the middle of a command after its reply."""
        self.stopping = True
        idle = not self.receiving and getattr(self._reader, "_waiter", None) is not None
        if idle and self.transport is not None:
            self._held.append(limits.SHUTTING_DOWN.wire())
            self._hang_up()

    # --- what we say ---

    async def push(self, status: str | bytes | None) -> None:
        """Send a reply: ours as finished bytes, aiosmtpd's own words as text; None is nothing to say.

        While a client's next command waits already (PIPELINING, RFC 2920), replies gather and leave in one packet.
        """
        if status is None:
            return
        reply = status if isinstance(status, bytes) else self._in_our_words(status)
        if reply[0] in b"45" and self._errors >= limits.FREE_ERRORS and not self.session.is_loopback:
            await asyncio.sleep(settings.TARPIT_SECONDS)
        self._held.append(reply)
        if self._is_one_error_too_many(reply):
            return await self._leave(limits.TOO_MANY_ERRORS)
        await self._send_or_gather(at_once=reply.startswith(_AT_ONCE))
        if self.stopping and not reply.startswith((b"354", b"334", b"421")):
            await self._leave(limits.SHUTTING_DOWN)

    def _is_one_error_too_many(self, reply: bytes) -> bool:
        if reply[0] in b"45" and not reply.startswith(b"421"):
            self._errors += 1
            return self._errors == limits.MOST_ERRORS + 1
        return False

    async def _send_or_gather(self, *, at_once: bool) -> None:
        many = len(self._held) >= limits.MOST_HELD
        if many:
            await asyncio.sleep(0)  # others have a turn
        if at_once or many or b"\n" not in self._reader._buffer:  # type: ignore[attr-defined]
            self._flush()
            await self._writer.drain()

    def _in_our_words(self, status: str) -> bytes:
        return status.encode() + b"\r\n" if status.startswith(f"220 {self.hostname} ") else dressed(status)

    def _flush(self) -> None:
        if self._held and self.transport is not None and not self.transport.is_closing():
            self._writer.write(b"".join(self._held))
        self._held.clear()

    async def answer(self, reply: Reply) -> None:
        """Send a reply of ours."""
        await self.push(reply.wire())

    async def read_line(self) -> bytes:
        """One line from the client within a command: an answer to a challenge."""
        line = await self._reader.readuntil(b"\n")
        self._reset_timeout()
        return line

    async def handle_exception(self, error: Exception) -> str:
        """What to say where a command failed in a way that it did not foresee."""
        if isinstance(error, TLSSetupException):
            maillog.event("tls-failed", door=self.door.name, client=self.session.client, reason=_cause(error))
            return "454 4.7.0 TLS failed"
        if isinstance(error, asyncio.IncompleteReadError):  # the end of what the client had to say
            self._hang_up()
            raise asyncio.CancelledError
        self._set_post_data_state()
        return str(reply_for(error))

    # --- time ---

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Moving the deadline is cheap; the one timer looks at it when it fires."""
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self._deadline > self.loop.time():
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)
            return
        self._held.append(limits.TOO_SLOW.wire())
        self._hang_up()


def _cause(error: BaseException) -> str:
    cause = error.__cause__
    return getattr(cause, "reason", None) or type(cause).__name__ if isinstance(cause, ssl.SSLError | OSError) else str(cause)
