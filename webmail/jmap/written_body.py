"""The body of a message that a client makes: a tree of parts, or texts and attachments (RFC 8621 §4.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mailsuite.protocol import fields
from mailsuite.protocol.compose import MEDIA_TYPE
from mailsuite.protocol.layout import Leaf, Multi
from webmail.jmap import blobs, limits
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError
from webmail.jmap.written_header import Header

PART = frozenset("partId blobId size name type charset disposition cid language location subParts".split())
SHORT = ("bodyStructure", "textBody", "htmlBody", "attachments")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,100}")
MOST_PARTS = 1_000
SHARE = 0.72  # base64 makes three bytes into four, and a line end for each 57


@dataclass
class Body:
    """Reads the body properties of one Email; `left` are the bytes of files that may still come into it."""

    context: Context
    wanted: Json
    values: Json = field(default_factory=dict)
    left: int = 0
    parts: int = 0
    flowed: bool = False  # the lines of plain text are paragraphs
    missing: list[str] = field(default_factory=list)
    reader: blobs.Reader = field(init=False)

    def read(self) -> Leaf | Multi:
        """The tree. Raises SetError."""
        self.reader = blobs.Reader(self.context.account, self.context.spend)
        self.left = int(limits.upload_bytes() * SHARE)
        self.values = self._values(self.wanted.get("bodyValues"))
        structure = self.wanted.get("bodyStructure")
        if structure is not None and any(self.wanted.get(name) is not None for name in SHORT[1:]):
            raise _invalid("bodyStructure", "Either bodyStructure, or textBody, htmlBody and attachments.")
        tree = self._node(structure, "bodyStructure") if structure is not None else self._usual()
        if self.missing:
            raise SetError("blobNotFound", "A blob is not there.", notFound=self.missing)
        return tree

    def _values(self, value: Any) -> Json:
        value = {} if value is None else value
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise _invalid("bodyValues", "bodyValues maps part ids to values.")
        for one in value.values():
            flags = (one.get("isEncodingProblem"), one.get("isTruncated"))
            if one.keys() - {"value", "isEncodingProblem", "isTruncated"} or not isinstance(one.get("value"), str) or any(flags):
                raise _invalid("bodyValues", "A value is a string, neither truncated nor of unknown encoding.")
        return value

    def _usual(self) -> Leaf | Multi:
        """Texts, with the images that the HTML shows beside it, and files below."""
        text, html = self._one("textBody", "text/plain"), self._one("htmlBody", "text/html")
        files = [self._node(one, "attachments") for one in self._list("attachments")]
        shown = [one for one in files if html and isinstance(one, Leaf) and one.content_id and one.disposition == "inline"]
        if html and shown:
            html = Multi("related", [html, *shown])
        texts = [one for one in (text, html) if one] or [Leaf("text/plain", "")]
        body = texts[0] if len(texts) == 1 else Multi("alternative", texts)
        rest = [one for one in files if one not in shown]
        return Multi("mixed", [body, *rest]) if rest else body

    def _list(self, name: str) -> list[Any]:
        value = self.wanted.get(name)
        if value is not None and not isinstance(value, list):
            raise _invalid(name, f"{name} is a list of parts.")
        return value or []

    def _one(self, name: str, media_type: str) -> Leaf | Multi | None:
        found = self._list(name)
        if not found:
            return None
        if len(found) > 1:
            raise _invalid(name, f"{name} is one part, of the type {media_type}.")
        node = self._node({"type": media_type} | found[0] if isinstance(found[0], dict) else found[0], name)
        if not isinstance(node, Leaf) or node.media_type != media_type:
            raise _invalid(name, f"{name} is of the type {media_type}.")
        return node

    # --- parts ---

    def _node(self, part: Any, about: str) -> Leaf | Multi:
        self.parts += 1
        if not isinstance(part, dict) or self.parts > MOST_PARTS:
            raise _invalid(about, f"A body has parts, at most {MOST_PARTS}.")
        media_type = self._type(part, about)
        more = _fields(part, about)
        if media_type.startswith("multipart/"):
            return self._multi(part, media_type.removeprefix("multipart/"), more, about)
        if part.get("subParts"):
            raise _invalid(about, f"{media_type} has no parts.")
        values = {name: _text(part, name, about) for name in ("charset", "disposition", "name", "cid")}
        if values["cid"] and not fields.message_id(values["cid"]):
            raise _invalid(about, "cid is no content id.")
        if not all(not values[name] or TOKEN.fullmatch(values[name]) for name in ("charset", "disposition")):
            raise _invalid(about, "charset and disposition are words.")
        content = self._content(part, media_type, about)
        flowed = self.flowed and media_type == "text/plain" and isinstance(content, str)
        return Leaf(
            media_type, content, values["charset"], values["disposition"].lower(), values["name"], values["cid"], more, flowed
        )

    def _multi(self, part: Json, subtype: str, more: list[bytes], about: str) -> Multi:
        below = part.get("subParts")
        if not isinstance(below, list) or not below or part.get("partId") is not None or part.get("blobId") is not None:
            raise _invalid(about, "A multipart has subParts and no content of its own.")
        return Multi(subtype, [self._node(one, about) for one in below], more)

    def _type(self, part: Json, about: str) -> str:
        value = _text(part, "type", about).lower()
        if not value:
            leaf = "application/octet-stream" if part.get("blobId") else "text/plain"
            return "multipart/mixed" if part.get("subParts") else leaf
        if not MEDIA_TYPE.fullmatch(value):
            raise _invalid(about, f"{value[:100]} is no media type.")
        return value

    def _content(self, part: Json, media_type: str, about: str) -> str | bytes:
        part_id, blob_id = part.get("partId"), part.get("blobId")
        if (part_id is None) == (blob_id is None):
            raise _invalid(about, "A part has either a partId or a blobId.")
        if part_id is None:
            return self._blob(blob_id)
        if not media_type.startswith("text/") or part.get("charset") is not None or part.get("size") is not None:
            raise _invalid(about, "A partId is for text; its charset and size follow from its value.")
        if not isinstance(part_id, str) or part_id not in self.values:
            raise _invalid("bodyValues", f"There is no value for the part {str(part_id)[:100]}.")
        return str(self.values[part_id]["value"])

    def _blob(self, blob_id: Any) -> bytes:
        content = self.reader.open(blob_id)
        if content is None:
            self.missing.append(str(blob_id)[:255])
            return b""
        self.left -= len(content)
        if self.left < 0:
            raise SetError("tooLarge", "The files are larger than a message may be.", maxSize=limits.upload_bytes())
        return content


def _fields(part: Json, about: str) -> list[bytes]:
    """The part's further header fields."""
    if "headers" in part:
        raise _invalid(about, "Header fields are named one by one, as header:Name.")
    header = Header()
    header.take({name: value for name, value in part.items() if name not in PART}, inside=True)
    languages = part.get("language")
    if languages is not None:
        if not isinstance(languages, list) or not all(isinstance(one, str) and TOKEN.fullmatch(one) for one in languages):
            raise _invalid(about, "language is a list of language tags.")
        if languages:
            header.add("Content-Language", ", ".join(languages[:20]))
    if location := _text(part, "location", about):
        header.add("Content-Location", location[:2_000])
    return header.lines()


def _text(part: Json, name: str, about: str) -> str:
    value = part.get(name)
    if value is not None and not isinstance(value, str):
        raise _invalid(about, f"{name} is a string.")
    return value or ""


def _invalid(name: str, sentence: str) -> SetError:
    return SetError("invalidProperties", sentence, properties=[name])
