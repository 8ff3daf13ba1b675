"""Addresses: the SMTP mailbox (RFC 5321 §4.1.2) and what stands in address fields (RFC 5322 §3.4)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from mailsuite.protocol import encoded_word
from mailsuite.protocol.address_list import Entry, entries
from mailsuite.protocol.header import decode

LOCAL_CAP, DOMAIN_CAP, LABEL_CAP = 64, 255, 63  # octets: RFC 5321 §4.5.3.1

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
DOT_ATOM = re.compile(rf"{ATOM}(?:\.{ATOM})*")
PATH = re.compile(r'(?:@[^:<>"]{0,1000}:)?(?:"((?:[^"\\]|\\.)*+)"|([^"@\s]++))@([^@\s]++)', re.S)
QUOTED_BODY = re.compile(r"[^\x00-\x1f\x7f]*")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
# To its end, or to the value's where it has none: so no part is read twice.
ASIDE = re.compile(rb'"(?:[^"\\]|\\.)*+("?)(@?)|\([^()]*+(\)?)', re.S)
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class AddrSpec(NamedTuple):
    """local-part@domain: the local part as meant (without quotes), the domain in lower case and A-labels, or `[literal]`."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{quote_local(self.local)}@{self.domain}"


class Mailbox(NamedTuple):
    """One entry of an address field."""

    name: str  # decoded; "" where there is none
    address: str  # local@domain; "" where the entry holds no address
    group: str = ""  # the group it was listed in (RFC 5322 §3.4)


def parse_path(text: str) -> AddrSpec | None:
    """A Mailbox of MAIL or RCPT, with or without < >; None where it breaks the grammar or the caps of 64 and 255 octets.

    A source route is dropped (RFC 5321 §3.3 and appendix C).
    """
    if len(text) > 2000:
        return None
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    found = PATH.fullmatch(text)
    if not found:
        return None
    quoted, plain, host = found.groups()
    local = re.sub(r"\\(.)", r"\1", quoted, flags=re.S) if quoted is not None else plain
    domain = _literal(host) if host.startswith("[") else domain_ascii(host)
    wrong = not QUOTED_BODY.fullmatch(local) if quoted is not None else not DOT_ATOM.fullmatch(local)
    if domain is None or wrong or len(local.encode("utf-8", "replace")) > LOCAL_CAP:
        return None
    return AddrSpec(local, domain)


def domain_ascii(domain: str) -> str | None:
    """A domain in lower case with A-labels (RFC 5890), or None where it cannot be one."""
    if len(domain) > DOMAIN_CAP:
        return None
    if not domain.isascii():
        domain = unicodedata.normalize("NFKC", domain).lower().translate({0x3002: ".", 0xFF0E: ".", 0xFF61: "."})
    labels = [_label(label) for label in domain.removesuffix(".").lower().split(".")]
    if None in labels:
        return None
    whole = ".".join(label or "" for label in labels)
    return whole if len(whole) <= DOMAIN_CAP else None


def _label(label: str) -> str | None:
    if not label.isascii():
        # Letters, marks, digits and joiners only: symbols and invisible characters have no place in a host name (RFC 5892).
        if any(unicodedata.category(letter)[0] not in "LMN" and letter not in "-\u00b7\u200c\u200d" for letter in label):
            return None
        label = "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode("ascii")
    return label if len(label) <= LABEL_CAP and LABEL.fullmatch(label) else None


def _literal(host: str) -> str | None:
    """`[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3)."""
    inside = host[1:-1]
    if not host.endswith("]"):
        return None
    try:
        if inside[:5].lower() == "ipv6:":
            return f"[IPv6:{ipaddress.IPv6Address(inside[5:])}]"
        return f"[{ipaddress.IPv4Address(inside)}]"
    except ValueError:
        return None


def quote_local(local: str) -> str:
    """A local part as it is written: in quotes where it is no dot-atom."""
    if DOT_ATOM.fullmatch(local):
        return local
    return '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'


def parse_list(value: bytes | str, most: int = 1000) -> list[Mailbox]:
    """The mailboxes of an address field, names decoded, at most `most`. Linear in its input, never raises.

    An entry without an address keeps its text as name; an empty group gives nothing.
    """
    return mailboxes(entries(value.encode("utf-8", "replace") if isinstance(value, str) else value, most))


def mailboxes(listed: Iterable[Entry]) -> list[Mailbox]:
    """The mailboxes among the entries of an address field, decoded."""
    found: list[Mailbox] = []
    group = ""
    for name, local, domain in listed:
        if domain is None:
            group = decode(local) if local is not None else ""
        else:
            found.append(_mailbox(name, local or b"", domain, group))
    return found


def _mailbox(name: bytes, local: bytes, domain: bytes, group: str) -> Mailbox:
    shown = decode(name) if name else ""
    if not local or not domain:
        return Mailbox(shown or decode(local or domain), "", group)
    if local.isascii() and domain.isascii():
        user, host = local.decode("ascii"), domain.decode("ascii").lower()
    else:
        user, host = decode(local), decode(domain)
        host = domain_ascii(host) or host.lower()
    return Mailbox(shown, CONTROLS.sub("", f"{quote_local(user)}@{host}"), group)


def format_mailbox(name: str, address: str) -> str:
    """`Name <address>` with the name quoted or encoded as it needs (RFC 5322 §3.4, RFC 2047 §5); line breaks are dropped."""
    name, address = " ".join(CONTROLS.sub(" ", name).split()), CONTROLS.sub("", address)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{' '.join(encoded_word.encode(name))} <{address}>"
    if not PLAIN_NAME.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"


def without_asides(value: bytes) -> bytes:
    """A field without quoted strings and comments, from which no reader takes an address (RFC 5322 §3.2.2, §3.2.4).

    What never closes stays, and so does a quoted local part: some reader may see an address there. Linear time.
    """
    return ASIDE.sub(lambda found: b" " if (found[1] and not found[2]) or found[3] else found[0], value)
