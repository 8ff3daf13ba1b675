"""Builds a message whose author laid out its header fields and its tree of parts, as JMAP's clients do (RFC 8621 §4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailsuite.protocol import compose, fields, flowed
from mailsuite.protocol.compose import Attachment, Entity


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part with content: text, which is written in UTF-8, or bytes, which stay what they are."""

    media_type: str  # in lower case
    content: str | bytes
    charset: str = ""  # of bytes, as their author names it
    disposition: str = ""
    name: str = ""
    content_id: str = ""  # without < >
    fields: Sequence[bytes] = ()  # further ones, as `protocol.fields` writes them
    flowed: bool = False  # text whose lines are paragraphs, which are broken for the way (RFC 3676)


@dataclass(frozen=True, slots=True)
class Multi:
    """A multipart."""

    subtype: str
    parts: Sequence[Leaf | Multi]
    fields: Sequence[bytes] = ()


def build(lines: Sequence[bytes], body: Leaf | Multi, message_id: str) -> bytes:
    """The whole message with CRLF line ends. lines: its header, as `protocol.fields` writes fields; from message_id (without
    < >) the boundaries follow, so that the same letter has the same bytes."""
    return b"".join([*lines, b"MIME-Version: 1.0\r\n", _entity(body, message_id).octets])


def _entity(node: Leaf | Multi, message_id: str) -> Entity:
    if isinstance(node, Multi):
        more = [("type", _media_type(node.parts[0]))] if node.subtype == "related" and node.parts else []  # RFC 2387 §3.1
        entity = compose.multipart(message_id, node.subtype, [_entity(one, message_id) for one in node.parts], more)
    elif isinstance(node.content, str):
        entity = _text(node, node.content)
    else:
        entity = _bytes(node, node.content)
    return replace(entity, header=entity.header + b"".join(node.fields))


def _media_type(node: Leaf | Multi) -> str:
    return f"multipart/{node.subtype}" if isinstance(node, Multi) else node.media_type


def _text(leaf: Leaf, text: str) -> Entity:
    lines = compose.lines_of(text)
    encoding, body = compose.encoded_text((flowed.broken(lines) if leaf.flowed else lines).encode("utf-8", "replace"))
    header = _type(leaf, "utf-8") + _described(leaf) + f"Content-Transfer-Encoding: {encoding}\r\n".encode()
    return Entity(header, body)


def _bytes(leaf: Leaf, content: bytes) -> Entity:
    if leaf.media_type == "message/rfc822":
        if whole := compose.message_entity(Attachment(leaf.name, leaf.media_type, content)):
            return whole
        leaf = replace(leaf, media_type="application/octet-stream")
    header = _type(leaf, leaf.charset) + _described(leaf) + b"Content-Transfer-Encoding: base64\r\n"
    return Entity(header, compose.base64_lines(content))


def _type(leaf: Leaf, charset: str) -> bytes:
    parameters = [("charset", charset)] if charset else []
    parameters += [("format", "flowed")] if leaf.flowed else []
    if leaf.name and not leaf.disposition:
        parameters.append(("name", leaf.name))
    return fields.parameterised("Content-Type", leaf.media_type, parameters)


def _described(leaf: Leaf) -> bytes:
    found = compose.disposition_field(leaf.disposition, leaf.name) if leaf.disposition else b""
    return found + fields.ids("Content-ID", [leaf.content_id])
