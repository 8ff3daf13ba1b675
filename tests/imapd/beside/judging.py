"""Where two answers differ, and why that is well so: every reason names its RFC, or says what is better for it."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.imapd.beside.asking import REFUSED

FOLDS = "RFC 5322 §2.2.3: unfolding takes the line ends and nothing else; Dovecot makes one blank of several"
NO_DOMAIN = "RFC 9051 §7.5.2: what an address has not is empty; Dovecot writes MISSING_DOMAIN and MISSING_MAILBOX"
ROUTE = "RFC 5322 §4.4: a source route is ignored"
LAST_LINE = "a last line without line end is a line of text too; Dovecot counts line ends"
LANGUAGE = "RFC 9051 §9 body-fld-lang: one language may be a string; Dovecot sends a list of one"
CASE = "RFC 2045 §5.1: names of types, encodings and charsets have no case"
DEPTH = "a guard: what is nested deeper than 50 levels is one part"
ABSENT = "what a message has not is NIL (RFC 9051 §9 nstring); Dovecot sends an empty string"
NO_PART = "RFC 9051 §6.4.5.1: only a message has a part 1 in it; to Dovecot the part 1 of a text is the text"
DELIMITER = "RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter, also behind a multipart"
EMPTY_LINE = "RFC 9051 §6.4.5: the empty line belongs to the header, also where no body follows"
FROM_LINE = "RFC 9051 §6.4.5: HEADER.FIELDS.NOT gives fields; mbox's From_ line is none"
LINE_ENDS = "RFC 9051 §6.4.5 BINARY: lines of text end in CRLF, whatever was encoded"
SIZE = "RFC 9051 §6.4.5: BINARY.SIZE is the size of what BINARY gives; Dovecot's is not"
DAMAGED = "what is encoded badly gives what can be had of it; Dovecot refuses it, and its client has nothing"
NO_DATE = "RFC 9051 §6.4.4: what has no Date was sent at no time; Dovecot takes 1970, and sends what is older to the future"
FLEXIBLE = (
    "RFC 9051 §6.4.4: BODY and TEXT may match flexibly: ours look for words in what a member reads, not in tags and all fields"
)
DECODED = "encoded words that one of both cannot decode (vendors' signs in ISO-2022-JP, words cut in two) are text to it"


@dataclass(frozen=True)
class Difference:
    kind: str
    letter: str
    asked: str
    ours: Any
    theirs: Any
    reason: str  # "" where there is none


# --- structures ---


def body(found: list[Any], *, extended: bool) -> list[Any]:
    """BODY or BODYSTRUCTURE with parts that begin alike; parameters are sorted, for they have no order."""
    if isinstance(found[0], list):
        count = next(at for at, one in enumerate(found) if not isinstance(one, list))
        subtype, *rest = found[count:]
        tail = [_parameters(rest[0]), *_common(rest[1:])] if extended else []
        return ["multipart", [body(one, extended=extended) for one in found[:count]], ("name", subtype), *tail]
    kind, subtype, pairs, content_id, description, encoding, size, *rest = found
    plain = [("name", kind), ("name", subtype), _parameters(pairs), content_id, description, ("name", encoding), size]
    if kind.lower() == b"text":
        plain, rest = [*plain, ("lines", rest[0])], rest[1:]
    elif (kind.lower(), subtype.lower()) == (b"message", b"rfc822"):
        plain, rest = [*plain, rest[0], body(rest[1], extended=extended), ("lines", rest[2])], rest[3:]
    return ["part", *plain, *([rest[0], *_common(rest[1:])] if extended else [])]


def _common(rest: list[Any]) -> list[Any]:
    disposition, language, *location = rest
    shown = [("name", disposition[0]), _parameters(disposition[1])] if disposition else None
    return [shown, ("language", language), *location]


def _parameters(pairs: list[bytes] | None) -> list[Any] | None:
    if not pairs:
        return None
    named = sorted((pairs[at].lower(), pairs[at + 1]) for at in range(0, len(pairs), 2))
    return [[name, ("name", value) if name == b"charset" else value] for name, value in named]


def structure_reasons(ours: Any, theirs: Any) -> Iterator[str]:
    """A reason for each place in which two of what `body` gives, or two envelopes, differ; "" where there is none."""
    if ours == theirs:
        return
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        yield _named_reason(ours, theirs)
    elif isinstance(ours, list) and isinstance(theirs, list) and ours[:1] == ["part"] and theirs[:1] == ["multipart"]:
        yield DEPTH if ours[1:3] == [("name", b"application"), ("name", b"octet-stream")] else ""
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for one, other in zip(ours, theirs, strict=True):
            yield from structure_reasons(one, other)
    else:
        yield _text_reason(ours, theirs)


def _named_reason(ours: tuple[str, Any], theirs: tuple[str, Any]) -> str:
    (kind, one), (_, other) = ours, theirs
    if kind == "lines":
        return LAST_LINE if one == other + 1 else ""
    if kind == "language":
        return LANGUAGE if [one] == other else ""
    return CASE if one and other and one.lower() == other.lower() else ""


def _text_reason(ours: Any, theirs: Any) -> str:
    if ours is None and isinstance(theirs, bytes) and theirs.startswith(b"@"):
        return ROUTE
    if ours == b"" and theirs in (b"MISSING_DOMAIN", b"MISSING_MAILBOX"):
        return NO_DOMAIN
    if isinstance(ours, bytes) and isinstance(theirs, bytes) and ours.split() == theirs.split():
        return FOLDS
    return ""


# --- sections ---


def section_reason(item: str, ours: Any, theirs: Any, parts: dict[str, bool]) -> str:
    """parts: the numbers in either BODYSTRUCTURE, and whether they are multiparts."""
    number = re.search(r"\[([\d.]*\d)", item)
    if ours is None and theirs == b"":
        return ABSENT
    if ours is None and number and number[1] not in parts:
        return NO_PART
    if not isinstance(ours, bytes) or not isinstance(theirs, bytes):
        return ""
    if number and parts.get(number[1]) and theirs == ours + b"\r\n":
        return DELIMITER
    if ".MIME]" in item and ours in (theirs + b"\r\n", theirs):
        return EMPTY_LINE
    if "FIELDS.NOT" in item and theirs.startswith(b"From ") and theirs.partition(b"\r\n")[2] == ours:
        return FROM_LINE
    return ""


def binary_reason(item: str, ours: dict[str, Any], theirs: dict[str, Any], *, damaged: bool) -> str:
    """Of the answers for one part, one that differs. damaged: is a part of the message encoded badly?"""
    one, other = ours[item], theirs[item]
    whole = next(iter(ours))  # BINARY; its partials and size differ for the same reason
    if other == REFUSED:
        return DAMAGED if damaged else ""
    if ours[whole] == theirs[whole]:
        return SIZE if "SIZE" in item and one == len(ours[whole]) else ""
    both = isinstance(ours[whole], bytes) and isinstance(theirs[whole], bytes)
    return LINE_ENDS if both and ours[whole] == re.sub(rb"(?<!\r)\n", b"\r\n", theirs[whole]) else ""


def is_damaged(encoded: bytes, encoding: bytes) -> bool:
    """Does the body break the rules of its encoding (RFC 2045 §6.7, §6.8)?"""
    if encoding == b"quoted-printable":
        return bool(re.search(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r\n)|[^\t\r\n -~]", encoded))
    try:
        a2b_base64(re.sub(rb"[\r\n]", b"", encoded), strict_mode=True)
    except Error:
        return encoding == b"base64"
    return False


# --- searches ---


def search_reason(keys: str, content: bytes) -> str:
    """Why one message may be in one answer to these keys and not in the other."""
    if re.search(r"\b(BODY|TEXT) ", keys) and not _is_plain_for(keys, content):
        return FLEXIBLE
    if "SENT" in keys and _has_no_date(content):
        return NO_DATE
    return DECODED if '"=?"' in keys and b"=?" in content else ""


def _is_plain_for(keys: str, content: bytes) -> bool:
    """Is the message one text in ASCII, are all words looked for words, and not those of the header?"""
    head, _, text = content.lower().partition(b"\r\n\r\n")
    kind = re.search(rb"\r\ncontent-type:\s*([^;\s]*)", b"\r\n" + head)
    words = re.findall(r'(?:BODY|TEXT) "([^"]*)"', keys)
    if any(word.lower().encode() in head for word in words):
        return False
    coded = re.search(rb"content-transfer-encoding:\s*(?!7bit)\S|format=flowed", head) or not text.isascii()
    return not coded and (not kind or kind[1] == b"text/plain") and all(word.isalpha() for word in words) and b"=?" not in head


def _has_no_date(content: bytes) -> bool:
    found = re.search(rb"\r\ndate:[^\r\n]*?\b(\d{4})\b", b"\r\n" + content.lower().partition(b"\r\n\r\n")[0])
    return not found or int(found[1]) < 1970


# --- orders ---


def moved(ours: list[int], theirs: list[int]) -> list[int]:
    """The fewest messages that must be put elsewhere to make one order of the other: what a longest common order leaves."""
    places = {number: place for place, number in enumerate(theirs)}
    ends: list[int] = []  # the least place with which an ascending run of each length ends
    runs: list[list[int]] = []
    for number in ours:
        at = bisect_left(ends, places[number])
        run = [*(runs[at - 1] if at else []), number]
        ends[at : at + 1], runs[at : at + 1] = [places[number]], [run]
    kept = set(runs[-1]) if runs else set()
    return [number for number in ours if number not in kept]


def order_reason(key: str, content: bytes) -> str:
    """Why a message may stand elsewhere in an order."""
    head = b"\r\n" + content.partition(b"\r\n\r\n")[0]
    if key == "DATE" and _has_no_date(content):
        return NO_DATE
    return DECODED if key == "SUBJECT" and re.search(rb"(?i)\r\nsubject:\s*=\?iso-2022-jp", head) else ""
