"""ENVELOPE as it goes over the wire (RFC 9051 §7.5.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailsuite.protocol.address_list import Entry, entries
from mailsuite.protocol.header import unfold
from mailsuite.protocol.imap.strings import nstring

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
