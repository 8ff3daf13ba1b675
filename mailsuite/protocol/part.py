"""One part of a MIME message, as `mime.scan` finds it."""

from __future__ import annotations

import re
from functools import lru_cache

from mailsuite.protocol import header, parameters
from mailsuite.protocol.header import Field

MEDIA = re.compile(rb"([!#$%&'*+.^_`{|}~A-Za-z0-9-]{1,100})(?:\s*/\s*([!#$%&'*+.^_`{|}~A-Za-z0-9-]{1,100}))?(?=[\s;,]|\Z)")
ENCODING = re.compile(rb"[\w-]{1,40}")
SUBTYPES = {"text": "plain", "multipart": "mixed", "message": "rfc822"}

Pairs = list[tuple[str, bytes]]


class Part:
    """A body part: its type, and where it lies. Offsets count from the start of the content that was scanned.

    `number` is IMAP's ("1.2"); a multipart that is the whole body of a message has the number of that message, "" for the
    outermost. `children` are a multipart's parts, or the one message inside a message/rfc822. `lines` counts the lines of text
    and message bodies, a last one without line end included. `fields` have their offsets counted from `header_start`.
    """

    __slots__ = (
        "_disposition",
        "_encoding",
        "_parameters",
        "body_start",
        "boundary",
        "children",
        "end",
        "fields",
        "header_start",
        "lines",
        "number",
        "raw_parameters",
        "subtype",
        "type",
        "values",
    )

    def __init__(
        self, kind: str, subtype: str, pairs: Pairs, fields: list[Field], values: dict[str, bytes], start: int, body_start: int
    ) -> None:
        self.type, self.subtype = kind, subtype  # lower case
        self.raw_parameters = pairs  # of Content-Type, as they stand
        self.fields, self.values = fields, values  # values: first raw value by field name
        self.header_start, self.body_start, self.end = start, body_start, body_start
        self.number, self.lines, self.boundary = "", 0, b""
        self.children: list[Part] = []
        self._parameters: dict[str, str] | None = None
        self._disposition: tuple[str, dict[str, str]] | None = None
        self._encoding: str | None = None

    def __repr__(self) -> str:
        return f"<Part {self.number!r} {self.mime_type} {self.header_start}:{self.body_start}:{self.end}>"

    @property
    def mime_type(self) -> str:
        """type/subtype."""
        return f"{self.type}/{self.subtype}"

    @property
    def is_multipart(self) -> bool:
        """A multipart with parts; one without parts is no longer called so by `mime.scan`."""
        return self.type == "multipart"

    @property
    def is_message(self) -> bool:
        """A message/rfc822 (or global) whose inside was scanned; one in base64 or over the caps was not."""
        return self.type == "message" and bool(self.children)

    @property
    def size(self) -> int:
        """Octets of the body as sent, transfer encoding included."""
        return self.end - self.body_start

    @property
    def parameters(self) -> dict[str, str]:
        """Content-Type's parameters, decoded."""
        if self._parameters is None:
            self._parameters = parameters.decoded(self.raw_parameters) if self.raw_parameters else {}
        return self._parameters

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case, "7bit" where there is none."""
        if self._encoding is None:
            found = ENCODING.search(self.values.get("content-transfer-encoding", b""))
            self._encoding = found[0].decode("latin-1").lower() if found else "7bit"
        return self._encoding

    @property
    def disposition(self) -> str | None:
        """`inline`, `attachment` or what else stands there, in lower case."""
        return self.content_disposition()[0] or None

    @property
    def filename(self) -> str | None:
        """The name the sender gave, decoded but as sent: `attachments.display_name` makes it fit to show."""
        return self.content_disposition()[1].get("filename") or self.parameters.get("name") or None

    @property
    def content_id(self) -> str | None:
        """Content-ID without < >."""
        return self.field("content-id").strip("<> ") or None

    @property
    def description(self) -> str | None:
        """Content-Description."""
        return self.field("content-description") or None

    @property
    def flowed(self) -> tuple[bool, bool]:
        """Whether the text is format=flowed, and whether its DelSp is yes (RFC 3676 §4)."""
        found = self.parameters
        return found.get("format", "").lower() == "flowed", found.get("delsp", "").lower() == "yes"

    def field(self, name: str) -> str:
        """The first field of that name, decoded; "" where there is none."""
        raw = self.values.get(name)
        return header.decode(raw) if raw is not None else ""

    def content_disposition(self) -> tuple[str, dict[str, str]]:
        """Content-Disposition's value and parameters, decoded."""
        if self._disposition is None:
            raw = self.values.get("content-disposition")
            self._disposition = header.parameters(raw) if raw else ("", {})
        return self._disposition


def media_type(raw: bytes | None, *, default_message: bool = False) -> tuple[str, str, Pairs]:
    """Type, subtype and raw parameters of a Content-Type; what cannot be read is text/plain (RFC 2045 §5.2)."""
    if raw is None:
        return ("message", "rfc822", []) if default_message else ("text", "plain", [])
    kind, subtype, pairs = _media_type(raw) if len(raw) < 120 else _read_media_type(raw)
    return kind, subtype, list(pairs)


def _read_media_type(raw: bytes) -> tuple[str, str, tuple[tuple[str, bytes], ...]]:
    value, pairs = parameters.parse(raw)
    found = MEDIA.match(value)
    if not found:
        return "text", "plain", tuple(pairs)
    kind = found[1].decode("ascii")
    if found[2]:
        return kind, found[2].decode("ascii"), tuple(pairs)
    return (kind, SUBTYPES[kind], tuple(pairs)) if kind in SUBTYPES else ("text", "plain", tuple(pairs))


_media_type = lru_cache(maxsize=256)(_read_media_type)
