"""What rules ask of a message: list, bulk, automatic, calendar, encrypted, report, chat (product.md 1.7, 2.4 and 3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mailsuite.protocol import header
from mailsuite.protocol.attachments import Bodies
from mailsuite.protocol.mime import text
from mailsuite.protocol.part import Part

MOST = 255  # characters of any value
CALENDAR_BYTES = 100_000
LIST_ID = re.compile(rb"<([^<>\s]{1,255})>")
UID = re.compile(r"^UID(?:;[^:\n]{0,200})?:(.*)$", re.M | re.I)
METHOD = re.compile(r"^METHOD:\s*(\w{1,30})", re.M | re.I)
LINK = re.compile(r"https?://")
FOLDED = re.compile(r"\n[ \t]")
NAMED = {  # trait: field whose decoded text it is
    "precedence": "precedence",
    "feedback_id": "feedback-id",
    "chat_group": "chat-group-id",
    "chat": "chat-version",
    "receipt_to": "disposition-notification-to",
    "list_post": "list-post",
    "list_unsubscribe": "list-unsubscribe",
}
SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


def traits(content: bytes, root: Part, bodies: Bodies, body: str) -> dict[str, Any]:
    """The traits that hold, JSON values only; what does not hold is absent.

    list_id, list_post, list_unsubscribe, one_click, precedence, bulk (rule R10), auto (Auto-Submitted's keyword), report (its
    report-type), calendar_uid, calendar_method, encrypted and signed ("pgp" or "smime"), chat, chat_group, feedback_id,
    receipt_to, link (the text holds a URL).
    """
    values = root.values
    found: dict[str, Any] = {}
    for trait, name in NAMED.items():
        if name in values and (value := header.decode(values[name])[: MOST * 4]):
            found[trait] = value if trait.startswith("list_") else value[:MOST]
    _lists(values, found)
    _security(root, body, found)
    if LINK.search(body):
        found["link"] = True
    if root.mime_type == "multipart/report":
        found["report"] = root.parameters.get("report-type", "").lower()[:MOST] or "unknown"
    calendar = next((part for part in _leaves(root) if part.mime_type in ("text/calendar", "application/ics")), None)
    if calendar is not None:
        _calendar(content, calendar, found)
    return found


def _leaves(root: Part) -> list[Part]:
    """All parts of this message, without those of messages inside it."""
    found, pending = [], [root]
    while pending:
        part = pending.pop()
        found.append(part)
        if not part.is_message:
            pending.extend(reversed(part.children))
    return found


def _lists(values: Mapping[str, bytes], found: dict[str, Any]) -> None:
    if raw := values.get("list-id"):
        bracketed = LIST_ID.search(raw)
        found["list_id"] = header.decode(bracketed[1] if bracketed else raw).lower()[:MOST]
    if "list-unsubscribe-post" in values and "list-unsubscribe" in values:
        found["one_click"] = True  # RFC 8058
    auto = header.decode(values.get("auto-submitted", b"")).partition(";")[0].strip().lower()[:MOST]
    if auto and auto != "no":
        found["auto"] = auto  # RFC 3834 §5
    # Rule R10.
    if "list_unsubscribe" in found or found.get("precedence", "").lower() in ("bulk", "list", "junk") or auto == "auto-generated":
        found["bulk"] = True


def _security(root: Part, body: str, found: dict[str, Any]) -> None:
    for part in _leaves(root):
        if part.mime_type == "multipart/encrypted":
            found["encrypted"] = "pgp"
        elif part.mime_type == "multipart/signed":
            found["signed"] = "smime" if "pkcs7" in part.parameters.get("protocol", "") else "pgp"
        elif part.mime_type in SMIME:
            kind = part.parameters.get("smime-type", "enveloped-data").lower()
            found["signed" if kind == "signed-data" else "encrypted"] = "smime"
    if "-----BEGIN PGP " not in body:  # one look at a long text instead of two
        return
    if "-----BEGIN PGP MESSAGE-----" in body:
        found.setdefault("encrypted", "pgp")
    elif "-----BEGIN PGP SIGNED MESSAGE-----" in body:
        found.setdefault("signed", "pgp")


def _calendar(content: bytes, part: Part, found: dict[str, Any]) -> None:
    lines = FOLDED.sub("", text(content, part, CALENDAR_BYTES))
    if uid := UID.search(lines):
        found["calendar_uid"] = uid[1].strip()[:MOST]
    method = METHOD.search(lines)
    found["calendar_method"] = method[1].lower() if method else part.parameters.get("method", "").lower()[:30]
