"""What a mail program asked, and what it was told: for the output of a test that fails, and for docs/clients.md."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from mailsuite.imapd.session import Session
from mailsuite.imapd.wire import Wire
from mailsuite.protocol.imap.connection import Command, Connection, RawLine, Upload

SHOWN = 300  # octets of a line
LINE = re.compile(rb"[*+] |[A-Za-z0-9.]+ (OK|NO|BAD)")
USES = {
    "BINARY": r"BINARY",
    "COMPRESS=DEFLATE": r"^COMPRESS",
    "CONDSTORE": r"CONDSTORE|MODSEQ|CHANGEDSINCE|UNCHANGEDSINCE",
    "ENABLE": r"^ENABLE",
    "ESEARCH": r"SEARCH RETURN",
    "ID": r"^ID ",
    "IDLE": r"^IDLE",
    "IMAP4rev2": r"^ENABLE.*IMAP4REV2",
    "LIST-EXTENDED": r"^LIST (\(|.*RETURN)",
    "LIST-STATUS": r"^LIST.*RETURN.*STATUS",
    "METADATA": r"^(GET|SET)METADATA",
    "MOVE": r"^(UID )?MOVE",
    "NAMESPACE": r"^NAMESPACE",
    "NOTIFY": r"^NOTIFY",
    "OBJECTID": r"EMAILID|THREADID|MAILBOXID",
    "PREVIEW": r"FETCH.*PREVIEW",
    "QRESYNC": r"QRESYNC|VANISHED",
    "QUOTA": r"^GETQUOTA",
    "SASL-IR": r"^AUTHENTICATE \S+ \S",
    "SCRAM-SHA-256": r"^AUTHENTICATE SCRAM-SHA-256",
    "SORT": r"^(UID )?SORT",
    "SPECIAL-USE": r"^LIST.*SPECIAL-USE",
    "THREAD": r"^(UID )?THREAD",
    "UIDPLUS": r"^UID EXPUNGE",
    "UNSELECT": r"^UNSELECT",
    "UTF8=ACCEPT": r"UTF8",
}


class Trace:
    """Every connection's conversation. `commands` are the client's, without tags, with their literals; `lines` both sides'."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.lines: list[str] = []
        self._numbers = count(1)
        self._known: dict[object, int] = {}
        self._lock = threading.Lock()
        self.deaf = False  # while the test itself asks what the program left behind

    def said(self, who: object, octets: bytes) -> None:
        """A client's whole command, without its tag."""
        text = octets.decode("utf-8", "backslashreplace")
        if self.deaf:
            return
        with self._lock:
            self.commands.append(text)
            self.lines.append(f"{self._number(who)} C: {text[:SHOWN]}")

    def answered(self, who: object, octets: bytes) -> None:
        if self.deaf:
            return
        with self._lock:
            for line in octets.split(b"\r\n"):
                if LINE.match(line):  # the text of messages is left out
                    self.lines.append(f"{self._number(who)} S: {line[:SHOWN].decode('utf-8', 'backslashreplace')}")

    def used(self) -> set[str]:
        """The extensions that the client made use of by what it said."""
        return {name for name, said in USES.items() if any(re.search(said, one, re.I) for one in self.commands)}

    def refused(self) -> list[str]:
        """What was answered BAD: a client asked what it had no right to ask, or we did not understand it."""
        return [line for line in self.lines if re.search(r"^\d+ S: \S+ BAD", line)]

    def _number(self, who: object) -> int:
        if who not in self._known:
            self._known[who] = next(self._numbers)
        return self._known[who]


@contextmanager
def listening(trace: Trace) -> Iterator[None]:
    """Hear what passes between the sessions of this process and their clients, below them TLS and compression."""
    wires: dict[Connection, Wire] = {}
    begin, next_event, write = Session.__init__, Connection.next_event, Wire.write

    def met(self: Session, door: object, wire: Wire, connection: Connection) -> None:
        wires[connection] = wire
        begin(self, door, wire, connection)  # type: ignore[arg-type]

    def heard(self: Connection) -> object:
        event = next_event(self)
        if isinstance(event, Command | Upload):
            literal = f" {{{event.size}{'' if event.synchronising else '+'}}}".encode() if isinstance(event, Upload) else b""
            trace.said(wires.get(self, self), event.name.encode() + b"".join(event.pieces) + literal)
        elif isinstance(event, RawLine):
            trace.said(wires.get(self, self), event.text)
        return event

    def wrote(self: Wire, octets: bytes) -> None:
        trace.answered(self, octets)
        write(self, octets)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "__init__", met)
        patch.setattr(Connection, "next_event", heard)
        patch.setattr(Wire, "write", wrote)
        yield
