"""ENVELOPE as it goes over the wire (RFC 9051 §7.5.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mailsuite.protocol.address_list import ESCAPE, Entry, entries
from mailsuite.protocol.charset import to_text
from mailsuite.protocol.header import unfold
from mailsuite.protocol.imap.strings import nstring

TOKEN = re.compile(rb'NIL|"((?:[^"\\]|\\.)*+)"|\{(\d{1,9})\}\r\n|[() ]', re.S)
ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")


def envelope(values: Mapping[str, bytes], lists: Mapping[str, Sequence[Entry]] | None = None) -> bytes:
    """The envelope of a message from its fields (`Part.values`); `lists` are its address fields where already taken apart.

    Encoded words stay encoded. Sender and Reply-To fall back to From, as the RFC demands.
    """
    if lists is None:
        lists = {name: entries(values[name]) for name in ADDRESS_FIELDS if name in values}
    author = addresses(lists.get("from", ()))
    people = [author]
    for name in ADDRESS_FIELDS[1:]:
        there = addresses(lists.get(name, ()))
        people.append(author if there == b"NIL" and name in ("sender", "reply-to") else there)
    return b"(%b %b %b %b %b)" % (
        _text(values, "date"),
        _text(values, "subject"),
        b" ".join(people),
        _text(values, "in-reply-to"),
        _text(values, "message-id"),
    )


def _text(values: Mapping[str, bytes], name: str) -> bytes:
    raw = values.get(name)
    return b"NIL" if raw is None else nstring(unfold(raw))


def addresses(found: Sequence[Entry]) -> bytes:
    """An address list, or NIL where it is empty."""
    return b"(" + b"".join(map(_address, found)) + b")" if found else b"NIL"


def _address(entry: Entry) -> bytes:
    """name, source route (always NIL), mailbox, host: a NIL host begins a group, and with a NIL mailbox ends it."""
    name, local, domain = entry
    return b"(%b NIL %b %b)" % (nstring(unfold(name) or None), nstring(local), nstring(domain))


def first_mailbox(wire: bytes, field: str) -> str:
    """The addr-mailbox of the first address in a field of what `envelope` wrote: the name of a group, where one begins it."""
    wanted, depth, position = ADDRESS_FIELDS.index(field), 0, 0
    at = -3  # the field we stand in: date and subject come before the address lists
    words: list[str] = []
    while at <= wanted and len(words) < 3 and (token := TOKEN.match(wire, position)):
        position, value = token.end(), token[1] or b""
        if token[2]:
            value, position = wire[position : position + int(token[2])], position + int(token[2])
        depth += (token[0] == b"(") - (token[0] == b")")
        if token[0] not in (b" ", b")"):
            at += depth == (2 if token[0] == b"(" else 1)
            if at == wanted and depth == 3 and token[0] != b"(":
                words.append(to_text(ESCAPE.sub(rb"\1", value)))
    return words[2] if len(words) == 3 else ""


class Texts(NamedTuple):
    """What stands in an envelope beside its addresses: field values on one line, None for fields that are not there."""

    date: bytes | None
    subject: bytes | None
    in_reply_to: bytes | None
    message_id: bytes | None


def texts(wire: bytes) -> Texts:
    """The texts of what `envelope` wrote."""
    found: list[bytes | None] = []
    depth = position = 0
    while token := TOKEN.match(wire, position):
        position = token.end()
        value = token[1]
        if token[2]:
            value, position = wire[position : position + int(token[2])], position + int(token[2])
        elif value and b"\\" in value:
            value = ESCAPE.sub(rb"\1", value)
        depth += (token[0] == b"(") - (token[0] == b")")
        if depth == 1 and token[0] not in b"() ":
            found.append(value)
        elif depth == 1 and token[0] == b")":
            found.append(None)  # an address list
    date, subject, *_, in_reply_to, message_id = found if len(found) > 3 else (None,) * 4
    return Texts(date, subject, in_reply_to, message_id)
