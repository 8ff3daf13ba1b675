"""Delivery status notifications: what became of a message, for people and for programs (RFC 3464, RFC 3461 §6, RFC 6533)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from mailsuite.protocol import dots, header, mime
from mailsuite.protocol.reply import Reply

Kind = Literal["failed", "delayed", "delivered", "relayed"]

MOST_RECIPIENTS = 1_000  # read from one report
LONGEST_LINE = 900  # characters of one field; RFC 5322 §2.1.1 allows 998 octets
STATUS = {"failed": "5.0.0", "delayed": "4.0.0", "delivered": "2.0.0", "relayed": "2.0.0"}  # where the reply has no code
SUBJECTS = {
    "failed": "Not delivered: your message",
    "delayed": "Not delivered yet: your message",
    "delivered": "Delivered: your message",
    "relayed": "Passed on: your message",
}
OPENINGS = {
    "failed": "Your message could not be delivered to the recipients below. We shall not try again.",
    "delayed": "Your message could not be delivered yet. We keep trying; you need not do anything.",
    "delivered": "Your message was delivered to the recipients below.",
    "relayed": "Your message was passed on for the recipients below; their mail system sends no confirmation of its own.",
}
# RFC 3463 §3: what the commonest codes mean for the one who wrote the message.
MEANINGS = {
    "1.1": "There is no such address. Look for a typing mistake.",
    "1.2": "There is no such mail domain. Look for a typing mistake after the @.",
    "1.10": "This domain takes no mail at all.",
    "2.1": "The mailbox is closed.",
    "2.2": "The mailbox is full.",
    "2.3": "The message is larger than the mailbox takes.",
    "3.4": "The message is too large for the other mail system.",
    "4.1": "The other mail system did not answer.",
    "4.4": "The other mail system could not be found.",
    "4.6": "The message went in circles.",
    "4.7": "It was tried for days without success.",
    "7.1": "The other mail system does not want this message.",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the message for one recipient. `host` is who said `reply`; "" is ourselves."""

    address: str
    reply: Reply
    host: str = ""
    original: str = ""  # ORCPT as received: `type;address` in xtext (RFC 3461 §4.2)
    at: datetime | None = None
    until: datetime | None = None  # of a delay: when we shall give up


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report needs. `content` is the message as it was sent on, trace lines included."""

    kind: Kind
    reporting_mta: str
    to: str  # the reverse-path of the message
    fates: Sequence[Fate]
    content: bytes
    date: datetime
    message_id: str  # without < >
    arrived_at: datetime | None = None
    envid: str = ""  # as received, in xtext
    full: bool = False  # return the whole message, else its header

    @property
    def international(self) -> bool:
        """Some address is not ASCII, so the report takes the forms of RFC 6533 and needs SMTPUTF8."""
        return not all(text.isascii() for text in (self.to, *(fate.address for fate in self.fates)))


def build_report(report: Report) -> bytes:
    """The whole message, CRLF line ends; the same input gives the same bytes. It may hold 8-bit bytes where the content does."""
    boundary = "report-" + hashlib.sha256(report.message_id.encode()).hexdigest()[:32]
    parts = [_for_people(report), _for_programs(report), _returned(report)]
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return _header(report, boundary) + body + b"--%b--\r\n" % boundary.encode()


def _header(report: Report, boundary: str) -> bytes:
    fields = [
        f"From: Mail Delivery <MAILER-DAEMON@{report.reporting_mta}>",
        f"To: <{_plain(report.to)}>",
        f"Subject: {SUBJECTS[report.kind]}",
        f"Date: {format_datetime(report.date)}",
        f"Message-ID: <{report.message_id}>",
        *_thread_fields(report.content),
        "Auto-Submitted: auto-replied",  # RFC 3834 §5: nothing automatic answers this
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{boundary}"',
    ]
    return "".join(f"{line}\r\n" for line in fields).encode("utf-8", "replace") + b"\r\n"


def _thread_fields(content: bytes) -> list[str]:
    """So that the report stands in the conversation of the message it is about."""
    block, _ = header.split_message(content)
    ids = header.message_ids(header.get(header.fields(block), "message-id") or b"")[:1]
    ids = [one for one in ids if one.isascii()]
    return [f"In-Reply-To: <{ids[0]}>", f"References: <{ids[0]}>"] if ids else []


def _for_people(report: Report) -> bytes:
    lines = [OPENINGS[report.kind], ""]
    for fate in report.fates:
        lines.append(f"<{_plain(fate.address)}>")
        if meaning := MEANINGS.get(_status(report.kind, fate).partition(".")[2]):
            lines.append(f"    {meaning}")
        if report.kind in ("failed", "delayed"):
            lines.append(f"    {'The other side said' if fate.host else 'Reason'}: {_plain(str(fate.reply))}")
        if fate.until:
            lines.append(f"    We try until {fate.until:%d %B %Y, %H:%M} UTC.")
        lines.append("")
    text = "\r\n".join(lines).encode("utf-8", "replace")
    encoded = base64.encodebytes(text).replace(b"\n", b"\r\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
    if text.isascii() and all(len(line) < LONGEST_LINE for line in lines):
        return head + b"7bit\r\n\r\n" + text + b"\r\n"
    return head + b"base64\r\n\r\n" + encoded


def _for_programs(report: Report) -> bytes:
    """RFC 3464 §2: a group about the message, then one about each recipient."""
    about = [f"Reporting-MTA: dns; {report.reporting_mta}"]
    if report.envid:
        about.append(f"Original-Envelope-Id: {_plain(decode_xtext(report.envid))}")
    if report.arrived_at:
        about.append(f"Arrival-Date: {format_datetime(report.arrived_at)}")
    groups = [about, *(_group(report, fate) for fate in report.fates)]
    text = "\r\n".join("".join(f"{line}\r\n" for line in group) for group in groups)
    if report.international:
        return b"Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode()
    return b"Content-Type: message/delivery-status\r\n\r\n" + text.encode("ascii", "replace")


def _group(report: Report, fate: Fate) -> list[str]:
    address = _plain(fate.address)
    lines = [_original(fate.original)] if fate.original else []
    lines.append(f"Final-Recipient: {'rfc822' if address.isascii() else 'utf-8'}; {address}")
    lines += [f"Action: {report.kind}", f"Status: {_status(report.kind, fate)}"]
    if fate.host:
        lines += [f"Remote-MTA: dns; {_plain(fate.host)}", f"Diagnostic-Code: smtp; {_plain(str(fate.reply))}"]
    else:
        lines.append(f"Diagnostic-Code: x-mailsuite; {_plain(str(fate.reply))}")
    if fate.at:
        lines.append(f"Last-Attempt-Date: {format_datetime(fate.at)}")
    if fate.until and report.kind == "delayed":
        lines.append(f"Will-Retry-Until: {format_datetime(fate.until)}")
    return lines


def _original(orcpt: str) -> str:
    kind, _, address = orcpt.partition(";")
    return f"Original-Recipient: {_plain(kind)}; {_plain(decode_xtext(address))}"


def _status(kind: str, fate: Fate) -> str:
    """The remote's enhanced code where its class fits the outcome (RFC 3464 §2.3.4), else the general one."""
    general = STATUS[kind]
    code = fate.reply.enhanced
    return code if code[:1] == general[:1] else general[0] + code[1:] if code and kind == "failed" else general


