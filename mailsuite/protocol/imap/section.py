"""The octets that a body section names (RFC 9051 §6.4.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mailsuite.protocol import mime
from mailsuite.protocol.header import header_end, split_message
from mailsuite.protocol.imap.fetch import Section

_FIELD = re.compile(rb"^([^\x00-\x20:\x7f-\xff]++)[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.M)


def extract(content: bytes, section: Section, tree: mime.Part | None = None) -> bytes | None:
    """The section's octets as they stand in the message, None (NIL) where the message has no such part.

    tree: what `mime.scan(content)` gave, if the caller has it; only sections with a part number need it.
    """
    where = span(content, section, tree)
    if where is None:
        return None
    octets = content[where[0] : where[1]]
    return fields(octets, section) if section.fields else octets


def span(content: bytes, section: Section, tree: mime.Part | None = None) -> tuple[int, int] | None:
    """Where the section's octets lie in the message, or where those lie of which HEADER.FIELDS takes some; else as `extract`."""
    if not section.part:
        return _within(content, 0, len(content), section)
    part = mime.find(tree or mime.scan(content), section.part)
    if part is None:
        return None
    if section.text == "MIME":
        return part.header_start, part.body_start
    # HEADER and TEXT with a part number are those of a message within the message.
    if section.text and not part.is_message:
        return None
    return _within(content, part.body_start, part.end, section)


def header(content: bytes) -> bytes:
    """The header with the empty line that ends it."""
    return split_message(content)[0]


def _within(content: bytes, start: int, end: int, section: Section) -> tuple[int, int]:
    """Of the message in content[start:end]."""
    if not section.text:
        return start, end
    body = header_end(content, start, end)
    return (body, end) if section.text == "TEXT" else (start, body)


def fields(block: bytes, section: Section) -> bytes:
    """The fields of a header that have these names (or all others), and an empty line."""
    names = {name.lower() for name in section.fields}
    wanted = section.text == "HEADER.FIELDS"
    found = (match[0] for match in _FIELD.finditer(block) if (match[1].lower() in names) is wanted)
    return b"".join(found) + b"\r\n"


def cut(octets: bytes, partial: tuple[int, int] | None) -> bytes:
    """RFC 9051 §6.4.5: a partial fetch beyond the end gives what there is, be it nothing."""
    return octets if partial is None else octets[partial[0] : partial[0] + partial[1]]


def cut_pieces(pieces: Iterable[bytes], partial: tuple[int, int] | None) -> Iterator[bytes]:
    """As `cut`, of octets that come in pieces; those behind the end are not asked for."""
    if partial is None:
        yield from pieces
        return
    first, most = partial
    for piece in pieces:
        if shown := piece[first : first + most]:
            yield shown
        most -= len(shown)
        first = max(first - len(piece), 0)
        if not most:
            return


def cut_size(size: int, partial: tuple[int, int] | None) -> int:
    """How many octets `cut` leaves of so many."""
    return size if partial is None else max(0, min(partial[1], size - partial[0]))
