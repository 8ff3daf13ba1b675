"""Syntax: read the arguments of a command, one token after another, in linear time (RFC 9051 §9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

from mailsuite.protocol.imap import utf7
from mailsuite.protocol.imap.sequence import SequenceSet

MAX_NESTING = 50
MAX_FLAGS = 100  # in one list
MAX_WORDS = 100  # in one list
MAX_FLAG = 255  # characters, as in JMAP: messages are read 2,000 at a time, with all their keywords

_SPACES = re.compile(rb" +")
_ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_ASTRING = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")  # ATOM-CHAR and "]"
_LIST_MAILBOX = re.compile(rb"[^\x00-\x20\x7f(){\"\\]+")  # and the wildcards; and UTF-8, see `utf7.decode`
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*+)"')
_ESCAPED = re.compile(rb'\\(["\\])')
_NUMBER = re.compile(rb"[0-9]{1,20}(?![0-9])")
_SEQUENCE = re.compile(rb"[0-9:*,]+|\$")
_FLAG = re.compile(rb"\\?[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_WORD = re.compile(rb"[A-Za-z0-9.\-]+")
_MONTHS = {
    name: n for n, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}  # RFC 9051 §9 date-month
_DATE = re.compile(rb"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})")
_DATE_TIME = re.compile(rb"([ 0-9][0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})")

Read = TypeVar("Read")


class SyntaxProblem(ValueError):
    """The client wrote what the grammar does not allow: BAD, with a response code where there is one for it."""

    code = ""


class UidRequired(SyntaxProblem):
    """A message number, after the client itself did away with them (RFC 9586 §3)."""

    code = "UIDREQUIRED"


class Parser:
    """Reads tokens off a command's pieces: text, literal, text, … (`connection.Command.pieces`).

    utf8: mailbox names are UTF-8 (RFC 9051 §5.1, RFC 6855 §3), not modified UTF-7. uids_only: there are no message numbers.
    """

    def __init__(self, pieces: Sequence[bytes], *, utf8: bool = False, uids_only: bool = False) -> None:
        self._pieces = pieces
        self._utf8 = utf8
        self._uids_only = uids_only
        self._index = 0
        self._position = 0
        self.depth = 0

    # -- where we are --

    @property
    def _text(self) -> bytes:
        return self._pieces[self._index]

    def peek(self) -> bytes:
        """The next octet; b"" at the end of the command and where a literal comes."""
        return self._text[self._position : self._position + 1]

    def at_end(self) -> bool:
        return self._position >= len(self._text) and self._index + 1 >= len(self._pieces)

    def at_literal(self) -> bool:
        return self._position >= len(self._text) and self._index + 1 < len(self._pieces)

    def end(self) -> None:
        """The command must end here; blanks before its end are forgiven."""
        self.match(_SPACES)
        if not self.at_end():
            raise self.problem("Something follows the last argument")

    def problem(self, text: str) -> SyntaxProblem:
        return SyntaxProblem(text)

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over what the pattern matches here; None, and no step, where it does not."""
        match = pattern.match(self._text, self._position)
        if match:
            self._position = match.end()
        return match

    def _require(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        match = self.match(pattern)
        if not match:
            raise self.problem(f"Expected {what}")
        return match[0]

    # -- tokens --

    def space(self) -> None:
        self._require(_SPACES, "a space")

    def spaced(self) -> bool:
        """Step over a space if another argument follows it."""
        return bool(self.match(_SPACES)) and not self.at_end()

    def take(self, octets: bytes) -> bool:
        """Step over these octets if they come next."""
        if self._text.startswith(octets, self._position):
            self._position += len(octets)
            return True
        return False

    def expect(self, octets: bytes) -> None:
        if not self.take(octets):
            raise self.problem(f"Expected {octets.decode()}")

    def word(self) -> str:
        """A name of the protocol (letters, digits, dots and hyphens), in upper case."""
        return self._require(_WORD, "a word").decode().upper()

    def atom(self) -> str:
        return self._require(_ATOM, "an atom").decode()

    def number(self, most: int = 2**32 - 1) -> int:
        number = int(self._require(_NUMBER, "a number"))
        if number > most:
            raise self.problem("The number is too large")
        return number

    def string(self) -> bytes:
        """A quoted string or a literal."""
        if self.at_literal():
            literal = self._pieces[self._index + 1]
            self._index, self._position = self._index + 2, 0
            return literal
        quoted = self.match(_QUOTED)
        if not quoted:
            raise self.problem("Expected a string")
        return _ESCAPED.sub(rb"\1", quoted[1]) if b"\\" in quoted[1] else quoted[1]

    def astring(self) -> bytes:
        if self.at_literal() or self.peek() == b'"':
            return self.string()
        return self._require(_ASTRING, "an atom or a string")

    def nstring(self) -> bytes | None:
        if self._text[self._position : self._position + 3].upper() == b"NIL":
            self._position += 3
            return None
        return self.string()

    def mailbox(self) -> str:
        """A mailbox's name, or a pattern with % and *, as text. INBOX is INBOX in any case (RFC 9051 §5.1)."""
        if self.at_literal() or self.peek() == b'"':
            return self._name(self.string())
        return self._name(self._require(_LIST_MAILBOX, "a mailbox"))

    def _name(self, raw: bytes) -> str:
        try:
            name = raw.decode("utf-8") if self._utf8 else utf7.decode(raw)
        except ValueError as error:
            kind = "not UTF-8" if self._utf8 else "neither modified UTF-7, where & is &-, nor UTF-8"
            raise self.problem(f"The mailbox name is {kind}") from error
        if "\0" in name:
            raise self.problem("A mailbox name has no NUL")
        head, slash, rest = name.partition("/")
        return f"INBOX{slash}{rest}" if head.upper() == "INBOX" else name

    def sequence_set(self) -> SequenceSet:
        token = self._require(_SEQUENCE, "message numbers")
        try:
            return SequenceSet.parse(token)
        except ValueError as error:
            raise self.problem("Expected message numbers such as 1:4,7,9:*") from error

    def numbered(self) -> None:
        """Message numbers follow: not for a client that has only UIDs (RFC 9586 §3)."""
        if self._uids_only:
            raise UidRequired("Message numbers are switched off")

    def flag(self) -> str:
        flag = self._require(_FLAG, "a flag").decode()
        if len(flag) > MAX_FLAG:
            raise self.problem(f"A flag has at most {MAX_FLAG} characters")
        return flag

    def listed(self, read: Callable[[Parser], Read], most: int) -> list[Read]:
        """One or more in parentheses, at most so many. read: reads one of them."""
        self.expect(b"(")
        found = [read(self)]
        while not self.take(b")"):
            self.space()
            found.append(read(self))
            if len(found) > most:
                raise self.problem(f"Too many: {most} is the most")
        return found

    def some(self, read: Callable[[Parser], Read], most: int) -> list[Read]:
        """One, or one or more in parentheses."""
        return self.listed(read, most) if self.peek() == b"(" else [read(self)]

    def flag_list(self) -> list[str]:
        """Flags in parentheses, or none."""
        return [] if self.take(b"()") else self.listed(Parser.flag, MAX_FLAGS)

    def words(self) -> list[str]:
        """Words in parentheses, or none: (MESSAGES UNSEEN)."""
        return [] if self.take(b"()") else self.listed(Parser.word, MAX_WORDS)

    def date(self) -> date:
        """A day: 1-Feb-1994, quoted or not."""
        quoted = self.take(b'"')
        match = self.match(_DATE)
        if not match or (quoted and not self.take(b'"')):
            raise self.problem("Expected a date such as 1-Feb-1994")
        try:
            return date(int(match[3]), _MONTHS[match[2].lower()], int(match[1]))
        except (KeyError, ValueError) as error:
            raise self.problem("There is no such date") from error

    def date_time(self) -> datetime:
        """A moment, in UTC: "17-Jul-1996 02:44:25 -0700"."""
        match = _DATE_TIME.fullmatch(self.string())
        if not match:
            raise self.problem('Expected a time such as "17-Jul-1996 02:44:25 -0700"')
        day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
        offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes)) * (-1 if sign == b"-" else 1)
        try:
            local = datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), min(int(second), 59))
            return local.replace(tzinfo=timezone(offset)).astimezone(UTC)
        except (KeyError, ValueError, OverflowError) as error:
            raise self.problem("There is no such time") from error

    def nest(self) -> None:
        """Count a level of parentheses; call `unnest` on the way out."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.problem(f"Nested deeper than {MAX_NESTING} levels")

    def unnest(self) -> None:
        self.depth -= 1
