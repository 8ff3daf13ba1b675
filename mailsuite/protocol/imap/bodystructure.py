"""BODY and BODYSTRUCTURE as they go over the wire (RFC 9051 §7.5.2)."""

from __future__ import annotations

from collections.abc import Sequence

from mailsuite.protocol import parameters
from mailsuite.protocol.header import unfold
from mailsuite.protocol.imap.envelope import envelope
from mailsuite.protocol.imap.strings import nstring, string
from mailsuite.protocol.part import Part

# A message/rfc822 whose inside was not scanned (in base64, or past a cap) must still have an envelope and a body.
UNKNOWN_INSIDE = b'(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 0 0'
NO_EXTENSION = b" NIL NIL NIL NIL"


def bodystructure(part: Part) -> bytes:
    """BODYSTRUCTURE: with the extension data."""
    return _body(part, extended=True)


def body(part: Part) -> bytes:
    """BODY: without the extension data."""
    return _body(part, extended=False)


def _body(part: Part, *, extended: bool) -> bytes:
    if part.is_multipart:
        parts = b"".join(_body(child, extended=extended) for child in part.children)
        return b"(%b %b%b)" % (parts, string(part.subtype.encode()), _multipart_extension(part) if extended else b"")
    return b"(%b%b%b)" % (_fields(part), _by_type(part, extended=extended), _leaf_extension(part) if extended else b"")


def _fields(part: Part) -> bytes:
    """body-fields, with the type before them."""
    values = part.values
    pairs = part.raw_parameters
    if part.type == "text" and not any(name == "charset" or name.startswith("charset*") for name, _ in pairs):
        pairs = [("charset", b"us-ascii"), *pairs]  # RFC 2045 §5.2: the default, said aloud
    # RFC 3501 knows an envelope only for message/rfc822, RFC 9051 for message/global too: as rfc822 both can read it.
    subtype = b"rfc822" if part.type == "message" and part.subtype == "global" else part.subtype.encode()
    return b"%b %b %b %b %b %b %d" % (
        string(part.type.encode()),
        string(subtype),
        _parameters(pairs),
        _field(values, "content-id"),
        _field(values, "content-description"),
        string(part.encoding.encode()),
        part.size,
    )


def _by_type(part: Part, *, extended: bool) -> bytes:
    if part.type == "text":
        return b" %d" % part.lines
    if part.type == "message" and part.subtype in ("rfc822", "global"):
        if part.is_message:
            inner = part.children[0]
            return b" %b %b %d" % (envelope(inner.values), _body(inner, extended=extended), part.lines)
        return b" %b%b) %d" % (UNKNOWN_INSIDE, NO_EXTENSION if extended else b"", part.lines)
    return b""


def _leaf_extension(part: Part) -> bytes:
    return b" %b%b" % (_field(part.values, "content-md5"), _common_extension(part))


def _multipart_extension(part: Part) -> bytes:
    return b" %b%b" % (_parameters(part.raw_parameters), _common_extension(part))


def _common_extension(part: Part) -> bytes:
    values = part.values
    return b" %b %b %b" % (
        _disposition(values.get("content-disposition")),
        _languages(values.get("content-language")),
        _field(values, "content-location"),
    )


def _disposition(raw: bytes | None) -> bytes:
    if raw is None:
        return b"NIL"
    value, pairs = parameters.parse(raw)
    return b"(%b %b)" % (string(value), _parameters(pairs)) if value else b"NIL"


def _languages(raw: bytes | None) -> bytes:
    languages = [word.strip() for word in unfold(raw).split(b",")[:50]] if raw else []
    tags = [string(word) for word in languages if word]
    if len(tags) < 2:
        return tags[0] if tags else b"NIL"
    return b"(%b)" % b" ".join(tags)


def _parameters(pairs: Sequence[tuple[str, bytes]]) -> bytes:
    if not pairs:
        return b"NIL"
    return b"(%b)" % b" ".join(b"%b %b" % (string(name.encode("latin-1")), string(value)) for name, value in pairs)


def _field(values: dict[str, bytes], name: str) -> bytes:
    raw = values.get(name)
    return nstring(unfold(raw)) if raw is not None else b"NIL"
