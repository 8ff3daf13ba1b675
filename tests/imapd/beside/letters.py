"""The messages that both servers get, and a strict judge of which of them keep to the RFCs: he asks neither server."""

from __future__ import annotations

import email
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

from tests.corpora import corpus

PACKS = ("mime-torture", "mime-expected")
MOST_OCTETS = 1_500_000
# RFC 5322 §3.6: at most once; and RFC 2045's fields. That Date or From is missing harms nobody here, and is borne.
ONCE = {
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject",
    "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-description", "content-disposition",
}  # fmt: skip
FIELD = re.compile(rb"[!-9;-~]+:[\x20-\x7e\t]*")
FOLDED = re.compile(rb"[ \t][\x20-\x7e\t]*[\x21-\x7e][\x20-\x7e\t]*")
BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]")
MESSAGE_ID = re.compile(r"\s*<[^<>@\s]+@[^<>@\s]+>\s*")
ENCODINGS = {"7bit", "8bit", "binary", "base64", "quoted-printable"}


@dataclass(frozen=True)
class Letter:
    name: str
    content: bytes
    broken: str  # why it is not well-formed; "" where it is


def letters() -> Iterator[Letter]:
    """Each content once, with CRLF line ends, as both doors would have it over SMTP."""
    seen = set()
    for pack in PACKS:
        for path in sorted(corpus(pack).rglob("*")):
            if path.suffix in (".eml", ".msg") and path.stat().st_size < MOST_OCTETS:
                content = re.sub(rb"\r?\n", b"\r\n", path.read_bytes())
                if content not in seen and content:
                    seen.add(content)
                    yield Letter(_name(pack, path), content, judge(content))


def _name(pack: str, path: Path) -> str:
    return f"{pack}/{path.relative_to(corpus(pack))}"


def judge(content: bytes) -> str:
    """The first rule that the message breaks; "" where it keeps them all, as far as the standard library sees."""
    if b"\0" in content or re.search(rb"\r(?!\n)|(?<!\r)\n", content):
        return "NUL, or a CR or LF alone"
    if any(len(line) > 998 for line in content.split(b"\r\n")):
        return "a line of more than 998 octets (RFC 5322 §2.1.1)"
    head, empty, _ = content.partition(b"\r\n\r\n")
    if not empty:
        return "no empty line behind the header"
    if found := _bad_lines(head):
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            message = email.message_from_bytes(content, policy=policy.default)
            return _bad_fields(message) or _bad_parts(message)
        except Exception as error:  # the standard library stumbles over what is broken enough
            return f"{type(error).__name__} in the standard library"


def _bad_lines(head: bytes) -> str:
    for number, line in enumerate(head.split(b"\r\n")):
        if not FIELD.fullmatch(line) and not (number and FOLDED.fullmatch(line)):
            return "a line in the header that is no field of ASCII"
    return ""


def _bad_fields(message: EmailMessage) -> str:
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a header has names more than once
    if any(names.count(name) > 1 for name in ONCE):
        return "a field twice"
    for name, value in message.items():
        if getattr(value, "defects", ()):
            return f"a defect in {name}"
    for name in ("message-id", "content-id"):
        if name in names and not MESSAGE_ID.fullmatch(str(message[name])):
            return f"no id in {name}"
    return ""


def _bad_parts(message: EmailMessage) -> str:
    for part in message.walk():
        if part.defects:
            return type(part.defects[0]).__name__
        if part is not message and (found := _bad_mime(part)):
            return found
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            if not BOUNDARY.fullmatch(part.get_boundary() or ""):
                return "a boundary that is none (RFC 2046 §5.1.1)"
            if str(part.get("content-transfer-encoding", "7bit")).strip().lower() not in ("7bit", "8bit", "binary"):
                return "an encoded multipart (RFC 2045 §6.4)"
        if str(part.get("content-transfer-encoding", "7bit")).strip().lower() not in ENCODINGS:
            return "an unknown encoding"
    return ""


def _bad_mime(part: EmailMessage) -> str:
    names = [name.lower() for name in part.keys()]  # noqa: SIM118
    if any(names.count(name) > 1 for name in ONCE):
        return "a field twice in a part"
    return next((f"a defect in a part's {name}" for name, value in part.items() if getattr(value, "defects", ())), "")
