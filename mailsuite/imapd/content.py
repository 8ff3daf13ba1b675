"""A message's octets for FETCH: read and parsed at most once, cut, decoded, and sent in pieces where they are many."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mailsuite.blobs import store as blobs
from mailsuite.mailstore.selected import Bytes
from mailsuite.protocol import mime
from mailsuite.protocol.imap import binary, responses
from mailsuite.protocol.imap.bodystructure import body
from mailsuite.protocol.imap.fetch import Item, Section
from mailsuite.protocol.imap.section import cut, cut_pieces, cut_size, extract, header, span

BUDGET = 1_048_576  # octets of bodies in one crossing; a message above it goes alone, and in pieces
HEADERS = 1_048_576  # octets of a large message in which its header is looked for
STEP = 262_144  # octets of a large section that are sent at a time

Piece = bytes | Iterator[bytes]
HEADER = Section(text="HEADER")


class Content:
    """Reads only as far as the items need. `item` raises OSError or `zstandard.ZstdError` where the content is lost."""

    def __init__(self, message: Bytes, items: Sequence[Item]) -> None:
        self._message = message
        self._trace = bytes(message.trace)
        needed = [item for item in items if item.needs_content]
        self._header_only = all(item.section and item.section.header_only for item in needed)
        self._size = len(self._trace) + message.blob.size
        # Two hundred sections of a large message, each nearly the whole of it, must not be in memory at once.
        self._one_by_one = self._size * len(needed) > BUDGET
        self._octets: bytes | None = None
        self._tree: mime.Part | None = None

    def item(self, item: Item) -> list[Piece]:
        """The item's value. Raises binary.UnknownEncoding."""
        section = item.section
        if section is None:
            return [body(self._parsed())]
        if item.name.startswith("BINARY") and section.part:
            return self._decoded(item, section)
        if item.name == "BINARY.SIZE":
            return [b"%d" % self._size]
        if not section.part and not section.text.startswith("HEADER") and self._size > BUDGET:
            return self._streamed(item, section)
        self._read()  # now: that it cannot be read must be known before anything of it is sent
        return [self._later(item, section)] if self._one_by_one else [self._section(item, section)]

    # -- sections --

    def _section(self, item: Item, section: Section) -> bytes:
        octets = extract(self._read(), section, self._parsed() if section.part else None)
        return b"NIL" if octets is None else responses.literal(cut(octets, item.partial))

    def _later(self, item: Item, section: Section) -> Iterator[bytes]:
        where = span(self._read(), section, self._parsed()) if section.part else None
        if where is None or section.fields:
            yield self._section(item, section)
            return
        size = cut_size(where[1] - where[0], item.partial)
        start = where[0] + (item.partial[0] if item.partial else 0)
        yield b"{%d}\r\n" % size
        yield from (self._read()[at : min(at + STEP, start + size)] for at in range(start, start + size, STEP))

    def _streamed(self, item: Item, section: Section) -> list[Piece]:
        """The whole message, or its text, never in memory as a whole."""
        before = len(header(self._begin())) if section.text else 0
        first, most = item.partial or (0, self._size)
        size = cut_size(self._size - before, item.partial)
        return [b"{%d}\r\n" % size, cut_pieces(self._stream(), (before + first, most)) if size else iter(())]

    def _stream(self) -> Iterator[bytes]:
        pieces = blobs.stream(self._message.blob)
        # Its first piece now: that it cannot be read must be known before anything of it is sent.
        return itertools.chain([self._trace, next(pieces, b"")], pieces)

    # -- decoded --

    def _decoded(self, item: Item, section: Section) -> list[Piece]:
        part = mime.find(self._parsed(), section.part)
        if part is None:  # RFC 9051 §6.4.5: the size is that of what BINARY would give
            return [b"0" if item.name == "BINARY.SIZE" else b"NIL"]
        if item.name == "BINARY.SIZE":
            return [b"%d" % binary.measure(binary.pieces(self._read(), part))[0]]
        if self._one_by_one:
            return [self._decoded_later(item, part, binary.pieces(self._read(), part))]
        octets = cut(b"".join(binary.pieces(self._read(), part)), item.partial)
        return [binary.announcement(len(octets), nul=b"\0" in octets) + octets]

    def _decoded_later(self, item: Item, part: mime.Part, found: Iterator[bytes]) -> Iterator[bytes]:
        """Decoded twice, for its size goes first; that costs less than keeping it."""
        size, nul = binary.measure(cut_pieces(found, item.partial))
        yield binary.announcement(size, nul=nul)
        yield from cut_pieces(binary.pieces(self._read(), part), item.partial)

    # -- what they are made from --

    def _parsed(self) -> mime.Part:
        if self._tree is None:
            self._tree = mime.scan(self._read())
        return self._tree

    def _read(self) -> bytes:
        if self._octets is None:
            self._octets = self._begin() if self._header_only else self._trace + blobs.read(self._message.blob)
        return self._octets

    def _begin(self) -> bytes:
        """As much of the message as has its header, whole where it is small."""
        return self._trace + blobs.read_range(self._message.blob, 0, HEADERS)
