"""Authentication-Results: what a host found out about a message, written and read (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

NAME = b"authentication-results"
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+\Z")
# A pvalue may be an address without quotes (RFC 8601 §2.2); what is not plain is quoted.
PLAIN_VALUE = re.compile(r"(?:[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]*@)?[A-Za-z0-9!#$%&'*+.^_`{|}~-]+\Z")
FIELD_START = re.compile(rb"(?<=\n)(?![ \t])")
PIECE = re.compile(r'\s+|"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)|[^\s"();]+|.', re.DOTALL)
IN_COMMENT = re.compile(r"\\.|[^()\\]+|.", re.DOTALL)
LONGEST_VALUE, LONGEST_REASON = 320, 200  # characters
MOST_RESULTS = 50  # read from one field
MOST_FIELDS = 100  # each host on the way adds one


@dataclass(frozen=True)
class MethodResult:
    """`dkim=pass (reason) header.d=example.org`: properties are in the order given."""

    method: str
    result: str
    reason: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AuthenticationResults:
    """One field: who says so, and what."""

    authserv_id: str
    results: tuple[MethodResult, ...] = ()


def build(authserv_id: str, results: Iterable[MethodResult]) -> bytes:
    """The whole field, folded, with CRLF. Nothing in a value can end it early or add a result."""
    lines = [f"Authentication-Results: {_value(authserv_id)}", *map(_result, results)]
    if len(lines) == 1:
        lines.append("none")
    return ";\r\n\t".join(lines).encode("utf-8", "replace") + b"\r\n"


def parse(raw_value: bytes | str) -> AuthenticationResults | None:
    """Read a field's value; None where it names no authserv-id. Results that break the grammar are left out."""
    text = raw_value if isinstance(raw_value, str) else raw_value.decode("utf-8", "replace")
    name, *parts = _parts(text[:65_536])
    if not name.words or not name.words[0].strip("="):
        return None
    results = (_read_result(part) for part in parts[:MOST_RESULTS])
    return AuthenticationResults(name.words[0].lower().rstrip("."), tuple(result for result in results if result))


def claims(raw_value: bytes, authserv_id: str) -> bool:
    """Does a field say that it is from this host? What cannot be read is taken to claim it."""
    found = parse(raw_value)
    return found is None or found.authserv_id == authserv_id.lower().rstrip(".")


def strip(header_block: bytes, authserv_id: str) -> bytes:
    """The header block without the fields that claim to be from us: whoever trusts our name must not see them (RFC 8601 §5)."""
    return b"".join(raw for raw in _fields(header_block) if not (_is_ours(raw) and claims(raw.partition(b":")[2], authserv_id)))


def forged(header_block: bytes, authserv_id: str) -> bool:
    """Does a message from outside bring along a field in our name? One with more than MOST_FIELDS fields is taken to do so."""
    values = [raw.partition(b":")[2] for raw in _fields(header_block) if _is_ours(raw)]
    return len(values) > MOST_FIELDS or any(claims(value, authserv_id) for value in values)


def foreign(header_block: bytes, authserv_id: str) -> list[AuthenticationResults]:
    """What other hosts say, topmost first; to be shown as hearsay."""
    values = (raw.partition(b":")[2] for raw in _fields(header_block) if _is_ours(raw))
    found = (parse(value) for value in values)
    return [one for one in found if one and one.authserv_id != authserv_id.lower().rstrip(".")]


def trusted(trace: bytes, authserv_id: str) -> AuthenticationResults | None:
    """What we found out ourselves, from the trace that is kept beside a message, never from the message."""
    values = (raw.partition(b":")[2] for raw in _fields(trace) if _is_ours(raw))
    found = (parse(value) for value in values)
    return next((one for one in found if one and one.authserv_id == authserv_id.lower().rstrip(".")), None)


def _result(result: MethodResult) -> str:
    reason = f" ({_comment(result.reason)})" if result.reason else ""
    properties = "".join(f" {name}={_value(value)}" for name, value in result.properties.items())
    return f"{result.method}={result.result}{reason}{properties}"


def _value(text: str) -> str:
    text = text[:LONGEST_VALUE]
    if PLAIN_VALUE.match(text):
        return text
    return '"' + re.sub(r'(["\\])', r"\\\1", _printable(text)) + '"'


def _comment(text: str) -> str:
    return re.sub(r"[()\\]", "?", _printable(text[:LONGEST_REASON]))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _fields(header_block: bytes) -> Iterator[bytes]:
    return iter(FIELD_START.split(header_block))


def _is_ours(raw: bytes) -> bool:
    return raw[:40].partition(b":")[0].strip().lower() == NAME


class _Part:
    """What stands between two semicolons: words (quotes taken off) and the first comment."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comment = ""
        self._glue = False

    def add(self, text: str) -> None:
        if self.words and (self._glue or text.startswith("=") or self.words[-1].find("=") == len(self.words[-1]) - 1 >= 0):
            self.words[-1] += text
        else:
            self.words.append(text)
        self._glue = True

    def space(self, comment: str = "") -> None:
        self.comment = self.comment or comment
        self._glue = False


def _parts(text: str) -> list[_Part]:
    parts, position = [_Part()], 0
    while found := PIECE.match(text, position):
        position, piece = found.end(), found[0]
        if piece == ";":
            parts.append(_Part())
        elif piece == "(":
            comment, position = _read_comment(text, position)
            parts[-1].space(comment)
        elif piece.isspace():
            parts[-1].space()
        else:
            parts[-1].add(piece if found[1] is None else re.sub(r"\\(.)", r"\1", found[1]))
    return parts


def _read_comment(text: str, position: int) -> tuple[str, int]:
    """A comment whose first parenthesis was read, and where it ends; comments may hold comments."""
    start, depth = position, 1
    while depth and (found := IN_COMMENT.match(text, position)):
        position = found.end()
        depth += {"(": 1, ")": -1}.get(found[0], 0)
    return text[start : position - (depth == 0)], position


def _read_result(part: _Part) -> MethodResult | None:
    pairs = [(name.lower(), value) for name, equals, value in (word.partition("=") for word in part.words) if equals]
    if not pairs or not all(map(TOKEN.match, (pairs[0][0].partition("/")[0], pairs[0][1]))):
        return None
    properties = {name: value for name, value in pairs[1:] if name != "reason"}
    reason = dict(pairs[1:]).get("reason", part.comment)
    return MethodResult(pairs[0][0].partition("/")[0], pairs[0][1].lower(), reason, properties)
