"""Writes header fields: encoded, folded, and safe from what stands in their values (RFC 5322 §2.2, RFC 2047, RFC 2231).

No value, wherever it comes from, can end its field: every control character becomes a blank before anything else happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from mailsuite.protocol import encoded_word
from mailsuite.protocol.address import format_mailbox, parse_path

LINE = 76  # RFC 2047 §2: a line with an encoded word; RFC 5322 would allow 78
LONGEST_TOKEN = 500  # without a blank to fold at; longer ones become encoded words, which can be divided
NAME = re.compile(r"[!-9;-~]{1,76}")
CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
ADDRESS_SPECIALS = re.compile(r'[\x00-\x20\x7f-\x9f()<>\[\]:;,\\"]+')
TOKEN = re.compile(r"[!#$%&'*+.^_`{|}~A-Za-z0-9-]+")


def clean(value: str) -> str:
    """The value on one line, blanks as one, no control character, no half of a surrogate pair."""
    return CONTROLS.sub(" ", value.encode("utf-8", "replace").decode("utf-8")).strip()


def unstructured(name: str, value: str) -> bytes:
    """A field of free text, such as Subject."""
    value = clean(value)
    tokens = value.split(" ")
    if not value.isascii() or "=?" in value or max(map(len, tokens)) > LONGEST_TOKEN:
        tokens = encoded_word.encode(value, LINE - len(name) - 2)
    return folded(name, tokens)


def addresses(name: str, people: Iterable[tuple[str, str]]) -> bytes:
    """A field of mailboxes, given as (name, address); b"" where there are none."""
    written = [mailbox(*person) for person in people]
    written = [one for one in written if one]
    return folded(name, ", ".join(written).split(" ")) if written else b""


def mailbox(name: str, address: str) -> str:
    """One mailbox. An address that is none (half typed, in a draft) keeps what can do no harm."""
    name, address = clean(name), clean(address)
    if parse_path(address) is None:
        address = ADDRESS_SPECIALS.sub("", address)
    if not name:
        return f"<{address}>" if address.startswith('"') else address
    if not address:
        return ""
    if max(map(len, name.split(" "))) > LONGEST_TOKEN:
        return f"{' '.join(encoded_word.encode(name, 60))} <{address}>"
    return format_mailbox(name, address)


def ids(name: str, message_ids: Sequence[str]) -> bytes:
    """A field of message ids, given without < >; b"" where there are none."""
    written = [f"<{one}>" for one in map(message_id, message_ids) if one]
    return folded(name, written) if written else b""


def message_id(value: str) -> str:
    """An id without < >; "" where it cannot be written."""
    value = value.strip().strip("<>")
    return value if value.isascii() and value.isprintable() and not set(value) & set(" <>") and len(value) <= 250 else ""


def parameterised(name: str, value: str, parameters: Sequence[tuple[str, str]] = ()) -> bytes:
    """A field such as Content-Type: a token and parameters, those beyond ASCII or long in the form of RFC 2231."""
    written = [part for key, content in parameters for part in _parameter(key, clean(content))]
    tokens = [value, *written]
    return folded(name, [f"{token};" for token in tokens[:-1]] + tokens[-1:])


def _parameter(name: str, value: str) -> list[str]:
    if TOKEN.fullmatch(value) and len(value) < 60:
        return [f"{name}={value}"]
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    if value.isascii() and len(escaped) < 60 and "=?" not in value:
        return [f'{name}="{escaped}"']
    encoded = "utf-8''" + quote(value, safe="!#$&+.^_`|~-")
    if len(encoded) < 60:
        return [f"{name}*={encoded}"]
    pieces = re.findall(r".{1,48}(?<!%)(?<!%.)", encoded)  # RFC 2231 §4.1: in sections, no escape cut in two
    return [f"{name}*{number}*={piece}" for number, piece in enumerate(pieces)]


def folded(name: str, tokens: Sequence[str]) -> bytes:
    """The field with a blank or a fold between its tokens, in lines of at most 76 characters where tokens allow."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header field")
    lines, line = [], f"{name}:"
    for number, token in enumerate(tokens):
        if number and len(line) + 1 + len(token) > LINE:
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join([*lines, line]).encode("utf-8", "replace") + b"\r\n"
