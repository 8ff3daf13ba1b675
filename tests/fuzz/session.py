"""Fuzz target: a session against a real store. Whatever a client says once it is in, nothing breaks, and answers are answers."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.db import transaction

from mailsuite import bridge
from tests.fuzz import answers

HOSTILE = (
    b'From: "\\"quo\\\\ted" <bob@example.org>\r\nTo: undisclosed:;, a@b, "x\r\n y"\r\n'
    b"Subject: =?utf-8?q?a=0D=0A*_BYE_b?= \xff {5}\r\n"
    b'Message-ID: <"a\\"b"@c>\r\nContent-Type: multipart/mixed; boundary="a\\"b"; x*0="1"; x*1=2\r\n\r\n--a"b\r\n'
    b'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="\xff\\"\r\n\r\n'
    b"Subject: in\r\nContent-Type: multipart/alternative; boundary=z\r\n\r\n--z\r\n\r\ntext\r\n--z\r\n"
    b'Content-Type: image/png; name="=?utf-8?b?w6k=?="\r\n'
    b"Content-Transfer-Encoding: base64\r\nContent-ID: <i\r\n\r\n!!\r\n--z--\r\n"
    b'--a"b--\r\n'
)


class Target:
    """One member with a few messages; each input is a session of its own, and leaves the store as it was."""

    def __init__(self) -> None:
        bridge._crossing = self._cross  # type: ignore[assignment]
        self._thread = ThreadPoolExecutor(1)  # one thread, and so one connection and one transaction, for all that crosses
        self._loop = asyncio.new_event_loop()
        self._in_thread(call_command, "migrate", verbosity=0)
        self._account = self._in_thread(_member)
        self._troubles = _Troubles(logging.ERROR)
        logging.getLogger().addHandler(self._troubles)

    def __call__(self, data: bytes) -> None:
        self._troubles.told.clear()
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]  # the change log counts on as in transactions of their own
        self._in_thread(around.__enter__)
        try:
            said = self._loop.run_until_complete(self._hold(data))
        finally:
            self._in_thread(transaction.set_rollback, True)
            self._in_thread(around.__exit__, None, None, None)
        assert not self._troubles.told, self._troubles.told
        assert b"SERVERBUG" not in said, said[-2_000:]
        assert b"NO [UNAVAILABLE]" not in said, said[-2_000:]
        answers.check(said, utf8=(b"ENABLED" in said and b"UTF8=ACCEPT" in said) or b"IMAP4rev2" in said)

    def _in_thread(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return self._thread.submit(function, *args, **kwargs).result()

    async def _cross(self, _: object, function: Any, *args: Any, **kwargs: Any) -> Any:
        return self._in_thread(function, *args, **kwargs)

    async def _hold(self, data: bytes) -> bytes:
        from mailsuite.imapd.commands.table import COMMANDS
        from mailsuite.imapd.conversation import hold
        from mailsuite.imapd.server import make_door
        from mailsuite.imapd.session import Session
        from mailsuite.protocol.imap.connection import Connection

        connection, transport = Connection(), _Transport()
        wire = _wire(connection, data)
        wire.connection_made(transport)
        door = make_door(None)  # type: ignore[arg-type]
        door.compression = False  # answers are to be read here
        session = Session(door, wire, connection)
        session.log_in(self._account)
        await hold(session, COMMANDS)
        return b"".join(transport.written)


def _member() -> Any:
    from mailsuite.mailstore import mailboxes
    from tests.imapd.conftest import account, deliver, letter

    alice = account("alice")
    deliver(alice, *(letter(n) for n in range(1, 5)), HOSTILE)
    mailboxes.create(alice.pk, "Work/Old")
    return alice


def _wire(connection: Any, data: bytes) -> Any:
    """A client that says `data`, so many octets at a time as its first octet says, and hangs up when nobody answers any more."""
    from mailsuite.imapd.wire import Gone, Wire

    step, octets = data[0] if data else 0, b"p SELECT INBOX\r\n" + data[1:]
    parts = [octets[at : at + (step or len(octets))] for at in range(0, len(octets), step or len(octets))]

    class FromMemory(Wire):
        async def wait(self, seconds: float) -> None:
            self.flush()
            if not parts or self.closed:
                raise Gone
            self.data_received(parts.pop(0))

    return FromMemory(connection, lambda wire: None)


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self._closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        told = {"peername": ("192.0.2.1", 1), "socket": SimpleNamespace(setsockopt=lambda *_: None)}
        return told.get(name, default)

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    abort = close
    pause_reading = resume_reading = lambda self: None


class _Troubles(logging.Handler):
    """What the log would tell an operator to look at."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(logging.Formatter().format(record))
