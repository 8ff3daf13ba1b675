"""The tree of a MIME message with exact byte offsets (RFC 2045, RFC 2046), in one pass and with caps.

Every part knows where its header and body lie: content[part.body_start:part.end] is what IMAP's BODY[n] returns. Messages from
outside are hostile: nothing raises, nothing takes more than linear time, and what is over a cap stays one opaque part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailsuite.protocol import header, transfer
from mailsuite.protocol.charset import to_text
from mailsuite.protocol.part import Part, media_type

DEPTH_CAP = 50
PARTS_CAP = 1000
BOUNDARY_CAP = 1000  # octets; RFC 2046 allows 70, not every sender knows
LINE_CAP = BOUNDARY_CAP + 50  # a longer line is no delimiter

IDENTITY = {"7bit", "8bit", "binary"}  # RFC 2046 §5.2.1: all that a message/rfc822 may have
DASHES = re.compile(rb"\n--")  # a pattern goes from line to line with memchr: half the time of bytes.find
LONE_CR = re.compile("\r(?!\n)")  # few have one; the others' CRLF lose their CR in a third of the time that replacing both takes
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)


def scan(content: bytes) -> Part:
    """The tree of a message; offsets count from the start of `content`."""
    root = _Scanner(content).run()
    _settle(root, content)
    _number_message(root, "")
    return root


def walk(part: Part) -> Iterator[Part]:
    """The part and all parts below it, in the order of the message."""
    pending = [part]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(current.children))


def find(root: Part, number: str) -> Part | None:
    """The part that IMAP calls `number`, or None. "" is the root."""
    if not number:
        return root
    return next((part for part in walk(root) if part.number == number), None)


def section(root: Part, name: str) -> tuple[int, int] | None:
    """Offsets of what BODY[name] returns: "", "TEXT", "HEADER", "1.2", "1.2.MIME", "1.2.HEADER", "1.2.TEXT" (RFC 9051 §6.4.5.1).

    None where there is no such part, or where HEADER or TEXT is asked of a part that is no message.
    """
    number, _, last = name.upper().rpartition(".")
    if not last or last[:1].isdigit():
        part = find(root, name)
        return None if part is None else (part.body_start if name else part.header_start, part.end)
    part = find(root, number)
    if part is None or (last == "MIME" and not number):
        return None
    if last == "MIME":
        return part.header_start, part.body_start
    if number:
        if not part.is_message:
            return None
        part = part.children[0]
    return {"HEADER": (part.header_start, part.body_start), "TEXT": (part.body_start, part.end)}.get(last)


def part_bytes(content: bytes, part: Part) -> bytes:
    """The body as sent, transfer encoding included."""
    return content[part.body_start : part.end]


def decoded(content: bytes, part: Part) -> bytes:
    """The body with its transfer encoding undone; damaged encodings give what can be had. Never raises."""
    return transfer.decode(content[part.body_start : part.end], part.encoding)


def text(content: bytes, part: Part, most: int | None = None) -> str:
    """A text part as text, lines divided by \\n: declared charset, else UTF-8, else a guess. Never raises.

    `most` caps the encoded bytes that are looked at; the cut falls on a line end where there is one.
    """
    data = transfer.decode(_cut(content, part, most), part.encoding)
    label = part.parameters.get("charset", "")
    if not label and part.subtype == "html" and (found := META_CHARSET.search(data[:2048])):
        label = found[1].decode("ascii", "replace")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            data, label = (data[3:] if name == "utf-8" else data), name
    plain = to_text(data, label)
    return LONE_CR.sub("\n", plain).replace("\r", "") if "\r" in plain else plain


def _cut(content: bytes, part: Part, most: int | None) -> bytes:
    end = part.end
    if most is not None and part.size > most:
        end = content.rfind(b"\n", part.body_start, part.body_start + most) + 1 or part.body_start + most
    return content[part.body_start : end]


class _Scanner:
    """Goes from delimiter to delimiter with a stack of open parts; every byte is looked at a fixed number of times."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.stack: list[Part] = []
        self.boundaries: dict[bytes, list[int]] = {}  # boundary -> depths of the open multiparts it divides, innermost last
        self.count = 0
        self.position = 0  # where the next delimiter is looked for: the start of a line
        self.empty_line = -1  # end of the next empty line, as far as known

    def run(self) -> Part:
        root = self._open(None, 0)
        while self.boundaries and self.count < PARTS_CAP:
            delimiter = self._delimiter(self.position, len(self.content))
            if delimiter is None:
                break
            self._pass(*delimiter)
        self._close_to(0, len(self.content))
        return root

    def _pass(self, line: int, after: int, boundary: bytes, closing: bool) -> None:
        """At a delimiter line: what is open below its multipart ends, and a new part begins, or the multipart is over."""
        depth = self.boundaries[boundary][-1]
        self._close_to(depth + 1, self._line_end_before(line))
        self.position = after
        if closing:
            self._forget(boundary)
        else:
            self._open(self.stack[depth], after)

    def _delimiter(self, start: int, end: int) -> tuple[int, int, bytes, bool] | None:
        """The first delimiter of an open multipart that begins in content[start:end]: line, line after, boundary, closing."""
        content = self.content
        for found in DASHES.finditer(content, max(start - 1, 0), end + 2):
            dashes = found.start()
            line_end = content.find(b"\n", dashes + 3, dashes + LINE_CAP)
            if line_end < 0 and len(content) - dashes < LINE_CAP:
                line_end = len(content)
            if line_end >= 0:
                name = content[dashes + 3 : line_end].rstrip(b" \t\r")
                if name in self.boundaries:
                    return dashes + 1, min(line_end + 1, len(content)), name, False
                # RFC 2046 §5.1.1: white space may follow, other text makes it another line.
                if name.endswith(b"--") and name[:-2].rstrip(b" \t") in self.boundaries:
                    return dashes + 1, min(line_end + 1, len(content)), name[:-2].rstrip(b" \t"), True
        return None

    def _open(self, parent: Part | None, start: int) -> Part:
        """Reads a part's header and puts it on the stack; a message/rfc822 opens the message in it as well."""
        body_start = self._body_start(start)
        part = self._part(parent, start, body_start)
        if parent is not None:
            parent.children.append(part)
        self.count += 1
        self.stack.append(part)
        self.position = body_start
        if part.type == "multipart":
            self._enter_multipart(part)
        elif self._holds_message(part):
            self._open(part, body_start)
        return part

    def _holds_message(self, part: Part) -> bool:
        if len(self.stack) >= DEPTH_CAP or self.count >= PARTS_CAP:
            return False
        return part.type == "message" and part.subtype in ("rfc822", "global") and part.encoding in IDENTITY

    def _part(self, parent: Part | None, start: int, body_start: int) -> Part:
        fields = header.fields(self.content[start:body_start])
        values = header.first_values(fields)
        digest = parent is not None and parent.type == "multipart" and parent.subtype == "digest"
        kind, subtype, pairs = media_type(values.get("content-type"), default_message=digest)  # RFC 2046 §5.1.5
        return Part(kind, subtype, pairs, fields, values, start, body_start)

    def _enter_multipart(self, part: Part) -> None:
        plain = next((value for name, value in part.raw_parameters if name == "boundary"), b"")
        boundary = plain or part.parameters.get("boundary", "").encode()  # RFC 2231 sections, of all things
        boundary = boundary.rstrip(b" \t")
        if len(self.stack) >= DEPTH_CAP:
            part.type, part.subtype = "application", "octet-stream"
        elif 0 < len(boundary) <= BOUNDARY_CAP:
            self.boundaries.setdefault(boundary, []).append(len(self.stack) - 1)
            part.boundary = boundary

    def _body_start(self, start: int) -> int:
        """Behind the empty line that ends a header; a delimiter ends it too."""
        if not header.begins_with_field(self.content, start, len(self.content)):
            return header.after_empty_line(self.content, start)
        end = self._empty_line_after(start)
        if self.boundaries and (delimiter := self._delimiter(start, end)) is not None:
            return min(delimiter[0], end)
        return end

    def _empty_line_after(self, start: int) -> int:
        """The end of the first empty line at or after `start`; remembered, for the sake of headers that never end."""
        if self.empty_line <= start:
            found = header.EMPTY_LINE.search(self.content, max(start - 1, 0))
            self.empty_line = found.end() if found else len(self.content)
        return self.empty_line

    def _close_to(self, depth: int, end: int) -> None:
        while len(self.stack) > depth:
            part = self.stack.pop()
            end = part.end = max(end, part.body_start)  # a part that ends within its header takes its parents along
            if part.boundary and self.boundaries.get(part.boundary, [])[-1:] == [len(self.stack)]:
                self._forget(part.boundary)

    def _forget(self, boundary: bytes) -> None:
        depths = self.boundaries[boundary]
        depths.pop()
        if not depths:
            del self.boundaries[boundary]

    def _line_end_before(self, line: int) -> int:
        """RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter."""
        end = line - 1
        return end - 1 if end > 0 and self.content[end - 1] == 13 else end


def _settle(root: Part, content: bytes) -> None:
    """What can be said only when all is seen: which multiparts have parts, and how many lines a body has."""
    for part in walk(root):
        if part.type == "multipart" and not part.children:
            # Its text would be shown to nobody: a multipart in which no delimiter stands is plain text.
            part.type, part.subtype, part.raw_parameters = "text", "plain", []
        if part.type in ("text", "message"):
            part.lines = content.count(b"\n", part.body_start, part.end)
            if part.end > part.body_start and content[part.end - 1] != 10:
                part.lines += 1


def _number_message(root: Part, prefix: str) -> None:
    """RFC 9051 §6.4.5.1: a message that is no multipart has one part, 1."""
    if root.is_multipart:
        _number_part(root, prefix)
    else:
        _number_part(root, f"{prefix}.1" if prefix else "1")


def _number_part(part: Part, number: str) -> None:
    part.number = number
    if part.is_message:
        _number_message(part.children[0], number)
    elif part.children:
        for index, child in enumerate(part.children, 1):
            _number_part(child, f"{number}.{index}" if number else str(index))
