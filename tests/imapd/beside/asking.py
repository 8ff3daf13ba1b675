"""What both servers are asked: of every message its structure and all its sections, and searches that a seed makes up."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.imapd.beside.replies import Link, Refused

MOST_PARTS = 25  # of one message
REFUSED = "refused"
WORDS = (
    "the", "and", "test", "Hello", "message", "you", "http", "multipart", "boundary", "mail", "image", "report", "example",
    "meeting", "Dear", "attached", "this is", "regards", "utf-8", "=?", "@", ".com", "zzzunlikely",
)  # fmt: skip
NAMES = ("john", "postmaster", "example.com", "mailer-daemon", "a", "info", ".org", "alice", "smith", "zzz")
FIELDS = (
    "Received",
    "X-Mailer",
    "List-Id",
    "Content-Type",
    "Message-ID",
    "References",
    "X-Priority",
    "Reply-To",
    "Sender",
    "DKIM",
)
FLAGS = ("SEEN", "UNSEEN", "FLAGGED", "UNFLAGGED", "ANSWERED", "UNANSWERED", "DRAFT", "UNDRAFT", "DELETED", "UNDELETED")


def one_by_one(link: Link, number: int, items: list[str]) -> dict[str, Any]:
    """The value of each item; together where the server takes them together."""
    try:
        found = link.fetch(number, f"({' '.join(items)})")
    except Refused:
        if len(items) == 1:
            return {items[0]: REFUSED}
        half = len(items) // 2
        return one_by_one(link, number, items[:half]) | one_by_one(link, number, items[half:])
    return {item: found.get(_label(item), REFUSED) for item in items}


def _label(item: str) -> bytes:
    """How the response calls what was asked for."""
    name, less, partial = item.replace(".PEEK", "").partition("<")
    return (name + (f"<{partial.partition('.')[0]}>" if less else "")).upper().encode()


def whole() -> list[str]:
    """Of every message."""
    names = "HEADER", "TEXT", "HEADER.FIELDS (Subject From x-mailer DATE)", "HEADER.FIELDS.NOT (Received To SUBJECT)"
    plain = ["RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "RFC822.HEADER", "BODY.PEEK[]"]
    partials = [f"BODY.PEEK[]<{cut}>" for cut in ("0.1", "17.40", "100.999999", "99999999.5")]
    return [*plain, *(f"BODY.PEEK[{name}]" for name in names), *partials, "BODY.PEEK[TEXT]<3.9>", "BODY.PEEK[HEADER]<0.30>"]


def sections(parts: list[str]) -> Iterator[str]:
    """Of parts, and of some that a message may not have."""
    for part in parts[:MOST_PARTS]:
        yield f"BODY.PEEK[{part}]"
        yield f"BODY.PEEK[{part}.MIME]"
        yield f"BODY.PEEK[{part}.HEADER]"
        yield f"BODY.PEEK[{part}.TEXT]"
        yield f"BODY.PEEK[{part}.HEADER.FIELDS (Subject Content-Type)]"
        yield f"BODY.PEEK[{part}.HEADER.FIELDS.NOT (Subject Content-Type)]"
        yield f"BODY.PEEK[{part}]<2.7>"
        yield f"BODY.PEEK[{part}]<99999999.7>"


def binaries(leaf: str) -> tuple[str, ...]:
    return f"BINARY.PEEK[{leaf}]", f"BINARY.SIZE[{leaf}]", f"BINARY.PEEK[{leaf}]<3.11>"


def numbered(structure: Any) -> tuple[list[str], dict[str, bytes]]:
    """The part numbers of a BODYSTRUCTURE, and of those that are leaves the encoding (RFC 9051 §6.4.5.1)."""
    parts: list[str] = []
    leaves: dict[str, bytes] = {}
    _number_message(structure, "", parts, leaves)
    return parts, leaves


def _number_message(body: list, prefix: str, parts: list[str], leaves: dict[str, bytes]) -> None:
    if isinstance(body[0], list):
        _number_children(body, prefix, parts, leaves)
    else:
        _number_part(body, f"{prefix}.1".lstrip("."), parts, leaves)


def _number_children(body: list, prefix: str, parts: list[str], leaves: dict[str, bytes]) -> None:
    for at, child in enumerate((one for one in body if isinstance(one, list) and one and _is_body(one)), 1):
        _number_part(child, f"{prefix}.{at}".lstrip("."), parts, leaves)


def _is_body(one: list) -> bool:
    """A child, and not a list of parameters or a disposition, which come behind the subtype."""
    return isinstance(one[0], list) or (len(one) > 6 and isinstance(one[1], bytes))


def _number_part(body: list, number: str, parts: list[str], leaves: dict[str, bytes]) -> None:
    parts.append(number)
    if isinstance(body[0], list):
        _number_children(body, number, parts, leaves)
    elif body[0].lower() == b"message" and body[1].lower() in (b"rfc822", b"global"):
        _number_message(body[8], number, parts, leaves)
    else:
        leaves[number] = body[5].lower()


# --- searches ---


def searches(count: int, seed: int, messages: int) -> list[str]:
    """Keys of SEARCH, the same for the same seed."""
    random = Random(seed)
    return [_search(random, messages, 0) for _ in range(count)]


def _search(random: Random, messages: int, depth: int) -> str:
    kind = random.randrange(14 if depth < 2 else 10)
    if kind >= 10:
        return _joined(random, messages, depth, kind)
    makers = _text, _text, _people, _people, _header, _date, _date, _size, _flag, _numbers
    return makers[kind](random, messages)


def _joined(random: Random, messages: int, depth: int, kind: int) -> str:
    one, two = (_search(random, messages, depth + 1) for _ in range(2))
    return {10: f"NOT {one}", 11: f"OR {one} {two}", 12: f"({one} {two})", 13: f"NOT (OR {one} {two})"}[kind]


def _text(random: Random, messages: int) -> str:
    return f'{random.choice(("SUBJECT", "BODY", "TEXT"))} "{random.choice(WORDS)}"'


def _people(random: Random, messages: int) -> str:
    return f'{random.choice(("FROM", "TO", "CC", "BCC"))} "{random.choice(NAMES)}"'


def _header(random: Random, messages: int) -> str:
    return f'HEADER {random.choice(FIELDS)} "{random.choice(("", "", "a", "1", "example", "zzz"))}"'


def _date(random: Random, messages: int) -> str:
    key = random.choice(("BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"))
    month = random.choice(("Jan", "Mar", "May", "Aug", "Oct", "Dec"))
    return f"{key} {random.randint(1, 28)}-{month}-{random.randint(1998, 2024)}"


def _size(random: Random, messages: int) -> str:
    return f"{random.choice(('LARGER', 'SMALLER'))} {random.choice((0, 100, 500, 1000, 1777, 5000, 20_000, 100_000))}"


def _flag(random: Random, messages: int) -> str:
    return random.choice((*FLAGS, "KEYWORD blue", "UNKEYWORD blue", "KEYWORD $Forwarded"))


def _numbers(random: Random, messages: int) -> str:
    first = random.randint(1, messages)
    return f"{random.choice(('', 'UID '))}{first}:{random.choice(('*', str(random.randint(first, messages))))}"


SORTS = [f"{reverse}{key}" for key in ("ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO") for reverse in ("", "REVERSE ")]
THREADS = ("REFERENCES", "ORDEREDSUBJECT")


def sorted_by(link: Link, key: str) -> list[int]:
    return next((answer[1:] for answer in link.ask(f"SORT ({key}) UTF-8 ALL") if answer[0] == b"SORT"), [])


def threads(link: Link, algorithm: str) -> set[frozenset[int]]:
    """Which messages are together, whoever answers whom."""
    answer = next((answer[1:] for answer in link.ask(f"THREAD {algorithm} UTF-8 ALL") if answer[0] == b"THREAD"), [])
    return {frozenset(_flat(thread)) for thread in answer}


def _flat(thread: Any) -> Iterator[int]:
    for one in thread:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one
