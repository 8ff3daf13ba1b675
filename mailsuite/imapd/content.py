"""A message's octets for FETCH: read and parsed at most once, cut, decoded, and sent in pieces where they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailsuite.blobs import store as blobs
from mailsuite.imapd.flow import Flow
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
    """Reads only as far as the items need. `item` raises OSError or `zstandard.ZstdError` where the content is lost.

    Of a message above the budget no more is held, while its client reads slowly, than a window of it and one open file.
    """

    def __init__(self, message: Bytes, items: Sequence[Item]) -> None:
        self._message = message
        self._trace = bytes(message.trace)
        needed = [item for item in items if item.needs_content]
        self._size = len(self._trace) + message.blob.size
        self._large = self._size > BUDGET
        # Two hundred sections of a message, each nearly the whole of it, must not be in memory at once.
        self._one_by_one = self._size * len(needed) > BUDGET
        self._flow = Flow(self._pieces, self._size)
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
        if section.header_only:
            return [responses.literal(cut(extract(self._beginning(), section) or b"", item.partial))]
        if not section.part and self._large:
            return self._streamed(item, section)
        self._parsed() if section.part else self._whole()  # now: that it cannot be read must be known before anything is sent
        return [self._later(item, section)] if self._one_by_one else [self._section(item, section)]

    # -- sections --

    def _section(self, item: Item, section: Section) -> bytes:
        octets = extract(self._whole(), section, self._parsed() if section.part else None)
        return b"NIL" if octets is None else responses.literal(cut(octets, item.partial))

    def _later(self, item: Item, section: Section) -> Iterator[bytes]:
        # Where the header of a message within the message ends only its octets tell.
        content = b"" if section.text in ("", "MIME") else self._whole()
        where = span(content, section, self._parsed()) if section.part else None
        if where is None or section.fields:
            yield self._section(item, section)
            return
        size = cut_size(where[1] - where[0], item.partial)
        yield b"{%d}\r\n" % size
        yield from self._from(where[0] + (item.partial[0] if item.partial else 0), size)

    def _streamed(self, item: Item, section: Section) -> list[Piece]:
        """The whole message, or its text, never in memory as a whole."""
        before = len(header(self._beginning())) if section.text else 0
        size = cut_size(self._size - before, item.partial)
        self._flow[before : before + 1]  # now: that it cannot be read must be known before anything of it is sent
        return [b"{%d}\r\n" % size, self._from(before + (item.partial[0] if item.partial else 0), size)]

    def _from(self, start: int, size: int) -> Iterator[bytes]:
        source = self._source()
        return (source[at : min(at + STEP, start + size)] for at in range(start, start + size, STEP))

    # -- decoded --

    def _decoded(self, item: Item, section: Section) -> list[Piece]:
        part = mime.find(self._parsed(), section.part)
        if part is None:  # RFC 9051 §6.4.5: the size is that of what BINARY would give
            return [b"0" if item.name == "BINARY.SIZE" else b"NIL"]
        found = binary.pieces(self._source(), part)
        if item.name == "BINARY.SIZE":
            return [b"%d" % binary.measure(found)[0]]
        if self._one_by_one:
            return [self._decoded_later(item, part, found)]
        octets = cut(b"".join(found), item.partial)
        return [binary.announcement(len(octets), nul=b"\0" in octets) + octets]

    def _decoded_later(self, item: Item, part: mime.Part, found: Iterator[bytes]) -> Iterator[bytes]:
        """Decoded twice, for its size goes first; that costs less than keeping it."""
        size, nul = binary.measure(cut_pieces(found, item.partial))
        yield binary.announcement(size, nul=nul)
        yield from cut_pieces(binary.pieces(self._source(), part), item.partial)

    # -- what they are made from --

    def _parsed(self) -> mime.Part:
        if self._tree is None:
            self._tree = mime.scan(self._whole())
        return self._tree

    def _source(self) -> bytes | Flow:
        return self._flow if self._large else self._whole()

    def _whole(self) -> bytes:
        """All octets; those of a large message are not kept."""
        if self._octets is not None:
            return self._octets
        octets = self._trace + blobs.read(self._message.blob)
        if not self._large:
            self._octets = octets
        return octets

    def _beginning(self) -> bytes:
        """As much of the message as has its header, whole where it is small."""
        if not self._large:
            return self._whole()
        return self._trace + blobs.read_range(self._message.blob, 0, HEADERS)

    def _pieces(self) -> Iterator[bytes]:
        yield self._trace
        for piece in blobs.stream(self._message.blob):
            yield from (piece[at : at + STEP] for at in range(0, len(piece), STEP))