def _returned(report: Report) -> bytes:
    """The message itself or its header; a content that no 8-bit transport carries is returned as its header alone."""
    block, _ = header.split_message(report.content)
    block = block[: header.HEADER_CAP]
    if report.full and not _unfit(report.content):
        kind, content = ("global" if report.international else "rfc822"), report.content
        head = f"Content-Type: message/{kind}\r\n"
    else:
        head = "Content-Type: message/global-headers\r\n" if report.international else "Content-Type: text/rfc822-headers\r\n"
        content = b"\r\n".join(line[:LONGEST_LINE].replace(b"\0", b"?") for line in re.split(rb"\r?\n|\r", block.rstrip()))
    encoding = b"" if content.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    return head.encode() + encoding + b"\r\n" + content + (b"" if content.endswith(b"\r\n") else b"\r\n")


def _unfit(content: bytes) -> bool:
    return b"\0" in content or not dots.well_ended(content)


def _plain(text: str) -> str:
    """On one line of bounded length, so that no remote's words can add a field."""
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST_LINE].strip()


def encode_xtext(text: str) -> str:
    """RFC 3461 §4: printable ASCII but for + and =, the rest as +XX of its UTF-8 bytes."""
    return "".join(chr(b) if 33 <= b <= 126 and b not in b"+=" else f"+{b:02X}" for b in text.encode())


def decode_xtext(text: str) -> str:
    """The text behind xtext; what is no xtext stays as it is."""
    decoded = re.sub(rb"\+([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "replace"))
    return decoded.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class ParsedFate:
    """One recipient of a report that was received."""

    address: str
    action: str  # failed, delayed, delivered, relayed, expanded, or whatever they wrote; lower case
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """What a received report says, believed by nobody without a look at `message_id`: did we send that?"""

    envid: str = ""
    message_id: str = ""  # of the returned message, without < >
    fates: list[ParsedFate] = field(default_factory=list)


def parse_report(content: bytes) -> ParsedReport | None:
    """Read a multipart/report about delivery; None for any other message. Never raises."""
    root = mime.scan(content)
    parts = list(mime.walk(root))
    status = next((p for p in parts if p.mime_type in ("message/delivery-status", "message/global-delivery-status")), None)
    if root.mime_type != "multipart/report" or status is None:
        return None
    groups = _groups(mime.decoded(content, status))
    about = groups[0] if groups else {}
    fates = [_parsed_fate(group) for group in groups[1 : MOST_RECIPIENTS + 1] if "final-recipient" in group]
    return ParsedReport(about.get("original-envelope-id", ""), _returned_id(content, parts), fates)


def _groups(body: bytes) -> list[dict[str, str]]:
    found = re.split(rb"(?:\r?\n){2,}", body.strip(), maxsplit=MOST_RECIPIENTS + 1)
    return [{one.name: header.decode(one.raw_value) for one in header.fields(group)} for group in found]


def _parsed_fate(group: dict[str, str]) -> ParsedFate:
    address = group.get("original-recipient", group["final-recipient"]).partition(";")[2].strip()
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", group.get("status", ""))
    diagnostic = group.get("diagnostic-code", "").partition(";")[2].strip()
    return ParsedFate(address, group.get("action", "").lower()[:20], status[0] if status else "", diagnostic[:1000])


def _returned_id(content: bytes, parts: list[mime.Part]) -> str:
    for part in parts:
        if part.mime_type in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
            block, _ = header.split_message(mime.decoded(content, part))
            ids = header.message_ids(header.get(header.fields(block), "message-id") or b"")
            return ids[0] if ids else ""
    return ""
