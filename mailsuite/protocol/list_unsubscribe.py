"""How a list lets one leave: List-Unsubscribe and one click (RFC 2369 §3.2, RFC 8058)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from mailsuite.protocol import dkim
from mailsuite.protocol.address import parse_path
from mailsuite.protocol.dkim_canonical import field_name, raw_fields
from mailsuite.protocol.header import fields, get_all, split_message

MOST_WAYS = 10  # addresses of the field that are looked at
LONGEST = 2_000  # bytes of one
SUBJECT = 255  # characters that a mail to a list may be told to carry
MOST_SIGNATURES = 8
URI = re.compile(rb"<([^<>]{1,%d})>" % LONGEST)
BLANKS = re.compile(rb"\s+")
ONE_CLICK = b"list-unsubscribe=one-click"
SIGNED = {b"list-unsubscribe", b"list-unsubscribe-post"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that a list wants to have from who leaves."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways a message offers, "" and None for those it does not.

    post: the address to post to by one click, where the message's sender has proven that it is its own (RFC 8058 §4).
    """

    post: str = ""
    mail: Letter | None = None
    page: str = ""

    def __bool__(self) -> bool:
        return bool(self.post or self.mail or self.page)


def ways(content: bytes, passed: Iterable[Mapping[str, object]]) -> Ways:
    """What a message offers. passed: the DKIM results kept for it, {result, domain, selector, value}. Never raises."""
    block, _ = split_message(content)
    found = fields(block)
    values = get_all(found, "list-unsubscribe")
    if len(values) != 1:  # whose is the second one?
        return Ways()
    uris = [BLANKS.sub(b"", one).decode("ascii", "replace") for one in URI.findall(values[0])[:MOST_WAYS]]
    pages = [one for one in uris if one.lower().startswith(("https://", "http://")) and one.isascii()]
    letters = filter(None, (_letter(one) for one in uris if one.lower().startswith("mailto:")))
    secure = [one for one in pages if one.lower().startswith("https://")]
    by_click = bool(secure) and _is_one_click(get_all(found, "list-unsubscribe-post")) and _is_signed(block, passed)
    return Ways(secure[0] if by_click else "", next(letters, None), (secure or pages or [""])[0])


def _is_one_click(values: list[bytes]) -> bool:
    return len(values) == 1 and BLANKS.sub(b"", values[0]).lower() == ONE_CLICK


def _is_signed(block: bytes, passed: Iterable[Mapping[str, object]]) -> bool:
    """Does a signature that held cover both fields? The results say which held, the message what each covers."""
    held = {(one.get("domain"), one.get("selector"), one.get("value")) for one in passed if one.get("result") == "pass"}
    signatures = [dkim.parse(one) for one in raw_fields(block) if field_name(one) == b"dkim-signature"][:MOST_SIGNATURES]
    return any(
        not one.problem
        and set(one.names) >= SIGNED
        and (one.domain, one.selector, b64encode(one.value)[:8].decode("ascii")) in held
        for one in signatures
    )


def _letter(uri: str) -> Letter | None:
    """RFC 6068, as far as a list needs it: one recipient and a subject, by which some know who leaves."""
    address, _, query = uri[len("mailto:") :].partition("?")
    to = parse_path(unquote(address))
    if to is None:
        return None
    try:
        asked = {name.lower(): value for name, value in parse_qsl(query.replace("+", "%2B"), max_num_fields=20)}
    except ValueError:
        return None
    subject = " ".join("".join(c if c.isprintable() else " " for c in asked.get("subject", "")).split())
    return Letter(str(to), subject[:SUBJECT] or "unsubscribe", "unsubscribe")  # a stranger puts no words into a member's mouth
