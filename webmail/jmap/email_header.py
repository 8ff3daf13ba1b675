"""Header fields in the forms that a client can ask for: `header:List-Post:asURLs:all` and its like (RFC 8621 §4.1.2, §4.1.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mailsuite.protocol import dates, header
from mailsuite.protocol.address import Mailbox, mailboxes
from mailsuite.protocol.address_list import entries
from mailsuite.protocol.charset import to_text
from mailsuite.protocol.header import Field

NAME = re.compile(r"[!-9;-~]{1,200}")
BRACKETED = re.compile(r"<([^<>]{1,2000})>")
ADDRESSES = "from sender reply-to to cc bcc".split()
IDS = "message-id in-reply-to references".split()
URLS = "list-help list-unsubscribe list-subscribe list-post list-owner list-archive".split()

# The one parsed form that a field of RFC 5322 or RFC 2369 may be asked in; all other fields may be asked in every form.
FORMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("subject", "comments", "keywords", "list-id"), ("asText",)),
    **dict.fromkeys((*ADDRESSES, *(f"resent-{name}" for name in ADDRESSES)), ("asAddresses", "asGroupedAddresses")),
    **dict.fromkeys((*IDS, "resent-message-id"), ("asMessageIds",)),
    **dict.fromkeys(("date", "resent-date"), ("asDate",)),
    **dict.fromkeys(URLS, ("asURLs",)),
    **dict.fromkeys(("return-path", "received"), ()),
}


class Asked(NamedTuple):
    """A property `header:…`."""

    name: str  # of the field, in lower case
    form: str
    all: bool


class Fields(NamedTuple):
    """The header of a message or a part. `block` is what the fields' offsets count in."""

    block: bytes
    fields: Sequence[Field]


@lru_cache(maxsize=512)
def parse(name: str) -> Asked | None:
    """What a property that begins with `header:` asks for; None where that is nothing that may be asked."""
    prefix, _, rest = name.partition(":")
    field, *marks = rest.split(":")
    every = marks[-1:] == ["all"]
    marks = marks[:-1] if every else marks
    if prefix != "header" or not NAME.fullmatch(field) or len(marks) > 1:
        return None
    form = marks[0] if marks else "asRaw"
    allowed = FORMS.get(field.lower(), tuple(_FORMS))
    return Asked(field.lower(), form, every) if form == "asRaw" or (form in _FORMS and form in allowed) else None


def value(asked: Asked, found: Fields) -> Any:
    """The property's value: of the last such field, or a list of all; None where there is none."""
    form = _FORMS[asked.form]
    there = [field.raw_value for field in found.fields if field.name == asked.name]
    if asked.all:
        return [form(raw) for raw in there]
    return form(there[-1]) if there else None


def listed(found: Fields) -> list[dict[str, str]]:
    """`headers`: every field in Raw form, in the order of the message."""
    return [{"name": _written(found.block, field), "value": raw_text(field.raw_value)} for field in found.fields]


def _written(block: bytes, field: Field) -> str:
    line = block[field.start : field.end]
    return line[: line.index(b":")].rstrip(b" \t").decode("latin-1")


# --- forms (RFC 8621 §4.1.2) ---


def raw_text(raw: bytes) -> str:
    """§4.1.2.1: folds and all; NUL goes, and what is no UTF-8 becomes a mark."""
    return raw.decode("utf-8", "replace").replace("\0", "")


def text(raw: bytes) -> str:
    """§4.1.2.2."""
    return unicodedata.normalize("NFC", header.decode(raw))


def person(one: Sequence[str]) -> dict[str, str | None]:
    """An EmailAddress of (name, address, …)."""
    return {"name": one[0] or None, "email": one[1]}


def addresses(raw: bytes) -> list[dict[str, str | None]]:
    """§4.1.2.3."""
    return [person(one) for one in mailboxes(entries(raw))]


def grouped(raw: bytes) -> list[dict[str, Any]]:
    """§4.1.2.4: those outside of a group are in one without a name, as long as they stand together."""
    found: list[dict[str, Any]] = []
    outside = True
    for entry in entries(raw):
        if entry.domain is None:
            outside = entry.local is None
            if not outside:
                found.append({"name": header.decode(entry.local or b""), "addresses": []})
            continue
        if outside and (not found or found[-1]["name"] is not None):
            found.append({"name": None, "addresses": []})
        found[-1]["addresses"] += _persons(mailboxes([entry]))
    return found


def _persons(found: Iterable[Mailbox]) -> list[dict[str, str | None]]:
    return [person(one) for one in found]


def message_ids(raw: bytes) -> list[str] | None:
    """§4.1.2.5."""
    return header.message_ids(raw) or None


def date(raw: bytes) -> str | None:
    """§4.1.2.6: at the sender's own offset."""
    moment = dates.zoned(raw[:1000].decode("latin-1"))
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def urls(raw: bytes) -> list[str] | None:
    """§4.1.2.7: what stands in angle brackets, without the blanks that folding left in it."""
    return ["".join(url.split()) for url in BRACKETED.findall(to_text(header.unfold(raw)))] or None


_FORMS: dict[str, Callable[[bytes], Any]] = {
    "asRaw": raw_text,
    "asText": text,
    "asAddresses": addresses,
    "asGroupedAddresses": grouped,
    "asMessageIds": message_ids,
    "asDate": date,
    "asURLs": urls,
}
