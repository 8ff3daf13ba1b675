"""Trace lines: Received and Return-Path, and how many hops a message has made (RFC 5321 §4.4, §6.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

_DELIVERED_TO = re.compile(rb"(?:\A|\r\n)delivered-to[ \t]*:[ \t]*([^\r\n]{1,400})", re.IGNORECASE)
_UNFIT = re.compile(r"[^!-'*-\[\]-~]")  # for an atom-like word in a trace line: no blanks, parentheses, backslashes or controls
_HOP = re.compile(rb"(?:\A|\r\n)received[ \t]*:", re.IGNORECASE)
_FOLD_AT = 76


@dataclass(frozen=True, slots=True)
class Hop:
    """What is to be told about one hand-over. `tls` is e.g. "TLSv1.3 TLS_AES_256_GCM_SHA384"; "" is plain text."""

    by: str
    id: str
    at: datetime
    helo: str = ""
    client: str = ""  # its IP address; "" leaves it out
    client_name: str = ""  # the name its address has in DNS, where confirmed
    protocol: str = "ESMTP"
    tls: str = ""
    recipient: str = ""  # "" where there are several: a trace line must not betray a Bcc


def received(hop: Hop) -> bytes:
    """One Received line, folded, CRLF-ended (RFC 5321 §4.4; address literals as in §4.1.3)."""
    parts = [f"Received: from {_word(hop.helo) or 'unknown'}"]
    if hop.client:
        parts.append(f"({_word(hop.client_name) + ' ' if hop.client_name else ''}{literal(hop.client)})")
    parts += [f"by {_word(hop.by)}", f"with {hop.protocol}"]
    if hop.tls:
        parts.append(f"({hop.tls})")
    parts.append(f"id {hop.id}")
    if hop.recipient and hop.recipient.isascii():
        parts.append(f"for <{_path(hop.recipient)}>")
    parts[-1] += ";"
    parts.append(format_datetime(hop.at))
    return _folded(parts)


def with_protocol(*, extended: bool, tls: bool, authenticated: bool, smtputf8: bool = False) -> str:
    """The `with` word (RFC 3848; RFC 6531 §4.3)."""
    if not extended:
        return "SMTP"
    return ("UTF8SMTP" if smtputf8 else "ESMTP") + ("S" if tls else "") + ("A" if authenticated else "")


def return_path(reverse_path: str) -> bytes:
    """The Return-Path line of the final delivery; an empty reverse-path is <> (RFC 5321 §4.4)."""
    return f"Return-Path: <{_path(reverse_path)}>\r\n".encode()


def count_hops(header_block: bytes) -> int:
    """How many Received fields the header has: the only cure for loops that every system shares (RFC 5321 §6.3)."""
    return len(_HOP.findall(header_block))


def delivered_to(header_block: bytes) -> list[str]:
    """The addresses of the Delivered-To fields: who has passed the message on already."""
    return [value.decode("utf-8", "replace").strip() for value in _DELIVERED_TO.findall(header_block)]


def literal(client: str) -> str:
    """An IP address as an address literal: [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 §4.1.3)."""
    return f"[IPv6:{_word(client)}]" if ":" in client else f"[{_word(client)}]"


def _word(text: str) -> str:
    return _UNFIT.sub("?", text[:255])


def _path(address: str) -> str:
    return "".join(c for c in address if c.isprintable() and c not in "<>")


def _folded(parts: list[str]) -> bytes:
    lines, line = [], parts[0]
    for part in parts[1:]:
        if len(line) + len(part) >= _FOLD_AT:
            lines.append(line)
            line = "\t" + part
        else:
            line += " " + part
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii", "replace")
