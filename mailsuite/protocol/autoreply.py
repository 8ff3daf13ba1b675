"""May a message be answered by a machine (RFC 3834)? And what stands in such an answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mailsuite.protocol import header
from mailsuite.protocol.address import parse_list
from mailsuite.protocol.header import Field

# RFC 3834 §2, §4: addresses that no person reads.
ROBOT = re.compile(
    r"(?:owner-.*|.*-request|.*-owner|.*-bounces?|bounces?|mailer-daemon|mail-daemon|postmaster|listserv|majordomo|nobody"
    r"|.*(?:no|donot|do-not|dont)[-._]?reply.*)",
    re.IGNORECASE,
)
QUIET = ("precedence", "x-loop", "feedback-id", "x-autorespond", "x-autoreply")
MOST = 200  # addresses looked at
ANSWERED = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))  # RFC 3834 §3.1.7, RFC 5436; Exchange's own


def objection(fields: Sequence[Field], reverse_path: str, mine: Collection[str]) -> str:
    """Why no machine may answer, in a word; "" where one may. mine: the member's addresses, case-folded and without tag."""
    local = reverse_path.rpartition("@")[0].partition("+")[0]
    if not local or ROBOT.fullmatch(local[:320]):
        return "nobody to answer"
    if header.decode(header.get(fields, "auto-submitted") or b"").partition(";")[0].strip().lower() not in ("", "no"):
        return "automatic"
    suppressed = header.decode(header.get(fields, "x-auto-response-suppress") or b"").lower()
    if any(word in suppressed for word in ("all", "oof", "autoreply")):
        return "asked not to"
    if any(field.name.startswith("list-") or (field.name in QUIET and field.name != "precedence") for field in fields):
        return "list or bulk"
    if header.decode(header.get(fields, "precedence") or b"").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "list or bulk"
    kind = (header.get(fields, "content-type") or b"").strip().lower()
    if kind.startswith(b"multipart/report"):
        return "a report"
    return "" if addressed_to(fields, mine) else "not addressed to its member"


def addressed_to(fields: Sequence[Field], mine: Collection[str]) -> str:
    """The first of these addresses that To or Cc names, tags aside (RFC 3834 §2); "" where none does."""
    named = [raw for name in ("to", "cc", "resent-to", "resent-cc") for raw in header.get_all(fields, name)]
    for one in (one for raw in named for one in parse_list(raw, MOST)):
        local, at, domain = one.address.casefold().rpartition("@")
        base, _, _ = local.partition("+")
        for address in (f"{local}{at}{domain}", f"{base}{at}{domain}"):
            if address in mine:
                return address
    return ""


def answer_subject(subject: str) -> str:
    """RFC 3834 §3.1.5."""
    return f"Auto: {subject}" if subject else "Automatic answer"
