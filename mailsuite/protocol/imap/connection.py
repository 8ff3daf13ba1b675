"""A connection, sans I/O: octets in, commands out; the owner reads, writes and decides (the shape of h11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailsuite.protocol.imap.framing import Announcement, Chunk, Framer, Line, Overlong

# RFC 9051 §9: tag = 1*<any ASTRING-CHAR except "+">; a command name is an atom.
_BEGINNING = re.compile(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]{1,64}) +([A-Za-z][A-Za-z0-9.\-]{0,31})")
_UID = re.compile(rb" +([A-Za-z]{1,16})")
_TAG = re.compile(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]{1,64})(?= |\Z)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may make us hold in memory. In octets, but for `literals`."""

    line: int
    literal: int  # all literals of one command and what stands between them, together; those that are streamed aside
    literals: int = 1_000  # of one command: also empty ones take room
    discard: int = 256 * 1024 * 1024  # an unwanted literal that was sent unasked is read and dropped up to this


BEFORE_LOGIN = Limits(line=8_192, literal=4_096, literals=16, discard=65_536)
AFTER_LOGIN = Limits(line=65_536, literal=262_144)


@dataclass(frozen=True, slots=True)
class Command:
    """A whole command. `pieces` alternate: text, literal, text, … and begin and end with text, after the command's name."""

    tag: str
    name: str
    pieces: list[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """A literal to be streamed is announced: call `accept_upload` or `refuse_upload`. `pieces` hold what came before it."""

    tag: str
    name: str
    pieces: list[bytes]
    size: int
    synchronising: bool
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Octets:
    """Part of an accepted upload; after the last one the command goes on as a `Command` or another `Upload`."""

    octets: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class RawLine:
    """The line that `expect_line` asked for."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Continue:
    """Tell the client to go on: send a continuation request."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a command. Answer BAD to `tag` ("*" where there was none); `fatal`: and say goodbye, the stream is lost."""

    tag: str
    text: str
    fatal: bool = False


class NeedData:
    """Nothing more until more octets arrive."""


NEED_DATA = NeedData()
Event = Command | Upload | Octets | RawLine | Continue | Malformed | NeedData


@dataclass
class _Partial:
    """A command of which not everything has arrived."""

    tag: str
    name: str
    pieces: list[bytes] = field(default_factory=list)
    literal: bytearray | None = None
    held: int = 0
    uploading: bool = False  # a literal of it was handed on: all others are too


# Commands whose message literals are handed on as they come, with the number of words before the mailbox's name.
STREAMING = {"APPEND": 0, "REPLACE": 1, "UID REPLACE": 1}


class Connection:
    """One client's stream of commands."""

    def __init__(self, limits: Limits = BEFORE_LOGIN) -> None:
        self._framer = Framer(limits.line)
        self._limits = limits
        self._partial: _Partial | None = None
        self._announced: Announcement | None = None
        self._uploading = False
        self._swallowing: Malformed | None = None
        self._raw = False

    @property
    def limits(self) -> Limits:
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits
        self._framer.line_limit = limits.line

    @property
    def waiting(self) -> int:
        """Octets received and not yet handed on: more than none after a command means that the client pipelines."""
        return self._framer.waiting

    def receive_data(self, octets: bytes) -> None:
        self._framer.receive(octets)

    def expect_line(self) -> None:
        """The next line is no command: it answers a continuation request (AUTHENTICATE, IDLE)."""
        self._raw = True

    def expect_command(self) -> None:
        """Nobody waits for that line any more."""
        self._raw = False

    def clear(self) -> None:
        """Forget what was received and not handed on (STARTTLS)."""
        self._framer.clear()
        self._partial, self._raw = None, False

    def accept_upload(self) -> None:
        """Hand the announced literal on as `Octets`."""
        assert self._announced
        self._framer.take(self._announced.size)
        self._announced, self._uploading = None, True

    def refuse_upload(self) -> bool:
        """Do not take the announced literal; False if the stream cannot be saved and must end.

        The rest of the command is swallowed without an event: the owner answers it now.
        """
        assert self._announced
        announced, self._announced = self._announced, None
        self._partial = None
        return self._drop(announced)

    def next_event(self) -> Event:
        """The next thing the client did, or NEED_DATA."""
        while True:
            frame = self._framer.next()
            if frame is None:
                return NEED_DATA
            if isinstance(frame, Overlong):
                event: Event | None = self._overlong(frame)
            elif isinstance(frame, Chunk):
                event = self._chunk(frame)
            else:
                event = self._line(frame)
            if event is not None:
                return event

    def _overlong(self, line: Overlong) -> Event:
        tag, self._partial = self._partial.tag if self._partial else "*", None
        if tag == "*" and not self._raw and not self._swallowing and (found := _TAG.match(line.start)):
            tag = found[1].decode()
        self._swallowing = None
        self._raw = False
        return self._refuse(Malformed(tag, f"A line may have {self._limits.line} octets"), line.literal)

    def _chunk(self, chunk: Chunk) -> Event | None:
        if self._uploading:
            self._uploading = not chunk.last
            return Octets(chunk.octets, chunk.last)
        assert self._partial
        assert self._partial.literal is not None
        self._partial.literal += chunk.octets
        if chunk.last:
            self._partial.pieces.append(bytes(self._partial.literal))
            self._partial.literal = None
        return None

    def _line(self, line: Line) -> Event | None:
        if self._swallowing:
            return self._swallow(line)
        if self._raw:
            self._raw = False
            return RawLine(line.text)
        if self._partial is None:
            begun = _begin(line.text)
            if isinstance(begun, Malformed):
                return self._refuse(begun, line.literal)
            self._partial = begun
        else:
            self._partial.pieces.append(line.text)
            self._partial.held += len(line.text)
        return self._literal(self._partial, line.literal) if line.literal else self._whole()

    def _whole(self) -> Event:
        assert self._partial
        done, self._partial = self._partial, None
        return Command(done.tag, done.name, done.pieces)

    def _literal(self, partial: _Partial, announced: Announcement) -> Event | None:
        if partial.uploading or _holds_message(partial):
            self._announced, partial.uploading = announced, True
            pieces, partial.pieces = partial.pieces, []
            return Upload(partial.tag, partial.name, pieces, announced.size, announced.synchronising, announced.binary)
        partial.held += announced.size
        if partial.held > self._limits.literal or len(partial.pieces) > 2 * self._limits.literals:
            self._partial = None
            return self._refuse(
                Malformed(partial.tag, f"Literals here may have {self._limits.literal} octets, and be {self._limits.literals}"),
                announced,
            )
        self._framer.take(announced.size)
        partial.literal = bytearray()
        return Continue() if announced.synchronising else None

    def _refuse(self, malformed: Malformed, announced: Announcement | None) -> Event:
        if announced and not self._drop(announced):
            return Malformed(malformed.tag, malformed.text, fatal=True)
        return malformed

    def _drop(self, announced: Announcement) -> bool:
        """A literal that waits for our word never comes; one sent unasked must be read past, with what follows it."""
        if announced.synchronising:
            return True
        if announced.size > self._limits.discard:
            return False
        self._framer.skip(announced.size)
        self._swallowing = Malformed("*", "")
        return True

    def _swallow(self, line: Line) -> Event | None:
        """The rest of a refused command: its last line ends it, a further unasked literal goes the same way."""
        self._swallowing = None
        if line.literal and not self._drop(line.literal):
            return Malformed("*", "Too much", fatal=True)
        return None


def _holds_message(partial: _Partial) -> bool:
    """Is the literal after these pieces a message? The mailbox's name may be one too: that is small and stays here."""
    before = STREAMING.get(partial.name)
    return before is not None and (len(partial.pieces) > 1 or len(partial.pieces[0].split(None, before + 1)) > before)


def _begin(text: bytes) -> _Partial | Malformed:
    match = _BEGINNING.match(text)
    if not match:
        tag = _TAG.match(text)
        return Malformed(tag[1].decode() if tag else "*", "A command is a tag, a space and a name")
    name, rest = match[2].decode().upper(), text[match.end() :]
    if name == "UID" and (second := _UID.match(rest)):
        name, rest = f"UID {second[1].decode().upper()}", rest[second.end() :]
    return _Partial(match[1].decode(), name, [rest])
