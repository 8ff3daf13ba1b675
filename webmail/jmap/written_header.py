"""The header of a message that a client makes: from properties such as `to` and `header:List-Id:asText` (RFC 8621 §4.1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from django.utils import timezone

from mailsuite.protocol import encoded_word, fields
from webmail.jmap.arguments import UTC_DATE
from webmail.jmap.email_header import FORMS
from webmail.jmap.errors import Json, SetError

CONVENIENT = {
    "from": ("From", "Addresses"),
    "sender": ("Sender", "Addresses"),
    "replyTo": ("Reply-To", "Addresses"),
    "to": ("To", "Addresses"),
    "cc": ("Cc", "Addresses"),
    "bcc": ("Bcc", "Addresses"),
    "subject": ("Subject", "Text"),
    "sentAt": ("Date", "Date"),
    "messageId": ("Message-ID", "MessageIds"),
    "inReplyTo": ("In-Reply-To", "MessageIds"),
    "references": ("References", "MessageIds"),
}
ORDER = [name.lower() for name, _ in CONVENIENT.values()]
ONCE = {*ORDER}  # RFC 5322 §3.6: at most one of each
PROPERTY = re.compile(r"header:([!-9;-~]{1,76})(?::as(Raw|Text|Addresses|GroupedAddresses|MessageIds|Date|URLs))?(:all)?")
MOST = 1_000  # people, ids or addresses in a field
PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


class Header:
    """Fields by name, each set once, with what each looks like on the wire."""

    def __init__(self) -> None:
        self._lines: dict[str, list[bytes]] = {}

    def take(self, properties: Mapping[str, Any], *, inside: bool = False) -> None:
        """Add what these properties say; `inside`: of a part, which has no convenient ones. Raises SetError."""
        for name, value in properties.items():
            field, form, several = _meant(name, inside=inside)
            if field.lower() in self._lines:
                raise _invalid(name, f"{field} is said twice.")
            if value is not None:
                self._lines[field.lower()] = _written(name, field, form, value, several=several)

    def has(self, field: str) -> bool:
        return bool(self._lines.get(field.lower()))

    def add(self, field: str, value: str) -> None:
        """A field of our own making."""
        self._lines[field.lower()] = [fields.unstructured(field, value)]

    def lines(self) -> list[bytes]:
        """All of them, in the usual order."""
        known = [name for name in ORDER if name in self._lines]
        return [line for name in [*known, *(self._lines.keys() - set(known))] for line in self._lines[name]]


def is_field(name: str) -> bool:
    """Is this property a header field?"""
    return name in CONVENIENT or name.startswith("header:")


def _meant(name: str, *, inside: bool) -> tuple[str, str, bool]:
    """(field, form, whether all of its instances are given)."""
    if name in CONVENIENT and not inside:
        return (*CONVENIENT[name], False)
    found = PROPERTY.fullmatch(name)
    if not found:
        raise _invalid(name, f"{name[:100]} is no property that can be set.")
    field, form, several = found[1], found[2] or "Raw", bool(found[3])
    if field.lower().startswith("content-") or field.lower() == "mime-version":
        raise _invalid(name, "What a part is, its properties say.")
    if form != "Raw" and f"as{form}" not in FORMS.get(field.lower(), tuple(f"as{one}" for one in WRITERS)):
        raise _invalid(name, f"{field} has no form {form}.")
    return field, form, several


def _written(name: str, field: str, form: str, value: Any, *, several: bool) -> list[bytes]:
    if several and not isinstance(value, list):
        raise _invalid(name, f"{name[:100]} is a list.")
    values = value if several else [value]
    if len(values) > (1 if field.lower() in ONCE else MOST):
        raise _invalid(name, f"There are too many {field} fields.")
    try:
        return [WRITERS[form](field, one) for one in values]
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise _invalid(name, f"{name[:100]} is not what {form} has: {error}") from error


def _invalid(name: str, sentence: str) -> SetError:
    return SetError("invalidProperties", sentence, properties=[name[:255]])


# --- the forms; each raises TypeError or ValueError with a reason ---


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is expected")
    return value


def _several(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    if len(value) > MOST:
        raise ValueError(f"at most {MOST}")
    return value


def _raw(field: str, value: Any) -> bytes:
    """As it stands, folded anew; only what no header can carry is encoded."""
    text = fields.clean(_string(value))
    tokens = text.split(" ")
    if text.isascii() and max(map(len, tokens)) <= fields.LONGEST_TOKEN:
        return fields.folded(field, tokens)
    return fields.unstructured(field, text)


def _text(field: str, value: Any) -> bytes:
    return fields.unstructured(field, _string(value))


def _addresses(field: str, value: Any) -> bytes:
    return fields.addresses(field, [_person(one) for one in _several(value)])


def _person(one: Any) -> tuple[str, str]:
    if not isinstance(one, dict) or one.keys() - {"name", "email"}:
        raise TypeError("an address has name and email")
    return _string(one.get("name") or ""), _string(one.get("email"))


def _grouped(field: str, value: Any) -> bytes:
    written = []
    for group in _several(value):
        if not isinstance(group, dict) or group.keys() - {"name", "addresses"}:
            raise TypeError("a group has name and addresses")
        people = ", ".join(one for one in (fields.mailbox(*_person(one)) for one in _several(group.get("addresses"))) if one)
        name = fields.clean(_string(group.get("name") or ""))
        written += [f"{_phrase(name)}: {people};" if name else people] if name or people else []
    return fields.folded(field, ", ".join(written).split(" ")) if written else b""


def _phrase(name: str) -> str:
    if PHRASE.fullmatch(name):
        return name
    if name.isascii() and "=?" not in name:
        return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return " ".join(encoded_word.encode(name, 60))


def _message_ids(field: str, value: Any) -> bytes:
    found = [_string(one) for one in _several(value)]
    if wrong := [one for one in found if not fields.message_id(one)]:
        raise ValueError(f"{wrong[0][:100]!r} is no message id")
    return fields.ids(field, found)


def _date(field: str, value: Any) -> bytes:
    if not UTC_DATE.fullmatch(_string(value)):
        raise ValueError("a date like 2026-11-23T10:00:00+01:00 is expected")
    return fields.unstructured(field, format_datetime(datetime.fromisoformat(value.replace("Z", "+00:00"))))


def _urls(field: str, value: Any) -> bytes:
    found = [_string(one) for one in _several(value)]
    if wrong := [one for one in found if not one.isascii() or not one.isprintable() or set(one) & set(" <>")]:
        raise ValueError(f"{wrong[0][:100]!r} is no URL")
    return fields.folded(field, ", ".join(f"<{one}>" for one in found).split(" ")) if found else b""


WRITERS: dict[str, Callable[[str, Any], bytes]] = {
    "Raw": _raw,
    "Text": _text,
    "Addresses": _addresses,
    "GroupedAddresses": _grouped,
    "MessageIds": _message_ids,
    "Date": _date,
    "URLs": _urls,
}


def now_as_date() -> str:
    """The Date of a message that says none: in the member's zone."""
    return format_datetime(timezone.localtime())


def split(wanted: Json) -> tuple[Json, Json]:
    """(the properties that are header fields, the others)."""
    fields_of = {name: value for name, value in wanted.items() if is_field(name)}
    return fields_of, {name: value for name, value in wanted.items() if name not in fields_of}
