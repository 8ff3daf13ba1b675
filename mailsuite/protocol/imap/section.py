"""The octets that a body section names (RFC 9051 §6.4.5.1)."""

from __future__ import annotations

import re

from mailsuite.protocol import mime
from mailsuite.protocol.header import split_message
from mailsuite.protocol.imap.fetch import Section

_FIELD = re.compile(rb"^([^\x00-\x20:\x7f-\xff]++)[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.M)


def extract(content: bytes, section: Section, tree: mime.Part | None = None) -> bytes | None:
    """The section's octets as they stand in the message, None (NIL) where the message has no such part.

    tree: what `mime.scan(content)` gave, if the caller has it; only sections with a part number need it.
    """
    if not section.part:
        return _text(content, section)
    part = mime.find(tree or mime.scan(content), section.part)
    if part is None:
        return None
    if section.text == "MIME":
        return content[part.header_start : part.body_start]
    body = content[part.body_start : part.end]
    if not section.text:
        return body
    # HEADER and TEXT with a part number are those of a message within the message.
    return _text(body, section) if (part.type, part.subtype) == ("message", "rfc822") else None


def header(content: bytes) -> bytes:
    """The header with the empty line that ends it."""
    return split_message(content)[0]


def _text(content: bytes, section: Section) -> bytes:
    if not section.text:
        return content
    block = header(content)
    if section.text == "HEADER":
        return block
    if section.text == "TEXT":
        return content[len(block) :]
    return _fields(block, section)


def _fields(block: bytes, section: Section) -> bytes:
    """The fields of these names (or all others), and an empty line."""
    names = {name.lower() for name in section.fields}
    wanted = section.text == "HEADER.FIELDS"
    fields = (match for match in _FIELD.finditer(block) if (match[1].lower() in names) is wanted)
    return b"".join(match[0] for match in fields) + b"\r\n"
